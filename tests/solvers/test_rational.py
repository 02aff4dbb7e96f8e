"""Exact polynomials against NIST's certified values, and their laws."""

from fractions import Fraction

import numpy as np
import pytest

from infimum.solvers.rational import digits_right, exact_polynomial
from tests.references import strd


@pytest.mark.parametrize("name", ["Filip", "Wampler1", "Wampler5", "Norris", "Pontius"])
def test_as_the_normal_equations_of_nists_problems(name):
    given = strd.problem(name)
    found = exact_polynomial(given.X[:, 0], given.y, given.degree)
    assert [found[-1], *found[:-1]] == strd.exact_polynomial(given.X[:, 0], given.y, given.degree)


def test_the_exact_residual_is_orthogonal_to_every_power():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=12) * 1e3, rng.normal(size=12)
    *b, free = exact_polynomial(x, y, 3)
    rows = [[Fraction(each) ** k for k in range(4)] for each in x.tolist()]
    left = [
        Fraction(t) - sum(c * p for c, p in zip((free, *b), row, strict=True))
        for t, row in zip(y.tolist(), rows, strict=True)
    ]
    assert all(sum(r * row[k] for r, row in zip(left, rows, strict=True)) == 0 for k in range(4))


def test_too_few_different_values_are_refused():
    with pytest.raises(ValueError, match="x holds 2 different values; a polynomial of degree 2 takes 3"):
        exact_polynomial(np.array([0.0, 1.0, 1.0]), np.ones(3), 2)


def test_digits_of_numbers_too_small_or_close_for_floats():
    assert digits_right(1.0, Fraction(1) + Fraction(1, 10**40)) == pytest.approx(40.0)
    assert digits_right(0.0, Fraction(0)) == np.inf and digits_right(5e-324, Fraction(1)) == 0.0
