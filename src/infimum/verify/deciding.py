"""report, z, y ↦ what each row costs by the metric that decides, and the error: written again, for the checker."""

import math
from dataclasses import dataclass

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import likeliest

UPWARDS = {"r2", "d2", "accuracy", "auc"}  # what is stated is 1 minus the error
KNOWN = {
    "regression": {"rmse", "mae", "r2"},
    "classification": {"log_loss", "brier", "accuracy", "auc"},
    "counts": {"deviance", "mae", "rmse", "d2"},
}


@dataclass(frozen=True, eq=False)
class Deciding:
    """The metric that a report names, for this loss; y (n,) are all rows that are ever held out."""

    name: str
    loss: Loss
    y: np.ndarray

    @property
    def rooted(self) -> bool:
        """Whether the error is the root of the mean cost."""
        return self.name == "rmse"

    @property
    def whole(self) -> float:
        """What R² and D² are shares of: the mean square about the mean of y, or its deviance."""
        mean = math.fsum(self.y) / len(self.y)
        if np.ptp(self.y) == 0:
            return 0.0
        if self.loss.task == "regression":
            return math.fsum((self.y - mean) ** 2) / len(self.y)
        return 2 * math.fsum(self.loss.value(np.full(self.y.shape, math.log(mean)), self.y)) / len(self.y)

    def error(self, z: np.ndarray, y: np.ndarray) -> float:
        """The mean of what the rows cost, or its root."""
        mean = math.fsum(self.costs(z, y)) / len(y)
        return math.sqrt(mean) if self.rooted else mean

    def noise(self, z: np.ndarray, y: np.ndarray) -> float:
        """How far two honest evaluations of the error may be apart, beside a few parts in 10⁹."""
        if self.loss.task == "classification":
            return 4e-15 * math.sqrt(self.error(z, y)) + 1e-30 if self.name == "brier" else 0.0
        whole = self.whole if self.name in ("r2", "d2") else 1.0
        if self.loss.task == "counts":
            found = count_noise(self.loss, z, y) if self.name in ("mae", "rmse") else deviance_noise(self.loss, z, y)
            return (2 * found + 1e-12 * whole) / whole if whole > 0 else 0.0
        off = 1e-13 * float(np.abs(self.y).max() + np.abs(z).max())
        if self.name != "r2":
            return off
        return (2 * off * math.sqrt(self.error(z, y) * whole) + off**2) / whole if whole > 0 else 0.0

    def costs(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        """What rows of one fold cost, (n,)."""
        if self.loss.task == "classification":
            return self._of_classes(z, y)
        off = self.loss.mean(z) - y
        if self.name in ("mae", "rmse"):
            return np.abs(off) if self.name == "mae" else off * off
        whole = self.whole if self.name in ("r2", "d2") else 1.0
        each = off * off if self.loss.task == "regression" else 2 * self.loss.value(z, y)
        return each / whole if whole > 0 else np.ones(len(y))

    def _of_classes(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        if self.name == "log_loss":
            return self.loss.value(z, y)
        two = self.loss.outputs == 1
        P = np.column_stack([self.loss.mean(-z), self.loss.mean(z)]) if two else self.loss.mean(z)
        own = y[:, None] == np.arange(P.shape[1])
        if self.name == "brier":
            return ((P - own) ** 2).sum(axis=1) / (2 if two else 1)
        if self.name == "accuracy":
            return 1.0 - np.equal((z > 0).astype(int) if two else likeliest(P), y)
        each = [(z, own[:, 1])] if two else [(P[:, k], own[:, k]) for k in range(P.shape[1]) if own[:, k].any()]
        return sum((_of_pairs(score, mine) for score, mine in each), np.zeros(len(y))) / len(each)

    def moved(self, costs: np.ndarray) -> float:
        """u: how much a parameter that is learned moves the mean cost, to first order."""
        mean = float(np.mean(costs))
        if self.name in ("log_loss", "accuracy", "auc"):
            return 1.0
        if self.name == "brier":
            return math.sqrt(mean * (1 if self.loss.outputs == 1 else 2))
        return math.sqrt(float(np.mean(costs * costs))) if self.name == "mae" else 2 * mean


def _of_pairs(score: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """1 − AUC as a mean over rows, (n,): the wrong pairs of each, their excess weighted by the size of its class."""
    if mine.all() or not mine.any():
        return np.full(len(mine), 0.5)
    lost, size = np.empty(len(mine)), max(float(np.abs(score).max()), 1e-300)
    score = np.round(score / size, 12)
    for kind in (mine, ~mine):
        others = np.sort(score[~kind])
        ends = [np.searchsorted(others, score[kind], side) for side in ("left", "right")]
        below = (ends[0] + ends[1]) / (2 * len(others))
        lost[kind] = 1 - below if kind is mine else below
    wrong = float(lost[mine].mean())
    return wrong + (lost - wrong) / np.where(mine, np.mean(mine), np.mean(~mine))


def deviance_noise(loss: Loss, z: np.ndarray, y: np.ndarray) -> float:
    """How far two honest evaluations of 2 mean ℓ may be apart: |eᶻ − y| δ + eᶻδ² a row, δ a few roundings of z."""
    off, mean = 1e-14 * (1 + np.abs(z)), loss.mean(z)
    return 2 * float(np.mean(np.abs(mean - y) * off + mean * off**2))


def count_noise(loss: Loss, z: np.ndarray, y: np.ndarray) -> float:
    """The same of errors in counts: eᶻ where it is larger than y, and z rounded a few times."""
    return 1e-14 * float(((1 + np.abs(z)) * np.maximum(loss.mean(z), y)).max())
