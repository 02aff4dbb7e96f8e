"""argmin C Σ sᵢ log(1 + e^{−ỹᵢ zᵢ}) + penalty: LogisticRegression for two classes, in scikit-learn's parameters."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from infimum.estimators.shell import checked_weight, predictions, solved, strength, summary_text
from infimum.losses.logistic import Logistic
from infimum.penalties.elastic_net import ElasticNet


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


class LogisticRegression(ClassifierMixin, BaseEstimator):
    """b = argmin C Σ sᵢ log(1 + exp(−ỹᵢ (xᵢᵀb + b₀))) + l1_ratio ‖b‖₁ + ½ (1 − l1_ratio) ‖b‖², ỹ = ±1.

    Penalised maximum likelihood (Cox 1958).
    C = inf is no penalty; the intercept is never penalised. Where the classes are separated and nothing is
    penalised no minimum exists: `certificate_.claim("separation")` names the direction.

    Parameters: C > 0; l1_ratio in [0, 1]; fit_intercept; class_weight (None, "balanced" or {class: weight}); tol.
    Attributes: coef_ (1, p), intercept_ (1,), classes_ (2,), certificate_, trace_, n_iter_.
    Raises ValueError for one class or more than two, and as LinearRegression.

    >>> import numpy as np
    >>> model = LogisticRegression().fit([[-2.0], [-1.0], [1.0], [2.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[3.0]]).tolist(), model.certificate_.claim("gap").holds(1e-8)
    (['yes'], True)
    """

    def __init__(
        self,
        C: float = 1.0,
        *,
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        class_weight: Any = None,
        tol: float = 1e-10,
    ) -> None:
        self.C = C
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.tol = tol

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) of two classes, sample_weight (n,) or None."""
        C, ratio = strength("C", self.C), strength("l1_ratio", self.l1_ratio)
        if C == 0 or ratio > 1:
            given = f"C = {self.C!r}, l1_ratio = {self.l1_ratio!r}"
            raise ValueError(f"{given}; expected C > 0 and l1_ratio from 0 (ridge) to 1 (lasso)")
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, coded = two_classes(self, y)
        weight = checked_weight(sample_weight, len(coded))
        balance = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        weight = weight * balance[coded.astype(int)]
        total = float(weight.sum())
        penalty = ElasticNet(l1=ratio / (C * total), l2=(1 - ratio) / (C * total))
        b, intercept = solved(self, Logistic(), penalty, (X, coded, weight))
        self.coef_, self.intercept_ = b[None, :], np.array([intercept])
        self.problem_ = {**self.problem_, "classes": self.classes_, "class_weight": balance.tolist()}
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """z = X b + b₀, the log-odds of the second class, (n,)."""
        return predictions(self, X)

    def predict_proba(self, X: Any) -> np.ndarray:
        """(1 − σ(z), σ(z)), (n, 2)."""
        return probabilities(predictions(self, X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """(log(1 − σ(z)), log σ(z)), (n, 2)."""
        z = predictions(self, X)
        return -np.column_stack([np.logaddexp(0, z), np.logaddexp(0, -z)])

    def predict(self, X: Any) -> np.ndarray:
        """The likelier class of each row, (n,)."""
        second = predictions(self, X) > 0
        return self.classes_[second.astype(int)]

    def summary(self) -> str:
        """Coefficients and claims as text."""
        return summary_text(self)
