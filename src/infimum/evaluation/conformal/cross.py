"""CV+: [the ⌊α (n + 1)⌋-th smallest f₋ᵢ(x) − Rᵢ, the ⌈(1 − α)(n + 1)⌉-th smallest f₋ᵢ(x) + Rᵢ], Rᵢ = |yᵢ − f₋ᵢ(xᵢ)|.

f₋ᵢ is the model that has not seen the fold of row i. Barber, Candès, Ramdas & Tibshirani (2021), "Predictive inference
with the jackknife+", equation (2.6): all n rows calibrate, and none is judged by a model that has learned from it.
"""

import math
from collections.abc import Sequence

import numpy as np

from infimum.evaluation.conformal import rank

BLOCK = 1 << 22  # numbers held at once


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
    order = np.argsort(residual, kind="stable")
    ranked = np.abs(np.asarray(residual, dtype=float))[order], np.asarray(fold)[order]
    # ⌊α(n + 1)⌋ = n + 1 − ⌈(1 − α)(n + 1)⌉, so the lower end is minus the upper end of −f
    return np.column_stack([-_upper(ranked, -forecast, scale, place), _upper(ranked, forecast, scale, place)])


def _upper(ranked: tuple[np.ndarray, np.ndarray], f: np.ndarray, scale: np.ndarray, place: int) -> np.ndarray:
    """The place-th smallest of f_{j(i)}(x) + σ_{j(i)}(x) Rᵢ over i, (m,), from residuals in ascending order.

    Each value lies between the least and the largest of f + σ R₍ᵣ₎ over the models; rows i whose residual is further
    from R₍ᵣ₎ than the models differ are on one side of it, and only the others are sorted.
    """
    residual, fold = ranked
    at = f + scale * residual[place - 1]
    reach = (at.max(axis=1) - at.min(axis=1)) / scale.min(axis=1)
    found, by_reach = np.empty(len(f)), np.argsort(reach, kind="stable")
    start = 0
    while start < len(f):
        rows = by_reach[start : start + max(1, min(1024, BLOCK // len(residual)))]
        far = reach[rows[-1]] * (1 + 1e-9) + 1e-12 * float(np.abs(at[rows]).max())
        first, last = np.searchsorted(residual, residual[place - 1] + np.array([-far, far]), side="left")
        last = max(int(last), place)
        near = slice(int(first), last)
        values = f[rows][:, fold[near]] + scale[rows][:, fold[near]] * residual[near]
        found[rows] = np.partition(values, place - 1 - near.start, axis=1)[:, place - 1 - near.start]
        start += len(rows)
    return found


def cross_guarantee(sizes: Sequence[int], level: float = 0.9) -> float:
    """P(covered) ≥ 1 − 2 (α(n + 1) + k − 1) / (n + k), for n rows in k folds of these sizes; near 1 − 2α.

    At least 1 − 2α − 2 (k − 1) / (n + k). In fold j, (1 + #{i ∈ j: Rᵢ ≥ s}) / (n_j + 1) is a p-value of the new row's
    score s; twice a weighted mean of p-values is one again (Vovk & Wang 2020), here with weights (n_j + 1) / (n + k),
    whatever the sizes. For equal folds also ≥ 1 − 2α − (1 − k/n) / (k + 1) (Barber et al. 2021, theorem 4), which for
    k = n, the jackknife+, is 1 − 2α. The larger is returned, and 0 if neither says anything; for one fold, which is
    split conformal, 1 − α. Raises ValueError unless 0 < level < 1 and sizes are one or more numbers ≥ 0.

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
    if min(sizes) == max(sizes) > 0:
        bounds.append(1 - 2 * alpha - (1 - k / n) / (k + 1))
    return max(0.0, *bounds)
