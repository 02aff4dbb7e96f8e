"""V = φ (Σᵢ sᵢ ℓ″ᵢ aᵢaᵢᵀ)⁻¹ = φ/N WᵀW: what a fit knows of its coefficients without looking at its rows again."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from infimum.certificates.enclosure import Enclosure
from infimum.certificates.whitening import SMALL, whitened
from infimum.losses.multinomial import contrasts
from infimum.models import Params
from infimum.objective import LikelihoodObjective, weighted

MOST_DIGITS = 15.9  # that float64 holds
ROUGH = 1e-9  # ‖W H Wᵀ − I‖ beyond which W is sharpened: standard errors have half as large a relative error


@dataclass(frozen=True, eq=False)
class Information:
    """(ŵ, W, φ, N, log-likelihood): a minimum that was proved, of a loss that is a likelihood, without a penalty.

    Coefficients are β = ŵ, or of K > 2 classes β = T ŵ, T (q, p): the scores that add up to 0, class by class.
    bound (q,) ≥ |β̂ − β*| is the arithmetic's part. mean_loss and null_loss are mean losses, the latter of the best
    constant (of 0 without an intercept); best is the mean of the largest log p(y given z) that any z reaches.
    """

    loss: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    intercept: bool
    params: Params
    W: Float[np.ndarray, "p p"]
    outputs: int
    bound: np.ndarray
    rows: int
    total: float
    mean_loss: float
    null_loss: float
    best: float
    method: str = "maximum likelihood"  # or "firth": then ŵ minimises the loss with Firth's penalty

    @property
    def beta(self) -> np.ndarray:
        """β̂ = T ŵ, (q,)."""
        return self.params if self.outputs == 1 else to_scores(len(self.params), self.outputs) @ self.params

    @property
    def factor(self) -> Float[np.ndarray, "p q"]:
        """W Tᵀ, with V = φ/N factorᵀ factor."""
        return self.W if self.outputs == 1 else self.W @ to_scores(len(self.params), self.outputs).T

    @property
    def freedom(self) -> float:
        """N − p, N = Σ sᵢ: the degrees of freedom that the residuals have."""
        return self.total - len(self.params)

    @property
    def dispersion(self) -> float:
        """φ: Σ sᵢ (yᵢ − zᵢ)² / (N − p) of least squares, NaN where N ≤ p; 1 of counts and classes."""
        if self.loss != "squared":
            return 1.0
        return 2 * self.mean_loss * self.total / self.freedom if self.freedom > 0 else math.nan

    @property
    def log_likelihood(self) -> float:
        """Σ sᵢ log p(yᵢ given zᵢ); of least squares with the variance that maximises it."""
        return likelihood(self.loss, self.total, self.mean_loss, self.best)

    @property
    def null_log_likelihood(self) -> float:
        """The same of the best constant, or of z = 0 where there is no intercept."""
        return likelihood(self.loss, self.total, self.null_loss, self.best)

    def covariance(self) -> Float[np.ndarray, "q q"]:
        """V, (q, q)."""
        return np.asarray(self.dispersion / self.total * (self.factor.T @ self.factor))

    def digits(self) -> np.ndarray:
        """−log₁₀ 2 |β̂ − β*| / |β̂|, (q,): proved digits of each coefficient, at most those of float64, at least 0."""
        return proved_digits(self.beta, self.bound)


def proved_digits(beta: np.ndarray, bound: np.ndarray) -> np.ndarray:
    """−log₁₀ 2 bound / |β̂|, within [0, 15.9]: digits that are right of coefficients (q,) with |β̂ − β*| ≤ bound (q,).

    >>> proved_digits(np.array([2.0, 1.0]), np.array([1e-12, 1.0])).tolist()
    [12.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = -np.log10(2 * bound / np.abs(beta))
    return np.clip(np.nan_to_num(found, nan=0.0, posinf=MOST_DIGITS, neginf=0.0), 0.0, MOST_DIGITS)


def bounds_of(enclosure: Enclosure, size: int, outputs: int) -> np.ndarray:
    """|β̂ − β*| ≤ bounds, (q,), β = ŵ or of several outputs T ŵ, from those of the w of that size."""
    return enclosure.bounds if outputs == 1 else np.abs(to_scores(size, outputs)) @ enclosure.bounds


def likelihood(loss: str, total: float, mean: float, best: float) -> float:
    """N (best − mean loss); of least squares −½ N (log 2π σ² + 1), σ² = 2 mean loss.

    >>> likelihood("logistic", 10.0, 0.5, 0.0)
    -5.0
    """
    if loss != "squared":
        return total * math.fsum([best, -mean])
    return -0.5 * total * (math.log(2 * math.pi * 2 * mean) + 1) if mean > 0 else math.inf


def information_of(
    objective: LikelihoodObjective, params: Params, enclosure: Enclosure | None, total: float, rows: int
) -> Information | None:
    """The information at the minimum of an objective that is linear in w and has neither penalty nor bounds.

    None where there is a penalty, or no single minimum was proved.
    """
    penalty = objective.penalty
    bounded = np.any(np.isfinite(penalty.lower) | np.isfinite(penalty.upper))
    if enclosure is None or np.any(penalty.l1) or np.any(penalty.l2) or bounded:
        return None
    m, layout = objective.loss.outputs, objective.model.layout
    bounds = bounds_of(enclosure, len(params), m)
    mean, weight = objective.mean_loss(params), objective.weight
    W = None
    if enclosure.metric.a > ROUGH:
        bend = weighted(weight, objective.loss.bend(objective.model(params), objective.y))
        W = whitened(objective.model.jacobian(params), bend, SMALL, objective.model.lost)
    return Information(
        objective.loss.name,
        layout.inputs,
        (),
        bool(layout.free.any()),
        params,
        enclosure.metric.W if W is None else W,
        m,
        bounds,
        rows,
        total,
        mean,
        objective.null_value(),
        math.fsum(weight * at_best(objective.loss.name, objective.y)),
    )


def to_scores(size: int, outputs: int) -> Float[np.ndarray, "q p"]:
    """T with β = T w: contrasts w = (P, m) row by row, of that size, to the scores (K, P) of K = m + 1 classes.

    >>> to_scores(1, 1) @ to_scores(1, 1).T
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    C = contrasts(outputs + 1)
    return np.asarray(np.einsum("km,ab->kabm", C, np.eye(size // outputs)).reshape(-1, size))


def at_best(loss: str, y: np.ndarray) -> np.ndarray:
    """max over z of log p(y given z): what ℓ leaves out, (n,).

    >>> at_best("poisson", np.array([0.0, 1.0])), at_best("logistic", np.array([1.0]))
    (array([ 0., -1.]), array([0.]))
    """
    if loss != "poisson":
        return np.zeros(y.shape)
    from scipy.special import gammaln, xlogy

    return np.asarray(xlogy(y, y) - y - gammaln(y + 1))
