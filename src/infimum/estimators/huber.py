"""argmin Σ sᵢ (σ + σ H(rᵢ/σ)) + alpha ‖b‖²: HuberRegressor, in scikit-learn's parameters."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from infimum.certificates.huber import HuberObjective
from infimum.estimators.evidence import EvidenceMixin, announced
from infimum.estimators.parameters import number_of
from infimum.estimators.robust import checked, handed_over
from infimum.estimators.shell import predictions
from infimum.estimators.summary import Summary, summary_of
from infimum.losses.huber import Huber
from infimum.models.linear import Linear
from infimum.solvers.huber import huber_regression


class HuberRegressor(EvidenceMixin, RegressorMixin, BaseEstimator):
    """(b, b₀, σ) = argmin Σ sᵢ (σ + σ H(rᵢ/σ)) + alpha ‖b‖², rᵢ = yᵢ − xᵢᵀb − b₀, σ ≥ 0.

    H(x) = x² for |x| ≤ epsilon, else 2 epsilon |x| − epsilon²: least squares for rows within epsilon scales of the fit,
    absolute errors beyond (Huber 1981; Owen 2007). All of it is convex, and the minimum is proved by duality. Where a
    share 1 − 1/epsilon² of the weight lies on one plane, that plane is the answer and the scale is 0.

    With alpha = 0 `summary` and `infer` have standard errors, by a sandwich at the scale found.

    Parameters: epsilon ≥ 1; alpha ≥ 0; fit_intercept.
    Attributes: coef_ (p,), intercept_, scale_, outliers_ (n,), which rows are beyond epsilon scales, certificate_,
    trace_, objective_ (divided by Σ sᵢ), n_iter_, n_features_in_, feature_names_in_.
    Raises ValueError for NaN, infinities, shapes that do not fit, or weights that are negative.

    >>> model = HuberRegressor(alpha=0.0).fit([[0.0], [1.0], [2.0], [3.0], [4.0]], [1.0, 3.2, 4.8, 7.0, 90.0])
    >>> model.coef_.round(3), model.scale_.__round__(3), model.outliers_.tolist()
    (array([2.232]), 0.403, [False, False, False, False, True])
    """

    def __init__(self, *, epsilon: float = 1.35, alpha: float = 0.0001, fit_intercept: bool = True) -> None:
        self.epsilon = epsilon
        self.alpha = alpha
        self.fit_intercept = fit_intercept

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,), sample_weight (n,) or None."""
        loss, alpha = Huber(number_of("epsilon", self.epsilon)), number_of("alpha", self.alpha)
        X, y, weight, columns, total = checked(self, X, y, sample_weight)
        model = Linear(X, bool(self.fit_intercept), columns)
        ridge = np.where(model.layout.free, 0.0, alpha / total)
        objective = HuberObjective(model, loss, ridge, y, weight)
        solution = huber_regression(objective)
        self.scale_ = float(solution.params[-1])
        inliers = solution.certificate.claims[0].witness["inliers"]
        z = model(solution.params[:-1])
        self.outliers_ = np.abs(y - z) > loss.epsilon * self.scale_
        self.outliers_[weight > 0] = ~inliers
        stated = {"form": "huber", "intercept": model.intercept, "epsilon": loss.epsilon, "alpha": alpha}
        return handed_over(self, objective, solution, {**stated, "total": total})

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def predict(self, X: Any) -> np.ndarray:
        """ŷ = X b + b₀, (n,). Raises ValueError for columns other than those of the fit."""
        return predictions(self, X)

    def summary(self, level: float = 0.95, exponentiate: bool = False) -> Summary:
        """Coefficients, standard errors (for alpha = 0), tests, intervals and claims: `infer` has other errors."""
        return summary_of(self, level, exponentiate)
