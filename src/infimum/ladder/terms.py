"""How rungs are compared and predictions covered; light enough for the command line to import before any work."""

import math
from dataclasses import dataclass
from enum import StrEnum
from numbers import Integral, Real
from typing import Any

LEAST = 0.5  # of the coverage: below it the two ends of an interval of CV+ may cross

MOST = 50  # times that folds are drawn


class Rule(StrEnum):
    """Rule ↦ rung: the simplest that no other beats by a gain that counts, or that of the lowest error."""

    ONE_STANDARD_ERROR = "1se"
    BEST = "best"


class MetricName(StrEnum):
    """The metrics that there are; which of them measures a target, its kind says (infimum.evaluation.metrics)."""

    RMSE = "rmse"
    MAE = "mae"
    R2 = "r2"
    LOG_LOSS = "log_loss"
    BRIER = "brier"
    ACCURACY = "accuracy"
    AUC = "auc"
    DEVIANCE = "deviance"
    D2 = "d2"


@dataclass(frozen=True)
class Terms:
    """By which Rule a rung is chosen, whether gradient boosting is there for reference, 1 − α of intervals and sets.

    After `budget` seconds no further rung starts. `also` are estimators, or "module:Class", to compare with. `metric`
    is the error that decides, None for that of the likelihood. Folds are drawn `repeats` times, None: 3 times where
    rows are few. `width_curve` asks for the network's error at other widths as well. Raises ValueError on another rule
    or metric, a coverage below 0.5 or not below 1, a budget that is no time, and repeats that are no number from 1 to
    50.

    >>> Terms().rule
    '1se'
    """

    rule: str = "1se"
    reference: bool = True
    coverage: float = 0.9
    budget: float | None = None
    also: tuple[Any, ...] = ()
    metric: str | None = None
    repeats: int | None = None
    width_curve: bool = False

    def __post_init__(self) -> None:
        if self.rule not in tuple(Rule):
            known = " or ".join(repr(each.value) for each in Rule)
            raise ValueError(f"the rule must be {known}, but is {self.rule!r}: give one of them")
        if self.metric is not None and self.metric not in tuple(MetricName):
            known = ", ".join(repr(each.value) for each in MetricName)
            raise ValueError(f"the metric is {self.metric!r}: give one of {known}, or None")
        if not isinstance(self.coverage, Real) or not LEAST <= self.coverage < 1:
            raise ValueError(f"the coverage is {self.coverage!r}: give a number from {LEAST} to below 1, such as 0.9")
        if self.repeats is not None and not (isinstance(self.repeats, Integral) and 1 <= self.repeats <= MOST):
            raise ValueError(f"the repeats are {self.repeats!r}: give a whole number from 1 to {MOST}, or None")
        if self.budget is not None and not (isinstance(self.budget, Real) and 0 < self.budget < math.inf):
            raise ValueError(f"the budget is {self.budget!r}: give a time in seconds above 0, such as 60")
