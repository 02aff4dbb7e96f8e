"""e = e^−x and log(1 + e) for x ≥ 0, of many x side by side: no call, no branch, and as a compiler turns into vectors.

e^−x = 2ᵏ eʳ, k whole and |r| ≤ ½ log 2, eʳ its Taylor sum; log(1 + e) = 2 artanh t, t = e / (2 + e) ≤ ⅓, a power
series in t² (Muller 2016, Elementary Functions, 3rd edition, chapters 3 and 11). Both are right to a few last units.
"""

import numpy as np
from numba import njit

DEEPEST = 708.0  # beyond it e^−x is taken for 0: 2ᵏ would be no normal number
LOG2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # log 2 to 33 bits: k times it is exact
LOG2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
PER_LOG2 = float.fromhex("0x1.71547652b82fep+0")  # 1 / log 2
WHOLE = 1.5 * 2.0**52  # adding it and taking it away again rounds to a whole number
BIAS, FRACTION = 1023, 52  # 2ᵏ has the bits (k + 1023) · 2⁵²


@njit(cache=True, nogil=True, error_model="numpy")
def exponentials(x, e, soft):  # pragma: no cover - compiled
    """e ← e^−x and soft ← log(1 + e^−x) for x ≥ 0, (m,) each; where x is NaN they are any numbers from 0 to 1."""
    bits = e.view(np.int64)
    for i in range(len(x)):
        depth = -min(x[i], DEEPEST)
        k = (depth * PER_LOG2 + WHOLE) - WHOLE
        soft[i] = _exp_of_small((depth - k * LOG2_HIGH) - k * LOG2_LOW)
        bits[i] = (np.int64(k) + BIAS) << FRACTION
    for i in range(len(x)):
        e[i] = e[i] * soft[i] if x[i] <= DEEPEST else 0.0
        t = e[i] / (2 + e[i])
        soft[i] = t * _artanh_twice(t * t)


@njit(cache=True, inline="always", error_model="numpy")
def _exp_of_small(r):  # pragma: no cover - compiled
    """Σ rⁱ / i!, i ≤ 13: what is left out is below 5e-18 for |r| ≤ ½ log 2."""
    total = 1 / 6227020800
    total = total * r + 1 / 479001600
    total = total * r + 1 / 39916800
    total = total * r + 1 / 3628800
    total = total * r + 1 / 362880
    total = total * r + 1 / 40320
    total = total * r + 1 / 5040
    total = total * r + 1 / 720
    total = total * r + 1 / 120
    total = total * r + 1 / 24
    total = total * r + 1 / 6
    total = total * r + 1 / 2
    return (total * r + 1) * r + 1


@njit(cache=True, inline="always", error_model="numpy")
def _artanh_twice(q):  # pragma: no cover - compiled
    """2 artanh(t) / t = Σ 2 qⁱ / (2i + 1), q = t², i ≤ 16: what is left out is below 4e-18 for t ≤ ⅓."""
    total = 2 / 33
    total = total * q + 2 / 31
    total = total * q + 2 / 29
    total = total * q + 2 / 27
    total = total * q + 2 / 25
    total = total * q + 2 / 23
    total = total * q + 2 / 21
    total = total * q + 2 / 19
    total = total * q + 2 / 17
    total = total * q + 2 / 15
    total = total * q + 2 / 13
    total = total * q + 2 / 11
    total = total * q + 2 / 9
    total = total * q + 2 / 7
    total = total * q + 2 / 5
    total = total * q + 2 / 3
    return total * q + 2
