"""report ↦ answers: the choice, standard errors, statistics and equation, from numbers checked before."""

import math
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import contrasts, likeliest
from infimum.tables.encode import Encoder
from infimum.verify.additive import check_curves
from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.checks import local_norm
from infimum.verify.comparison import Held, check_choice, strengths_told
from infimum.verify.deciding import KNOWN, UPWARDS, Deciding
from infimum.verify.restated import Restated
from infimum.verify.search import check_search
from infimum.verify.trained import check_trained


def check_report(document: dict[str, Any], refit: Restated, encoder: Encoder, held: Held) -> list[Answer]:
    """{number of the report ↦ answer}; sentences that only repeat them are left out, and said to be."""
    report = document["report"]
    chosen = [rung["name"] for rung in report["rungs"]].index(report["chosen"])
    decides = Deciding(report["metric"], refit.loss, held.y[held.seen])
    answers = _target(report, refit, held) + check_choice(document, decides.rooted, held)
    answers += check_search(report, decides, held)
    answers += _objective(report, document["refit"], refit)
    answers += _equation(document, refit, encoder)
    answers += _statistics(report, refit.loss, held, chosen)
    answers += _sample(report, refit.loss, held.z[chosen][held.seen], held.y[held.seen])
    answers += check_trained(report)
    note = "the wording of the answer, reasons, claims and formula, what leaks and gradient boosting do, how a network "
    note += "was trained: not re-derived"
    return [*answers, Answer("sentences", "report", "REPORTED", note=note)]


def _target(report: dict[str, Any], refit: Restated, held: Held) -> list[Answer]:
    """Rows used, which class is modelled, the metric; the mean of the target."""
    target, classes = report["target"], report["target"]["classes"]
    drawn = (len(report["rungs"][0]["errors"]), report["seed"])
    pairs = {
        "rows": ((report["table"]["rows"], report["table"]["used_rows"]), (held.rows, len(held.y))),
        "positive class": (target["positive"], classes[1] if classes and len(classes) == 2 else None),
        "metric": (report["metric"] in KNOWN[refit.loss.task], True),
        "folds": ((report["folds"]["k"] * report["folds"]["repeats"], report["folds"]["seed"]), drawn),
    }
    answers = agree("target", "report", pairs)
    if classes and len(classes) > 2:
        answers += agree("target", "mean", {"mean": (target["mean"], None)})
    else:
        answers.append(reproduced("target", "mean", target["mean"], float(held.y.mean()), floor=held.noise(0)))
    told, shares = target["shares"], [float(np.mean(held.y == k)) for k in range(len(classes or ()))]
    if classes is None:
        return answers + agree("target", "shares", {"shares": (told, None)})
    if len(told) != len(shares) or not np.allclose(told, shares, rtol=1e-12, atol=0):
        return [*answers, refuted("target", "shares", None, None, "the shares of the classes are others")]
    return answers


def _objective(report: dict[str, Any], fit: dict[str, Any], refit: Restated) -> list[Answer]:
    """F(ŵ), its penalty's strengths, and F at the best constant."""
    recorded, loss = report["objective"], refit.loss
    null = loss.null(refit.y, np.full(refit.y.shape, 1 / len(refit.y)))
    return [
        reproduced("objective", "F(ŵ)", recorded["value"], refit.value, floor=refit.noise),
        reproduced("objective", "F(null)", recorded["null_value"], null, floor=refit.noise),
        *agree("objective", "penalty", {"strengths": (recorded["penalty"], strengths_told(fit))}),
    ]


def _equation(document: dict[str, Any], refit: Restated, encoder: Encoder) -> list[Answer]:
    """Coefficients in the columns' own units and their bounds, from the parameters and the encoder."""
    form, recorded = document["refit"]["form"], document["report"]["equation"]
    if form == "network" or recorded is None:
        return agree("equation", "report", {"equation": (recorded is None, form == "network")})
    kept = document["refit"]["features"]
    kept = range(len(encoder.names)) if kept is None else kept
    m = refit.loss.outputs
    W, b, limits = refit.w.reshape(-1, m), np.zeros((len(encoder.names), m)), np.full((len(encoder.names), m), np.nan)
    if form != "constant":
        b[list(kept)] = W[:-1][: len(kept)]
        own = _parameter_bounds(refit)
        if own:
            limits[list(kept)] = np.reshape(own, (-1, m))[:-1][: len(kept)]
    fit, curved = document["refit"], []
    if form == "additive":
        curved = [each["feature"] for each in fit["basis"]["splines"]]
        b[curved] = 0.0
    names = [name for j, name in enumerate(encoder.names) if j not in kept]
    answers = agree("equation", "features", {"left out": (recorded["left_out"], names)})
    if m == 1:
        answers += check_curves(recorded, fit, refit, encoder, np.ones(1)) if form == "additive" else []
        return answers + _one_equation(recorded, encoder, (b[:, 0], float(W[-1, 0]), limits[:, 0]), curved)
    classes, C = document["report"]["target"]["classes"], contrasts(m + 1)
    answers += agree("equation", "classes", {"classes": ([each["class"] for each in recorded["scores"]], classes)})
    for each, to in zip(recorded["scores"], C, strict=True):
        answers += check_curves(each, fit, refit, encoder, to) if form == "additive" else []
        answers += _one_equation(each, encoder, (b @ to, float(W[-1] @ to), limits @ np.abs(to)), curved)
    return answers


def _one_equation(
    recorded: dict[str, Any], encoder: Encoder, own: tuple[np.ndarray, float, np.ndarray], curved: list[int]
) -> list[Answer]:
    """Terms and intercept of one prediction or score, from its effects b, its intercept and the bounds on b, or NaN.

    Features `curved` have a curve, and no term.
    """
    b, start, limits = own
    terms, intercept = encoder.units(b, start)
    straight = [j for j in range(len(b)) if j not in curved]
    terms, b, limits = tuple(terms[j] for j in straight), b[straight], limits[straight]
    told = recorded["terms"]
    keys = ("name", "column", "level", "reference")
    derived = [(t.name, t.column, t.level, t.reference) for t in terms]
    answers = agree("equation", "terms", {"terms": ([tuple(row[key] for key in keys) for row in told], derived)})
    floor = 1e-13 * (1 + float(np.abs(b).max(initial=0.0))) if "class" in recorded else 0.0  # sums over contrasts
    for row, term, effect in zip(told, terms, b, strict=False):
        scale = abs(term.coefficient / effect) if effect else 1.0
        for key, number, least in (("coefficient", term.coefficient, floor * scale), ("effect", float(effect), floor)):
            if not abs(row[key] - number) <= least:
                answers.append(refuted("equation", f"{term.name}, {key}", row[key], number, f"the {key} is another"))
    answers.append(reproduced("equation", "intercept", recorded["intercept"], float(intercept), 1e-12, floor=floor))
    for row, term, effect, limit in zip(told, terms, b, limits, strict=False):
        bound = float(limit) * abs(term.coefficient / effect) if effect and not np.isnan(limit) else None
        if (bound is None) != (row["bound"] is None) or (
            bound is not None and not abs(row["bound"] / bound - 1) <= 0.1
        ):
            answers.append(refuted("equation", term.name, row["bound"], bound, "the coefficient's bound is another"))
    return answers


def _parameter_bounds(refit: Restated) -> list[float]:
    """√(H⁻¹)ⱼⱼ ‖w − w*‖_H for each coefficient; empty where none follows."""
    length, rho, a = local_norm(refit)
    if refit.metric is None or not rho * length < 1:
        return []
    radius = -math.log1p(-rho * length) / rho if rho else length
    return [float(x) for x in np.linalg.norm(refit.metric[0], axis=0) / math.sqrt(1 - a) * radius]


def _statistics(report: dict[str, Any], loss: Loss, held: Held, chosen: int) -> list[Answer]:
    """Every metric of this kind of target on all held-out rows together, and which class was taken for which."""
    z, y, recorded = held.z[chosen][held.seen], held.y[held.seen], report["statistics"]
    each = {name: Deciding(name, loss, y) for name in KNOWN[loss.task]}
    answers = agree("statistics", "report", {"names": (sorted(recorded), sorted(each))})
    answers += agree("statistics", "classes", {"confusion": (report["confusion"], _confusion(loss, z, y))})
    for name, metric in each.items():
        error, floor = metric.error(z, y), metric.noise(z, y) + 1e-15 * (name in UPWARDS)
        derived = 1 - error if name in UPWARDS else error
        answers.append(reproduced("statistics", name, recorded.get(name), derived, floor=floor))
    return answers


def _confusion(loss: Loss, z: np.ndarray, y: np.ndarray) -> list[list[int]] | None:
    """[a][b] = rows of class a whose likeliest class is b."""
    if loss.task != "classification":
        return None
    named, classes = likeliest(loss.mean(z)) if loss.outputs > 1 else (z > 0).astype(int), range(loss.outputs + 1)
    return [[int(np.sum((y == a) & (named == b))) for b in classes] for a in classes]


def _sample(report: dict[str, Any], loss: Loss, z: np.ndarray, y: np.ndarray) -> list[Answer]:
    """The points shown: of them as many as there can be, each pair (observed, predicted) that of some held-out row."""
    shown, p = report["out_of_fold"], loss.mean(z)
    if loss.outputs > 1:  # of several classes: whether the likeliest is right, and its probability
        y, p = (likeliest(p) == y).astype(float), p.max(axis=1)
    counted = (shown["sampled"], shown["of"], len(shown["observed"]), len(shown["predicted"]))
    expected = (min(len(y), 2000), len(y), min(len(y), 2000), min(len(y), 2000))
    answers = agree("out-of-fold", "count", {"points": (counted, expected)})
    if _each_is_some_row(shown, y, p):
        return [*answers, Answer("out-of-fold", "points", "REPORTED", note="every point shown is a held-out row")]
    return [*answers, refuted("out-of-fold", "points", None, None, "a point shown is no held-out prediction")]


def _each_is_some_row(shown: dict[str, Any], y: np.ndarray, p: np.ndarray) -> bool:
    """Up to the last digits, which another order of summation may change."""
    observed, predicted = np.array(shown["observed"]), np.array(shown["predicted"])
    slack = 1e-9 * (1e-3 * float(np.abs(y).max()) + np.abs(predicted))
    for value in np.unique(observed):
        mine = np.sort(p[y == value])
        at = observed == value
        if not len(mine):
            return False
        place = np.clip(np.searchsorted(mine, predicted[at]), 1, max(len(mine) - 1, 1))
        above, below = mine[np.minimum(place, len(mine) - 1)], mine[place - 1]
        if np.any(np.minimum(np.abs(above - predicted[at]), np.abs(below - predicted[at])) > slack[at]):
            return False
    return True
