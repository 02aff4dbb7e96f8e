"""p(class | x) = σ(±z): what every classifier of two classes does with its log-odds z."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from infimum.losses.logistic import Logistic


def two_classes(estimator: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """(classes, y as 0 and 1). Raises ValueError unless y holds exactly two classes."""
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    classes, coded = np.unique(y, return_inverse=True)
    name = type(estimator).__name__
    if len(classes) == 1:
        raise ValueError(f"{name} needs samples of 2 classes, but y holds only one class: {classes.tolist()[0]!r}")
    if len(classes) > 2:
        raise ValueError(
            f"Only binary classification is supported by {name}: y holds {len(classes)} classes; "
            "pick two, or one against the rest"
        )
    return classes, coded.astype(float)


def probabilities(z: np.ndarray) -> np.ndarray:
    """(1 − σ(z), σ(z)), (n, 2), each to full relative accuracy."""
    mean = Logistic().mean
    return np.column_stack([mean(-z), mean(z)])


class TwoClassMixin(ClassifierMixin, ABC):
    """p(second class | x) = σ(z(x)): probabilities and classes from `decision_function` and `classes_`."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    @abstractmethod
    def decision_function(self, X: Any) -> np.ndarray:
        """z, the log-odds of the second class, (n,)."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """(1 − σ(z), σ(z)), (n, 2)."""
        return probabilities(self.decision_function(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """(log(1 − σ(z)), log σ(z)), (n, 2)."""
        z = self.decision_function(X)
        return -np.column_stack([np.logaddexp(0, z), np.logaddexp(0, -z)])

    def predict(self, X: Any) -> np.ndarray:
        """The likelier class of each row, (n,)."""
        second = self.decision_function(X) > 0
        return self.classes_[second.astype(int)]
