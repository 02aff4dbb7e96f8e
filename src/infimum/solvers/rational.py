"""b = (VᵀV)⁻¹ Vᵀy in ℚ: polynomials of least squares without a rounding, to compare what float64 finds with."""

import math
from fractions import Fraction

import numpy as np

from infimum.certificates.rationals import Exact, solved


def exact_polynomial(x: np.ndarray, y: np.ndarray, degree: int) -> Exact:
    """argmin_b Σᵢ (yᵢ − Σₖ bₖ xᵢᵏ)² of these very floats x (n,), y (n,): (b₁, …, b_k, b₀), exactly.

    Raises ValueError unless x holds more different values than the degree.

    >>> exact_polynomial(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0]), 1)
    [Fraction(1, 1), Fraction(2, 3)]
    """
    different = len(np.unique(x))
    if different <= degree:
        raise ValueError(f"x holds {different} different values; a polynomial of degree {degree} takes {degree + 1}")
    whole, unit = _whole(x)
    target, scale = _whole(y)
    powers = [[1] * len(whole)]
    for _ in range(2 * degree):
        powers.append([a * b for a, b in zip(powers[-1], whole, strict=True)])
    moments = [sum(power) for power in powers]
    order = [*range(1, degree + 1), 0]
    M = [[Fraction(moments[j + k]) for k in order] for j in order]
    right = [Fraction(sum(a * b for a, b in zip(powers[j], target, strict=True))) for j in order]
    return [b * Fraction(unit**k, scale) for b, k in zip(solved(M, right), order, strict=True)]


def digits_right(found: float, exact: Fraction) -> float:
    """−log₁₀ |found − exact| / |exact|, the digits of it that are right; ∞ where all are, at least 0.

    >>> digits_right(0.333, Fraction(1, 3)), digits_right(0.5, Fraction(1, 2)), digits_right(-1.0, Fraction(1))
    (3.0, inf, 0.0)
    """
    size = exact if exact else Fraction(1)
    off = abs((Fraction(found) - exact) / size)
    return max(0.0, math.log10(off.denominator) - math.log10(off.numerator)) if off else math.inf


def _whole(x: np.ndarray) -> tuple[list[int], int]:
    """(x unit as whole numbers, unit), unit a power of two."""
    exact = [Fraction(value) for value in x.tolist()]
    unit = max(value.denominator for value in exact)
    return [int(value * unit) for value in exact], unit
