"""f = y − r − A w and g = AᵀS r − Λ w, with r and w in twice the working precision: what the augmented system lacks.

A number in twice the precision is a pair high + low with |low| ≤ ½ ulp(high) (Dekker 1971). At f = 0, g = 0 the pair
(r, w) is the residual and the minimiser of ½ Σ sᵢ (yᵢ − aᵢᵀw)² + ½ Σ λⱼ wⱼ² (Björck 1967).
"""

import numpy as np
from numba import njit

from infimum.kernels.compensated import two_product


@njit(cache=True, inline="always")
def _added(high, low, a, b):  # pragma: no cover - compiled
    """(high, low) + (a, b), as a pair."""
    total = high + a
    back = total - high
    lost = (high - (total - back)) + (a - back) + low + b
    rounded = total + lost
    return rounded, (total - rounded) + lost


@njit(cache=True)
def augmented_residuals(rows, y, s, l2, w, r):  # pragma: no cover - compiled
    """f = y − r − A w (n,) and g = AᵀS r − Λ w (p,), each rounded once: y and s (n,), l2 (p,).

    w (2, p) and r (2, n) are pairs: the first row holds what is high, the second what is low. rows = (A, low), (n, p)
    each, where low is what rounding took from A, or (A, an array (0, 0)).

    Relative to the sums of absolute terms the error is about (n + p) u².
    """
    A, beside = rows
    known = beside.shape[0] > 0
    n, p = A.shape
    f = np.empty(n)
    g = np.zeros(p)
    g_low = np.zeros(p)
    for i in range(n):
        high, low = _added(y[i], 0.0, -r[0, i], -r[1, i])
        for j in range(p):
            product, error = two_product(A[i, j], w[0, j])
            rest = error + A[i, j] * w[1, j]
            if known:
                rest += beside[i, j] * w[0, j]
            high, low = _added(high, low, -product, -rest)
        f[i] = high + low
        product, error = two_product(s[i], r[0, i])
        pull, pull_low = _added(product, error, s[i] * r[1, i], 0.0)
        for j in range(p):
            product, error = two_product(A[i, j], pull)
            rest = error + A[i, j] * pull_low
            if known:
                rest += beside[i, j] * pull
            g[j], g_low[j] = _added(g[j], g_low[j], product, rest)
    for j in range(p):
        product, error = two_product(l2[j], w[0, j])
        g[j], g_low[j] = _added(g[j], g_low[j], -product, -error - l2[j] * w[1, j])
    return f, g + g_low


@njit(cache=True)
def add_to(pairs, step):  # pragma: no cover - compiled
    """pairs (2, k) ← pairs + step (k,), in place."""
    for i in range(len(step)):
        pairs[0, i], pairs[1, i] = _added(pairs[0, i], pairs[1, i], step[i], 0.0)
