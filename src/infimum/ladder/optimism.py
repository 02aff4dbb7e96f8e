"""corrected = E [error of the pick on the rows not drawn]: what the error is worth, having been searched for.

The lowest of several errors is low by luck too. Rows are drawn with replacement, the rung is picked again by the same
rule from the losses of the rows drawn, and its losses on the rows not drawn say what the pick is worth: the bootstrap
bias corrected cross-validation of Tsamardinos, Greasidou & Borboudakis, Machine Learning 107 (2018), Algorithm 2. No
model is fitted again. The interval is ± z standard errors of two parts: s/√n of the rows' losses (Bayle, Bayle, Janson
& Mackey 2020, eq. 4), and what the rows have taught the fits, `learned_error`.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from infimum.evaluation.metrics import Metric
from infimum.ladder.occam import NOTICED, choose

DRAWS, FEWEST, WORK = 400, 40, 10_000_000  # bootstrap samples; rows drawn in all
LEVEL, NORMAL = 0.9, 1.6448536269514722  # Φ⁻¹(0.95)
METHOD = "bootstrap bias corrected cross-validation"
DRAWN = 5  # beside the seed: what the rows are drawn from
TOGETHER = 2_000_000  # weights at a time


@dataclass(frozen=True, eq=False)
class Seen:
    """Losses of every rung on the rows held out, (rungs, n), the fold of each row (n,), ρ, the candidates, the rule.

    The error is what the metric makes of their mean.
    """

    losses: np.ndarray
    fold: np.ndarray
    overlap: float
    attained: np.ndarray
    rule: str
    metric: Metric

    @property
    def rooted(self) -> bool:
        """Whether the error is the root of the mean loss."""
        return self.metric.rooted


@dataclass(frozen=True)
class Search:
    """The error of the chosen rung, corrected, its interval, and how often each rung was picked."""

    draws: int
    optimism: float
    corrected: float
    low: float
    high: float
    picked: tuple[float, ...]


def search_of(seen: Seen, chosen: int, stated: float, doubt: float, rng: np.random.Generator) -> Search:
    """Search from the losses on rows held out, the error stated of the chosen rung, and the standard error of it."""
    rungs, n = seen.losses.shape
    draws, together = int(np.clip(WORK // n, FEWEST, DRAWS)), max(TOGETHER // n, 1)
    outside, picks = [], np.zeros(rungs)
    for start in range(0, draws, together):
        bags = [rng.integers(n, size=n) for _ in range(min(together, draws - start))]
        W = np.array([np.bincount(bag, minlength=n) for bag in bags], dtype=float)
        picked = picks_of(seen, W)
        out = (W == 0).astype(float)
        ours = seen.losses[picked]
        outside.append(seen.metric.of((out * ours).sum(axis=1) / np.maximum(out.sum(axis=1), 1.0)))
        picks += np.bincount(picked, minlength=rungs)
    optimism = float(np.mean(np.concatenate(outside)) - seen.metric.of(seen.losses[chosen].mean()))
    corrected = stated + optimism
    half = NORMAL * doubt
    return Search(
        draws, optimism, corrected, max(corrected - half, 0.0), corrected + half, tuple((picks / draws).tolist())
    )


def row_error(seen: Seen, i: int) -> float:
    """The standard error of rung i's error from the spread of its losses over the rows, by the delta method."""
    losses = seen.losses[i]
    return slope(seen, i) * float(np.std(losses, ddof=1)) / math.sqrt(len(losses))


def learned_error(seen: Seen, i: int, degrees: float | None) -> float:
    """u √(d / (n (n′ − d))) for a fit of d degrees of freedom to n′ = n (1 − 1/k) rows: what row_error leaves out.

    To first order the fit to rows j lowers the loss at row i by sᵢᵀ H⁻¹ sⱼ, with scores s and their Hessian H, a sum
    over the n′ rows. Each pair of rows in different folds is in the mean loss twice, once either way, and the variance
    of its sum is twice that of terms which do not know of each other, as `row_error` takes them. The other half is
    E (sᵢᵀ H⁻¹ sⱼ)² = d u² / (n′ (n′ − d)) a pair, exact for least squares on normal columns, with the u of
    `Metric.taught`, 1 for log-likelihoods. 0 without a d; n′ − d ≥ n′/2 is assumed.
    """
    n, k = seen.losses.shape[1], len(np.unique(seen.fold))
    u = seen.metric.taught(seen.losses[i])
    trained, d = n * (1 - 1 / k), degrees or 0.0
    return slope(seen, i) * u * math.sqrt(d / (n * max(trained - d, trained / 2)))


def slope(seen: Seen, i: int) -> float:
    """∂ error / ∂ mean loss of rung i."""
    mean = float(seen.losses[i].mean())
    return 1.0 if not seen.rooted else 0.5 / math.sqrt(mean) if mean > 0 else 0.0


def picks_of(seen: Seen, W: np.ndarray) -> np.ndarray:
    """The rung picked by the rule from each sample, whose rows count W (draws, n) times: indices (draws,)."""
    rungs, n = seen.losses.shape
    folds = np.unique(seen.fold)
    errors = np.empty((len(W), rungs, len(folds)))
    for at, j in enumerate(folds):
        held = seen.fold == j
        counts = np.maximum(W[:, held].sum(axis=1, keepdims=True), 1.0)
        errors[:, :, at] = seen.metric.of(W[:, held] @ seen.losses[:, held].T / counts)
    k, mean = len(folds), errors.mean(axis=2)
    doubt, least = np.zeros((len(W), rungs, rungs)), np.zeros((len(W), rungs))
    for i, j in combinations(range(rungs), 2):
        of_rows = of_rows_drawn(seen, W, seen.losses[i] - seen.losses[j], mean[:, i] + mean[:, j])
        of_folds = np.std(errors[:, i] - errors[:, j], axis=1, ddof=1) * np.sqrt(1 / k + seen.overlap)
        doubt[:, i, j] = doubt[:, j, i] = np.maximum(of_rows, of_folds)
    for i in range(rungs):
        least[:, i] = NOTICED * of_rows_drawn(seen, W, seen.losses[i], 2 * mean[:, i])
    samples = zip(errors, doubt, least, strict=True)
    return np.array([choose(*sample, seen.attained, seen.rule).chosen for sample in samples])


def of_rows_drawn(seen: Seen, W: np.ndarray, losses: np.ndarray, both: np.ndarray) -> np.ndarray:
    """s √((1 + kρ)/n) of losses (n,) in each sample, (draws,), by the sum of `both` errors where they are roots."""
    n, k = len(losses), len(np.unique(seen.fold))
    spread = np.sqrt(np.maximum(W @ losses**2 / n - (W @ losses / n) ** 2, 0.0))
    of_rows = spread * math.sqrt((1 + k * seen.overlap) / n)
    return np.divide(of_rows, both, out=np.zeros(len(W)), where=both > 0) if seen.rooted else of_rows
