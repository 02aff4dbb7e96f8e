"""report ↦ answers: the choice, standard errors, intervals, statistics and equation, from numbers checked before."""

import math
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.tables.encode import Encoder
from infimum.verify.answers import Answer, refuted, reproduced
from infimum.verify.restated import Restated

Held = tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray
]  # errors (rungs, folds), predictions (rungs, n), fold (n,), y (n,)


def check_report(document: dict[str, Any], refit: Restated, encoder: Encoder, held: Held) -> list[Answer]:
    """{number of the report ↦ answer}; sentences that only repeat them are left out, and said to be."""
    report = document["report"]
    answers = _choice(document, held[0])
    chosen = [rung["name"] for rung in report["rungs"]].index(report["chosen"])
    answers += [reproduced("objective", "F(ŵ)", report["objective"]["value"], refit.value)]
    answers += _equation(report, refit, encoder)
    answers += _intervals(report, held, chosen)
    answers += _statistics(report, refit.loss, held[1][chosen], held[3])
    answers += _sample(report, refit.loss, held[1][chosen], held[3])
    answers.append(
        Answer(
            "sentences",
            "report",
            "REPORTED",
            note="the answer, the reasons and the columns' roles: reported, not re-derived",
        )
    )
    return answers


def _choice(document: dict[str, Any], errors: np.ndarray) -> list[Answer]:
    """Means, standard errors, verdicts, the threshold and the rung that the one-standard-error rule picks."""
    report, answers = document["report"], []
    mean, deviation = errors.mean(axis=1), np.std(errors, axis=1, ddof=1) / math.sqrt(errors.shape[1])
    best = int(np.argmin(mean))
    chosen = int(np.flatnonzero(mean <= mean[best] + deviation[best])[0])
    for i, rung in enumerate(report["rungs"]):
        fits = [*document["fits"][rung["name"]], *([document["refit"]] if i == chosen else [])]
        answers.append(reproduced("mean error", rung["name"], rung["mean"], float(mean[i])))
        if not abs(rung["standard_error"] - deviation[i]) <= 1e-9 * mean[i]:
            answers.append(
                refuted(
                    "standard error",
                    rung["name"],
                    rung["standard_error"],
                    float(deviation[i]),
                    "not that of the folds' errors",
                )
            )
        answers += _rung_claims(rung, fits, i == chosen)
    answers.append(reproduced("threshold", "choice", report["threshold"], float(mean[best] + deviation[best])))
    if report["chosen"] != report["rungs"][chosen]["name"]:
        answers.append(
            refuted("choice", report["chosen"], None, None, f"the rule picks {report['rungs'][chosen]['name']}")
        )
    if report["claims"] != document["refit"]["claims"]:
        answers.append(refuted("claims", "report", None, None, "the report's claims are not those of the model"))
    return answers


def _rung_claims(rung: dict[str, Any], fits: list[dict[str, Any]], chosen: bool) -> list[Answer]:
    """verdict = the weakest, gap = the largest relative to its scale, of the rung's fits."""
    gaps = [claim for fit in fits for claim in fit["claims"] if claim["kind"] == "gap"]
    order = ("UNAVAILABLE", "INSUFFICIENT", "CERTIFIED")
    weakest = min((gap["verdict"] for gap in gaps), key=order.index)
    relative = [math.inf if gap["bound"] is None else gap["bound"] / gap["scale"] for gap in gaps]
    recorded = math.inf if rung["gap_relative"] is None else rung["gap_relative"]
    strength = rung["strength"] or {"l1": 0.0, "l2": 0.0}
    shown = fits[-1] if chosen else fits[0]
    agree = rung["verdict"] == weakest and recorded == max(relative) and rung["chosen"] == chosen
    agree = agree and strength == {"l1": shown["l1"], "l2": shown["l2"]}
    if not agree:
        return [
            refuted(
                "rung",
                rung["name"],
                rung["gap_relative"],
                max(relative),
                "verdict, gap, strength or choice are not those of its fits",
            )
        ]
    return []


def _equation(report: dict[str, Any], refit: Restated, encoder: Encoder) -> list[Answer]:
    """Coefficients in the columns' own units, from the parameters and the encoder."""
    if report["equation"] is None:
        return []
    linear = refit.model.layout.size > 1
    b = refit.w[:-1] if linear else np.zeros(len(encoder.names))
    terms, intercept = encoder.units(b, float(refit.w[-1]))
    recorded = report["equation"]
    answers = [reproduced("equation", "intercept", recorded["intercept"], float(intercept), 1e-12)]
    if [(row["name"], row["coefficient"], row["effect"]) for row in recorded["terms"]] != [
        (term.name, term.coefficient, float(effect)) for term, effect in zip(terms, b, strict=True)
    ]:
        answers.append(
            refuted("equation", "terms", None, None, "the coefficients in own units are not those of the parameters")
        )
    return answers


def _intervals(report: dict[str, Any], held: Held, chosen: int) -> list[Answer]:
    """The half width: the ⌈level (m + 1)⌉-th smallest error of the first fold's rows."""
    intervals = report["intervals"]
    if intervals is None:
        return []
    rows = held[2] == 0
    residual = np.sort(np.abs(held[1][chosen][rows] - held[3][rows]))
    rank = math.ceil(intervals["level"] * (len(residual) + 1) - 1e-9)
    derived = float(residual[rank - 1]) if rank <= len(residual) else math.inf
    return [
        reproduced("coverage", "half width", intervals["half_width"], derived),
        reproduced("coverage", "calibration rows", intervals["calibration_rows"], len(residual)),
    ]


def _statistics(report: dict[str, Any], loss: Loss, z: np.ndarray, y: np.ndarray) -> list[Answer]:
    """RMSE, MAE, R² or log-loss, Brier, accuracy, AUC of the predictions on held-out rows."""
    n = len(y)
    if loss.task == "regression":
        residual = z - y
        derived = {
            "rmse": math.sqrt(math.fsum(residual**2) / n),
            "mae": math.fsum(np.abs(residual)) / n,
            "r2": 1 - math.fsum(residual**2) / math.fsum((y - y.mean()) ** 2),
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
    return [
        reproduced("statistics", name, report["statistics"].get(name), value, 1e-9) for name, value in derived.items()
    ]


def _sample(report: dict[str, Any], loss: Loss, z: np.ndarray, y: np.ndarray) -> list[Answer]:
    """The points shown: each pair (observed, predicted) is that of some held-out row."""
    shown, p = report["out_of_fold"], loss.mean(z)
    order = np.lexsort((p, y))
    pairs = set(zip(y[order].tolist(), p[order].tolist(), strict=True))
    close = all(pair in pairs for pair in zip(shown["observed"], shown["predicted"], strict=True))
    if close or _nearly(shown, y, p):
        return [Answer("out-of-fold", "points", "REPORTED", note="every point shown is a held-out row")]
    return [refuted("out-of-fold", "points", None, None, "a point shown is no held-out prediction")]


def _nearly(shown: dict[str, Any], y: np.ndarray, p: np.ndarray) -> bool:
    """The same up to the last digits, which another order of summation may change."""
    for observed in set(shown["observed"]):
        mine = np.sort(p[y == observed])
        theirs = np.array([b for a, b in zip(shown["observed"], shown["predicted"], strict=True) if a == observed])
        if not len(mine):
            return False
        place = np.clip(np.searchsorted(mine, theirs), 1, max(len(mine) - 1, 1))
        nearest = np.minimum(np.abs(mine[np.minimum(place, len(mine) - 1)] - theirs), np.abs(mine[place - 1] - theirs))
        if np.any(nearest > 1e-9 * (1 + np.abs(theirs))):
            return False
    return True
