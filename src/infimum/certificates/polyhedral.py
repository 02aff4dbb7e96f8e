"""F(w) = Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ), r = y − A w: quantile regression, an l1 penalty being rows of its own.

Its dual is D(d) = yᵀd over Aᵀd = 0, lower ≤ d ≤ upper (Koenker 2005, §6.2). A *vertex* of F interpolates p rows B with
A_B regular; the multipliers d_B of its dual point solve A_Bᵀ d_B = −A_Nᵀ d_N, d_N at a bound for every other row. If
the exact d_B lies in its box, w* = A_B⁻¹ y_B is a minimiser, and since Aᵀd = 0, at any w

    F(w) − F* = Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ) − dᵢ rᵢ,

in which all rows off the vertex cancel exactly: what is left is the rounding of w in p rows. Where rounding leaves d_B
out of its box by a share δ, (1 − δ) d is feasible, and the bound grows by δ F(w).
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from infimum.certificates.rounding import TINY, UNIT, gamma
from infimum.kernels.compensated import product_of
from infimum.models import Params, Rows

BOX_ROUNDINGS = 4  # of each bound of a box: q s / Σ s and (q − 1) s / Σ s, rounded to float64


@dataclass(frozen=True, eq=False)
class Polyhedral:
    """F(w) = Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ), r = y − A w: A (N, p), y, lower ≤ 0 ≤ upper (N,), the data first.

    All is in units that are powers of two: parameters of the problem as given are wⱼ · 2^`shift`ⱼ, its objective is
    F · 2^`unit`. rows (n,) are the rows of the data that have a weight; `pulled` the columns with a penalty.
    """

    A: Float[np.ndarray, "N p"]
    y: Rows
    lower: Rows
    upper: Rows
    rows: Int[np.ndarray, " n"]
    pulled: Int[np.ndarray, " m"]
    shift: Int[np.ndarray, " p"]
    unit: int

    @classmethod
    def of(cls, A: np.ndarray, y: Rows, weight: Rows, quantile: float, l1: Params) -> "Polyhedral":
        """F of the mean pinball loss Σ s̃ᵢ ρ_q(yᵢ − aᵢᵀw) + Σ l1ⱼ |wⱼ|, s̃ (n,) = s / Σ s, on the rows of s̃ > 0."""
        rows, pulled = np.flatnonzero(weight > 0), np.flatnonzero(l1 > 0)
        A, y, weight = A[rows], y[rows], weight[rows]
        exponents = np.array([exponent_of(column) for column in A.T], dtype=int)
        unit = exponent_of(y)
        own = np.eye(A.shape[1])[pulled]
        reach = np.ldexp(l1[pulled], -exponents[pulled])
        return cls(
            np.ascontiguousarray(np.vstack([np.ldexp(A, -exponents), own])),
            np.append(np.ldexp(y, -unit), np.zeros(len(pulled))),
            np.append((quantile - 1) * weight, -reach),
            np.append(quantile * weight, reach),
            rows,
            pulled,
            unit - exponents,
            unit,
        )

    def value(self, w: Params) -> float:
        """F(w), (p,) and F in the problem's own units."""
        return math.fsum(self.height(self.residual(w)[0]))

    def height(self, r: Rows) -> Rows:
        """max(lowerᵢ rᵢ, upperᵢ rᵢ)."""
        return np.asarray(np.maximum(self.lower * r, self.upper * r))

    def residual(self, w: Params) -> tuple[Rows, Rows]:
        """(r, error): y − A w rounded once, and how far that is from exact, (N,) each."""
        high, low, _ = product_of(self.A, -w, self.y)
        size = np.abs(self.y) + np.abs(self.A) @ np.abs(w)
        error = UNIT * np.abs(high) + 4 * gamma(self.A.shape[1] + 2) ** 2 * size + TINY
        error[len(self.rows) :] = 0.0  # the rows of the penalty are wⱼ themselves
        return high + low, error

    def above(self, w: Params) -> float:
        """F(w), rounded up."""
        r, error = self.residual(w)
        steepest = np.maximum(-self.lower, self.upper)
        terms = self.height(r) * (1 + 4 * UNIT) + steepest * error
        return math.fsum(terms) * (1 + 8 * UNIT) + TINY

    def without(self, dropped: Bool[np.ndarray, " p"]) -> "Polyhedral":
        """F on the other columns alone; the dropped ones have no penalty."""
        keep = ~dropped
        index = np.cumsum(keep) - 1
        A = np.ascontiguousarray(self.A[:, keep])
        pulled, shift = index[self.pulled], self.shift[keep]
        return Polyhedral(A, self.y, self.lower, self.upper, self.rows, pulled, shift, self.unit)


def exponent_of(values: np.ndarray) -> int:
    """e with 2^e of the size of the largest |value|, if the values can be divided by it exactly; else 0.

    >>> exponent_of(np.array([3.0, -9.0])), exponent_of(np.zeros(2))
    (3, 0)
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return 0
    e = math.frexp(largest)[1] - 1
    return e if np.array_equal(np.ldexp(np.ldexp(values, -e), e), values) else 0
