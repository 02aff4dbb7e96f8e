"""NIST's eleven linear problems, and others as hard: as many digits of the exact solution as float64 holds."""

import copy
from fractions import Fraction

import numpy as np
import pytest

from infimum import LinearRegression, Ridge, infer, verify
from tests.references.strd import NAMES, digits, exact_polynomial, exact_solution, problem


def fitted(X, y, intercept, **more):
    """[b₀, b₁, …] and the exact solution of the same float64 numbers."""
    model = LinearRegression(fit_intercept=intercept).fit(X, y, **more)
    A = np.column_stack([np.ones(len(y)), X]) if intercept else X
    return ([model.intercept_] if intercept else []) + model.coef_.tolist(), A


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.parametrize("name", NAMES)
def test_fifteen_digits_of_the_exact_solution_of_the_columns_given(name):
    given = problem(name)
    found, A = fitted(given.design, given.y, given.intercept)
    exact = exact_solution(A, given.y)
    assert min(map(digits, found, exact)) >= 15
    if name != "Filip":  # whose powers, rounded to float64, have 7.6 digits in common with NIST's
        assert min(map(digits, found, given.coefficients)) >= 13


@pytest.mark.parametrize("name", NAMES)
def test_thirteen_digits_of_the_certified_values_where_the_library_forms_the_powers(name):
    """Standard errors twelve; the digits that are promised are there, and the checker derives them again."""
    given = problem(name)
    model = LinearRegression(fit_intercept=given.intercept, degree=given.degree).fit(given.X, given.y)
    found = ([model.intercept_] if given.intercept else []) + model.coef_.tolist()
    assert min(map(digits, found, given.coefficients)) >= 13
    errors = infer(model, given.X, given.y).standard_errors
    errors = np.roll(errors, 1) if given.intercept else errors
    for ours, certified in zip(errors, given.errors, strict=True):
        assert digits(ours, certified) >= 12 if float(certified) else ours <= 1e-12
    np.testing.assert_allclose(model.information_.covariance().diagonal() ** 0.5, np.roll(errors, -given.intercept))
    promised = model.certificate_.claim("digits")
    assert promised.verdict == "CERTIFIED" and not verify(model, given.X, given.y).refuted


def test_the_digits_promised_of_filip_are_those_of_its_exact_powers():
    """Against rational powers of the float64 x: promised 9, delivered more; a coefficient off by 1e-8 is refuted."""
    given = problem("Filip")
    model = LinearRegression(degree=10).fit(given.X, given.y)
    exact = exact_polynomial(given.X[:, 0], given.y, 10)
    off = max(abs(Fraction(a) / b - 1) for a, b in zip([model.intercept_, *model.coef_.tolist()], exact, strict=True))
    assert off <= model.certificate_.claim("digits").bound < 1e-8
    tampered = copy.deepcopy(model)
    tampered.coef_[3] *= 1 + 1e-8
    assert verify(tampered, given.X, given.y).refuted


def test_the_certified_values_are_those_of_the_file():
    assert len(NAMES) == 11
    filip, longley, origin = problem("Filip"), problem("Longley"), problem("NoInt1")
    assert (filip.degree, filip.X.shape, filip.coefficients[0]) == (10, (82, 1), "-1467.48961422980")
    assert (longley.degree, longley.X.shape, longley.intercept) == (1, (16, 6), True)
    assert (origin.intercept, origin.errors) == (False, ("0.165289256198347E-01",))


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.parametrize("seed", range(20))
def test_hard_problems_have_their_digits(seed):
    """Condition numbers of 1 to 1e12, residuals up to 1e6 times the fitted values, weights over six orders."""
    rng = np.random.default_rng(seed)
    n, p = 15, int(rng.integers(1, 6))
    X = rng.standard_normal((n, p)) @ np.diag(10.0 ** rng.uniform(-6, 6, p))
    X[:, -1] = X[:, 0] * (1 + 10.0 ** -rng.uniform(0, 9) * rng.standard_normal(n)) if p > 1 else X[:, -1]
    y = X.sum(axis=1) + 10.0 ** rng.uniform(-3, 6) * rng.standard_normal(n)
    weight = 4.0 ** rng.integers(-5, 6, n)
    found, A = fitted(X, y, False, sample_weight=weight)
    root = np.sqrt(weight)  # powers of two: exact
    exact = exact_solution(A * root[:, None], y * root)
    assert min(map(digits, found, exact)) >= 15


def test_ridge_too():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((12, 3)) * [1.0, 1e5, 1e-4]
    y = 1e3 * rng.standard_normal(12)
    found = Ridge(alpha=0.25, fit_intercept=False).fit(X, y).coef_
    stacked = np.vstack([X, 0.5 * np.eye(3)])  # ‖y − Xb‖² + ¼ ‖b‖²
    assert min(map(digits, found, exact_solution(stacked, np.append(y, np.zeros(3))))) >= 14
