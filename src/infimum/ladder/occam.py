"""chosen = the simplest rung that no simpler one is below, and no other below by more than one standard error.

The one-standard-error rule of Breiman et al. 1984, §3.4.3, with differences that are paired, since all rungs see the
same folds, and a standard error that counts that the folds' models share rows (Nadeau & Bengio 2003). A convex rung
whose minimum was not reached, or does not exist, is no candidate: its coefficients are where a solver happened to stop.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

TRIFLE = 1e-9


@dataclass(frozen=True, eq=False)
class Choice:
    """Rungs by index. rivals[i]: the candidate that does better than rung i by most, in excess of a standard error.

    differences = mean of error − error of the rival, with their standard errors, both (rungs,).
    """

    chosen: int
    best: int
    candidates: tuple[int, ...]
    rivals: tuple[int, ...]
    differences: np.ndarray
    standard_errors: np.ndarray
    rule: str = "1se"


def standard_error(errors: np.ndarray, overlap: float) -> float:
    """s √(1/k + ρ), s² the variance of k folds' errors (k − 1), ρ = rows held out / rows learned from.

    s/√k alone takes the folds for independent, but their models learned from mostly the same rows, and the next table's
    would not have: the corrected resampled t-test of Nadeau & Bengio, "Inference for the generalization error", Machine
    Learning 52 (2003), used for folds by Bouckaert & Frank (2004). errors is (k,).

    >>> round(standard_error(np.array([1.0, 2.0, 3.0]), 0.5), 6)
    0.912871
    """
    return float(np.std(errors, ddof=1) * math.sqrt(1 / len(errors) + overlap))


def doubts(errors: np.ndarray, overlap: float, losses: np.ndarray | None = None, rooted: bool = False) -> np.ndarray:
    """The standard error of error i − error j for each pair of rungs, (rungs, rungs), from errors (rungs, folds).

    The larger of two: of the k folds, s √(1/k + ρ), which k − 1 degrees of freedom can make small by luck; and, from
    losses (rungs, n) of the n rows held out, whose mean is the error, s √((1 + kρ)/n) of their differences, which takes
    rows for independent. Where the error is the root of their mean, `rooted`, the second is that of
    (errorᵢ² − errorⱼ²) / (errorᵢ + errorⱼ).
    """
    rungs, k = errors.shape
    found = np.zeros((rungs, rungs))
    for i, j in combinations(range(rungs), 2):
        found[i, j] = standard_error(errors[i] - errors[j], overlap)
        if losses is not None:
            of_rows = float(np.std(losses[i] - losses[j], ddof=1)) * math.sqrt((1 + k * overlap) / losses.shape[1])
            both = float(errors[i].mean() + errors[j].mean())
            of_rows = of_rows if not rooted else of_rows / both if both > 0 else 0.0
            found[i, j] = max(found[i, j], of_rows)
        found[j, i] = found[i, j]
    return found


def choose(errors: np.ndarray, doubt: np.ndarray, attained: np.ndarray | None = None, rule: str = "1se") -> Choice:
    """Choice from errors (rungs, folds), rungs from simple to complex, among those that are `attained` (rungs,).

    `doubt` are the standard errors of their differences, (rungs, rungs). The rule "1se" takes the simplest rung whose
    difference from its rival is at most its standard error, and that no simpler candidate lies below: one bad fold
    widens a standard error, and must not excuse the rung that has it. "best" takes the lowest mean. Differences below
    TRIFLE of the largest error are rounding, and none.

    >>> errors = np.array([[9.0, 9.1], [1.0, 1.06], [1.0, 1.05]])
    >>> choose(errors, doubts(errors, 1.0)).chosen
    1
    """
    mean = errors.mean(axis=1)
    candidates = np.flatnonzero(np.ones(len(mean), dtype=bool) if attained is None else attained)
    best = int(candidates[np.argmin(mean[candidates])])
    differences, deviations = (errors[:, None, :] - errors[None, candidates, :]).mean(axis=2), doubt[:, candidates]
    excess = np.where(np.arange(len(mean))[:, None] == candidates, -np.inf, differences - deviations)
    worst = excess.argmax(axis=1)
    differences, deviations = (np.take_along_axis(each, worst[:, None], 1)[:, 0] for each in (differences, deviations))
    trifle = TRIFLE * mean.max()
    unbeaten = differences <= np.maximum(deviations, trifle)
    good = [i for i in candidates if unbeaten[i] and mean[i] <= mean[candidates[candidates <= i]].min() + trifle]
    chosen = int(good[0]) if rule == "1se" else best
    rivals = tuple(candidates[worst].tolist())
    return Choice(chosen, best, tuple(candidates.tolist()), rivals, differences, deviations, rule)
