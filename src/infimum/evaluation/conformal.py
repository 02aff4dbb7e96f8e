"""q = the ⌈(1 − α)(m + 1)⌉-th smallest |yᵢ − f(xᵢ)| of m calibration rows: P(|y − f(x)| ≤ q) ≥ 1 − α on a new row."""

import math

import numpy as np


def split_conformal(residual: np.ndarray, level: float = 0.9) -> float:
    """q with P(|y − f(x)| ≤ q) ≥ level on a new row exchangeable with the m calibration rows, which f has not seen.

    Papadopoulos et al. (2002), Vovk et al. (2005). residual is (m,), of the calibration rows; +∞ where m is too small
    for the level.

    >>> split_conformal(np.arange(1.0, 10.0), 0.9)
    9.0
    """
    rank = math.ceil(level * (len(residual) + 1) - 1e-9)
    return float(np.sort(np.abs(residual))[rank - 1]) if rank <= len(residual) else math.inf
