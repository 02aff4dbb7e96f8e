"""Rᵢ = |yᵢ − f₋ᵢ(xᵢ)| / σ₋ᵢ on held-out rows → [lower, upper] by CV+, and what it promises; in time, of the last span.

σ is the difficulty: how large errors are where such values are predicted.
"""

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
from infimum.ladder.difficulty import BANDS, FEWEST, Knots, difficulties, spread, spread_held_out
from infimum.ladder.rows_held_out import banded, distinct, ends_of

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

SAMPLED = 500  # rows of the table whose intervals give the median half width
MANY = 100  # different predictions from which on bands are told: with fewer, a band is mostly one fold's rows
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
    z, knots = held_out(ascent), difficulties(ascent)
    size = spread_held_out(ascent, knots, z)
    residual = np.abs(z - problem.y) / size
    bound = bound_of(folds, rows, level)
    facts = {
        "level": level,
        "method": f"{METHODS[folds.kind]}, scaled by difficulty",
        "folds": list(folds.calibrating),
        "calibration_rows": int(rows.sum()),
        "difficulty": knots,
        "half_width": _typical(ascent, (residual[rows], place), knots, level),
        "bound": bound,
        **_covered(ascent, z, (residual, size), level),
        "adaptive": _adaptive(ascent, residual, size, level) if folds.kind == "time" else None,
        "guarantee": promise(WORDS, folds, level, bound),
    }
    return facts, {"calibration": residual[rows]}


def _typical(ascent: "Ascent", known: tuple[np.ndarray, np.ndarray], knots: list[Knots], level: float) -> float:
    """The median half width of the intervals of at most so many rows, evenly spread over the table."""
    n = len(ascent.problem.y)
    rows = np.arange(min(n, SAMPLED)) * n // min(n, SAMPLED)
    forecasts = np.column_stack([judged(ascent, j, rows) for j in ascent.problem.folds.calibrating])
    sizes = [spread(knots[j], z) for j, z in zip(ascent.problem.folds.calibrating, forecasts.T, strict=True)]
    ends = cross_conformal(*known, forecasts, level, np.column_stack(sizes))
    return float(np.median((ends[:, 1] - ends[:, 0]) / 2))


def _covered(ascent: "Ascent", z: np.ndarray, errors: tuple[np.ndarray, np.ndarray], level: float) -> dict[str, Any]:
    """The shares of held-out rows whose error is below the quantile of the errors elsewhere; None with too few.

    Also in bands of the prediction, with the median half width: they show whether σ follows the errors. `errors` are
    Rᵢ and σ₋ᵢ, (n,).
    """
    parts, (residual, size) = list(replayed(ascent.problem.folds)), errors
    if any(others.sum() < rows_needed(level) for _, others in parts):
        return {"covered": None, "covered_folds": None, "covered_bands": []}
    quantiles = [smallest(residual[others], rank(int(others.sum()), level)) for _, others in parts]
    covered = [residual[held] <= q for (held, _), q in zip(parts, quantiles, strict=True)]
    half = np.concatenate([q * size[held] for (held, _), q in zip(parts, quantiles, strict=True)])
    predicted, inside = np.concatenate([z[held] for held, _ in parts]), np.concatenate(covered)
    bands = [
        ends_of(predicted[band]) | {"half_width": float(np.median(half[band])), "covered": float(inside[band].mean())}
        for band in banded(predicted, BANDS if distinct(predicted) >= MANY else 1, FEWEST)
    ]
    return {**shares_covered(covered), "covered_bands": bands}


def _adaptive(ascent: "Ascent", residual: np.ndarray, size: np.ndarray, level: float) -> dict[str, Any]:
    """What DtACI would have covered on the held-out rows after the first span, of which the latest so many."""
    folds, order = ascent.problem.folds, ascent.problem.split.order
    assert order is not None  # folds in time have one
    rows = np.argsort(order, kind="stable")
    rows = rows[folds.ever_held[rows]]
    score = residual[rows]
    start = max(int(folds.held(0).sum()), len(score) - LATEST)
    path = adaptive_conformal(score[:start][-LATEST:], score[start:], level)
    median = float(np.median(path.quantile * size[rows[start:]]))
    return {
        "rows": len(score) - start,
        "covered": float(path.covered.mean()),
        "half_width": median if np.isfinite(median) else None,
    }
