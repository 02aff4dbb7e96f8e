"""f_j(x) = β_j x + Σₖ w_jk φ_jk(x): knots, strengths, curves, products of a recorded additive model, derived again."""

import math
from typing import Any

import numpy as np

from infimum.files.canonical import canonical
from infimum.models.splines import MOST_FEATURES, Basis, fit_basis
from infimum.tables.encode import Encoder
from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.restated import Restated

POINTS = 33


def strengths_of(fit: dict[str, Any], basis: Basis, outputs: int) -> np.ndarray:
    """l2 an entry of w = (B (P′, m), b₀ (m,)): `l2` of a line, `roughness` of a curve, more of their products."""
    each = []
    for kind, _, size in basis.blocks:
        strength = fit["roughness"] if "curve" in kind else fit["l2"]
        each += [strength * fit["products"] if "product" in kind else strength] * size * outputs
    return np.array(each + [0.0] * outputs)


def check_basis(fit: dict[str, Any], X: np.ndarray, encoder: Encoder, outputs: int, subject: str) -> list[Answer]:
    """Whether the curves are those of the rows learned from, X; which columns are multiplied is a choice: counted."""
    if fit["form"] != "additive":
        return agree("curves", subject, {"basis": (fit["basis"], None)})
    recorded = Basis.from_json(fit["basis"])
    derived = fit_basis(X, encoder.numbers, outputs)
    if canonical(Basis(recorded.inputs, recorded.splines).to_json()) != canonical(derived.to_json()):
        return [refuted("curves", subject, None, None, "knots or lines are not those of these rows")]
    ordered = all(i < j for i, j in recorded.pairs) and len(set(recorded.pairs)) == len(recorded.pairs)
    if not ordered or recorded.features > recorded.inputs + 2 * MOST_FEATURES:
        return [refuted("curves", subject, None, None, "a product is named twice, or there are too many")]
    return [Answer("curves", subject, "REPORTED", note="knots and lines re-derived")]


def check_curves(
    recorded: dict[str, Any], fit: dict[str, Any], refit: Restated, encoder: Encoder, to: np.ndarray
) -> list[Answer]:
    """Points, effects, errors and sizes of the curves and products of one output, or of the sum `to` (m,) of all."""
    recorded = {"curves": [], "products": [], **recorded}  # an equation without any does not name them
    basis, m = Basis.from_json(fit["basis"]), refit.loss.outputs
    w, B = (refit.w.reshape(-1, m) @ to)[:-1], refit.A[:, :-1]
    starts = np.cumsum([0, *(size for _, _, size in basis.blocks)])
    places = {block[:2]: np.arange(start, start + block[2]) for block, start in zip(basis.blocks, starts, strict=False)}
    codes = encoder.numbers
    at_of = {code.name: at for at, code in codes.items()}
    told = {each["column"]: each for each in recorded["curves"]}
    splines = {spline.feature: spline for spline in basis.splines}
    names = (sorted(told), sorted(name for name, at in at_of.items() if at in splines))
    pairs = (
        sorted(map(tuple, (each["of"] for each in recorded["products"]))),
        sorted((encoder.names[i], encoder.names[j]) for i, j in basis.pairs),
    )
    answers = agree("equation", "curves", {"columns": names, "products": pairs})
    if any(answer.verdict == "REFUTED" for answer in answers):
        return answers
    scale = None if refit.metric is None else math.sqrt(_dispersion(refit) / len(refit.y))
    for name, each in told.items():
        at, spline = at_of[name], splines[at_of[name]]
        x = np.linspace(spline.knots[0], spline.knots[-1], POINTS)
        mine = np.append(places["line", (at,)], places["curve", (at,)])
        rows = np.zeros((POINTS, len(w)))
        rows[:, mine] = np.column_stack([x, spline(x)])
        derived = {"at": codes[at].mean + codes[at].scale * x, "effect": rows @ w}
        if scale is not None and refit.metric is not None:
            root = (refit.metric[0].reshape(len(refit.metric[0]), -1, m) @ to)[:, :-1]
            derived["error"] = scale * np.linalg.norm(root @ rows.T, axis=0)
        answers += [_same(f"{name}, {key}", each[key], values) for key, values in derived.items()]
        answers.append(_size(f"size of {name}", each["size"], B[:, mine] @ w[mine]))
    for each in recorded["products"]:
        pair = tuple(encoder.names.index(name) for name in each["of"])
        mine = np.concatenate([places[key] for key in places if set(key[1]) == set(pair)])
        answers.append(_size(f"size of {' × '.join(each['of'])}", each["size"], B[:, mine] @ w[mine]))
    return answers


def _dispersion(refit: Restated) -> float:
    """Σ (y − z)² / (n − tr(H⁻¹ AᵀDA)) of the squared loss, 1 of others."""
    if refit.loss.task != "regression" or refit.metric is None:
        return 1.0
    freedom = len(refit.w) - float(refit.parts[1] @ (refit.metric[0] ** 2).sum(axis=0))
    return math.fsum((refit.y - refit.z) ** 2) / max(len(refit.y) - freedom, 1.0)


def _same(name: str, recorded: list[float] | None, derived: np.ndarray) -> Answer:
    """Each number as derived, up to 1e-6 of the largest."""
    slack = 1e-6 * float(np.abs(derived).max(initial=0.0)) + 1e-12
    if (
        recorded is None
        or np.shape(recorded) != derived.shape
        or not np.all(np.abs(np.array(recorded) - derived) <= slack)
    ):
        return refuted("equation", name, None, None, "the curve is another")
    return Answer("equation", name, "REPORTED", note="re-derived")


def _size(name: str, recorded: float, contribution: np.ndarray) -> Answer:
    """The standard deviation over the rows of what a part contributes."""
    return reproduced("equation", name, recorded, float(np.std(contribution)), 1e-6, floor=1e-9)
