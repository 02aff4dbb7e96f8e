"""A w and Aᵀ u as if computed in twice the working precision, then rounded: Dot2 of Ogita, Rump & Oishi (2005)."""

import numpy as np
from numba import njit

SPLITTER = 134217729.0  # 2²⁷ + 1 (Dekker 1971)


@njit(cache=True, inline="always")
def two_product(a, b):  # pragma: no cover - compiled
    """a b = product + error, exactly (Dekker 1971), where nothing over- or underflows."""
    product = a * b
    t = SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@njit(cache=True)
def compensated_product(A, w, start):  # pragma: no cover - compiled
    """z = start + A w as a pair (high, low), high + low ≈ z: A (n, p), w (p,), start (n,).

    Relative to |A||w| the error is γ² ≈ (2 p u)²; low is what rounding z to float64 loses.
    """
    n, p = A.shape
    high = np.empty(n)
    low = np.empty(n)
    for i in range(n):
        total = start[i]
        lost = 0.0
        for j in range(p):
            product, error = two_product(A[i, j], w[j])
            sum_ = total + product
            back = sum_ - total
            lost += (total - (sum_ - back)) + (product - back) + error
            total = sum_
        high[i] = total + lost
        low[i] = (total - high[i]) + lost
    return high, low


@njit(cache=True)
def compensated_pull(A, u, low):  # pragma: no cover - compiled
    """g = Aᵀ (u + low), (p,), rounded once: error u |g| + γ² |A|ᵀ|u|, where low (n,) is of the size of u's rounding."""
    n, p = A.shape
    total = np.zeros(p)
    lost = np.zeros(p)
    for i in range(n):
        for j in range(p):
            product, error = two_product(A[i, j], u[i])
            sum_ = total[j] + product
            back = sum_ - total[j]
            lost[j] += (total[j] - (sum_ - back)) + (product - back) + (error + A[i, j] * low[i])
            total[j] = sum_
    return total + lost


@njit(cache=True)
def products_lost(a, b):  # pragma: no cover - compiled
    """aᵢ bᵢ − fl(aᵢ bᵢ), exactly, (n,)."""
    lost = np.empty(len(a))
    for i in range(len(a)):
        lost[i] = two_product(a[i], b[i])[1]
    return lost


def product_of(A: np.ndarray, w: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z = start + A w as (high, low) for w (p,) or a matrix (p, m), column by column.

    >>> product_of(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]), np.zeros(1))[0].tolist()
    [11.0]
    """
    if w.ndim == 1:
        return compensated_product(A, w, start)
    columns = [compensated_product(A, *map(np.ascontiguousarray, part)) for part in zip(w.T, start.T, strict=True)]
    return np.stack([high for high, _ in columns], axis=1), np.stack([low for _, low in columns], axis=1)


def pull_of(A: np.ndarray, u: np.ndarray, low: np.ndarray | None = None) -> np.ndarray:
    """g = Aᵀ (u + low), flat, for u (n,) or a matrix (n, m), column by column; low None is 0.

    >>> pull_of(np.array([[1.0], [2.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [1.0, 2.0]
    """
    low = np.zeros(u.shape) if low is None else low
    if u.ndim == 1:
        return compensated_pull(A, np.ascontiguousarray(u), low)
    parts = [compensated_pull(A, *map(np.ascontiguousarray, part)) for part in zip(u.T, low.T, strict=True)]
    return np.stack(parts, axis=1).ravel()
