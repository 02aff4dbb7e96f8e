"""corrected = E [error of the pick on the rows not drawn]: what the error is worth, having been searched for.

The lowest of several errors is low by luck too. Rows are drawn with replacement, the rung is picked again by the same
rule from the losses of the rows drawn, and its losses on the rows not drawn say what the pick is worth: the bootstrap
bias corrected cross-validation of Tsamardinos, Greasidou & Borboudakis, Machine Learning 107 (2018), Algorithm 2. No
model is fitted again. The interval is ± z s/√n of the rows' losses (Bayle, Bayle, Janson & Mackey 2020, eq. 4).
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from infimum.ladder.occam import choose

DRAWS, FEWEST, WORK = 400, 40, 10_000_000  # bootstrap samples; rows drawn in all
LEVEL, NORMAL = 0.9, 1.6448536269514722  # Φ⁻¹(0.95)
METHOD = "bootstrap bias corrected cross-validation"
DRAWN = 5  # beside the seed: what the rows are drawn from
TOGETHER = 2_000_000  # weights at a time


@dataclass(frozen=True, eq=False)
class Seen:
    """Losses of every rung on the rows held out, (rungs, n), the fold of each row (n,), ρ, the candidates, the rule.

    The error is the mean loss, or its root where `rooted`: squares, whose error is the RMSE.
    """

    losses: np.ndarray
    fold: np.ndarray
    overlap: float
    attained: np.ndarray
    rule: str
    rooted: bool

    def error(self, mean_loss: np.ndarray) -> np.ndarray:
        """The error that has this mean loss."""
        return np.sqrt(mean_loss) if self.rooted else mean_loss


@dataclass(frozen=True)
class Search:
    """The error of the chosen rung, corrected, its interval, and how often each rung was picked."""

    draws: int
    optimism: float
    corrected: float
    low: float
    high: float
    picked: tuple[float, ...]


def search_of(seen: Seen, chosen: int, stated: float, widest: float, rng: np.random.Generator) -> Search:
    """Search from the losses on rows held out; `widest` is a standard error that the interval's is no less than."""
    rungs, n = seen.losses.shape
    draws, together = int(np.clip(WORK // n, FEWEST, DRAWS)), max(TOGETHER // n, 1)
    outside, picks = [], np.zeros(rungs)
    for start in range(0, draws, together):
        bags = [rng.integers(n, size=n) for _ in range(min(together, draws - start))]
        W = np.array([np.bincount(bag, minlength=n) for bag in bags], dtype=float)
        picked = picks_of(seen, W)
        out = (W == 0).astype(float)
        ours = seen.losses[picked]
        outside.append(seen.error((out * ours).sum(axis=1) / np.maximum(out.sum(axis=1), 1.0)))
        picks += np.bincount(picked, minlength=rungs)
    optimism = float(np.mean(np.concatenate(outside)) - seen.error(seen.losses[chosen].mean()))
    corrected = stated + optimism
    half = NORMAL * max(row_error(seen, chosen), widest)
    return Search(
        draws, optimism, corrected, max(corrected - half, 0.0), corrected + half, tuple((picks / draws).tolist())
    )


def row_error(seen: Seen, i: int) -> float:
    """The standard error of rung i's error from the spread of its losses over the rows, by the delta method."""
    losses = seen.losses[i]
    mean = float(losses.mean())
    slope = 1.0 if not seen.rooted else 0.5 / math.sqrt(mean) if mean > 0 else 0.0
    return slope * float(np.std(losses, ddof=1)) / math.sqrt(len(losses))


def picks_of(seen: Seen, W: np.ndarray) -> np.ndarray:
    """The rung picked by the rule from each sample, whose rows count W (draws, n) times: indices (draws,)."""
    rungs, n = seen.losses.shape
    folds = np.unique(seen.fold)
    errors = np.empty((len(W), rungs, len(folds)))
    for at, j in enumerate(folds):
        held = seen.fold == j
        counts = np.maximum(W[:, held].sum(axis=1, keepdims=True), 1.0)
        errors[:, :, at] = seen.error(W[:, held] @ seen.losses[:, held].T / counts)
    k, mean = len(folds), errors.mean(axis=2)
    doubt = np.zeros((len(W), rungs, rungs))
    for i, j in combinations(range(rungs), 2):
        apart = seen.losses[i] - seen.losses[j]
        spread = np.sqrt(np.maximum(W @ apart**2 / n - (W @ apart / n) ** 2, 0.0))
        of_rows = spread * math.sqrt((1 + k * seen.overlap) / n)
        if seen.rooted:
            both = mean[:, i] + mean[:, j]
            of_rows = np.divide(of_rows, both, out=np.zeros(len(W)), where=both > 0)
        of_folds = np.std(errors[:, i] - errors[:, j], axis=1, ddof=1) * np.sqrt(1 / k + seen.overlap)
        doubt[:, i, j] = doubt[:, j, i] = np.maximum(of_rows, of_folds)
    return np.array([choose(e, d, seen.attained, seen.rule).chosen for e, d in zip(errors, doubt, strict=True)])
