"""argmin Σ sᵢ (yᵢ − xᵢᵀb − b₀)² + penalty: LinearRegression, Ridge, Lasso, ElasticNet, in scikit-learn's parameters."""

import math
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from infimum.estimators.columns import bounds_of, factors_of
from infimum.estimators.evidence import EvidenceMixin, announced
from infimum.estimators.parameters import check_within, number_of, numbers_of
from infimum.estimators.rows import (
    LARGEST,
    SMALLEST,
    checked_weight,
    largest_of,
    names_of,
    rows_and_target,
)
from infimum.estimators.shell import predictions, solved, with_interval
from infimum.estimators.summary import Summary, summary_of
from infimum.estimators.targets import each_target
from infimum.losses.squared import Squared
from infimum.penalties.elastic_net import ElasticNet as Strengths

Parts = tuple[Any, Any, Any]  # l1, l2 of the sum over rows, l2 of their mean: numbers, or one a target


def _fitted(estimator: Any, data: tuple[Any, Any, Any], parts: Parts) -> Any:
    """Fit ½ mean squared error + l1‖b‖₁ + ½ (l2_mean + l2_total / Σs) ‖b‖² to (X, y, s) and set the attributes."""
    X, y = rows_and_target(estimator, data[0], data[1], several=vars(estimator).get("degree", 1) == 1)
    if vars(estimator).get("degree", 1) > 1:
        if X.shape[1] > 1:
            raise ValueError(f"degree = {estimator.degree} is for one column, and X has {X.shape[1]}: give X[:, [j]]")
        largest = largest_of(X)
        if largest > LARGEST ** (1 / estimator.degree):
            raise ValueError(f"X holds values whose power {estimator.degree} is beyond {LARGEST:g}: use other units")
        if 0 < largest < SMALLEST ** (1 / estimator.degree):
            raise ValueError(f"the power {estimator.degree} of all of X is below {SMALLEST:g}: use other units")
    weight = checked_weight(data[2], len(y))
    several = np.ndim(y) == 2
    l1, total, mean = (np.broadcast_to(part, y.shape[1] if several else ()) for part in parts)
    factor = factors_of(vars(estimator).get("penalty_factor"), X.shape[1], names_of(estimator))
    lower, upper = _sides(estimator, X.shape[1])

    def fit(part: Any, target: np.ndarray, k: Any) -> Any:
        l2 = float(mean[k]) + float(total[k]) / float(weight.sum())
        check_within("alpha", vars(estimator).get("alpha"), float(l1[k]) + l2, factor, 1.0)
        penalty = Strengths(float(l1[k]) * factor, l2 * factor, lower, upper)
        part.coef_, part.intercept_ = solved(part, Squared(), penalty, (X, target, weight))
        return part

    if several:
        return each_target(estimator, fit, y)
    vars(estimator).pop("targets_", None)
    return fit(estimator, y, ())


def _sides(estimator: Any, columns: int) -> tuple[Any, Any]:
    """(lower, upper) of the coefficients, of `bounds` or `positive`. Raises ValueError where both are given."""
    if estimator.positive and estimator.bounds is not None:
        raise ValueError("positive = True and bounds are both given; expected one: bounds = (0, None) is positive")
    return (0.0, math.inf) if estimator.positive else bounds_of(estimator.bounds, columns, names_of(estimator))


class LinearRegressor(EvidenceMixin, RegressorMixin, BaseEstimator, ABC):
    """ŷ = X b + b₀: what the four, and those that choose their strength, have in common."""

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,), sample_weight (n,) or None."""

    def predict(self, X: Any, interval: str | None = None, level: float = 0.95) -> np.ndarray:
        """ŷ = X b + b₀, (n,) or (n, t); with interval "confidence" (of the mean) or "prediction" (of a new row) too.

        Then ŷ, lower, upper, (n, 3): they hold with probability `level` if rows are normal about the line with one
        spread. Raises ValueError for an interval of a fit with a penalty or bounds or of several targets, and for
        columns other than those of the fit.
        """
        return predictions(self, X) if interval is None else with_interval(self, X, interval, level)

    def summary(self, level: float = 0.95, exponentiate: bool = False) -> Summary:
        """Coefficients, proved digits, standard errors, tests, intervals and claims: print it; `infer` has more."""
        return summary_of(self, level, exponentiate)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = "rule" not in self.get_params()  # by errors on folds, of one target
        return tags


class LinearRegression(LinearRegressor):
    """b = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ: ordinary least squares (Gauss 1809; Legendre 1805).

    With degree k > 1, on one column: the polynomial b₁x + … + b_k xᵏ + b₀, its powers formed in twice the precision.

    Columns that depend on others are named by `certificate_.claim("identification")` and get the least-norm
    solution; none is dropped in silence.

    Parameters: fit_intercept; positive (b ≥ 0); bounds (lower, upper) of b, each None, a number or one a column, or
    {column: (lower, upper)}; degree; tol, the relative gap a solver stops at.
    Attributes: coef_ (p,) or (degree,), intercept_, certificate_, trace_, n_iter_, n_features_in_, feature_names_in_.
    Of y (n, t) coef_ is (t, p), intercept_ (t,), `targets_` has a fitted model of each, certificate_ is the weakest.
    Raises ValueError for NaN, infinities, shapes that do not fit, or weights that are negative.

    >>> LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).predict([[3.0]])
    array([7.])
    """

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        positive: bool = False,
        bounds: Any = None,
        degree: int = 1,
        tol: float = 1e-10,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.bounds = bounds
        self.degree = degree
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,) or (n, t), sample_weight (n,) or None."""
        if isinstance(self.degree, bool) or not isinstance(self.degree, int | np.integer) or self.degree < 1:
            raise ValueError(f"degree = {self.degree!r}; expected a whole number ≥ 1")
        return _fitted(self, (X, y, sample_weight), (0.0, 0.0, 0.0))


class Ridge(LinearRegressor):
    """b = argmin Σ sᵢ (yᵢ − xᵢᵀb − b₀)² + Σ alpha fⱼ bⱼ² (Hoerl & Kennard 1970): scikit-learn's scale of alpha.

    Parameters: alpha ≥ 0, or one a target (t,); fit_intercept; positive; penalty_factor f (p,) ≥ 0 or {column: f};
    bounds; tol. Attributes and errors as LinearRegression.

    >>> Ridge(alpha=2.0).fit([[-1.0], [1.0]], [-1.0, 1.0]).coef_
    array([0.5])
    """

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        positive: bool = False,
        penalty_factor: Any = None,
        bounds: Any = None,
        tol: float = 1e-10,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.penalty_factor = penalty_factor
        self.bounds = bounds
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,) or (n, t), sample_weight (n,) or None."""
        if np.ndim(self.alpha) == 0:
            return _fitted(self, (X, y, sample_weight), (0.0, number_of("alpha", self.alpha), 0.0))
        targets = np.shape(y)[1] if np.ndim(y) == 2 else 1
        if np.shape(self.alpha) != (targets,) or np.ndim(y) != 2:
            raise ValueError(f"alpha has shape {np.shape(self.alpha)}; expected a number, or one for each of {targets}")
        return _fitted(self, (X, y, sample_weight), (0.0, numbers_of("alpha", self.alpha, "alpha"), 0.0))


class ElasticNet(LinearRegressor):
    """b = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ + alpha Σ fⱼ (l1_ratio |bⱼ| + ½ (1 − l1_ratio) bⱼ²).

    The elastic net of Zou & Hastie (2005).
    Parameters: alpha ≥ 0; l1_ratio in [0, 1]; fit_intercept; positive; penalty_factor f (p,) ≥ 0 or {column: f};
    bounds; warm_start (begin at the fit before); tol. Attributes as LinearRegression, and dual_gap_, the certified
    bound on F(b) − inf F, sparse zeros exact.

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
        penalty_factor: Any = None,
        bounds: Any = None,
        warm_start: bool = False,
        tol: float = 1e-10,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.penalty_factor = penalty_factor
        self.bounds = bounds
        self.warm_start = warm_start
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,) or (n, t), sample_weight (n,) or None."""
        alpha, ratio = number_of("alpha", self.alpha), number_of("l1_ratio", self.l1_ratio)
        _fitted(self, (X, y, sample_weight), (alpha * ratio, 0.0, alpha * (1 - ratio)))
        self.dual_gap_ = _gaps(self)
        return self


class Lasso(LinearRegressor):
    """b = argmin ½ Σ sᵢ (yᵢ − xᵢᵀb − b₀)² / Σ sᵢ + alpha Σ fⱼ |bⱼ| (Tibshirani 1996).

    Parameters: alpha ≥ 0; fit_intercept; positive; penalty_factor; bounds; warm_start; tol. Attributes as ElasticNet;
    zeros are exact zeros.

    >>> Lasso(alpha=1.0).fit([[-1.0], [1.0]], [-3.0, 3.0]).coef_
    array([2.])
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        positive: bool = False,
        penalty_factor: Any = None,
        bounds: Any = None,
        warm_start: bool = False,
        tol: float = 1e-10,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.penalty_factor = penalty_factor
        self.bounds = bounds
        self.warm_start = warm_start
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,) or (n, t), sample_weight (n,) or None."""
        _fitted(self, (X, y, sample_weight), (number_of("alpha", self.alpha), 0.0, 0.0))
        self.dual_gap_ = _gaps(self)
        return self


def _gaps(estimator: Any) -> Any:
    """The bound on F(b) − inf F; (t,) of several targets."""
    if "targets_" not in vars(estimator):
        return estimator.certificate_.claim("gap").bound
    return np.array([part.certificate_.claim("gap").bound for part in estimator.targets_])
