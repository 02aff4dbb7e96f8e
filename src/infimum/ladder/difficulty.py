"""σ(ŷ) = mean |y − ŷ| near ŷ, over the mean |y − ŷ| of all, on the rows that a model learned from: how hard a row is.

Errors often grow with what is predicted. A width for every row alike then holds too few of the large ones and too many
of the small; divided by σ the errors are alike, and an interval f(x) ± q σ(f(x)) is wide where it has to be (Lei,
G'Sell, Rinaldo, Tibshirani & Wasserman 2018, section 5.2). σ comes from the rows of the model alone, so that what is
proved of the intervals stays proved.
"""

from typing import TYPE_CHECKING

import numpy as np

from infimum.ladder.calibration import judged
from infimum.ladder.rows_held_out import banded

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

BANDS, FEWEST = 10, 50  # of the prediction, and rows in each
ROWS = 20_000  # rows learned from that are looked at, evenly spread
LEAST = 0.1  # of the mean error: no row counts as easier
FITTED = 1e-6  # of the spread of y: where errors are smaller, the model goes through its rows, and they tell nothing

Knots = dict[str, list[float]]


def difficulty(predicted: np.ndarray, y: np.ndarray) -> Knots:
    """{at, size}: the mean prediction and the mean |y − ŷ| over that of all, in bands of the prediction, ascending.

    >>> difficulty(np.repeat([1.0, 2.0], 50), np.repeat([1.5, 3.5], 50))
    {'at': [1.0, 2.0], 'size': [0.5, 1.5]}
    """
    error = np.abs(y - predicted)
    mean = float(error.mean())
    if not mean > FITTED * float(np.abs(y - y.mean()).mean()):
        return {"at": [float(predicted.mean())], "size": [1.0]}
    bands = list(banded(predicted, BANDS, FEWEST))
    size = [max(float(error[band].mean()) / mean, LEAST) for band in bands]
    return {"at": [float(predicted[band].mean()) for band in bands], "size": size}


def spread(knots: Knots, predicted: np.ndarray) -> np.ndarray:
    """σ(ŷ), (n,): straight between the knots, level beyond them.

    >>> spread({"at": [1.0, 2.0], "size": [0.5, 1.5]}, np.array([0.0, 1.5, 9.0])).tolist()
    [0.5, 1.0, 1.5]
    """
    return np.interp(predicted, knots["at"], knots["size"])


def difficulties(ascent: "Ascent") -> list[Knots]:
    """σ of the model of each fold, from the rows that it learned from."""
    folds, found = ascent.problem.folds, []
    for j in range(folds.k):
        rows = np.flatnonzero(folds.train(j))
        some = rows[np.arange(min(len(rows), ROWS)) * len(rows) // min(len(rows), ROWS)]
        found.append(difficulty(judged(ascent, j, some), ascent.problem.y[some]))
    return found


def spread_held_out(ascent: "Ascent", knots: list[Knots], z: np.ndarray) -> np.ndarray:
    """σ of each row by the model that has not seen its fold, (n,), from its prediction; NaN on rows never held out."""
    found = np.full(len(z), np.nan)
    for j, each in enumerate(knots):
        rows = ascent.problem.folds.held(j)
        found[rows] = spread(each, z[rows])
    return found
