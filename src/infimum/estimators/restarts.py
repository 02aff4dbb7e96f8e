"""F(θ̂₁), …, F(θ̂ₖ) from k starts: whether an objective is convex, shown by where its fits end.

A convex objective has one lowest value, and each fit proves how near it is. A network's has many minima, of which a fit
finds one that hangs on its start: what differs between them is what the data do not decide.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import clone, is_classifier
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import column_or_1d

from infimum.estimators.choosing import is_count
from infimum.estimators.rows import checked_weight

NEAR = 0.01  # of the lowest F


@dataclass(frozen=True, eq=False)
class Restarts:
    """(F, gap, f(x)) of k fits from different starts: values and gaps (k,), predictions (k, n, K).

    gaps bound F − inf F where that is proved, else are +∞. predictions are f(x), or the probabilities of K classes, at
    the rows; residual is the root of their mean square distance, weighted, from y, at the mean of the fits.
    """

    values: np.ndarray
    gaps: np.ndarray
    predictions: Float[np.ndarray, "k n K"]
    weight: np.ndarray
    residual: float
    models: tuple[Any, ...]

    @property
    def lowest(self) -> float:
        """min F."""
        return float(self.values.min())

    @property
    def excess(self) -> np.ndarray:
        """(F − min F) / |min F|, (k,); 0 where both are."""
        above = self.values - self.lowest
        return np.divide(above, abs(self.lowest), out=np.where(above > 0, np.inf, 0.0), where=self.lowest != 0)

    @property
    def near(self) -> float:
        """The share of fits that end within 1% of the lowest F."""
        return float(np.mean(self.excess <= NEAR))

    @property
    def spread(self) -> float:
        """√ mean over rows of the variance of the predictions between fits (k − 1), weighted by rows."""
        variance = self.predictions.var(axis=0, ddof=1).mean(axis=1)
        return math.sqrt(float(self.weight @ variance / self.weight.sum()))

    @property
    def relative_spread(self) -> float:
        """spread / residual: at 1 the choice of a start moves predictions as far as the rows lie from them."""
        return self.spread / self.residual if self.residual > 0 else math.inf if self.spread > 0 else 0.0

    @property
    def proved(self) -> bool:
        """Whether every fit proves how far it is from the infimum."""
        return bool(np.isfinite(self.gaps).all())

    def __str__(self) -> str:
        """The spread of F and of the predictions, and what is proved, in four lines."""
        proof = (
            f"at most {self.gaps.max():.2g} above inf F, each proved" if self.proved else "no distance from inf F known"
        )
        return "\n  ".join(
            [
                f"{type(self.models[0]).__name__}, {len(self.values)} starts",
                f"F from {self.lowest:.10g} to {self.values.max():.10g}, {proof}",
                f"{self.near:.0%} end within 1% of the lowest, the worst {self.excess.max():.2g} of it above",
                f"predictions vary by {self.spread:.2g} between starts: {self.relative_spread:.2g} of the residuals",
            ]
        )


def restarts(
    estimator: Any, X: Any, y: Any, sample_weight: Any = None, *, k: int = 10, random_state: Any = 0
) -> Restarts:
    """θ̂₁, …, θ̂ₖ: fits of a clone of estimator to X (n, p), y (n,), each from another start and order of the rows.

    estimator is of infimum; its random_state is set where it has one (of a linear model the order of rows is all that
    differs). For the convex counterpart of an MLP give it hidden_layer_sizes=(), or a Ridge or LogisticRegression.
    Raises ValueError for k < 2, and for an estimator that does not tell its F.

    >>> from infimum import MLPRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> wavy = np.sin(9 * X.ravel())
    >>> bent, straight = (restarts(MLPRegressor(h, solver="full-batch"), X, wavy, k=4) for h in ((3,), ()))
    >>> bent.near < 1, straight.near == 1, bent.proved, straight.proved
    (True, True, False, True)
    """
    if not is_count(k) or k < 2:
        raise ValueError(f"k = {k!r}; a spread takes 2 starts or more")
    X, y = check_array(X, dtype=np.float64), column_or_1d(y)
    check_consistent_length(X, y)
    weight, rng = checked_weight(sample_weight, len(X)), check_random_state(random_state)
    models = []
    for _ in range(k):
        order, seed = rng.permutation(len(X)), int(rng.randint(2**31))
        told = {"random_state": seed} if "random_state" in estimator.get_params() else {}
        models.append(clone(estimator).set_params(**told).fit(X[order], y[order], weight[order]))
    values, gaps = np.array([objective_at(model) for model in models]), np.array([gap_of(model) for model in models])
    classes = is_classifier(estimator)
    found = np.stack([model.predict_proba(X) if classes else model.predict(X)[:, None] for model in models])
    target = y[:, None] == models[0].classes_ if classes else y[:, None].astype(float)
    off = ((target - found.mean(axis=0)) ** 2).mean(axis=1)
    return Restarts(values, gaps, found, weight, math.sqrt(float(weight @ off / weight.sum())), tuple(models))


def objective_at(model: Any) -> float:
    """F of a fitted estimator, as its certificate means it. Raises ValueError for one that does not tell it."""
    known = vars(model)
    value = known.get("loss_", known.get("objective_"))
    if value is None or "certificate_" not in known:
        raise ValueError(f"{type(model).__name__} tells no F: expected an MLP or a linear model of infimum")
    return float(value)


def gap_of(model: Any) -> float:
    """The proved bound of F − inf F, +∞ where there is none."""
    claim = model.certificate_.claim("gap")
    return math.inf if claim is None else float(claim.bound)
