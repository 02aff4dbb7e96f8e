"""error = mean over rows of what a prediction costs (its root for the RMSE): the number that decides between rungs.

Lower is better, always: of R², D², accuracy and AUC it is 1 minus them, the share that is unexplained, wrong or
ranked wrongly.
"""

import math
from dataclasses import dataclass

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import likeliest

METRICS = {
    "regression": ("rmse", "mae", "r2"),
    "classification": ("log_loss", "brier", "accuracy", "auc"),
    "counts": ("deviance", "mae", "rmse", "d2"),
}  # the first is the one of the likelihood, by which rungs are fitted
UPWARDS = ("r2", "d2", "accuracy", "auc")  # better the higher they are: the error is what they lack of 1


@dataclass(frozen=True, eq=False)
class Metric:
    """What a row's prediction costs, of which the error is the mean (n,) ↦ ℝ, or its root where `rooted`.

    `unit` is what R² and D² are shares of: the mean square, or deviance, about the best constant.

    >>> from infimum.losses.squared import Squared
    >>> Metric("mae", Squared()).error(np.array([1.0, 3.0]), np.array([0.0, 5.0]))
    1.5
    """

    name: str
    loss: Loss
    unit: float = 1.0

    @property
    def rooted(self) -> bool:
        """Whether the error is the root of the mean."""
        return self.name == "rmse"

    def of(self, mean: np.ndarray | float) -> np.ndarray:
        """The error that has this mean."""
        return np.sqrt(mean) if self.rooted else np.asarray(mean)

    def error(self, z: np.ndarray, y: np.ndarray) -> float:
        """The error of predictions z (n,) or (n, m), on the link scale, of y (n,)."""
        return float(self.of(math.fsum(self.rows(z, y)) / len(y)))

    def rows(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        """What each row costs, (n,); of the AUC, whose pairs are of two rows, what each adds to it (`misplaced`)."""
        if self.name in ("log_loss", "deviance", "r2", "d2"):
            each = np.asarray(self.loss.value(z, y)) * (1.0 if self.name == "log_loss" else 2.0)
            return each / self.unit if self.unit > 0 else np.ones(len(y))
        if self.name in ("mae", "rmse"):
            off = np.abs(self.loss.mean(z) - y)
            return off**2 if self.rooted else off
        return self._of_classes(z, y)

    def _of_classes(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Of two classes z (n,) is the log-odds of the second, whose probability alone is counted."""
        p, two = self.loss.mean(z), self.loss.outputs == 1
        if self.name == "accuracy":
            return np.asarray(((z > 0) if two else likeliest(p)) != y, dtype=float)
        if two:
            off = self.loss.mean(np.where(y > 0.5, -z, z))  # the probability of the other class, however small
            return off**2 if self.name == "brier" else misplaced(z, y > 0.5)
        own = y[:, None] == np.arange(p.shape[1])
        if self.name == "brier":
            return ((p - own) ** 2).sum(axis=1)
        return np.mean([misplaced(p[:, k], own[:, k]) for k in np.flatnonzero(own.any(axis=0))], axis=0)

    def taught(self, rows: np.ndarray) -> float:
        """u = √ E [g²/v], g = ∂ cost/∂z of a row and v its information: how a parameter learned moves the mean cost.

        1 for the log-likelihood. A square r² of variance σ² has g²/v = 4 r²σ², so that u is twice the mean; so it is of
        deviances; |r| has g²/v = σ², the mean of its square; (p − y)², with v = p(1 − p), has 4 (p − y)² v, which is at
        most itself (twice that of several classes). Ranks and the share wrong have no slope: they are taken as the
        log-likelihood.
        """
        if self.name == "mae":
            return math.sqrt(float(np.mean(rows**2)))
        if self.name == "brier":
            return math.sqrt(float(np.mean(rows)) * min(self.loss.outputs, 2))
        return 1.0 if self.name in ("log_loss", "accuracy", "auc") else 2 * float(np.mean(rows))


def metric_of(loss: Loss, y: np.ndarray, name: str | None = None) -> Metric:
    """(ℓ, y, name) ↦ the metric of that name, None for that of the likelihood; y (n,) are the rows to measure on.

    Raises ValueError where it is not one of this kind of target.

    >>> from infimum.losses import Poisson
    >>> metric_of(Poisson(), np.array([1.0, 2.0])).name
    'deviance'
    """
    known = METRICS[loss.task]
    name = known[0] if name is None else name
    if name not in known:
        raise ValueError(f"{name!r} does not measure {loss.task}; expected {', '.join(known[:-1])} or {known[-1]}")
    if name not in ("r2", "d2"):
        return Metric(name, loss)
    if np.ptp(y) == 0:
        return Metric(name, loss, 0.0)
    null = loss.constant(math.fsum(y) / len(y))
    return Metric(name, loss, 2 * math.fsum(loss.value(np.full(y.shape, null), y)) / len(y))


def misplaced(score: np.ndarray, own: np.ndarray) -> np.ndarray:
    """θ + (n/n_c)(V − θ), (n,), whose mean is θ = 1 − AUC, and whose s/√n its standard error; ½ with one class alone.

    V is the share of the rows of the other kind on the wrong side of a row, ties by half, n_c the rows of its own kind:
    the structural components of DeLong, DeLong & Clarke-Pearson, Biometrics 44 (1988), eq. 4. Scores that differ by
    less than 1e-12 of the largest are ties: which is above then hangs on the order of a sum.

    >>> misplaced(np.array([0.1, 0.4, 0.4]), np.array([False, True, False])).round(3).tolist()
    [-0.125, 0.25, 0.625]
    """
    n, positive = len(own), int(own.sum())
    if positive in (0, n):
        return np.full(n, 0.5)
    largest, wrong = float(np.abs(score).max()), np.empty(n)
    score = np.round(score / largest, 12) if largest > 0 else score
    for mine, sign in ((own, 1.0), (~own, -1.0)):
        others, score_of = np.sort(sign * score[~mine]), sign * score[mine]
        above = 2 * len(others) - np.searchsorted(others, score_of, "left") - np.searchsorted(others, score_of, "right")
        wrong[mine] = above / (2 * len(others))
    theta = math.fsum(wrong[own]) / positive
    return theta + np.where(own, n / positive, n / (n - positive)) * (wrong - theta)
