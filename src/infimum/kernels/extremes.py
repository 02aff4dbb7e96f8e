"""max |xᵢ| ≤ most: whether numbers are in range, each read once."""

import numpy as np
from numba import njit

from infimum.kernels.parts import over_rows


@njit(cache=True, nogil=True)
def beyond(a, most):  # pragma: no cover - compiled
    """How many rows of a (n, p) hold some |x| that is not ≤ most: larger, or NaN."""
    found = 0
    for i in range(a.shape[0]):
        off = 0
        for j in range(a.shape[1]):
            off += not abs(a[i, j]) <= most
        found += off > 0
    return found


def all_within(a: np.ndarray, most: float) -> bool:
    """max |xᵢⱼ| ≤ most, and no NaN, of a (n, p) or (n,).

    >>> all_within(np.array([1.0, -3.0]), 3.0), all_within(np.array([[np.nan]]), 3.0)
    (True, False)
    """
    table = a if a.ndim == 2 else a[:, None]
    return not any(over_rows(lambda start, stop: beyond(table[start:stop], most), *table.shape))
