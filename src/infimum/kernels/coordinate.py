"""min over v of gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Ω(v), by cyclic coordinate descent on the Gram matrix."""

import numpy as np
from numba import njit


@njit(cache=True)
def coordinate_descent(H, g, w, parts, tolerance, passes):  # pragma: no cover - compiled
    """v = argmin gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Σ l1|v| + ½ l2 v² on [lower, upper]; all arrays float64, H (p, p).

    parts (4, p) holds l1, l2, lower and upper, row by row.
    Returns v and the number of passes. Stops when a full pass moves no coordinate by more than √(tolerance /
    curvature). Between full passes only the coordinates that move are visited (Friedman, Hastie & Tibshirani 2010,
    §2.6).
    """
    p = len(w)
    l1, l2, lower, upper = parts[0], parts[1], parts[2], parts[3]
    v = w.copy()
    q = g.copy()  # gradient of the quadratic at v, kept up to date
    active = np.ones(p, dtype=np.bool_)
    full = True
    for count in range(passes):
        largest = 0.0
        for j in range(p):
            if not full and not active[j]:
                continue
            h = H[j, j] + l2[j]
            if h <= 0.0:
                continue
            b = H[j, j] * v[j] - q[j]
            target = max(abs(b) - l1[j], 0.0) / h
            if b < 0.0:
                target = -target
            target = min(max(target, lower[j]), upper[j])
            step = target - v[j]
            active[j] = step != 0.0
            if step != 0.0:
                largest = max(largest, h * step * step)
                v[j] = target
                for k in range(p):
                    q[k] += step * H[j, k]
        if largest <= tolerance:
            if full:
                return v, count + 1
            full = True
        else:
            full = False
    return v, passes
