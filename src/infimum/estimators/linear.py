"""argmin Σ sᵢ (yᵢ − xᵢᵀb − b₀)² + penalty: LinearRegression, Ridge, Lasso, ElasticNet, in scikit-learn's parameters."""

import math
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import column_or_1d, validate_data

from infimum.estimators.shell import (
    LARGEST,
    Summary,
    checked_weight,
    predictions,
    solved,
    strength,
    summary_of,
    with_interval,
)
from infimum.losses.squared import Squared
from infimum.penalties.elastic_net import ElasticNet as Strengths


def _fitted(estimator: Any, data: tuple[Any, Any, Any], l1: float, l2_total: float, l2_mean: float = 0.0) -> Any:
    """Fit ½ mean squared error + l1‖b‖₁ + ½ (l2_mean + l2_total / Σs) ‖b‖² to (X, y, s) and set the attributes."""
    X, y, sample_weight = data
    X, y = validate_data(estimator, X, y, dtype=np.float64, y_numeric=True, multi_output=False)
    y = column_or_1d(y, warn=True).astype(float)
    if vars(estimator).get("degree", 1) > 1:
        if X.shape[1] > 1:
            raise ValueError(f"degree = {estimator.degree} is for one column, and X has {X.shape[1]}: give X[:, [j]]")
        if np.abs(X).max() > LARGEST ** (1 / estimator.degree):
            raise ValueError(f"X holds values whose power {estimator.degree} is beyond {LARGEST:g}: use other units")
    weight = checked_weight(sample_weight, len(y))
    lower = 0.0 if estimator.positive else -math.inf
    penalty = Strengths(l1, l2_mean + l2_total / float(weight.sum()), lower)
    estimator.coef_, estimator.intercept_ = solved(estimator, Squared(), penalty, (X, y, weight))
    return estimator


class LinearRegressor(RegressorMixin, BaseEstimator, ABC):
    """ŷ = X b + b₀: what the four have in common."""

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""

    def predict(self, X: Any, interval: str | None = None, level: float = 0.95) -> np.ndarray:
        """ŷ = X b + b₀, (n,); with interval "confidence" (of the mean) or "prediction" (of a new row) ŷ, lower, upper.

        These are (n, 3) and hold with probability `level` if rows are normal about the line with one spread. Raises
        ValueError for fits with a penalty or bounds, and for columns other than those of the fit.
        """
        return predictions(self, X) if interval is None else with_interval(self, X, interval, level)

    def summary(self, level: float = 0.95) -> Summary:
        """Coefficients, proved digits, standard errors, tests, intervals and claims: print it; `infer` has more."""
        return summary_of(self, level)


class LinearRegression(LinearRegressor):
    """b = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ: ordinary least squares (Gauss 1809; Legendre 1805).

    With degree k > 1, on one column: the polynomial b₁x + … + b_k xᵏ + b₀, its powers formed in twice the precision.

    Columns that depend on others are named by `certificate_.claim("identification")` and get the least-norm
    solution; none is dropped in silence.

    Parameters: fit_intercept; positive (b ≥ 0); degree; tol, the relative gap a solver stops at.
    Attributes: coef_ (p,) or (degree,), intercept_, certificate_, trace_, n_iter_, n_features_in_, feature_names_in_.
    Raises ValueError for NaN, infinities, shapes that do not fit, or weights that are negative.

    >>> LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).predict([[3.0]])
    array([7.])
    """

    def __init__(
        self, *, fit_intercept: bool = True, positive: bool = False, degree: int = 1, tol: float = 1e-10
    ) -> None:
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.degree = degree
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""
        if isinstance(self.degree, bool) or not isinstance(self.degree, int | np.integer) or self.degree < 1:
            raise ValueError(f"degree = {self.degree!r}; expected a whole number ≥ 1")
        return _fitted(self, (X, y, sample_weight), 0.0, 0.0)


class Ridge(LinearRegressor):
    """b = argmin Σ sᵢ (yᵢ − xᵢᵀb − b₀)² + alpha ‖b‖² (Hoerl & Kennard 1970): scikit-learn's scale of alpha.

    Parameters: alpha ≥ 0; fit_intercept; positive; tol. Attributes and errors as LinearRegression.

    >>> Ridge(alpha=2.0).fit([[-1.0], [1.0]], [-1.0, 1.0]).coef_
    array([0.5])
    """

    def __init__(
        self, alpha: float = 1.0, *, fit_intercept: bool = True, positive: bool = False, tol: float = 1e-10
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""
        return _fitted(self, (X, y, sample_weight), 0.0, strength("alpha", self.alpha))


class ElasticNet(LinearRegressor):
    """b = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ + alpha l1_ratio ‖b‖₁ + ½ alpha (1 − l1_ratio) ‖b‖².

    The elastic net of Zou & Hastie (2005).
    Parameters: alpha ≥ 0; l1_ratio in [0, 1]; fit_intercept; positive; tol. Attributes as LinearRegression, and
    dual_gap_, the certified bound on F(b) − inf F, sparse zeros exact.

    >>> ElasticNet(alpha=1.0, l1_ratio=1.0).fit([[-1.0], [1.0]], [-3.0, 3.0]).coef_
    array([2.])
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        positive: bool = False,
        tol: float = 1e-10,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""
        alpha, ratio = strength("alpha", self.alpha), strength("l1_ratio", self.l1_ratio)
        if ratio > 1:
            raise ValueError(f"l1_ratio = {self.l1_ratio!r}; expected a number from 0 (ridge) to 1 (lasso)")
        _fitted(self, (X, y, sample_weight), alpha * ratio, 0.0, alpha * (1 - ratio))
        self.dual_gap_ = self.certificate_.claim("gap").bound
        return self


class Lasso(LinearRegressor):
    """b = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ + alpha ‖b‖₁ (Tibshirani 1996).

    Parameters: alpha ≥ 0; fit_intercept; positive; tol. Attributes as ElasticNet; zeros are exact zeros.

    >>> Lasso(alpha=1.0).fit([[-1.0], [1.0]], [-3.0, 3.0]).coef_
    array([2.])
    """

    def __init__(
        self, alpha: float = 1.0, *, fit_intercept: bool = True, positive: bool = False, tol: float = 1e-10
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""
        _fitted(self, (X, y, sample_weight), strength("alpha", self.alpha), 0.0)
        self.dual_gap_ = self.certificate_.claim("gap").bound
        return self
