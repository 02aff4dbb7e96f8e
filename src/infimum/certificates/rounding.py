"""γ_n = n u / (1 − n u): what n roundings can do, in any order of summation (Higham 2002, §3.1)."""

import math
from typing import Any

import numpy as np

UNIT = 2.0**-53  # u: half the distance from 1 to the next float64
TINY = 2.0**-1000  # more than any underflow in a sum of fewer than 2⁷⁰ terms
ELEMENTARY = 8 * UNIT  # relative error allowed to a loss evaluated from exp, log1p and a few operations


def gamma(n: int) -> float:
    """γ_n = n u / (1 − n u), the relative error of a sum or product of n roundings.

    >>> gamma(1) >= 2.0 ** -53
    True
    """
    return n * UNIT / (1 - n * UNIT) if n * UNIT < 0.5 else math.inf


def upward(x: float, roundings: int = 100) -> float:
    """x (1 + γ): an upper bound for a non-negative x computed with at most that many roundings."""
    return x * (1 + 2 * gamma(roundings)) + TINY


def norm(v: Any, axis: int | None = None) -> Any:
    """‖v‖₂, of the columns for axis 0, of the rows for axis 1: neither underflows nor overflows where it need not.

    >>> float(norm(np.array([3e-200, 4e-200])))
    5e-200
    """
    largest = np.abs(v).max(axis=axis, initial=0.0, keepdims=True)
    scale = 2.0 ** np.round(np.log2(np.where((largest > 0) & np.isfinite(largest), largest, 1.0)))
    return np.linalg.norm(v / scale, axis=axis) * (scale.reshape(()) if axis is None else scale.squeeze(axis))


def ceiling(x: float, digits: int = 3) -> float:
    """The smallest number of `digits` significant digits that is ≥ x: how bounds are recorded and printed.

    >>> ceiling(1.2341e-19), ceiling(0.5)
    (1.24e-19, 0.5)
    """
    if x == 0 or not math.isfinite(x):
        return x
    exponent = math.floor(math.log10(abs(x))) - digits + 1
    for units in range(math.floor(x / 10.0**exponent) - 1, math.floor(x / 10.0**exponent) + 4):
        candidate = float(f"{units}e{exponent}")
        if candidate >= x:
            return candidate
    return x
