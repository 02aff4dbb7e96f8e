"""chosen = the simplest rung with error ≤ min error + its standard error (Breiman et al. 1984, §3.4.3)."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """(chosen, best, threshold): indices of rungs, simplest first, and the error up to which a rung is good enough."""

    chosen: int
    best: int
    threshold: float


def standard_error(errors: np.ndarray) -> float:
    """s/√k over the k folds (k − 1 in s): how far the mean error of folds can be expected to stray."""
    return float(np.std(errors, ddof=1) / math.sqrt(len(errors)))


def one_standard_error(errors: np.ndarray) -> Choice:
    """Choice from errors (rungs, folds), rungs ordered from simple to complex.

    >>> one_standard_error(np.array([[9.0, 9.1], [1.0, 1.06], [1.0, 1.05]])).chosen
    1
    """
    mean = errors.mean(axis=1)
    best = int(np.argmin(mean))
    threshold = float(mean[best] + standard_error(errors[best]))
    return Choice(int(np.flatnonzero(mean <= threshold)[0]), best, threshold)
