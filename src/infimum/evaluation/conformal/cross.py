"""CV+: [the ⌊α (n + 1)⌋-th smallest f₋ᵢ(x) − Rᵢ, the ⌈(1 − α)(n + 1)⌉-th smallest f₋ᵢ(x) + Rᵢ], Rᵢ = |yᵢ − f₋ᵢ(xᵢ)|.

f₋ᵢ is the model that has not seen the fold of row i. Barber, Candès, Ramdas & Tibshirani (2021), "Predictive inference
with the jackknife+", equation (2.6): all n rows calibrate, and none is judged by a model that has learned from it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from infimum.evaluation.conformal import rank

ROWS = 16384  # bisected together
BLOCK = 1 << 20  # numbers held at once
FEW = 8  # values a fold that are sorted rather than bisected further
STEPS = 64  # no float lies between two that were bisected so often


def cross_conformal(
    residual: np.ndarray, fold: np.ndarray, forecast: np.ndarray, level: float = 0.9, spread: np.ndarray | None = None
) -> np.ndarray:
    """(lower, upper) of CV+, (m, 2): P(lower ≤ y ≤ upper) ≥ `cross_guarantee`, near 1 − 2α; usually about 1 − α.

    residual (n,) are |yᵢ − f₋ᵢ(xᵢ)|, or the same over σ₋ᵢ(xᵢ); fold (n,) says which of the k models has not seen row
    i; forecast (m, k) and spread (m, k) are fⱼ(x) and σⱼ(x) > 0 of every model on the new rows (spread None is 1).
    Infinite where n is too small for the level. Barber et al. (2021). Raises ValueError for shapes that do not fit, or
    numbers that are not finite.

    >>> cross_conformal(np.array([1.0, 2.0, 1.0]), np.array([0, 0, 1]), np.array([[5.0, 6.0]]), 0.75)
    array([[3., 7.]])
    """
    n, (m, k) = len(residual), np.shape(forecast)
    scale = np.ones((m, k)) if spread is None else np.asarray(spread, dtype=float)
    if len(fold) != n or scale.shape != (m, k) or (n and not 0 <= np.min(fold) <= np.max(fold) < k):
        raise ValueError(
            f"residual {np.shape(residual)}, fold {np.shape(fold)}, forecast {(m, k)} and spread {scale.shape} do not "
            "fit: expected (n,), (n,) of numbers below k, (m, k) and (m, k)"
        )
    if not all(np.isfinite(each).all() for each in (residual, forecast, scale)) or np.any(scale <= 0):
        raise ValueError(
            "residual, forecast or spread hold values that are not finite, or a spread that is not positive"
        )
    place = rank(n, level)
    if place > n:
        return np.tile([-math.inf, math.inf], (m, 1))
    known = Known.of(np.asarray(residual, dtype=float), np.asarray(fold), k, place)
    # ⌊α(n + 1)⌋ = n + 1 − ⌈(1 − α)(n + 1)⌉, so the lower end is minus the upper end of −f
    return np.column_stack([-_upper(known, -forecast, scale), _upper(known, forecast, scale)])


@dataclass(frozen=True, eq=False)
class Known:
    """The different |Rᵢ| of each fold in ascending order, one fold after the other, with how many rows have each.

    starts (k + 1,) are the folds' places in values; before[t] rows of the fold come before its t-th value.
    """

    values: np.ndarray
    counts: np.ndarray
    starts: np.ndarray
    before: tuple[np.ndarray, ...]
    place: int
    middle: float  # the place-th smallest of all

    @classmethod
    def of(cls, residual: np.ndarray, fold: np.ndarray, k: int, place: int) -> "Known":
        """From residuals (n,) ≥ 0 and their folds (n,)."""
        parts = [np.unique(residual[fold == j], return_counts=True) for j in range(k)]
        starts = np.cumsum([0, *(len(values) for values, _ in parts)])
        before = tuple(np.concatenate([[0], np.cumsum(counts)]) for _, counts in parts)
        values, counts = (np.concatenate(each) for each in zip(*parts, strict=True))
        return cls(values, counts, starts, before, place, float(np.partition(residual, place - 1)[place - 1]))

    def position(self, v: np.ndarray, side: Literal["left", "right"]) -> np.ndarray:
        """How many different values of fold j are below v[:, j], or not above it, (m, k)."""
        folds = (self.values[a:b] for a, b in pairwise(self.starts))
        return np.column_stack([np.searchsorted(own, v[:, j], side=side) for j, own in enumerate(folds)])

    def rows_before(self, position: np.ndarray) -> np.ndarray:
        """How many rows of all folds come before these positions (m, k), (m,)."""
        return np.sum([own[position[:, j]] for j, own in enumerate(self.before)], axis=0)


def _upper(known: Known, f: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The place-th smallest of f_{j(i)}(x) + σ_{j(i)}(x) Rᵢ over i, (m,): bisected until few values are left."""
    found = np.empty(len(f))
    for start in range(0, len(f), ROWS):
        rows = slice(start, start + ROWS)
        first, last = _window(known, f[rows], scale[rows])
        wide = max(1, int((last - first).max()))
        step = max(1, BLOCK // (wide * f.shape[1]))
        for at in range(0, len(first), step):
            part, here = slice(at, at + step), slice(start + at, min(start + at + step, start + len(first)))
            found[here] = _picked(known, f[here], scale[here], (first[part], last[part]), wide)
    return found


def _window(known: Known, f: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(first, last), (m, k) each: positions in each fold between which the value sought lies.

    It lies between the least and the largest of f + σ R₍ᵣ₎ over the models.
    """
    at = f + scale * known.middle
    low, high = at.min(axis=1), at.max(axis=1)
    slack = 1e-14 * (np.abs(f).max(axis=1) + np.abs(at).max(axis=1)) + 1e-300  # of rounding v − f, and f + σ R
    for step in range(STEPS + 1):
        if step % 4 == 0:
            first = known.position(((low - slack)[:, None] - f) / scale, "left")
            last = known.position(((high + slack)[:, None] - f) / scale, "right")
            if step == STEPS or (last - first).max() <= FEW:
                break
        middle = low + (high - low) / 2
        enough = known.rows_before(known.position((middle[:, None] - f) / scale, "right")) >= known.place
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return first, last


def _picked(
    known: Known, f: np.ndarray, scale: np.ndarray, window: tuple[np.ndarray, np.ndarray], wide: int
) -> np.ndarray:
    """The value sought, of the few in the window, (m,): sorted and counted."""
    first, last = window
    place = first[:, :, None] + np.arange(wide)
    there = place < last[:, :, None]
    index = np.minimum(known.starts[:-1, None] + place, len(known.values) - 1)
    values = np.where(there, f[:, :, None] + scale[:, :, None] * known.values[index], math.inf).reshape(len(f), -1)
    counts = np.where(there, known.counts[index], 0).reshape(len(f), -1)
    order = np.argsort(values, axis=1)
    reached = known.rows_before(first)[:, None] + np.cumsum(np.take_along_axis(counts, order, axis=1), axis=1)
    chosen = np.take_along_axis(order, (reached >= known.place).argmax(axis=1)[:, None], axis=1)
    return np.take_along_axis(values, chosen, axis=1)[:, 0]


def cross_guarantee(sizes: Sequence[int], level: float = 0.9, alike: bool = True) -> float:
    """P(covered) ≥ 1 − 2 (α(n + 1) + k − 1) / (n + k), for n rows in k folds of these sizes; near 1 − 2α.

    At least 1 − 2α − 2 (k − 1) / (n + k). In fold j, (1 + #{i ∈ j: Rᵢ ≥ s}) / (n_j + 1) is a p-value of the new row's
    score s; twice a weighted mean of p-values is one again (Vovk & Wang 2020), here with weights (n_j + 1) / (n + k),
    whatever the sizes. For equal folds also ≥ 1 − 2α − (1 − k/n) / (k + 1) (Barber et al. 2021, theorem 4), which for
    k = n, the jackknife+, is 1 − 2α. The larger is returned, and 0 if neither says anything; for one fold, which is
    split conformal, 1 − α. The theorem exchanges whole folds: `alike` says whether they may be, which is not so of the
    rows of one class or group in folds whose other rows differ in number. Raises ValueError unless 0 < level < 1 and
    sizes are one or more numbers ≥ 0.

    >>> round(cross_guarantee([200] * 5), 4), round(cross_guarantee([1] * 50), 4), cross_guarantee([200])
    (0.7928, 0.8, 0.9)
    """
    rank(0, level)
    n, k = sum(sizes), len(sizes)
    if not k or min(sizes) < 0:
        raise ValueError(f"sizes = {sizes!r}; expected the number of rows in each fold, one fold or more")
    if k == 1:
        return level
    alpha = 1 - level
    bounds = [1 - 2 * (alpha * (n + 1) + k - 1) / (n + k)]
    if alike and min(sizes) == max(sizes) > 0:
        bounds.append(1 - 2 * alpha - (1 - k / n) / (k + 1))
    return max(0.0, *bounds)
