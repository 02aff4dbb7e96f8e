"""Ω(w) = Σⱼ l1ⱼ |wⱼ| + ½ l2ⱼ wⱼ² on lowerⱼ ≤ wⱼ ≤ upperⱼ: none, ridge, lasso and elastic net in one."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from infimum.penalties import Penalty, Vector

Strength = Any  # a number, or one number per parameter


@dataclass(frozen=True)
class ElasticNet(Penalty):
    """Ω(w) = Σⱼ l1ⱼ |wⱼ| + ½ l2ⱼ wⱼ², +∞ where wⱼ < lowerⱼ or wⱼ > upperⱼ.

    Strengths are numbers or arrays (p,), on the scale of the mean loss. l1 = l2 = 0 is no penalty; l2 alone the
    ridge (Hoerl & Kennard 1970), a normal prior; l1 alone the lasso (Tibshirani 1996), a Laplace prior; both the
    elastic net (Zou & Hastie 2005). Raises ValueError for a negative strength or an empty interval.

    >>> import numpy as np
    >>> ElasticNet(l1=1.0, l2=1.0).prox(np.array([3.0, -0.5]), step=1.0)
    array([ 1., -0.])
    """

    name: ClassVar[str] = "elastic_net"
    l1: Strength = 0.0
    l2: Strength = 0.0
    lower: Strength = -math.inf
    upper: Strength = math.inf

    def __post_init__(self) -> None:
        for which in ("l1", "l2"):
            strength = np.asarray(getattr(self, which), dtype=float)
            if not np.all((strength >= 0) & (strength < math.inf)):
                raise ValueError(
                    f"{which} = {getattr(self, which)!r}: a penalty strength is a finite number ≥ 0; use 0 for none"
                )
        if not np.all(np.asarray(self.lower, dtype=float) <= np.asarray(self.upper, dtype=float)):
            raise ValueError(f"lower = {self.lower!r} exceeds upper = {self.upper!r}: no parameter fits between them")

    @property
    def smooth(self) -> bool:
        """Whether Ω is a ridge or nothing: no l1 strength and no bounds."""
        return not np.any(self.l1) and not np.any(np.isfinite(self.lower) | np.isfinite(self.upper))

    def value(self, w: Vector) -> float:
        inside = np.all((w >= self.lower) & (w <= self.upper))
        return float(np.sum(self.l1 * np.abs(w) + 0.5 * self.l2 * w * w)) if inside else math.inf

    def prox(self, v: Vector, step: float) -> Vector:
        return np.clip(soft_threshold(v, step * self.l1) / (1 + step * self.l2), self.lower, self.upper)

    def conjugate(self, u: Vector) -> float:
        return float(np.sum(self.conjugates(u)))

    def conjugates(self, u: Vector) -> Vector:
        """Ωⱼ*(uⱼ) = sup over wⱼ in its interval of uⱼ wⱼ − l1ⱼ |wⱼ| − ½ l2ⱼ wⱼ², entry by entry, (p,)."""
        best = self.attained(u)
        with np.errstate(invalid="ignore"):
            value = u * best - self.l1 * np.abs(best) - 0.5 * self.l2 * best * best
        return np.where(np.isfinite(best), value, math.inf)

    def conjugate_terms(self, u: Vector) -> Vector:
        """|uⱼ wⱼ| + l1ⱼ |wⱼ| + ½ l2ⱼ wⱼ² where the supremum is, (p,): what the rounding of Ωⱼ* is relative to."""
        best = self.attained(u)
        with np.errstate(invalid="ignore"):
            terms = np.abs(u * best) + self.l1 * np.abs(best) + 0.5 * self.l2 * best * best
        return np.where(np.isfinite(best), terms, math.inf)

    def attained(self, u: Vector) -> Vector:
        """The wⱼ of the supremum in Ωⱼ*(uⱼ), (p,); ±∞ where it is at no number."""
        beyond = soft_threshold(u, self.l1)
        curved = np.asarray(self.l2) > 0
        with np.errstate(divide="ignore", over="ignore"):
            straight = np.where(beyond == 0, 0.0, np.copysign(math.inf, beyond))
            best = np.where(curved, beyond / np.where(curved, self.l2, 1.0), straight)
        return np.asarray(np.clip(best, self.lower, self.upper))

    def residual(self, w: Vector, g: Vector) -> Vector:
        moved = g + self.l2 * w
        s = np.where(w != 0, moved + self.l1 * np.sign(w), soft_threshold(moved, self.l1))
        at_lower, at_upper = w <= self.lower, w >= self.upper
        right = np.where(w >= 0, moved + self.l1, moved - self.l1)  # slope of F to the right of w, and to the left
        left = np.where(w > 0, moved + self.l1, moved - self.l1)
        s = np.where(at_lower, np.minimum(right, 0.0), s)
        return np.where(at_upper, np.where(at_lower, 0.0, np.maximum(left, 0.0)), s)

    def sparing(self, free: Any) -> "ElasticNet":
        def spread(part: Strength, inside: float) -> Vector:
            out = np.full(free.shape, inside)
            whole = np.ndim(part) > 0 and len(part) == len(free)  # one number for each entry, or for each not free
            out[~free] = np.asarray(part)[~free] if whole else part
            return out

        sides = spread(self.lower, -math.inf), spread(self.upper, math.inf)
        return ElasticNet(spread(self.l1, 0.0), spread(self.l2, 0.0), *sides)


def soft_threshold(v: Vector, by: Strength) -> Vector:
    """sign(v) max(|v| − by, 0): the prox of by·|·| (Donoho & Johnstone 1994).

    >>> import numpy as np
    >>> soft_threshold(np.array([2.0, -0.5]), 1.0)
    array([ 1., -0.])
    """
    return np.sign(v) * np.maximum(np.abs(v) - by, 0.0)
