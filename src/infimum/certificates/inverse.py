"""B⁻¹v and B⁻ᵀv with proved errors: by an approximate inverse R that is verified, or in rational numbers.

With E = I − B R and ‖E‖ < 1, B⁻¹ = R (I − E)⁻¹ (Rump 2010, §10). E is evaluated in twice the working precision, so that
condition numbers up to 1/u are within reach; beyond, B is inverted in rational numbers if it is small.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from infimum.certificates.rounding import TINY, UNIT, gamma
from infimum.kernels.compensated import product_of

MOST_LACK = 0.1  # ‖E‖ up to which R counts as verified
WIDEST = 24  # columns of a matrix that is inverted in rational numbers

Vector = np.ndarray
Enclosed = tuple[Vector, Vector]  # a vector, and how far each entry may be from exact


@dataclass(frozen=True, eq=False)
class Inverse:
    """B⁻¹ ≈ R, (p, p), with |I − B R| ≤ lack, entry by entry; `exact` is B⁻¹ itself where that is too much."""

    R: Float[np.ndarray, "p p"]
    lack: Float[np.ndarray, "p p"]
    exact: tuple[tuple[Fraction, ...], ...] = ()

    def solved(self, v: Vector, error: Vector) -> Enclosed:
        """(x, bound) with |x − B⁻¹v′| ≤ bound for every v′ within error (p,) of v."""
        if self.exact:
            return _rationally(self.exact, v, error)
        size = float((np.abs(v) + error).max(initial=0.0))
        beside = self.lack.sum(axis=1) * size / (1 - float(self.lack.sum(axis=1).max(initial=0.0)))
        reach = np.abs(self.R)
        bound = reach @ (error + beside + gamma(len(v) + 2) * np.abs(v))
        return self.R @ v, bound * (1 + gamma(2 * len(v) + 8)) + TINY

    def transposed(self, v: Vector, error: Vector, scale: Vector) -> Enclosed:
        """(x, bound) with |x − B⁻ᵀv′| ≤ bound for every v′ within error (p,) of v; scale (p,) is typical of x."""
        if self.exact:
            return _rationally(tuple(zip(*self.exact, strict=True)), v, error)
        x, reach = self.R.T @ v, np.abs(self.R).T
        bound = reach @ (error + gamma(len(v) + 2) * np.abs(v))
        share = self.lack.T * scale / scale[:, None]
        a = float(share.sum(axis=1).max(initial=0.0))
        if not a < 1:
            return x, np.full(len(v), np.inf)
        size = float(((np.abs(x) + bound) / scale).max(initial=0.0)) / (1 - a)
        return x, (bound + self.lack.T @ scale * size) * (1 + gamma(2 * len(v) + 8)) + TINY


def inverse_of(B: Float[np.ndarray, "p p"]) -> Inverse | None:
    """B⁻¹ with a proof; None where B is singular, or too nearly so and too large for rational numbers.

    >>> found = inverse_of(np.array([[2.0, 0.0], [1.0, 4.0]]))
    >>> found.solved(np.array([2.0, 5.0]), np.zeros(2))[0].tolist()
    [1.0, 1.0]
    """
    p = len(B)
    try:
        R = np.linalg.inv(B)
    except np.linalg.LinAlgError:
        R = np.full((p, p), np.nan)
    if np.all(np.isfinite(R)):
        E = np.abs(product_of(np.ascontiguousarray(B), -R, np.eye(p))[0]) if p else np.zeros((0, 0))
        lack = E * (1 + 2 * UNIT) + 4 * gamma(p + 2) ** 2 * (np.abs(B) @ np.abs(R) + np.eye(p)) + TINY
        if max(lack.sum(axis=0).max(initial=0.0), lack.sum(axis=1).max(initial=0.0)) <= MOST_LACK:
            return Inverse(R, lack)
    exact = rational_inverse(B) if p <= WIDEST else None
    if exact is None:
        return None
    return Inverse(np.array([[float(x) for x in row] for row in exact]), np.zeros((p, p)), exact)


def rational_inverse(B: Float[np.ndarray, "p p"]) -> tuple[tuple[Fraction, ...], ...] | None:
    """B⁻¹ without a rounding, by elimination; None where B is singular.

    >>> rational_inverse(np.array([[2.0, 0.0], [1.0, 4.0]]))[1]
    (Fraction(-1, 8), Fraction(1, 4))
    """
    p = len(B)
    table = [[Fraction(x) for x in row] + [Fraction(int(k == j)) for j in range(p)] for k, row in enumerate(B.tolist())]
    for k in range(p):
        pivot = next((i for i in range(k, p) if table[i][k] != 0), None)
        if pivot is None:
            return None
        table[k], table[pivot] = table[pivot], table[k]
        head = table[k][k]
        table[k] = [x / head if x else x for x in table[k]]
        for i in range(p):
            if i != k and table[i][k] != 0:
                by = table[i][k]
                table[i] = [x - by * z if z else x for x, z in zip(table[i], table[k], strict=True)]
    return tuple(tuple(row[p:]) for row in table)


def _rationally(inverse: tuple[tuple[Fraction, ...], ...], v: Vector, error: Vector) -> Enclosed:
    """(x, bound) of M v for M as given, without a rounding but that of x."""
    given, off = [Fraction(x) for x in v.tolist()], [Fraction(x) for x in error.tolist()]
    x, bound = [], []
    for row in inverse:
        exact = sum((a * b for a, b in zip(row, given, strict=True)), Fraction(0))
        x.append(float(exact))
        reach = sum((abs(a) * b for a, b in zip(row, off, strict=True)), Fraction(0))
        bound.append(float(reach + abs(exact - Fraction(x[-1]))) * (1 + 4 * UNIT) + TINY)
    return np.array(x), np.array(bound)
