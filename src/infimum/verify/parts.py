"""z = b₀ + Σⱼ fⱼ(xⱼ) + Σⱼ βⱼ xⱼ + products: what an additive estimator tells of its parts, derived again."""

from typing import Any

import numpy as np

from infimum.files.canonical import canonical
from infimum.losses.multinomial import contrasts
from infimum.models.splines import Basis
from infimum.tables import Column, Table
from infimum.tables.encode import Encoder, fit_encoder
from infimum.verify.additive import check_basis, check_curves, strengths_of
from infimum.verify.answers import Answer, agree, refuted
from infimum.verify.restated import Restated


def features_of(model: Any, X: np.ndarray) -> tuple[np.ndarray, dict[str, Any], list[Answer]]:
    """(the features B (n, P′) of X (n, p), the problem with a strength each, whether means and knots are theirs)."""
    stated, name = model.problem_, type(model).__name__
    outputs = 1 if stated["classes"] is None else max(len(stated["classes"]) - 1, 1)
    names = [code["name"] for code in stated["encoder"]["codes"]]
    if len(names) != X.shape[1]:
        return X, stated, [refuted("data", name, X.shape[1], len(names), "X has another number of columns")]
    table = Table("X", tuple(Column(each, "number", X[:, j].copy()) for j, each in enumerate(names)))
    encoder = fit_encoder(table, names)
    if canonical(encoder.to_json()) != canonical(stated["encoder"]):
        return X, stated, [refuted("encoder", name, None, None, "means or scales are not those of these rows")]
    encoded = encoder.encode(table)
    answers = [Answer("encoder", name, "REPORTED", note="means and scales re-derived")]
    answers += check_basis(stated, encoded, encoder, outputs, name)
    basis = Basis.from_json(stated["basis"])
    return basis(encoded), {**stated, "l2": strengths_of(stated, basis, outputs)}, answers


def check_parts(model: Any, restated: Restated) -> list[Answer]:
    """Whether curves_, slopes_, products_, intercept_ and strengths_ are what the parameters say."""
    stated, m = model.problem_, restated.loss.outputs
    encoder = Encoder.from_json(stated["encoder"])
    own = {key: stated[key] for key in ("l2", "roughness", "products")}
    answers = agree("strengths", type(model).__name__, {"strengths_": (model.strengths_, own)})
    told, starts = (model.curves_, model.slopes_, model.products_), np.ravel(model.intercept_).tolist()
    labels = stated["classes"].tolist() if m > 1 else []
    if any(list(each) != labels for each in told if m > 1) or len(starts) != max(len(labels), 1):
        return [
            *answers,
            refuted("equation", type(model).__name__, None, None, "the parts are not those of the classes"),
        ]
    each = [tuple(part[label] for part in told) for label in labels] or [told]
    sums = contrasts(m + 1) if m > 1 else np.ones((1, 1))
    for (curves, slopes, products), start, to in zip(each, starts, sums, strict=True):
        recorded = {
            "curves": [{"column": name, **curve} for name, curve in curves.items()],
            "products": [{"of": list(pair), "size": size} for pair, size in products.items()],
        }
        answers += check_curves(recorded, stated, restated, encoder, to)
        answers += check_slopes(slopes, start, (encoder, Basis.from_json(stated["basis"])), restated, to)
    return answers


def check_slopes(
    slopes: dict[str, float], start: float, read: tuple[Encoder, Basis], restated: Restated, to: np.ndarray
) -> list[Answer]:
    """β / scale of every column without a curve, and b₀ − Σ β mean / scale."""
    (encoder, basis), W = read, restated.w.reshape(-1, restated.loss.outputs) @ to
    codes = [code for code in encoder.codes if code.kind == "number" and code.scale > 0]  # type: ignore[attr-defined]
    derived = {code.name: (W[j] / code.scale, code.mean) for j, code in enumerate(codes) if j not in basis.sizes}  # type: ignore[attr-defined]
    own = float(W[-1]) - sum(slope * mean for slope, mean in derived.values())
    size = max([abs(float(W[-1])), *(abs(slope * mean) for slope, mean in derived.values())])
    if sorted(slopes) != sorted(derived):
        return [refuted("equation", "slopes", None, None, "a column is missing, or has a curve instead")]
    same = all(abs(slopes[name] - slope) <= 1e-9 * abs(slope) for name, (slope, _) in derived.items())
    if not same or not abs(start - own) <= 1e-9 * size:
        return [refuted("equation", "slopes", None, None, "a slope or the intercept is another")]
    return [Answer("equation", "slopes", "REPORTED", note="re-derived")]
