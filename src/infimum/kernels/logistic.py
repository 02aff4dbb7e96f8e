"""ℓ = log(1 + eᶻ) − y z, ℓ′ = σ(z) − y and ℓ″ = σ(z) σ(−z): one exponential and one logarithm a row for all three."""

import math

import numpy as np
from numba import njit

from infimum.kernels.exponentials import exponentials

ROWS = 64  # at a time


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
def logistic_rows(predicted, e, y, s, units):  # pragma: no cover - compiled
    """(z_error, s ℓ, u, u_error, s ℓ″), (5, n), and the largest drift of ℓ″, at predicted = (z, lost, reach).

    e is exp −|z| as NumPy has it, so that u is that of the plain formulas, bit by bit. z_error = units[0] reach +
    units[1] |z| + units[3], and u_error has units[2] of the terms of ℓ′: what `certificates/point.py` has for any loss.
    """
    z, lost, reach = predicted
    out, largest, tiny = np.empty((5, len(z))), 0.0, units[3]
    for i in range(len(z)):
        error = units[0] * reach[i] + units[1] * abs(z[i]) + tiny
        error = error if s[i] > 0 else 0.0
        soft, near, far = math.log1p(e[i]), 1 / (1 + e[i]), e[i] / (1 + e[i])
        p, q = (near, far) if z[i] >= 0 else (far, near)
        value = (1 - y[i]) * (max(z[i], 0.0) + soft) + y[i] * (max(-z[i], 0.0) + soft)
        slope, bend, terms = (1 - y[i]) * p - y[i] * q, p * q, (1 - y[i]) * p + y[i] * q
        drift = math.exp(error + abs(lost[i])) - 1
        moved = (1 + drift) ** 2 * (bend * (drift * abs(lost[i]) + error))
        largest = max(largest, drift)
        out[0, i], out[1, i], out[4, i] = error, s[i] * value, s[i] * bend
        out[2, i] = s[i] * (slope + bend * lost[i])
        out[3, i] = s[i] * (moved + units[2] * terms) + tiny
    return out, largest


@njit(cache=True, nogil=True, error_model="numpy")
def logistic_pass(A, w, z0, y, s):  # pragma: no cover - compiled
    """(Σ s ℓ, Aᵀ(s ℓ′) (P,), s ℓ″ (n,)) at z = z0 + A w, each row of A (n, p) read once, none with s = 0.

    Where w (P,) is longer than the rows by one, a last column of ones follows that is not written. As many rows at a
    time as stay near at hand: their predictions, then all their exponentials, then what each adds to the slope.
    """
    n, p = A.shape
    total, g, d = 0.0, np.zeros(len(w)), np.zeros(n)
    e, soft, z, u, values = np.empty(ROWS), np.empty(ROWS), np.zeros(ROWS), np.empty(ROWS), np.empty(ROWS)
    for first in range(0, n, ROWS):
        rows = slice(first, min(first + ROWS, n))
        count = rows.stop - first
        for i in range(count):
            shift = w[p] if len(w) > p else 0.0
            z[i] = (z0[first + i] + _dot(A[first + i], w[:p])) + shift if s[first + i] > 0 else 0.0
        exponentials(np.abs(z), e, soft)
        _jets((z[:count], e, soft), y[rows], s[rows], (values, u, d[rows]))
        for i in range(count):
            if s[first + i] > 0:
                total += values[i]
                for j in range(p):
                    g[j] += u[i] * A[first + i, j]
                if len(w) > p:
                    g[p] += u[i]
    return total, g, d


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def _dot(a, b):  # pragma: no cover - compiled
    """aᵀb, summed in whatever order is the fastest."""
    total = 0.0
    for j in range(len(a)):
        total += a[j] * b[j]
    return total


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _jets(predicted, y, s, found):  # pragma: no cover - compiled
    """found ← (s ℓ, s ℓ′, s ℓ″), at predicted = (z, e^−|z|, log(1 + e^−|z|)); s ℓ is NaN where z is not finite."""
    (z, e, soft), (values, slopes, bends) = predicted, found
    for i in range(len(z)):
        near = 1 / (1 + e[i])
        far = e[i] * near
        p, q = near if z[i] >= 0 else far, far if z[i] >= 0 else near
        values[i] = s[i] * ((1 - y[i]) * max(z[i], 0.0) + y[i] * max(-z[i], 0.0) + soft[i] + 0.0 * z[i])
        slopes[i] = s[i] * ((1 - y[i]) * p - y[i] * q)
        bends[i] = s[i] * (p * q)
