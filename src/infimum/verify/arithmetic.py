"""Σ aⱼ bⱼ, rounded once: exact products (Dekker 1971) summed exactly (Shewchuk's algorithm, `math.fsum`)."""

import math

import numpy as np

UNIT = 2.0**-53
TINY = 2.0**-1000  # more than any underflow
_SPLITTER = 134217729.0  # 2²⁷ + 1


def exact_products(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p, e) with a b = p + e exactly, entry by entry.

    >>> p, e = exact_products(np.array([0.1]), np.array([0.1]))
    >>> float(p[0]), float(e[0]) != 0.0
    (0.010000000000000002, True)
    """
    product = a * b
    t = _SPLITTER * a
    a_high = t - (t - a)
    t = _SPLITTER * b
    b_high = t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def exact_sums(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(s, e) with a + b = s + e exactly, entry by entry (Knuth 1969).

    >>> s, e = exact_sums(np.array([1.0]), np.array([2.0**-60]))
    >>> float(s[0]), float(e[0]) == 2.0**-60
    (1.0, True)
    """
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def row_sums(A: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A w as (high, low): high is the correctly rounded sum of each row, low what it leaves, (n,) each.

    w is (p,), or (p, m) for m sums a row, (n, m).
    """
    if w.ndim == 2:
        high, low = zip(*(row_sums(A, column) for column in w.T), strict=True)
        return np.stack(high, axis=1), np.stack(low, axis=1)
    high, low = np.zeros(len(A)), np.zeros(len(A))
    used = np.flatnonzero(w)
    parts = np.hstack(exact_products(A[:, used], w[used])).tolist()
    for i, row in enumerate(parts):
        high[i] = math.fsum(row)
        row.append(-high[i])
        low[i] = math.fsum(row)
    return high, low


def column_sums(A: np.ndarray, u: np.ndarray, low: np.ndarray | None = None) -> np.ndarray:
    """Aᵀ (u + low), each entry rounded once, (p,); flat, row by row, where u is (n, m). low is tiny, or None for 0."""
    if u.ndim == 2:
        return np.stack([column_sums(A, part) for part in u.T], axis=1).ravel()
    product, error = exact_products(A, u[:, None])
    error = error if low is None else error + A * low[:, None]
    return np.array([math.fsum(np.concatenate([product[:, j], error[:, j]]).tolist()) for j in range(A.shape[1])])


def weighted(weight: np.ndarray, array: np.ndarray) -> np.ndarray:
    """weightᵢ arrayᵢ, row by row, whatever the shape of a row."""
    return np.asarray((weight * array.T).T)


def size_of(v: np.ndarray, axis: int | None = None) -> np.ndarray:
    """√Σ v², of all entries or along an axis, in units of the largest: no square underflows that counts.

    >>> float(size_of(np.array([3e-200, -4e-200])))
    5e-200
    """
    unit = np.abs(v).max(axis=axis, initial=0.0, keepdims=True)
    unit = np.where((unit > 0) & np.isfinite(unit), unit, 1.0)
    return np.asarray(np.sqrt(np.sum((v / unit) ** 2, axis=axis)) * np.squeeze(unit, axis))


def above(x: float, digits: int = 3) -> float:
    """x rounded up to a few significant digits, as bounds are recorded."""
    if not (x > 0 and math.isfinite(x)):
        return x
    unit = math.floor(math.log10(x)) - digits + 1
    candidates = (float(f"{math.floor(x / 10.0**unit) + k}e{unit}") for k in range(-1, 4))
    return next(candidate for candidate in candidates if candidate >= x)
