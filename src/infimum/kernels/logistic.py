"""ℓ = log(1 + eᶻ) − y z, ℓ′ = σ(z) − y and ℓ″ = σ(z) σ(−z): one exponential and one logarithm a row for all three."""

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def logistic_jet(z, y):  # pragma: no cover - compiled
    """(ℓ, ℓ′, ℓ″) of the logistic loss, (n,) each, at z and y in [0, 1], (n,), so written that nothing cancels."""
    value, slope, bend = np.empty(len(z)), np.empty(len(z)), np.empty(len(z))
    for i in range(len(z)):
        e = math.exp(-abs(z[i]))
        soft, near, far = math.log1p(e), 1 / (1 + e), e / (1 + e)
        p, q = (near, far) if z[i] >= 0 else (far, near)
        value[i] = (1 - y[i]) * (max(z[i], 0.0) + soft) + y[i] * (max(-z[i], 0.0) + soft)
        slope[i] = (1 - y[i]) * p - y[i] * q
        bend[i] = p * q
    return value, slope, bend
