"""Powers against rational arithmetic: what is kept and what is told to be lost; predictions with all their digits."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from infimum import LinearRegression
from infimum.models.polynomial import Polynomial, powers

UNIT = 2.0**-53


@given(some.lists(some.floats(-1e3, 1e3), min_size=1, max_size=5), some.integers(1, 12))
def test_powers_and_what_they_lost_add_up_to_the_exact_ones(x, degree):
    x = np.array([value if abs(value) > 1e-20 else 0.0 for value in x])
    high, low = powers(x, degree)
    for i, value in enumerate(x.tolist()):
        for k in range(degree):
            exact = Fraction(value) ** (k + 1)
            assert abs(Fraction(high[i, k]) - exact) <= abs(exact) * Fraction(1.01 * UNIT)
            assert abs(Fraction(high[i, k]) + Fraction(low[i, k]) - exact) <= abs(exact) * Fraction(
                4 * degree * UNIT**2
            )


def test_predictions_keep_their_digits_where_terms_cancel():
    rng = np.random.default_rng(0)
    x, w = rng.uniform(-9, -3, 20), rng.standard_normal(11) * 10.0 ** np.arange(0, -11, -1)
    z = Polynomial(x, 10)(w)
    for value, ours in zip(x.tolist(), z.tolist(), strict=True):
        exact = sum(Fraction(b) * Fraction(value) ** (k + 1) for k, b in enumerate(w[:10].tolist())) + Fraction(w[10])
        size = sum(abs(b * value ** (k + 1)) for k, b in enumerate(w[:10].tolist())) + abs(w[10])
        assert abs(Fraction(ours) - exact) <= abs(exact) * Fraction(2 * UNIT) + Fraction(100 * UNIT**2 * size)


def test_push_and_pull_are_adjoint():
    rng = np.random.default_rng(1)
    for intercept in (True, False):
        model = Polynomial(rng.standard_normal(9), 3, intercept)
        w, u = rng.standard_normal(model.layout.size), rng.standard_normal(9)
        assert u @ model.push(w, w) == pytest.approx(model.pull(w, u) @ w, rel=1e-12)
        np.testing.assert_allclose(model.jacobian(w) @ w, model(w), rtol=1e-12)
        np.testing.assert_array_equal(model.rows([2, 4])(w), model(w)[[2, 4]])


def test_a_polynomial_is_the_regression_on_its_powers_with_names_and_a_report_of_what_does_not_fit():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 2, 50)
    y = 1 - x + 3 * x**3 + rng.normal(size=50)
    model = LinearRegression(degree=3).fit(pandas.DataFrame({"age": x}), y)
    plain = LinearRegression().fit(np.column_stack([x, x**2, x**3]), y)
    np.testing.assert_allclose(model.coef_, plain.coef_, rtol=1e-9)
    assert model.names_ == ("age", "age^2", "age^3", "intercept") and model.n_features_in_ == 1
    np.testing.assert_allclose(
        model.predict(pandas.DataFrame({"age": x[:3]})), plain.predict(np.vander(x[:3], 4)[:, 2::-1])
    )
    for degree in (0, True, 1.5):
        with pytest.raises(ValueError, match="expected a whole number"):
            LinearRegression(degree=degree).fit(x[:, None], y)
    with pytest.raises(ValueError, match="is for one column, and X has 2"):
        LinearRegression(degree=2).fit(np.column_stack([x, x]), y)
    with pytest.raises(ValueError, match="whose power 9 is beyond"):
        LinearRegression(degree=9).fit(1e40 * x[:, None], y)
