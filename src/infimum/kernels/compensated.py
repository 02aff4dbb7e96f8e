"""A w and Aᵀ u as if computed in twice the working precision, then rounded: Dot2 of Ogita, Rump & Oishi (2005)."""

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from infimum.kernels.bordered import Table, written
from infimum.kernels.parts import over_rows

LANES = 16  # partial sums of a row side by side: what a processor adds at once, twice over


@intrinsic
def fused(context: Any, a: Any, b: Any, c: Any) -> Any:  # the arguments are types: numba's, at compile time
    """fl(a b + c), rounded once: one instruction where the processor has it, the C library's fma where it has not."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), code


@njit(cache=True, inline="always")
def two_product(a, b):  # pragma: no cover - compiled
    """a b = product + error, exactly, where nothing over- or underflows."""
    product = a * b
    return product, fused(a, b, -product)


@njit(cache=True, inline="always")
def two_sum(a, b):  # pragma: no cover - compiled
    """a + b = sum + error, exactly (Knuth 1969)."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


@njit(cache=True, nogil=True)
def compensated_product(A, w, start):  # pragma: no cover - compiled
    """z = start + A w as a pair (high, low), high + low ≈ z, and |start| + |A||w|: A (n, p), w (p,), start (n,).

    Where w is longer than the rows by one, a last column of ones follows that is not written.
    Relative to the last, the error of z is γ² ≈ (2 p u)²; low is what rounding z to float64 loses.
    """
    n, p = A.shape
    high, low, reach = np.empty(n), np.empty(n), np.empty(n)
    total, lost, size = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    whole = p // LANES * LANES
    for i in range(n):
        total[:], lost[:], size[:] = 0.0, 0.0, 0.0
        for j in range(0, whole, LANES):
            for k in range(LANES):
                product, error = two_product(A[i, j + k], w[j + k])
                total[k], rest = two_sum(total[k], product)
                lost[k] += rest + error
                size[k] += abs(product)
        z, left, sizes = start[i], 0.0, abs(start[i])
        for k in range(min(whole, LANES)):
            z, rest = two_sum(z, total[k])
            left += rest + lost[k]
            sizes += size[k]
        for j in range(whole, p):
            product, error = two_product(A[i, j], w[j])
            z, rest = two_sum(z, product)
            left += rest + error
            sizes += abs(product)
        if len(w) > p:
            z, rest = two_sum(z, w[p])
            left += rest
            sizes += abs(w[p])
        high[i] = z + left
        low[i] = (z - high[i]) + left
        reach[i] = sizes
    return high, low, reach


@njit(cache=True, nogil=True)
def compensated_pull(A, width, u, low, doubt):  # pragma: no cover - compiled
    """Aᵀ (u + low) as a pair (high, low), |A|ᵀ|u| and |A|ᵀ doubt, (width,) each: low (n,) is u's rounding, doubt ≥ 0.

    The pair is not normalised; its error is γ² |A|ᵀ|u|. Beyond the rows of A a column of ones follows, not written.
    """
    n, p = A.shape
    total, lost, reach, doubts = np.zeros(width), np.zeros(width), np.zeros(width), np.zeros(width)
    for i in range(n):
        for j in range(p):
            product, error = two_product(A[i, j], u[i])
            total[j], rest = two_sum(total[j], product)
            lost[j] += rest + (error + A[i, j] * low[i])
            reach[j] += abs(product)
            doubts[j] += abs(A[i, j]) * doubt[i]
        if width > p:
            total[p], rest = two_sum(total[p], u[i])
            lost[p] += rest + low[i]
            reach[p] += abs(u[i])
            doubts[p] += doubt[i]
    return total, lost, reach, doubts


@njit(cache=True, nogil=True)
def largest_reach(A, c):  # pragma: no cover - compiled
    """max over rows of Σⱼ |aᵢⱼ| cⱼ, A (n, p), c (p,) or (p + 1,) with a column of ones beyond, ≥ 0; 0 without rows."""
    n, p = A.shape
    largest = 0.0
    lanes = np.empty(LANES)
    whole = p // LANES * LANES
    for i in range(n):
        lanes[:] = 0.0
        for j in range(0, whole, LANES):
            for k in range(LANES):
                lanes[k] += abs(A[i, j + k]) * c[j + k]
        total = lanes.sum()
        for j in range(whole, p):
            total += abs(A[i, j]) * c[j]
        if len(c) > p:
            total += c[p]
        largest = max(largest, total)
    return largest


@njit(cache=True, nogil=True)
def compensated_sum(a):  # pragma: no cover - compiled
    """Σ aᵢ as a pair (high, low), low what adding up lost: its error is γ² Σ |aᵢ|."""
    total, lost = np.zeros(LANES), np.zeros(LANES)
    whole = len(a) // LANES * LANES
    for i in range(0, whole, LANES):
        for k in range(LANES):
            total[k], rest = two_sum(total[k], a[i + k])
            lost[k] += rest
    high, low = 0.0, 0.0
    for k in range(LANES):
        high, rest = two_sum(high, total[k])
        low += rest + lost[k]
    for i in range(whole, len(a)):
        high, rest = two_sum(high, a[i])
        low += rest
    return high, low


@njit(cache=True, nogil=True)
def products_lost(a, b):  # pragma: no cover - compiled
    """aᵢ bᵢ − fl(aᵢ bᵢ), exactly, (n,)."""
    lost = np.empty(len(a))
    for i in range(len(a)):
        lost[i] = two_product(a[i], b[i])[1]
    return lost


def sum_of(a: np.ndarray) -> float:
    """Σ aᵢ, rounded once: its error is u |Σ aᵢ| + γ² Σ |aᵢ|; what floats make of it where one is not finite.

    >>> sum_of(np.array([1e16, 1.0, -1e16]))
    1.0
    """
    high, low = compensated_sum(a)
    return float(high + low) if math.isfinite(high) else float(a.sum())


def product_of(A: Table, w: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z = start + A w as (high, low, |start| + |A||w|) for w (p,) or a matrix (p, m), column by column.

    >>> product_of(np.array([[1.0, 2.0]]), np.array([3.0, -4.0]), np.zeros(1))
    (array([-5.]), array([0.]), array([11.]))
    """
    if w.ndim == 1:
        X = written(A)
        found = over_rows(lambda a, b: compensated_product(X[a:b], w, start[a:b]), *A.shape)
        high, low, reach = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return high, low, reach
    columns = [product_of(A, *map(np.ascontiguousarray, part)) for part in zip(w.T, start.T, strict=True)]
    high, low, reach = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    return high, low, reach


def pull_of(
    A: Table, u: np.ndarray, low: np.ndarray | None = None, doubt: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(g = Aᵀ (u + low), |A|ᵀ|u|, |A|ᵀ doubt), flat, for u, low and doubt (n,) or (n, m), column by column; None is 0.

    g is rounded once: its error is u |g| + γ² |A|ᵀ|u|.

    >>> g, reach, _ = pull_of(np.array([[1.0], [-2.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> g.tolist(), reach.tolist()
    ([1.0, -2.0], [1.0, 2.0])
    """
    low, doubt = (np.zeros(u.shape) if part is None else part for part in (low, doubt))
    if u.ndim == 1:
        u, low, doubt = map(np.ascontiguousarray, (u, low, doubt))
        X, width = written(A), A.shape[1]
        found = over_rows(lambda a, b: compensated_pull(X[a:b], width, u[a:b], low[a:b], doubt[a:b]), *A.shape)
        total, lost = found[0][:2]
        for high, rest, _, _ in found[1:]:
            total, carried = two_sum_of(total, high)
            lost = lost + (carried + rest)
        return total + lost, sum(part[2] for part in found), sum(part[3] for part in found)
    parts = [pull_of(A, *each) for each in zip(u.T, low.T, doubt.T, strict=True)]
    g, reach, doubts = (np.stack(each, axis=1).ravel() for each in zip(*parts, strict=True))
    return g, reach, doubts


def reach_of(A: Table, c: np.ndarray) -> float:
    """max over rows of Σⱼ |aᵢⱼ| cⱼ, for c (p,) ≥ 0.

    >>> reach_of(np.array([[1.0, -2.0], [0.0, 1.0]]), np.array([1.0, 2.0]))
    5.0
    """
    X = written(A)
    return max(over_rows(lambda a, b: largest_reach(X[a:b], c), *A.shape))


def two_sum_of(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a + b = sum + error, exactly (Knuth 1969), entry by entry.

    >>> float(two_sum_of(np.array([1.0]), np.array([2.0**-60]))[1][0]) == 2.0**-60
    True
    """
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)
