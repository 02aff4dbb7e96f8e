"""Rᵢ = |yᵢ − f₋ᵢ(xᵢ)| on held-out rows → [lower, upper] by CV+, and what it promises; in time, of the latest span."""

from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.evaluation.conformal import rank, rows_needed, smallest
from infimum.evaluation.conformal.adaptive import adaptive_conformal
from infimum.evaluation.conformal.cross import cross_conformal
from infimum.ladder.calibration import (
    METHODS,
    bound_of,
    calibrating_rows,
    held_out,
    judged,
    promise,
    replayed,
    shares_covered,
)
from infimum.ladder.rows_held_out import banded, ends_of

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

SAMPLED = 500  # rows of the table whose intervals give the median half width
BANDS, FEWEST = 10, 50  # bands of the prediction whose coverage is told, and rows in each
LATEST = 10_000  # rows that the adaptive method is followed on, and as many before them
PROVED = (
    "At least {bound} of new rows fall inside, if they are drawn like the rows of the table (exchangeable), whatever "
    "the noise: proved for these {k} folds, by the models that had not seen them (Barber et al. 2021). About {level} "
    "usually do, as long as leaving out a fold hardly changes the model; that is no guarantee. That the rung was "
    "chosen with these rows among others is not accounted for."
)
UNPROVED = (
    "About {level} of new rows usually fall inside, if they are drawn like the rows of the table (exchangeable) and "
    "leaving out a fold hardly changes the model. At so low a coverage nothing is guaranteed: what can be proved of "
    "CV+ (Barber et al. 2021) is 0 here."
)
GROUPED = (
    "No guarantee: rows of a group are alike, so that new rows are not drawn like these one by one. The width is that "
    "of errors on groups that the models had not seen, and holds about {level} of such rows; the rows of one new group "
    "may all fall outside."
)
IN_TIME = (
    "No guarantee: in time, rows are not exchangeable, and what comes may differ from what was. The interval holds "
    "{level} of the latest of {k} spans predicted; it is centred on the model fitted to all rows before that span."
)
WORDS = {"groups": GROUPED, "time": IN_TIME, "proved": PROVED, "unproved": UNPROVED}


def intervals_of(ascent: "Ascent", level: float) -> tuple[dict[str, Any] | None, dict[str, np.ndarray]]:
    """(what the report says of the intervals, the residuals that predict makes them of).

    (None, {}) unless the target is a number whose noise is, too, or with too few rows for the level.
    """
    problem = ascent.problem
    folds = problem.folds
    rows, place = calibrating_rows(folds.fold, folds.calibrating)
    if problem.task.kind != "regression" or rows.sum() < rows_needed(level):
        return None, {}
    z = held_out(ascent)
    residual = np.abs(z - problem.y)
    bound = bound_of(folds, rows, level)
    facts = {
        "level": level,
        "method": METHODS[folds.kind],
        "folds": list(folds.calibrating),
        "calibration_rows": int(rows.sum()),
        "half_width": _typical(ascent, residual[rows], place, level),
        "bound": bound,
        **_covered(ascent, z, level),
        "adaptive": _adaptive(ascent, residual, level) if folds.kind == "time" else None,
        "guarantee": promise(WORDS, folds, level, bound),
    }
    return facts, {"calibration": residual[rows]}


def _typical(ascent: "Ascent", residual: np.ndarray, place: np.ndarray, level: float) -> float:
    """The median half width of the intervals of at most so many rows, evenly spread over the table."""
    n = len(ascent.problem.y)
    rows = np.arange(min(n, SAMPLED)) * n // min(n, SAMPLED)
    forecasts = np.column_stack([judged(ascent, j, rows) for j in ascent.problem.folds.calibrating])
    ends = cross_conformal(residual, place, forecasts, level)
    return float(np.median((ends[:, 1] - ends[:, 0]) / 2))


def _covered(ascent: "Ascent", z: np.ndarray, level: float) -> dict[str, Any]:
    """The shares of held-out rows whose error is below the quantile of the errors elsewhere; None with too few.

    Also in bands of the prediction: a width that is the same for all fits some worse than others.
    """
    parts, residual = list(replayed(ascent.problem.folds)), np.abs(z - ascent.problem.y)
    if any(others.sum() < rows_needed(level) for _, others in parts):
        return {"covered": None, "covered_folds": None, "covered_bands": []}
    quantiles = [smallest(residual[others], rank(int(others.sum()), level)) for _, others in parts]
    covered = [residual[held] <= q for (held, _), q in zip(parts, quantiles, strict=True)]
    predicted, inside = np.concatenate([z[held] for held, _ in parts]), np.concatenate(covered)
    bands = [
        {**ends_of(predicted[band]), "covered": float(inside[band].mean())} for band in banded(predicted, BANDS, FEWEST)
    ]
    return {**shares_covered(covered), "covered_bands": bands}


def _adaptive(ascent: "Ascent", residual: np.ndarray, level: float) -> dict[str, Any]:
    """What DtACI would have covered on the held-out rows after the first span, of which the latest so many."""
    folds, order = ascent.problem.folds, ascent.problem.split.order
    assert order is not None  # folds in time have one
    rows = np.argsort(order, kind="stable")
    score = residual[rows[folds.ever_held[rows]]]
    start = max(int(folds.held(0).sum()), len(score) - LATEST)
    path = adaptive_conformal(score[:start][-LATEST:], score[start:], level)
    median = float(np.median(path.quantile))
    return {
        "rows": len(score) - start,
        "covered": float(path.covered.mean()),
        "half_width": median if np.isfinite(median) else None,
    }
