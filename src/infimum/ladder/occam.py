"""chosen = the simplest rung with error ≤ min error + its standard error (Breiman et al. 1984, §3.4.3).

A convex rung whose minimum was not reached, or does not exist, is no candidate: its coefficients are where a solver
happened to stop.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """(chosen, best, threshold, candidates): rungs by index, and the error up to which a rung is good enough."""

    chosen: int
    best: int
    threshold: float
    candidates: tuple[int, ...] = ()


def standard_error(errors: np.ndarray) -> float:
    """s/√k over the k folds (k − 1 in s): how far the mean error of folds can be expected to stray."""
    return float(np.std(errors, ddof=1) / math.sqrt(len(errors)))


def one_standard_error(errors: np.ndarray, attained: np.ndarray | None = None) -> Choice:
    """Choice from errors (rungs, folds), rungs from simple to complex, among those that are `attained` (rungs,).

    >>> one_standard_error(np.array([[9.0, 9.1], [1.0, 1.06], [1.0, 1.05]])).chosen
    1
    """
    mean = errors.mean(axis=1)
    candidates = np.flatnonzero(np.ones(len(mean), dtype=bool) if attained is None else attained)
    best = int(candidates[np.argmin(mean[candidates])])
    threshold = float(mean[best] + standard_error(errors[best]))
    good = candidates[mean[candidates] <= threshold]
    return Choice(int(good[0]), best, threshold, tuple(candidates.tolist()))
