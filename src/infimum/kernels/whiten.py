"""E = I − W (AᵀDA) Wᵀ and W ← (I + ½E) W in twice the working precision: an inverse root, to the last digit.

If W is nearly a root of the inverse, W AᵀDA Wᵀ = I − E, then W′ = (I + ½E) W leaves −¾E² − ¼E³ (Schulz 1933): digits
double. W is a pair high + low (Dekker 1971), and so are the rows W aᵢ and their products; E is rounded once.
"""

import numpy as np
from numba import njit

from infimum.kernels.augmented import _added
from infimum.kernels.compensated import two_product


@njit(cache=True)
def whitening_lack(rows, d, W):  # pragma: no cover - compiled
    """E = I − Σᵢ dᵢ (W aᵢ)(W aᵢ)ᵀ, (p, p), rounded once: d (n,), W (2, p, p), what is high and what is low.

    rows = (A, low), (n, p) each, where low is what rounding took from A, or (A, an array (0, 0)).

    Relative to Σᵢ dᵢ (|W||aᵢ|)(|W||aᵢ|)ᵀ the error is about (n + 2p) u².
    """
    A, beside = rows
    known = beside.shape[0] > 0
    n, p = A.shape
    high = np.zeros((p, p))
    low = np.zeros((p, p))
    q = np.empty(p)
    q_low = np.empty(p)
    for j in range(p):
        high[j, j] = -1.0
    for i in range(n):
        for k in range(p):
            total, lost = 0.0, 0.0
            for j in range(p):
                product, error = two_product(W[0, k, j], A[i, j])
                rest = error + W[1, k, j] * A[i, j]
                if known:
                    rest += W[0, k, j] * beside[i, j]
                total, lost = _added(total, lost, product, rest)
            q[k], q_low[k] = total, lost
        for k in range(p):
            product, error = two_product(d[i], q[k])
            bent, bent_low = _added(product, error, d[i] * q_low[k], 0.0)
            for j in range(k + 1):
                product, error = two_product(bent, q[j])
                cross = error + bent * q_low[j] + bent_low * q[j]
                high[k, j], low[k, j] = _added(high[k, j], low[k, j], product, cross)
    E = np.empty((p, p))
    for k in range(p):
        for j in range(k + 1):
            E[k, j] = E[j, k] = -(high[k, j] + low[k, j])
    return E


@njit(cache=True)
def whiten(W, E):  # pragma: no cover - compiled
    """W (2, p, p) ← (I + ½E) W, in place, in twice the working precision."""
    p = len(E)
    high = W[0].copy()
    low = W[1].copy()
    for k in range(p):
        for j in range(p):
            total, lost = high[k, j], low[k, j]
            for m in range(p):
                product, error = two_product(0.5 * E[k, m], high[m, j])
                total, lost = _added(total, lost, product, error + 0.5 * E[k, m] * low[m, j])
            W[0, k, j], W[1, k, j] = total, lost
