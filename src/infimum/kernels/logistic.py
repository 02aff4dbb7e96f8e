"""ℓ = log(1 + eᶻ) − y z, ℓ′ = σ(z) − y and ℓ″ = σ(z) σ(−z): one exponential and one logarithm a row for all three."""

import math

import numpy as np
from numba import njit

LANES = 16  # partial sums of a row side by side


@njit(cache=True, nogil=True, inline="always")
def jet_at(z, y):  # pragma: no cover - compiled
    """(ℓ, ℓ′, ℓ″) of the logistic loss at numbers z and y in [0, 1], so written that nothing cancels."""
    e = math.exp(-abs(z))
    soft, near, far = math.log1p(e), 1 / (1 + e), e / (1 + e)
    p, q = (near, far) if z >= 0 else (far, near)
    return (1 - y) * (max(z, 0.0) + soft) + y * (max(-z, 0.0) + soft), (1 - y) * p - y * q, p * q


@njit(cache=True, nogil=True)
def logistic_jet(z, y):  # pragma: no cover - compiled
    """(ℓ, ℓ′, ℓ″) of the logistic loss, (n,) each, at z and y in [0, 1], (n,)."""
    value, slope, bend = np.empty(len(z)), np.empty(len(z)), np.empty(len(z))
    for i in range(len(z)):
        value[i], slope[i], bend[i] = jet_at(z[i], y[i])
    return value, slope, bend


@njit(cache=True, nogil=True)
def logistic_pass(A, w, z0, y, s):  # pragma: no cover - compiled
    """(Σ s ℓ, Aᵀ(s ℓ′) (p,), s ℓ″ (n,)) at z = z0 + A w, each row of A (n, p) read once, none with s = 0."""
    n, p = A.shape
    total, g, d = 0.0, np.zeros(p), np.zeros(n)
    lanes = np.empty(LANES)
    whole = p // LANES * LANES
    for i in range(n):
        if s[i] == 0:
            continue
        lanes[:] = 0.0
        for j in range(0, whole, LANES):
            for k in range(LANES):
                lanes[k] += A[i, j + k] * w[j + k]
        z = z0[i] + lanes.sum()
        for j in range(whole, p):
            z += A[i, j] * w[j]
        value, slope, bend = jet_at(z, y[i])
        total += s[i] * value
        d[i] = s[i] * bend
        u = s[i] * slope
        for j in range(p):
            g[j] += u * A[i, j]
    return total, g, d
