"""chosen = the simplest rung that no simpler one is below, and no other below by a gain that counts.

The one-standard-error rule of Breiman et al. 1984, §3.4.3, with differences that are paired, since all rungs see the
same folds, and a standard error that counts that the folds' models share rows (Nadeau & Bengio 2003). A gain counts
where it is more than that, and more than a fifth of the standard error of the error itself: a gain that nobody who
reads the error could notice is no reason to be less simple, and what chance alone gives one of several rungs, of the
order of 1/n, is smaller than that, of the order of 1/√n, the more rows there are. A convex rung whose minimum was not
reached, or does not exist, is no candidate: its coefficients are where a solver happened to stop.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from infimum.evaluation.paired import standard_error

TRIFLE = 1e-9
NOTICED = 0.2  # of the standard error of an error


@dataclass(frozen=True, eq=False)
class Choice:
    """Rungs by index. rivals[i]: the candidate that does better than rung i by most, in excess of what counts.

    differences = mean of error − error of the rival, with their standard errors, and the least that is noticed in the
    rival's error, each (rungs,).
    """

    chosen: int
    best: int
    candidates: tuple[int, ...]
    rivals: tuple[int, ...]
    differences: np.ndarray
    standard_errors: np.ndarray
    noticed: np.ndarray
    rule: str = "1se"
    bars: np.ndarray | None = None  # the least gain of each rung over the chosen one that counts, (rungs,)

    @property
    def counts(self) -> np.ndarray:
        """Whether the rival's gain counts, (rungs,)."""
        return self.differences > np.maximum(self.standard_errors, self.noticed)


def doubts(
    errors: np.ndarray, overlap: float, losses: np.ndarray | None = None, rooted: bool = False, repeats: int = 1
) -> np.ndarray:
    """The standard error of error i − error j for each pair of rungs, (rungs, rungs), from errors (rungs, folds).

    The larger of two: of the k folds, s √(1/k + ρ), which k − 1 degrees of freedom can make small by luck; and, from
    losses (rungs, n) of the n rows held out, whose mean is the error, s √((1 + kρ)/n) of their differences, which takes
    rows for independent, and whose k is that of one partition where there are several, `repeats`. Where the error is
    the root of the mean loss, `rooted`, the second is that of (errorᵢ² − errorⱼ²) / (errorᵢ + errorⱼ).
    """
    rungs, shared = len(errors), errors.shape[1] / repeats * overlap
    found = np.zeros((rungs, rungs))
    for i, j in combinations(range(rungs), 2):
        found[i, j] = standard_error(errors[i] - errors[j], overlap)
        if losses is not None:
            both = float(errors[i].mean() + errors[j].mean())
            found[i, j] = max(found[i, j], of_rows(losses[i] - losses[j], shared, both if rooted else 1.0))
        found[j, i] = found[i, j]
    return found


def of_rows(losses: np.ndarray, shared: float, unit: float) -> float:
    """s √((1 + kρ)/n) / unit of losses (n,), which are taken for independent; kρ = shared; 0 where the unit is.

    >>> round(of_rows(np.array([0.0, 2.0]), 1.0, 2.0), 6)
    0.707107
    """
    return float(np.std(losses, ddof=1)) * math.sqrt((1 + shared) / len(losses)) / unit if unit > 0 else 0.0


def noticed(errors: np.ndarray, overlap: float, losses: np.ndarray, rooted: bool, repeats: int = 1) -> np.ndarray:
    """NOTICED · s √((1 + kρ)/n): the least gain that is noticed in each rung's error, (rungs,), as `doubts` takes rows.

    >>> losses = np.array([[0.0, 2.0] * 50])
    >>> noticed(np.array([[0.9, 1.1]]), 1.0, losses, False).round(4)
    array([0.0348])
    """
    shared, units = errors.shape[1] / repeats * overlap, 2 * errors.mean(axis=1) if rooted else np.ones(len(errors))
    return NOTICED * np.array([of_rows(each, shared, unit) for each, unit in zip(losses, units, strict=True)])


def choose(
    errors: np.ndarray,
    doubt: np.ndarray,
    least: np.ndarray | None = None,
    attained: np.ndarray | None = None,
    rule: str = "1se",
) -> Choice:
    """Choice from errors (rungs, folds), rungs from simple to complex, among those that are `attained` (rungs,).

    `doubt` are the standard errors of their differences, (rungs, rungs), `least` the gain that is noticed in the error
    of each, (rungs,). The rule "1se" takes the simplest rung whose difference from its rival is at most the larger of
    the two, and that no simpler candidate lies below: one bad fold widens a standard error, and must not excuse the
    rung that has it. "best" takes the lowest mean. Differences below TRIFLE of the first rung's error are rounding.

    >>> errors = np.array([[9.0, 9.1], [1.0, 1.06], [1.0, 1.05]])
    >>> choose(errors, doubts(errors, 1.0)).chosen
    1
    """
    mean = errors.mean(axis=1)
    least = np.zeros(len(mean)) if least is None else least
    candidates = np.flatnonzero(np.ones(len(mean), dtype=bool) if attained is None else attained)
    best = int(candidates[np.argmin(mean[candidates])])
    differences = (errors[:, None, :] - errors[None, candidates, :]).mean(axis=2)
    bars = np.maximum(doubt[:, candidates], least[candidates])
    excess = np.where(np.arange(len(mean))[:, None] == candidates, -np.inf, differences - bars)
    worst = excess.argmax(axis=1)
    rows, rivals = np.arange(len(mean)), candidates[worst]
    trifle = TRIFLE * mean[0]  # of the constant's: a rung that went astray sets no scale
    unbeaten = differences[rows, worst] <= np.maximum(bars[rows, worst], trifle)
    good = [i for i in candidates if unbeaten[i] and mean[i] <= mean[candidates[candidates <= i]].min() + trifle]
    chosen = int(good[0]) if rule == "1se" else best
    found = differences[rows, worst], doubt[rows, rivals], least[rivals]
    bar = np.maximum(doubt[chosen], least)
    return Choice(chosen, best, tuple(candidates.tolist()), tuple(rivals.tolist()), *found, rule, bar)
