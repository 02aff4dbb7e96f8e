"""s √(1/k + ρ): how sure a difference of errors is that was measured on the same k folds."""

import math

import numpy as np


def standard_error(errors: np.ndarray, overlap: float) -> float:
    """s √(1/k + ρ), s² the variance of k folds' errors (k − 1), ρ = rows held out / rows learned from.

    s/√k alone takes the folds for independent, but their models learned from mostly the same rows, and the next table's
    would not have: the corrected resampled t-test of Nadeau & Bengio, "Inference for the generalization error", Machine
    Learning 52 (2003), used for folds, and folds drawn several times, by Bouckaert & Frank (2004). errors is (k,).

    >>> round(standard_error(np.array([1.0, 2.0, 3.0]), 0.5), 6)
    0.912871
    """
    return float(np.std(errors, ddof=1) * math.sqrt(1 / len(errors) + overlap))
