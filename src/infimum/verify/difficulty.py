"""σ(ŷ) = mean |y − ŷ| near ŷ over the mean of all, restated: how hard rows are, from what each model learned from."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.verify.answers import Answer, agree, refuted
from infimum.verify.reliability import bands_by

if TYPE_CHECKING:
    from infimum.verify.model_file import Opened

Forecast = Callable[[int, np.ndarray], np.ndarray]
LOOKED_AT, BANDS, ROWS, LEAST, FITTED = 20_000, 10, 50, 0.1, 1e-6


def sizes_of(
    told: list[dict[str, list[float]]], fold: np.ndarray, z: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """(σ of each row by the model of its fold, how far 1/σ is off if z is by noise), (n,); NaN where not held out."""
    size, off = np.full(len(z), np.nan), np.full(len(z), np.nan)
    for j, knots in enumerate(told):
        mine = fold == j
        low, size[mine], high = (np.interp(z[mine] + by, knots["at"], knots["size"]) for by in (-noise, 0.0, noise))
        off[mine] = np.maximum(np.abs(1 / low - 1 / size[mine]), np.abs(1 / high - 1 / size[mine])) + 1e-15 / size[mine]
    return size, off


def check_difficulty(
    opened: "Opened", told: list[dict[str, Any]], known: tuple[np.ndarray, float], z_of: Forecast
) -> list[Answer]:
    """The σ of each fold's model, from the rows that it learned from; `known` are y and the rounding of an error."""
    y, noise = known
    k = opened.document["report"]["folds"]["k"]
    answers = agree("coverage", "difficulty", {"folds": (len(told), k)})
    for j, recorded in enumerate(told[:k]):
        rows = np.flatnonzero(opened.train(j))
        size = min(len(rows), LOOKED_AT)
        rows = rows[np.arange(size) * len(rows) // size]
        at, sizes, slack = derived(z_of(j, rows), y[rows], noise)
        if not (len(recorded["at"]) == len(recorded["size"]) == len(at)) or not (
            np.allclose(recorded["at"], at, rtol=1e-9, atol=4 * noise)
            and np.allclose(recorded["size"], sizes, rtol=1e-9, atol=slack)
        ):
            note = "not that of the rows learned from"
            answers.append(refuted("coverage", f"difficulty, fold {j + 1}", None, None, note))
    return answers


def derived(z: np.ndarray, y: np.ndarray, noise: float) -> tuple[list[float], list[float], float]:
    """(predictions, sizes, slack of the sizes): band by band, no size below a tenth; flat where errors tell nothing."""
    error = np.abs(y - z)
    mean = error.mean()
    if not mean > FITTED * np.abs(y - y.mean()).mean():
        return [float(z.mean())], [1.0], 0.0
    bands = bands_by(z, BANDS, ROWS)
    sizes = [max(float(error[rows].mean() / mean), LEAST) for rows in bands]
    return [float(z[rows].mean()) for rows in bands], sizes, float(8 * noise / mean)
