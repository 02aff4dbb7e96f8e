"""ℓ(r, σ) = σ + σ H(r/σ), H(x) = x² for |x| ≤ ε, else 2ε|x| − ε²: Huber's loss with the scale to be estimated."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.losses import Array, namespace


@dataclass(frozen=True)
class Huber:
    """ℓ(r, σ) = σ + σ H(r/σ) = max over |u| ≤ 2ε of u r + σ (1 − u²/4), convex in (r, σ); at σ = 0 it is 2ε|r|.

    The concomitant scale of Huber (1981, §7.8) in the form of Owen (2007). No `Loss`, whose prediction is one number a
    row: all rows share σ. Raises ValueError for ε below 1, where σ would grow without end.

    >>> Huber(1.5).value(np.array([1.0, 10.0]), 1.0)
    array([ 2.  , 28.75])
    """

    epsilon: float

    def __post_init__(self) -> None:
        if not 1 <= self.epsilon < math.inf:
            raise ValueError(f"epsilon = {self.epsilon!r}; expected a number from 1 on: 1.35 is usual")

    def value(self, r: Array, scale: float) -> Array:
        """ℓ(r, σ), (n,)."""
        xp, size = namespace(r), abs(r)
        if scale == 0:
            return 2 * self.epsilon * size
        near = xp.minimum(size, xp.full_like(size, self.epsilon * scale))
        return scale + near * (near / scale) + 2 * self.epsilon * (size - near)

    def slope(self, r: Array, scale: float) -> Array:
        """u = ∂ℓ/∂r = 2r/σ, at most 2ε in size, (n,), σ > 0."""
        xp = namespace(r)
        return xp.clip(2 * r / scale, -2 * self.epsilon, 2 * self.epsilon)

    def scale(self, r: Any, weight: Any) -> float:
        """argmin over σ ≥ 0 of Σ sᵢ ℓ(rᵢ, σ): Σ sᵢ min(rᵢ²/σ², ε²) = Σ sᵢ, weights (n,) ≥ 0; the largest if many.

        It is 0 where at least (1 − 1/ε²) of the weight has r = 0.

        >>> Huber(2.0).scale(np.array([3.0, -3.0]), np.ones(2))
        3.0
        """
        order = np.argsort(np.abs(r), kind="stable")
        size, weight = np.abs(r)[order], weight[order]
        beyond = np.append(np.cumsum(weight[::-1])[::-1], 0.0)[1:]
        largest = float(size[-1]) if len(size) else 0.0
        if largest == 0:
            return 0.0
        share = size / largest
        square = np.cumsum(weight * share**2)
        room = beyond[0] + weight[0] - self.epsilon**2 * beyond
        with np.errstate(divide="ignore", invalid="ignore"):
            fits = (room > 0) & (square * self.epsilon**2 >= share**2 * room * (1 - 2.0**-48))
        fits &= (share > 0) & (room > 2.0**-50)
        if not fits.any():
            return 0.0
        k = int(np.argmax(np.where(fits, np.arange(len(size)), -1)))
        return largest * math.sqrt(float(square[k] / room[k]))
