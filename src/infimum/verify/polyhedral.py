"""F(w) = Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ), r = y − A w, its dual point and vertex, by sums that are rounded once.

After Koenker (2005, §6.2): if Aᵀd = 0 and d is in its box, F(w) − F* ≤ Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ) − dᵢ rᵢ.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from infimum.verify.arithmetic import TINY, UNIT, column_sums, row_sums

BOX = 8  # roundings of the two bounds of a box
WITHIN = 6  # those that a multiplier has to be inside it by: a solver's are more
MOST_LACK = 0.2
FEW = 24  # columns of a matrix that is inverted in rational numbers


@dataclass(frozen=True, eq=False)
class Vertex:
    """(A, y, lower, upper) with rows of the data and of the penalty, w (p,), d (N,), and the p rows of the vertex.

    The first `data` rows are those of the data, the others wⱼ = 0.
    """

    A: np.ndarray
    y: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    w: np.ndarray
    d: np.ndarray
    basis: np.ndarray
    data: int

    @cached_property
    def residual(self) -> tuple[np.ndarray, np.ndarray]:
        """y − A w as (high, low), (N,) each."""
        return row_sums(np.column_stack([self.y, self.A]), np.append(1.0, -self.w))

    @cached_property
    def value(self) -> float:
        """F(w), rounded up by a few units."""
        r = self.residual[0] + self.residual[1]
        return math.fsum(np.maximum(self.lower * r, self.upper * r)) * (1 + 8 * UNIT) + TINY

    @cached_property
    def inverse(self) -> tuple[np.ndarray, np.ndarray] | None:
        """(R, |I − A_B R|), the latter small; from rational numbers, with the latter 0, if need be; else None."""
        B = self.A[self.basis]
        p = len(B)
        try:
            R = np.linalg.inv(B)
        except np.linalg.LinAlgError:
            R = np.full(B.shape, np.nan)
        if np.all(np.isfinite(R)) and p:
            product = row_sums(np.hstack([np.eye(p), B]), np.vstack([np.eye(p), -R]))
            lack = np.abs(product[0]) * (1 + 2 * UNIT) + TINY
            if max(lack.sum(axis=0).max(), lack.sum(axis=1).max()) <= MOST_LACK:
                return R, lack
        return None if self.exact is None else (np.array(self.exact, dtype=float), np.zeros((p, p)))

    @cached_property
    def exact(self) -> list[list[Fraction]] | None:
        """A_B⁻¹ without a rounding; None where A_B is singular or large."""
        return invert(self.A[self.basis]) if len(self.basis) <= FEW else None

    def through(self, v: np.ndarray, transposed: bool, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(x, error) of A_B⁻¹ v, or A_B⁻ᵀ v, v (p,) rounded once; scale (p,): what x, or v, is typically."""
        if self.inverse is None:
            return v, np.full(len(v), math.inf)
        R, lack = self.inverse
        M, E = (R.T, lack.T) if transposed else (R, lack)
        unlike = transposed and not float((E @ scale / scale).max(initial=0.0)) < 1
        if len(v) and self.exact is not None and (unlike or not lack.any()):
            return _by_fractions(list(zip(*self.exact, strict=True)) if transposed else self.exact, v)
        x = M @ v
        rounding = (len(v) + 4) * UNIT * (np.abs(M) @ np.abs(v)) + TINY
        if transposed:
            a = float((E @ scale / scale).max(initial=0.0))
            size = float(((np.abs(x) + rounding) / scale).max(initial=0.0)) / max(1 - a, 1e-3)
            return x, rounding + E @ scale * size * (1.0 if a < 1 else math.inf)
        size = float(np.abs(v).max(initial=0.0)) / (1 - float(E.sum(axis=1).max(initial=0.0)))
        return x, rounding + np.abs(M) @ E.sum(axis=1) * size

    @cached_property
    def off(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(step, error, beyond), (p,) each: Aᵀd = 0 at d_B − step, within error; beyond: for all weights so rounded."""
        width, terms = (self.upper - self.lower)[self.basis], np.abs(self.A).T @ np.abs(self.d)
        step, error = self.through(column_sums(self.A, self.d), True, width)
        if self.inverse is None:
            return step, error, error
        grown = 1 + 2 * float(self.inverse[1].sum(axis=0).max(initial=0.0))
        return step, error, error + np.abs(self.inverse[0]).T @ (WITHIN * UNIT * terms) * grown

    @cached_property
    def gap(self) -> float:
        """F(w) − F*, by the exact dual point near d, shrunk into its box."""
        if self.inverse is None:
            return math.inf
        B, (step, error, _) = self.basis, self.off
        d, doubt = self.d[B], np.abs(step) + error
        r = self.residual[0] + self.residual[1]
        wrong = np.where(self.d == self.upper, r < 0, r > 0)
        wrong[B] = False
        terms = ((self.upper - self.lower) * np.abs(r))[wrong]
        low, high = self.lower[B], self.upper[B]
        own = np.where(r[B] > 0, np.maximum(high - d + doubt, 0.0) * r[B], np.minimum(low - d - doubt, 0.0) * r[B])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            over = np.where(d + doubt > high, 1 - high / (d + doubt), 0.0)
            under = np.where(d - doubt < low, 1 - low / (d - doubt), 0.0)
        share = float(np.maximum(over, under).max(initial=0.0))
        if not share < 0.5:
            return math.inf
        return math.fsum(np.concatenate([terms, own])) + (BOX * UNIT + share / (1 - share)) * self.value + TINY

    @cached_property
    def inside(self) -> np.ndarray:
        """How far each multiplier of the vertex is within its box, negative outside, (p,)."""
        step, _, beyond = self.off
        d = self.d[self.basis]
        return np.minimum(self.upper[self.basis] - d, d - self.lower[self.basis]) - np.abs(step) - beyond

    @cached_property
    def signed(self) -> bool:
        """Whether every row off the vertex is, at A_B⁻¹ y_B, on the side that its multiplier says: exactly, if few."""
        step, error = self.distance
        r = self.residual[0] + self.residual[1]
        doubt = np.abs(self.A) @ (step + error) + 4 * UNIT * np.abs(r)
        upper = self.d == self.upper
        near = np.where(upper, r < doubt, r > -doubt)
        near[self.basis] = False
        if near.any() and self.exact is None:
            return not np.any(near & (np.abs(r) < 0.5 * doubt)) and not np.any(near & (upper != (r > 0)))
        right = [Fraction(x) for x in self.y[self.basis].tolist()] if near.any() else []
        w = [sum((a * x for a, x in zip(row, right, strict=True)), Fraction(0)) for row in self.exact or [] if right]
        for i in np.flatnonzero(near).tolist():
            left = Fraction(float(self.y[i])) - sum(Fraction(a) * x for a, x in zip(self.A[i].tolist(), w, strict=True))
            if left != 0 and (left > 0) != bool(upper[i]):
                return False
        return True

    @property
    def alone(self) -> bool:
        """Whether A_B⁻¹ y_B is a minimiser, and the only one."""
        return len(self.basis) == len(self.w) and bool(np.all(self.inside > 0)) and self.signed

    @cached_property
    def distance(self) -> tuple[np.ndarray, np.ndarray]:
        """(|w − A_B⁻¹ y_B|, error), (p,) each."""
        high, low = (part[self.basis] for part in self.residual)
        step, error = self.through(high + low, False, np.ones(len(self.basis)))
        pinned = [int(np.flatnonzero(row)[0]) for row in self.A[self.basis[self.basis >= self.data]]]
        still = np.array([j for j in pinned if self.w[j] == 0], dtype=int)  # the vertex has wⱼ = 0 without a rounding
        step[still] = error[still] = 0.0
        return np.abs(step), error


def _by_fractions(rows: list, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    given = [Fraction(b) for b in v.tolist()]
    x = [float(sum((a * b for a, b in zip(row, given, strict=True)), Fraction(0))) for row in rows]
    reach = [float(sum((abs(a * b) for a, b in zip(row, given, strict=True)), Fraction(0))) for row in rows]
    return np.array(x), 4 * UNIT * np.array(reach) + TINY


def invert(B: np.ndarray) -> list[list[Fraction]] | None:
    """B⁻¹ by Gauss and Jordan in rational numbers; None of a singular B.

    >>> invert(np.array([[0.0, 2.0], [1.0, 0.0]]))
    [[Fraction(0, 1), Fraction(1, 1)], [Fraction(1, 2), Fraction(0, 1)]]
    """
    p = len(B)
    rows = [[Fraction(x) for x in row] + [Fraction(k == j) for j in range(p)] for k, row in enumerate(B.tolist())]
    for k in range(p):
        rows[k:] = sorted(rows[k:], key=lambda row, k=k: row[k] == 0)
        if rows[k][k] == 0:
            return None
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(p):
            if i != k and rows[i][k]:
                rows[i] = [x - rows[i][k] * z for x, z in zip(rows[i], rows[k], strict=True)]
    return [row[p:] for row in rows]
