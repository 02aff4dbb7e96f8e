"""ℓ(z, y) = eᶻ − y − y (z − log y): a Poisson count y with expected value eᶻ."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from infimum.losses import Array, Loss, namespace

# 2 (eᵗ − 1 − t) / t² = Σ cₖ tᵏ, the last first: the next term is below the rounding for |t| ≤ 2
SERIES = tuple(2 / math.factorial(k + 2) for k in range(23, -1, -1))


@dataclass(frozen=True)
class Poisson(Loss):
    """ℓ(z, y) = eᶻ − y − y (z − log y) ≥ 0, y ≥ 0; eᶻ for y = 0.

    Half the unit deviance: minus the log-likelihood of y ~ Poisson(eᶻ), plus that of y at its own mean (Nelder &
    Wedderburn 1972). It is y (eᵗ − 1 − t) with t = z − log y, and is evaluated so where t is small and the terms would
    cancel. Where eᶻ overflows, so does ℓ: to +∞, never to NaN.

    >>> import numpy as np
    >>> Poisson().value(np.array([0.0, 1.0, 800.0]), np.array([1.0, 0.0, 2.0]))
    array([0.        , 2.71828183,        inf])
    """

    name: ClassVar[str] = "poisson"
    task: ClassVar[str] = "counts"
    smooth: ClassVar[bool] = True
    convex: ClassVar[bool] = True
    self_concordance: ClassVar[float] = 1.0
    curvature_bound: ClassVar[float] = math.inf
    dispersion: ClassVar[float | None] = 1.0
    domain: ClassVar[str] = "finite numbers ≥ 0"
    interval: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def value(self, z: Array, y: Array) -> Array:
        xp = namespace(z)
        t = z - _log(y)
        near = (y > 0) & (t > -1) & (t < 2)
        inner = xp.where(near, t, xp.zeros_like(t))
        series = xp.zeros_like(t)
        for coefficient in SERIES:
            series = coefficient + inner * series
        return xp.where(near, 0.5 * y * inner * inner * series, self.mean(z) - y * (1 + t))

    def argument_terms(self, z: Array, y: Array) -> Array:
        xp = namespace(z)
        return xp.where(y > 0, abs(z) + abs(_log(y)), xp.zeros_like(z))

    def gradient(self, z: Array, y: Array) -> Array:
        return self.mean(z) - y

    def gradient_terms(self, z: Array, y: Array) -> Array:
        return self.mean(z) + y

    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        return self.mean(z) * v

    def conjugate(self, u: Array, y: Array) -> Array:
        xp = namespace(u)
        p = u + y  # the expected value this dual point stands for
        return xp.where(p >= 0, p * _log(p) - y * _log(y) - u, xp.full_like(p, math.inf))

    def conjugate_slope(self, u: Array, y: Array) -> Array:
        return 40.0 + abs(_log(abs(u) + y)) + abs(_log(y))

    def mean(self, z: Array) -> Array:
        with np.errstate(over="ignore"):
            return namespace(z).exp(z)

    def constant(self, mean: float) -> float:
        return math.log(mean) if mean > 0 else -math.inf

    def intercept(self, z: Array, y: Array, weight: Array) -> float:
        """argmin over c of Σ s̃ ℓ(z + c, y) = log Σ s̃ y − log Σ s̃ eᶻ, where Σ s̃ y > 0."""
        most = float(z.max(initial=-math.inf, where=weight > 0))
        return math.log(float(weight @ y)) - most - math.log(float(weight @ self.mean(np.minimum(z - most, 0.0))))


def _log(x: Array) -> Array:
    """log x where x > 0, else 0: x log x is then 0 at 0."""
    xp = namespace(x)
    return xp.log(xp.where(x > 0, x, xp.ones_like(x)))
