"""Digits that the inputs support: moved by half a unit of their last decimal, coefficients stay within the bound."""

import numpy as np
import pytest

from infimum import LinearRegression, LogisticRegression, PoissonRegressor, Ridge, data_digits
from infimum.inference.data_digits import half_units

MODELS = {"squared": LinearRegression(), "logistic": LogisticRegression(C=np.inf), "poisson": PoissonRegressor(alpha=0)}


def table(loss, decimals):
    rng = np.random.default_rng(5)
    X = np.round(rng.standard_normal((60, 3)) * [1, 2, 3], decimals)
    eta = X @ [0.5, -0.3, 0.2] + 0.4
    if loss == "squared":
        return X, np.round(eta + rng.standard_normal(60), decimals), rng
    return X, rng.poisson(np.exp(eta)) if loss == "poisson" else (rng.random(60) < 1 / (1 + np.exp(-eta))) * 1, rng


@pytest.mark.parametrize("loss", MODELS)
def test_moved_inputs_move_coefficients_within_the_bound_and_close_to_it(loss):
    X, y, rng = table(loss, 4)
    model = MODELS[loss].fit(X, y)
    w = np.append(model.coef_, model.intercept_)
    bound = 10.0 ** -data_digits(model, X, y) / 2 * np.abs(w)
    moves = []
    for _ in range(200):
        off = rng.choice([-0.5e-4, 0.5e-4], X.shape)
        moved = y + rng.choice([-0.5e-4, 0.5e-4], len(y)) if loss == "squared" else y
        again = MODELS[loss].fit(X + off, moved)
        moves.append(np.abs(np.append(again.coef_, again.intercept_) - w))
    assert np.all(np.max(moves, axis=0) <= bound * 1.01)  # to first order
    assert np.all(np.max(moves, axis=0) >= bound / 30)  # 180 signs at random against all at their worst


def test_the_worst_signs_of_the_target_reach_the_bound():
    X, y, _ = table("squared", 12)
    model = LinearRegression().fit(np.round(X * 8), y)
    X, y = np.round(X * 8), np.round(y, 3)  # whole numbers are exact: only the target moves
    model = LinearRegression().fit(X, y)
    P = np.linalg.pinv(np.column_stack([X, np.ones(60)]))
    bound = 10.0 ** -data_digits(model, X, y) / 2 * np.abs(np.append(model.coef_, model.intercept_))
    np.testing.assert_allclose(bound, 0.5e-3 * np.abs(P).sum(axis=1), rtol=1e-9)


def test_a_decimal_more_is_a_digit_more():
    few, many = (table("squared", decimals) for decimals in (2, 5))
    left = [data_digits(LinearRegression().fit(X, y), X, y) for X, y, _ in (few, many)]
    np.testing.assert_allclose(left[1] - left[0], 3, atol=0.3)


def test_polynomials_move_with_their_column():
    x = np.round(np.linspace(0, 2, 20), 2)[:, None]
    y = np.round(1 + x[:, 0] - x[:, 0] ** 2 + 0.1 * np.sin(9 * x[:, 0]), 3)
    model = LinearRegression(degree=2).fit(x, y)
    moved = LinearRegression(degree=2).fit(x + 0.005 * np.sign(np.sin(50 * x)), y)
    w, v = (np.append(fit.coef_, fit.intercept_) for fit in (model, moved))
    assert np.all(np.abs(w - v) <= 10.0 ** -data_digits(model, x, y) / 2 * np.abs(w) * 1.05)


def test_units_of_decimals():
    np.testing.assert_array_equal(half_units(np.array([1e-7, 2.0])), [0.5e-7, 0.5e-7])
    np.testing.assert_array_equal(half_units(np.array([1e20, 3e15])), [0.0, 0.0])
    np.testing.assert_array_equal(half_units(np.array([np.pi, 0.1])), np.spacing([np.pi, 0.1]) / 2)


def test_what_has_no_errors_has_no_digits_either():
    X, y, rng = table("squared", 3)
    with pytest.raises(ValueError, match="no standard errors"):
        data_digits(Ridge().fit(X, y), X, y)
    labels = rng.integers(0, 3, 60)
    with pytest.raises(ValueError, match="one output"):
        data_digits(LogisticRegression(C=np.inf).fit(X, labels), X, labels)
