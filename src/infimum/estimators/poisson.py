"""argmin Σ sᵢ (e^{zᵢ} − yᵢ zᵢ) / Σ sᵢ + penalty: PoissonRegressor for counts, in scikit-learn's parameters."""

import math
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import column_or_1d

from infimum.estimators.columns import bounds_of, factors_of
from infimum.estimators.evidence import EvidenceMixin, announced
from infimum.estimators.parameters import check_within, number_of
from infimum.estimators.rows import checked_weight, names_of, rows_and_target
from infimum.estimators.shell import predictions, solved, with_interval
from infimum.estimators.summary import Summary, summary_of
from infimum.losses.poisson import Poisson
from infimum.penalties.elastic_net import ElasticNet


class PoissonRegressor(EvidenceMixin, RegressorMixin, BaseEstimator):
    """b = argmin Σ sᵢ ℓ(xᵢᵀb + b₀, yᵢ) / Σ sᵢ + alpha l1_ratio ‖b‖₁ + ½ alpha (1 − l1_ratio) ‖b‖².

    ℓ(z, y) = eᶻ − y z + const: Poisson regression with the log link (Nelder & Wedderburn 1972), with l1_ratio = 0 in
    scikit-learn's scale of alpha. For counts over unequal exposures e (times, areas, persons) give the rates y / e as
    target and e as sample_weight: coefficients and classical errors are those of the counts with the offset log e
    (robust errors then take groups, a label a row: `infer`; the log-likelihood is that of another scale). Where nothing
    is penalised and rows with a count of 0 can be told from the others no minimum exists:
    `certificate_.claim("separation")` names the direction.

    Parameters: alpha ≥ 0; l1_ratio in [0, 1]; fit_intercept; tol, the relative gap the solver stops at.
    Attributes: coef_ (p,), intercept_, certificate_, trace_, n_iter_, n_features_in_, feature_names_in_.
    Raises ValueError for y < 0, NaN, infinities, shapes that do not fit, or weights that are negative.

    >>> model = PoissonRegressor(alpha=0.0).fit([[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 5.0, 11.0])
    >>> model.predict([[0.0], [1.0]]).round(12).tolist(), model.certificate_.claim("gap").holds(1e-8)
    ([2.0, 8.0], True)
    """

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        penalty_factor: Any = None,
        bounds: Any = None,
        warm_start: bool = False,
        tol: float = 1e-10,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.penalty_factor = penalty_factor
        self.bounds = bounds
        self.warm_start = warm_start
        self.tol = tol

    @announced
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p) dense or sparse, y (n,) ≥ 0, sample_weight (n,) or None."""
        alpha, ratio = number_of("alpha", self.alpha), number_of("l1_ratio", self.l1_ratio)
        X, y = rows_and_target(self, X, y)
        y = _counts(y)
        shape = X.shape[1], names_of(self)
        factor, sides = factors_of(self.penalty_factor, *shape), bounds_of(self.bounds, *shape)
        check_within("alpha", self.alpha, alpha, factor, 1.0)
        penalty = ElasticNet(alpha * ratio * factor, alpha * (1 - ratio) * factor, *sides)
        weight = checked_weight(sample_weight, len(y))
        self.coef_, self.intercept_ = solved(self, Poisson(), penalty, (X, y, weight))
        return self

    def predict(self, X: Any, interval: str | None = None, level: float = 0.95) -> np.ndarray:
        """E[y given x] = e^{X b + b₀}, (n,); +∞ where that overflows; with interval "confidence" (mean, lower, upper).

        Raises ValueError for an interval of a fit with a penalty.
        """
        if interval is not None:
            return with_interval(self, X, interval, level)
        return np.asarray(Poisson().mean(predictions(self, X)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """D² = 1 − Σ sᵢ ℓ(zᵢ, yᵢ) / Σ sᵢ ℓ(log ȳ, yᵢ), the share of the deviance explained; ȳ the weighted mean of y.

        Where y does not vary: 1 for a perfect prediction, else 0. Raises ValueError for y < 0.
        """
        z, y, loss = predictions(self, X), _counts(y), Poisson()
        weight = checked_weight(sample_weight, len(y))
        weight = weight / weight.sum()
        null = loss.constant(math.fsum(weight * y))
        total = 0.0 if math.isinf(null) else math.fsum(weight * loss.value(np.full(y.shape, null), y))
        left = math.fsum(weight * loss.value(z, y))
        if np.ptp(y[weight > 0]) == 0:
            return float(left == 0)
        return 1 - left / total

    def summary(self, level: float = 0.95, exponentiate: bool = False) -> Summary:
        """Coefficients, proved digits, standard errors, tests, intervals and claims: print it; `infer` has more.

        exponentiate: rate ratios, exp of the coefficients and of their intervals' ends.
        """
        return summary_of(self, level, exponentiate)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        tags.input_tags.sparse = True
        return tags


def _counts(y: Any) -> np.ndarray:
    y = column_or_1d(y, warn=True).astype(float)
    if not Poisson().takes(y):
        raise ValueError(f"y runs from {np.min(y):g} to {np.max(y):g}; PoissonRegressor takes {Poisson.domain}")
    return y
