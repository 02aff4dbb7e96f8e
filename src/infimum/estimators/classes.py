"""p(class | x) = softmax of the scores, σ(±z) for two: what every classifier does with its predictions z."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from infimum.losses import Loss
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial, contrasts
from infimum.losses.softmax import Softmax


def classes_of(estimator: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """(classes, y as 0, 1, …, K − 1). Raises ValueError unless y holds two classes or more."""
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    classes = np.unique(y)
    if len(classes) == 1:
        name = type(estimator).__name__
        raise ValueError(f"{name} needs samples of 2 classes, but y holds only one class: {classes.tolist()[0]!r}")
    codes = y == classes[1] if len(classes) == 2 else np.searchsorted(classes, y)
    return classes, codes.astype(float)


def class_weights(class_weight: Any, classes: np.ndarray, y: Any, given: np.ndarray | None) -> np.ndarray:
    """c (K,), by which the weight of a row of each class is multiplied: None is 1, "balanced" Σ s / (K Σ s of it).

    class_weight may be {class: c}; y (n,) holds the labels, given (n,) the weights of rows or None. Raises ValueError
    for c that are no numbers, negative or not finite, for a class that is not there, and for 0 of all rows.
    """
    stated = class_weight if isinstance(class_weight, Mapping) else {}
    for label, value in stated.items():
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < math.inf:
            raise ValueError(f"class_weight of {label!r} is {value!r}; expected a number ≥ 0, finite")
    if class_weight is None:
        return np.ones(len(classes))
    if class_weight == "balanced" and given is not None:
        missing = next((label for label in classes if not np.any(given[np.asarray(y) == label])), None)
        if missing is not None:
            raise ValueError(f"class_weight = 'balanced', and no row counts for class {missing}: leave it out")
    rows = {} if given is None else {"sample_weight": given}
    found = np.asarray(compute_class_weight(class_weight, classes=classes, y=y, **rows), dtype=float)
    if not np.any(found[np.searchsorted(classes, y)] * (1.0 if given is None else given)):
        raise ValueError(f"class_weight = {class_weight!r} leaves every row the weight 0; expected some class > 0")
    return found


def loss_of(classes: np.ndarray, l1: bool = False) -> Loss:
    """ℓ = logistic for two classes, multinomial for more: by contrasts, or by all K scores where l1 penalises them."""
    if len(classes) == 2:
        return Logistic()
    labels = tuple(map(str, classes.tolist()))
    return Softmax(len(classes), labels) if l1 else Multinomial(len(classes), labels)


def to_scores(loss: Loss, w: np.ndarray) -> np.ndarray:
    """The coefficients of each class, (K, P), of the parameters w of a loss: log-odds (1, P), contrasts, or scores.

    >>> to_scores(Softmax(3), np.arange(6.0)).tolist()
    [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    """
    W = w.reshape(-1, loss.outputs).T
    return np.asarray(contrasts(loss.outputs + 1) @ W if loss.name == "multinomial" else W)


def from_scores(loss: Loss, S: np.ndarray) -> np.ndarray:
    """The parameters w of which `to_scores` makes the coefficients S (K, P), flat.

    >>> from_scores(Softmax(3), to_scores(Softmax(3), np.arange(6.0))).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    return np.asarray(S.T @ contrasts(len(S)) if loss.name == "multinomial" else S.T).ravel()


def probabilities(z: np.ndarray) -> np.ndarray:
    """(1 − σ(z), σ(z)), (n, 2), of log-odds z (n,); softmax of scores z (n, K); each to full relative accuracy."""
    if z.ndim == 1:
        mean = Logistic().mean
        return np.column_stack([mean(-z), mean(z)])
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def scores_of(z: np.ndarray) -> np.ndarray:
    """η = C z, (n, K), of contrasts z (n, K − 1); log-odds z (n,) as they are."""
    return z if z.ndim == 1 else z @ contrasts(z.shape[1] + 1).T


class ClassesMixin(ClassifierMixin, ABC):
    """p(class | x): probabilities and classes from `decision_function` and `classes_`."""

    @abstractmethod
    def decision_function(self, X: Any) -> np.ndarray:
        """z, the log-odds of the second of two classes, (n,); the scores of K > 2, which add up to 0, (n, K)."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """p of each class, (n, K)."""
        return probabilities(self.decision_function(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """log p of each class, (n, K)."""
        z = self.decision_function(X)
        if z.ndim == 1:
            return -np.column_stack([np.logaddexp(0, z), np.logaddexp(0, -z)])
        top = z.max(axis=1, keepdims=True)
        return np.asarray(z - top - np.log(np.exp(z - top).sum(axis=1, keepdims=True)))

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row, (n,)."""
        z = self.decision_function(X)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]
