"""argmin Σ sᵢ ρ_q(yᵢ − xᵢᵀb − b₀) / Σ sᵢ + alpha ‖b‖₁: QuantileRegressor, in scikit-learn's parameters."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from infimum.certificates.quantile import QuantileObjective
from infimum.estimators.evidence import EvidenceMixin, announced
from infimum.estimators.parameters import number_of
from infimum.estimators.robust import checked, handed_over
from infimum.estimators.shell import predictions
from infimum.estimators.summary import Summary, summary_of
from infimum.losses.pinball import Pinball
from infimum.models.linear import Linear
from infimum.solvers.quantile import quantile_regression


class QuantileRegressor(EvidenceMixin, RegressorMixin, BaseEstimator):
    """(b, b₀) = argmin Σ sᵢ ρ_q(yᵢ − xᵢᵀb − b₀) / Σ sᵢ + alpha ‖b‖₁, ρ_q(r) = max(q r, (q − 1) r), q = quantile.

    The conditional quantile of y as a linear function (Koenker & Bassett 1978). The minimiser is solved for exactly: a
    vertex, in the last digit, with a proof that none is better; `certificate_.claim("identification")` says whether
    others are as good.

    With alpha = 0 `summary` and `infer` have standard errors, by the density of the rows about the fit.

    Parameters: quantile in (0, 1); alpha ≥ 0; fit_intercept.
    Attributes: coef_ (p,), intercept_, certificate_, trace_, objective_, n_iter_, n_features_in_, feature_names_in_.
    Raises ValueError for NaN, infinities, shapes that do not fit, or weights that are negative.

    >>> model = QuantileRegressor(alpha=0.0).fit([[0.0], [1.0], [2.0], [3.0], [4.0]], [1.0, 3.0, 5.0, 7.0, 90.0])
    >>> model.coef_, model.intercept_, str(model.certificate_.verdict("gap"))
    (array([2.]), 1.0, 'CERTIFIED')
    """

    def __init__(self, *, quantile: float = 0.5, alpha: float = 1.0, fit_intercept: bool = True) -> None:
        self.quantile = quantile
        self.alpha = alpha
        self.fit_intercept = fit_intercept

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,), sample_weight (n,) or None."""
        quantile, alpha = number_of("quantile", self.quantile), number_of("alpha", self.alpha, "alpha of a quantile")
        loss = Pinball(quantile)
        X, y, weight, columns, total = checked(self, X, y, sample_weight)
        model = Linear(X, bool(self.fit_intercept), columns)
        l1 = np.where(model.layout.free, 0.0, alpha)
        objective = QuantileObjective(model, loss, l1, y, weight)
        stated = {
            "form": "quantile",
            "intercept": model.intercept,
            "quantile": quantile,
            "l1": alpha,
            "total": total,
        }
        return handed_over(self, objective, quantile_regression(objective), stated)

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
