"""argmin Σᵢ sᵢ (e^f(xᵢ) − yᵢ f(xᵢ)) / Σ s + ½ (alpha / Σ s) ‖W‖²: MLPPoissonRegressor, a network for counts."""

from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from infimum.estimators.evidence import announced_by_epochs
from infimum.estimators.mlp import Arrays, MultilayerPerceptron, fitted, outputs
from infimum.estimators.mlp_solvers import takes_parts
from infimum.estimators.rows import checked_weight, validated
from infimum.estimators.standardised import Scales, weighted_set
from infimum.losses import Loss
from infimum.losses.poisson import Poisson


class MLPPoissonRegressor(RegressorMixin, MultilayerPerceptron):
    """f = argmin Σᵢ sᵢ [e^f(xᵢ) − yᵢ f(xᵢ)] / Σ s + ½ (alpha / Σ s) ‖W‖²: the logarithm of an expected count.

    f(x) = W_L φ(… φ(W₀ x + b₀) …) + b_L, W for standardised columns and counts divided by their mean. Parameters,
    attributes, solvers and errors as those of MLPRegressor; y < 0, or 0 in every row, raises ValueError.

    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> model = MLPPoissonRegressor((8,), activation="tanh").fit(X, np.round(20 * X.ravel() ** 2))
    >>> bool(model.predict(X).min() > 0)
    True
    """

    @announced_by_epochs
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, p), y (n,) ≥ 0, sample_weight (n,) or None."""
        return fitted(self, *counted(self, X, y, sample_weight))

    @available_if(takes_parts)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """An epoch more, at the highest step, on rows (n, p), y (n,) ≥ 0: see `mlp_partial.py`."""
        from infimum.estimators.mlp_partial import partly_fitted

        return partly_fitted(self, *counted(self, X, y, sample_weight, "_carried" not in vars(self)))

    def predict(self, X: Any) -> np.ndarray:
        """E[y given x] = e^f(x), (n,); +∞ where that overflows."""
        return np.asarray(Poisson().mean(outputs(self, X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        return tags


def counted(estimator: Any, X: Any, y: Any, sample_weight: Any, first: bool = True) -> tuple[Loss, Arrays, Scales]:
    """(Poisson's loss, (X, y, s) as a weighted set, scales of X and the mean count), checked.

    Raises ValueError for bad input, for y < 0, and for y of 0 in every row.
    """
    X, y = validated(estimator, X, y, {"y_numeric": True, "reset": first})
    if not Poisson().takes(y):
        raise ValueError(
            f"y runs from {np.min(y):g} to {np.max(y):g}; {type(estimator).__name__} takes {Poisson.domain}"
        )
    X, y, weight = weighted_set(X, np.asarray(y, dtype=float), checked_weight(sample_weight, len(X)))
    mean = float(weight @ y / weight.sum())
    if mean == 0 and first:
        raise ValueError("y is 0 in every row: the infimum is at a prediction of 0, which no network attains")
    return Poisson(), (X, y, weight), replace(Scales.of(X, None, weight), rate=mean)
