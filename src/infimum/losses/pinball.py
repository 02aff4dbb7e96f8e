"""ℓ(z, y) = max(q (y − z), (q − 1)(y − z)): its mean is least at the quantile q."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.losses import Array, namespace


@dataclass(frozen=True)
class Pinball:
    """ℓ(z, y) = max(q r, (q − 1) r), r = y − z: the pinball or check loss (Koenker & Bassett 1978), 0 < q < 1.

    Convex with a kink at z = y, and so no `Loss`, whose methods ask for a derivative: its slopes are an interval there.
    No likelihood has it, short of the asymmetric Laplace density. Raises ValueError for q outside (0, 1).

    >>> Pinball(0.75).value(np.zeros(2), np.array([4.0, -4.0]))
    array([3., 1.])
    """

    quantile: float

    def __post_init__(self) -> None:
        if not 0 < self.quantile < 1:
            raise ValueError(f"quantile = {self.quantile!r}; expected a number between 0 and 1, both excluded")

    def value(self, z: Array, y: Array) -> Array:
        """ℓ(z, y)."""
        xp, r = namespace(z), y - z
        return xp.maximum(self.quantile * r, (self.quantile - 1) * r)

    def conjugate(self, u: Array, y: Array) -> Array:
        """ℓ*(u, y) = sup_z (u z − ℓ(z, y)) = u y for −q ≤ u ≤ 1 − q, else +∞."""
        xp = namespace(u)
        inside = (u >= -self.quantile) & (u <= 1 - self.quantile)
        return xp.where(inside, u * y, math.inf)

    def slopes(self, z: Array, y: Array) -> tuple[Array, Array]:
        """(least, largest) element of ∂ℓ/∂z: they differ where z = y alone."""
        xp = namespace(z)
        below, above = 0.0 * z - self.quantile, 0.0 * z + (1 - self.quantile)
        return xp.where(z > y, above, below), xp.where(z < y, below, above)

    def constant(self, y: Any, weight: Any) -> float:
        """argmin_c Σ sᵢ ℓ(c, yᵢ): the smallest weighted quantile q of y, (n,), given weights (n,) ≥ 0, not all 0.

        >>> Pinball(0.5).constant(np.array([3.0, 1.0, 2.0]), np.ones(3))
        2.0
        """
        order = np.argsort(y, kind="stable")
        reached = np.cumsum(weight[order])
        chosen = order[np.searchsorted(reached, self.quantile * reached[-1] * (1 - 2.0**-48))]
        return float(y[chosen])

    def null(self, y: Any, weight: Any) -> float:
        """inf over constants c of Σ s̃ᵢ ℓ(c, yᵢ), given weights that sum to 1."""
        c = self.constant(y, weight)
        return math.fsum(weight * self.value(np.full(y.shape, c), y))
