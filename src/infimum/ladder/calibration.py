"""z₋ⱼ(xᵢ), j the fold of row i: held-out predictions again, row by row as `predict` makes them, so that ties stay ties.

A width set in one part of the held-out rows, the share covered in another: what intervals and sets show of themselves.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.evaluation.conformal.cross import cross_guarantee
from infimum.evaluation.folds import Folds
from infimum.ladder.forecast import forecast

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

METHODS = {"random": "CV+", "groups": "CV+ by group", "time": "split conformal on the latest span"}


def calibrating_rows(fold: np.ndarray, models: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(rows (n,) booleans, place (c,)): which rows calibrate, and which of the models has not seen each.

    >>> rows, place = calibrating_rows(np.array([255, 3, 4], dtype=np.uint8), (4,))
    >>> rows.tolist(), place.tolist()
    ([False, False, True], [0])
    """
    rows = np.isin(fold, models)
    return rows, fold[rows].astype(np.int64) - models[0]


def judged(ascent: "Ascent", j: int, rows: np.ndarray) -> np.ndarray:
    """z of the chosen rung, as the model j without its fold gives it, on these rows of the table, (r,) or (r, m)."""
    fit = ascent.fits[ascent.choice.chosen][j]
    X = ascent.encoders[j].encode(ascent.problem.table.take(rows))
    return forecast(fit.to_dict(), fit.params, X, fit.outputs)


def held_out(ascent: "Ascent") -> np.ndarray:
    """z (n,) or (n, m): each row by the model that has not seen its fold; NaN on rows never held out."""
    z = np.full(ascent.held_out[ascent.choice.chosen].shape, np.nan)
    for j in range(ascent.problem.folds.k):
        rows = np.flatnonzero(ascent.problem.folds.held(j))
        z[rows] = judged(ascent, j, rows)
    return z


def replayed(folds: Folds) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows to cover, rows that set the width for them), (n,) booleans each, for each fold that has the second."""
    for j in range(folds.k):
        if folds.elsewhere(j).any():
            yield folds.held(j), folds.elsewhere(j)


def shares_covered(covered: list[np.ndarray]) -> dict[str, Any]:
    """The share covered of all rows, and fold by fold, from booleans of the rows of each fold."""
    return {
        "covered": float(np.mean(np.concatenate(covered))),
        "covered_folds": [float(each.mean()) for each in covered],
    }


def bound_of(folds: Folds, rows: np.ndarray, level: float) -> float | None:
    """The share of new rows that is proved to be covered, from these calibrating rows; None where they aren't alike."""
    if folds.kind != "random":
        return None
    sizes = [int((folds.held(j) & rows).sum()) for j in range(folds.k)]
    return cross_guarantee(sizes, level, alike=bool(rows.all()))


def promise(words: dict[str, str], folds: Folds, level: float, bound: float | None) -> str:
    """What holds of new rows, from the words for "groups", "time", and a bound that is "proved" or "unproved"."""
    said = words.get(folds.kind, words["proved" if bound else "unproved"])
    return said.format(level=in_percent(level), bound=in_percent(bound or 0.0, down=True), k=folds.k)


def in_percent(share: float, down: bool = False) -> str:
    """A share in percent, a bound rounded down to a tenth.

    >>> in_percent(0.9), in_percent(0.79289, down=True)
    ('90%', '79.2%')
    """
    return f"{math.floor(1000 * share + 1e-6) / 10 if down else 100 * share:.10g}%"
