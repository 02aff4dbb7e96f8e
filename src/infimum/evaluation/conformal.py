"""q = the ⌈(1 − α)(m + 1)⌉-th smallest |yᵢ − f(xᵢ)| over m calibration rows: P(|y − f(x)| ≤ q) ≥ 1 − α on a new exchangeable row."""

import math

import numpy as np


def split_conformal(residual: np.ndarray, level: float = 0.9) -> float:
    """q with P(|y − f(x)| ≤ q) ≥ level for f fitted without the m calibration rows (Papadopoulos et al. 2002; Vovk et al. 2005).

    residual is (m,), of rows that f has not seen; +∞ where m is too small for the level.

    >>> split_conformal(np.arange(1.0, 10.0), 0.9)
    9.0
    """
    rank = math.ceil(level * (len(residual) + 1) - 1e-9)
    return float(np.sort(np.abs(residual))[rank - 1]) if rank <= len(residual) else math.inf
