"""argmin {Σ wᵢ (yᵢ − vᵢ)² : v₁ ≤ … ≤ v_n}: pool adjacent violators, one pass with a stack of blocks."""

import numpy as np
from numba import njit


@njit(cache=True)
def pool_adjacent_violators(y, weight):  # pragma: no cover - compiled
    """v (n,), nondecreasing, from y (n,) and weights > 0 (n,). Ayer et al. (1955); O(n): each block is merged once.

    A block that is not above the one before it is merged with it. Blocks keep sums, so that means of counts are exact.
    """
    n = len(y)
    total, mass = np.empty(n), np.empty(n)
    end = np.empty(n, dtype=np.int64)
    top = -1
    for i in range(n):
        top += 1
        total[top] = weight[i] * y[i]
        mass[top] = weight[i]
        end[top] = i + 1
        while top > 0 and total[top - 1] / mass[top - 1] >= total[top] / mass[top]:
            total[top - 1] += total[top]
            mass[top - 1] += mass[top]
            end[top - 1] = end[top]
            top -= 1
    v = np.empty(n)
    start = 0
    for block in range(top + 1):
        v[start : end[block]] = total[block] / mass[block]
        start = end[block]
    return v
