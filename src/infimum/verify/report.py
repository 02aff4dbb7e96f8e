"""report ↦ answers: the choice, standard errors, intervals, statistics and equation, from numbers checked before."""

import math
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.tables.encode import Encoder
from infimum.verify.answers import Answer, agree, refuted, reproduced
from infimum.verify.checks import local_norm
from infimum.verify.comparison import Held, check_choice
from infimum.verify.restated import Restated


def check_report(document: dict[str, Any], refit: Restated, encoder: Encoder, held: Held) -> list[Answer]:
    """{number of the report ↦ answer}; sentences that only repeat them are left out, and said to be."""
    report = document["report"]
    chosen = [rung["name"] for rung in report["rungs"]].index(report["chosen"])
    answers = _target(report, refit, held) + check_choice(document, refit.loss, held)
    answers += _objective(report, refit)
    answers += _equation(document, refit, encoder)
    answers += _intervals(report, held, chosen)
    answers += _statistics(report, refit.loss, held, chosen)
    answers += _sample(report, refit.loss, held.z[chosen][held.seen], held.y[held.seen])
    note = "the wording of the answer, reasons, claims and formula, what leaks and gradient boosting do: not re-derived"
    return [*answers, Answer("sentences", "report", "REPORTED", note=note)]


def _target(report: dict[str, Any], refit: Restated, held: Held) -> list[Answer]:
    """Rows used, which class is modelled, the metric; the mean of the target."""
    target, classes = report["target"], report["target"]["classes"]
    metric = "rmse" if refit.loss.task == "regression" else "log_loss"
    pairs = {
        "rows": ((report["table"]["rows"], report["table"]["used_rows"]), (held.rows, len(held.y))),
        "positive class": (target["positive"], classes[1] if classes else None),
        "metric": (report["metric"], metric),
        "folds": ((report["folds"]["k"], report["folds"]["seed"]), (len(report["rungs"][0]["errors"]), report["seed"])),
    }
    mean = reproduced("target", "mean", target["mean"], float(held.y.mean()), floor=held.noise)
    return [*agree("target", "report", pairs), mean]


def _objective(report: dict[str, Any], refit: Restated) -> list[Answer]:
    """F(ŵ), its penalty's strengths, and F at the best constant."""
    recorded, loss = report["objective"], refit.loss
    constant = loss.constant(math.fsum(refit.y) / len(refit.y))
    null = math.fsum(loss.value(np.full(refit.y.shape, constant), refit.y)) / len(refit.y)
    l1, l2 = (float(np.max(part, initial=0.0)) for part in (refit.penalty.l1, refit.penalty.l2))
    return [
        reproduced("objective", "F(ŵ)", recorded["value"], refit.value, floor=refit.noise),
        reproduced("objective", "F(null)", recorded["null_value"], null, floor=refit.noise),
        *agree("objective", "penalty", {"strengths": (recorded["penalty"], {"l1": l1, "l2": l2})}),
    ]


def _equation(document: dict[str, Any], refit: Restated, encoder: Encoder) -> list[Answer]:
    """Coefficients in the columns' own units and their bounds, from the parameters and the encoder."""
    form, recorded = document["refit"]["form"], document["report"]["equation"]
    if form == "network" or recorded is None:
        return agree("equation", "report", {"equation": (recorded is None, form == "network")})
    kept = document["refit"]["features"]
    kept = range(len(encoder.names)) if kept is None else kept
    b = np.zeros(len(encoder.names))
    if form == "linear":
        b[list(kept)] = refit.w[:-1]
    terms, intercept = encoder.units(b, float(refit.w[-1]))
    derived = [(t.name, t.column, t.level, t.reference, t.coefficient, float(e)) for t, e in zip(terms, b, strict=True)]
    keys = ("name", "column", "level", "reference", "coefficient", "effect")
    answers = agree(
        "equation", "terms", {"terms": ([tuple(row[key] for key in keys) for row in recorded["terms"]], derived)}
    )
    names = [name for j, name in enumerate(encoder.names) if j not in kept]
    answers += agree("equation", "features", {"left out": (recorded["left_out"], names)})
    answers.append(reproduced("equation", "intercept", recorded["intercept"], float(intercept), 1e-12))
    own_bounds = _parameter_bounds(refit) if form == "linear" else []
    bounds = dict(zip(kept, own_bounds, strict=False))
    for j, (row, term, effect) in enumerate(zip(recorded["terms"], terms, b, strict=True)):
        own = bounds[j] * abs(term.coefficient / effect) if effect and bounds else None
        if (own is None) != (row["bound"] is None) or (own is not None and not abs(row["bound"] / own - 1) <= 0.1):
            answers.append(refuted("equation", term.name, row["bound"], own, "the coefficient's bound is another"))
    return answers


def _parameter_bounds(refit: Restated) -> list[float]:
    """√(H⁻¹)ⱼⱼ ‖w − w*‖_H for each coefficient; empty where none follows."""
    length, rho, a = local_norm(refit)
    if refit.metric is None or not rho * length < 1:
        return []
    radius = -math.log1p(-rho * length) / rho if rho else length
    return [float(x) for x in np.linalg.norm(refit.metric[0], axis=0) / math.sqrt(1 - a) * radius]


def _intervals(report: dict[str, Any], held: Held, chosen: int) -> list[Answer]:
    """The half width: the ⌈level (m + 1)⌉-th smallest error of the first fold's rows; there for every regression."""
    in_time, k = report["folds"]["kind"] == "time", report["folds"]["k"]
    intervals, rows = report["intervals"], held.fold == (k - 1 if in_time else 0)
    residual = np.sort(np.abs(held.z[chosen][rows] - held.y[rows]))
    level = intervals["level"] if intervals else 0.9
    rank = math.ceil(level * (len(residual) + 1) - 1e-9)
    expected = report["target"]["task"] == "regression" and rank <= len(residual)
    if intervals is None or not expected:
        return agree("coverage", "report", {"interval": (intervals is not None, expected)})
    named = f"{100 * level:g}%" in intervals["guarantee"]
    return [
        reproduced("coverage", "half width", intervals["half_width"], float(residual[rank - 1]), floor=held.noise),
        reproduced("coverage", "calibration rows", intervals["calibration_rows"], len(residual)),
        *agree("coverage", "guarantee", {"level in the sentence": (named, True)}),
        *agree("coverage", "fold", {"fold": (intervals["fold"], k - 1 if in_time else 0)}),
    ]


def _statistics(report: dict[str, Any], loss: Loss, held: Held, chosen: int) -> list[Answer]:
    """RMSE, MAE, R² or log-loss, Brier, accuracy, AUC of the predictions on held-out rows."""
    z, y, n = held.z[chosen][held.seen], held.y[held.seen], int(held.seen.sum())
    if loss.task == "regression":
        residual, spread = z - y, math.fsum((y - y.mean()) ** 2)
        derived = {
            "rmse": math.sqrt(math.fsum(residual**2) / n),
            "mae": math.fsum(np.abs(residual)) / n,
            "r2": 1 - math.fsum(residual**2) / spread if spread > 0 else 0.0,
        }
    else:
        p, positive, negative = loss.mean(z), z[y == 1], np.sort(z[y == 0])
        below = np.searchsorted(negative, positive, "left") + np.searchsorted(negative, positive, "right")
        derived = {
            "log_loss": math.fsum(loss.value(z, y)) / n,
            "brier": math.fsum((p - y) ** 2) / n,
            "accuracy": float(np.mean((z > 0) == (y == 1))),
            "auc": float(below.sum() / 2 / (len(positive) * len(negative))),
        }
    recorded = report["statistics"]
    answers = agree("statistics", "report", {"names": (sorted(recorded), sorted(derived))})
    floor = held.noise if loss.task == "regression" else 0.0
    return answers + [reproduced("statistics", name, recorded.get(name), x, floor=floor) for name, x in derived.items()]


def _sample(report: dict[str, Any], loss: Loss, z: np.ndarray, y: np.ndarray) -> list[Answer]:
    """The points shown: of them as many as there can be, each pair (observed, predicted) that of some held-out row."""
    shown, p = report["out_of_fold"], loss.mean(z)
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
