"""ℓ(z, y) = ½ (z − y)²: normal errors of constant variance."""

import math
from dataclasses import dataclass
from typing import ClassVar

from infimum.losses import Array, Loss


@dataclass(frozen=True)
class Squared(Loss):
    """ℓ(z, y) = ½ (z − y)², y real.

    Minus the log-likelihood of y ~ N(z, σ²), times σ²; the minimiser does not depend on σ, standard errors do
    (Gauss 1809).

    >>> import numpy as np
    >>> Squared().value(np.array([3.0]), np.array([1.0]))
    array([2.])
    """

    name: ClassVar[str] = "squared"
    task: ClassVar[str] = "regression"
    smooth: ClassVar[bool] = True
    convex: ClassVar[bool] = True
    self_concordance: ClassVar[float] = 0.0
    curvature_bound: ClassVar[float] = 1.0
    dispersion: ClassVar[float | None] = None
    domain: ClassVar[str] = "finite numbers"
    interval: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def value(self, z: Array, y: Array) -> Array:
        return 0.5 * (z - y) ** 2

    def argument_terms(self, z: Array, y: Array) -> Array:
        return 0.0 * z

    def gradient(self, z: Array, y: Array) -> Array:
        return z - y

    def gradient_lost(self, z: Array, y: Array, lost: Array) -> Array:
        slope = z - y
        return sum_lost(z, -y, slope) + sum_lost(slope, lost, slope + lost)

    def gradient_terms(self, z: Array, y: Array) -> Array:
        return abs(z - y)

    def curvature(self, z: Array, y: Array, v: Array) -> Array:
        return v + 0.0 * z

    def conjugate(self, u: Array, y: Array) -> Array:
        return u * (0.5 * u + y)

    def conjugate_slope(self, u: Array, y: Array) -> Array:
        return abs(u) + abs(y) + 40.0

    def mean(self, z: Array) -> Array:
        return z

    def constant(self, mean: float) -> float:
        return mean


def sum_lost(a: Array, b: Array, rounded: Array) -> Array:
    """a + b − fl(a + b), exactly (Knuth 1969), given fl(a + b).

    >>> sum_lost(1.0, 2.0**-60, 1.0) == 2.0**-60
    True
    """
    back = rounded - a
    return (a - (rounded - back)) + (b - back)
