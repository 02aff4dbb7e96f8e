"""Profiles of likelihoods: laws, closed forms, ends at infinity, other programs' solutions, and what is refused."""

import math
import warnings

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import xlogy
from scipy.stats import chi2

from infimum import (
    Lasso,
    LinearRegression,
    LogisticRegression,
    MLPClassifier,
    PoissonRegressor,
    likelihood_ratio,
    profile_intervals,
)
from infimum.estimators.shell import CertificateWarning

CRITICAL = float(chi2(1).isf(0.05))


def ml(**more):
    return LogisticRegression(C=math.inf, **more)


def firth(**more):
    return LogisticRegression(penalty="firth", **more)


def counts(**more):
    return PoissonRegressor(alpha=0.0, **more)


def drawn(n=50, p=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    return X, (X[:, 0] > rng.logistic(size=n)).astype(int)


def intervals(model, X, y, weight=None, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)
        model.fit(X, y, weight)
    return profile_intervals(model, X, y, weight, **more)


@pytest.mark.parametrize("make", [ml, firth, counts])
def test_tests_are_likelihood_ratios_and_ends_are_where_they_reject(make):
    X, y = drawn()
    found = intervals(make(), X, y)
    assert np.all((found.lower < found.estimates) & (found.estimates < found.upper))
    np.testing.assert_allclose(found.pvalues, chi2(1).sf(found.statistics), rtol=1e-14)
    inside = (found.lower < 0) & (found.upper > 0)
    np.testing.assert_array_equal(inside, found.statistics < CRITICAL)
    if make is not firth:
        ratio = likelihood_ratio(make().fit(X[:, 1:], y), make().fit(X, y))  # of x0 alone
        assert found.statistics[0] == pytest.approx(ratio.statistic, rel=1e-9)
    wider = intervals(make(), X, y, level=0.99)
    assert np.all((wider.lower < found.lower) & (wider.upper > found.upper)) and wider.level == 0.99
    at = intervals(make(), X, y, level=1 - found.pvalues[0])  # then 0 is an end
    assert min(abs(at.lower[0]), abs(at.upper[0])) < 1e-9 * abs(at.estimates[0])


@pytest.mark.parametrize("make", [ml, firth, counts])
def test_weights_count_like_repetitions(make):
    X, y = drawn()
    times = np.random.default_rng(1).integers(0, 4, 50)
    short, long = intervals(make(), X, y, times), intervals(make(), np.repeat(X, times, axis=0), np.repeat(y, times))
    for key in ("estimates", "lower", "upper", "statistics"):
        np.testing.assert_allclose(getattr(short, key), getattr(long, key), rtol=1e-9, err_msg=key)


@pytest.mark.parametrize("make", [ml, firth, counts])
@pytest.mark.parametrize("scale", [1e-149, -1e-5, 1e7, 1e149])
def test_ends_go_with_the_units_of_a_column(make, scale):
    X, y = drawn()
    plain, scaled = intervals(make(), X, y), intervals(firth() if abs(scale) < 1e-100 else make(), X * [scale, 1, 1], y)
    if abs(scale) < 1e-100:
        plain = intervals(firth(), X, y)
    ends = np.sort([scaled.lower[0] * scale, scaled.upper[0] * scale])
    np.testing.assert_allclose(ends, [plain.lower[0], plain.upper[0]], rtol=1e-9)
    np.testing.assert_allclose(scaled.statistics, plain.statistics, rtol=1e-9)


def test_ends_of_a_constant_are_those_of_the_formula():
    """z constant: 2 Σ (ȳ log ȳ − …) of Bernoulli and Poisson, solved by brentq."""
    y, ones = np.repeat([0, 1], [14, 5]), np.ones((19, 1))
    share = 5 / 19
    best = 19 * (xlogy(share, share) + xlogy(1 - share, 1 - share))

    def bernoulli(z):
        return 2 * (best - (5 * z - 19 * np.logaddexp(0, z))) - CRITICAL

    middle = math.log(5 / 14)
    found = intervals(ml(fit_intercept=False), ones, y)
    assert found.lower[0] == pytest.approx(brentq(bernoulli, -9, middle, xtol=1e-15), rel=1e-11)
    assert found.upper[0] == pytest.approx(brentq(bernoulli, middle, 9, xtol=1e-15), rel=1e-11)

    def jeffreys(z):  # of 5.5 in 20, since the penalty is ½ log p(1 − p)
        return 5.5 * z - 20 * np.logaddexp(0, z)

    top = jeffreys(math.log(5.5 / 14.5))
    found = intervals(firth(fit_intercept=False), ones, y)
    for end, a, b in ((found.lower[0], -9, 0.0), (found.upper[0], 0.0, 9)):
        sides = (a, math.log(5.5 / 14.5)) if a < 0 else (math.log(5.5 / 14.5), b)
        root = brentq(lambda z: 2 * (top - jeffreys(z)) - CRITICAL, *sides, xtol=1e-15)
        assert end == pytest.approx(root, rel=1e-11)
    seen = np.array([2.0, 0.0, 5.0, 3.0])
    found = intervals(counts(fit_intercept=False), np.ones((4, 1)), seen)

    def poisson(z):
        return 2 * (10 * math.log(2.5) - 10 - (10 * z - 4 * math.exp(z))) - CRITICAL

    assert found.lower[0] == pytest.approx(brentq(poisson, -9, math.log(2.5), xtol=1e-15), rel=1e-11)
    assert found.upper[0] == pytest.approx(brentq(poisson, math.log(2.5), 9, xtol=1e-15), rel=1e-11)


def nested(X, y, theta, j):
    """min over the other coefficients of −log L by scikit-free Newton: for two columns, one held at θ."""
    other = X[:, 1 - j]

    def loss(b):
        z = X[:, j] * theta + other * b
        return float(np.sum(np.logaddexp(0, z) - y * z))

    found = minimize_scalar(loss, bracket=(-1.0, 1.0), tol=1e-13)
    return found.fun


def test_ends_are_where_nested_minimisation_has_them():
    X, y = drawn(40, 2, 3)
    found = intervals(ml(fit_intercept=False), X, y)
    lowest = nested(X, y, found.estimates[0], 0)
    for j in range(2):
        for end in (found.lower[j], found.upper[j]):
            assert 2 * (nested(X, y, end, j) - lowest) == pytest.approx(CRITICAL, rel=1e-10)


def test_an_empty_cell_leaves_one_end_at_infinity():
    """x = 1 has no events in 10: the odds there may be 0; the finite end solves the profile of the table."""
    x, y = np.repeat([0.0, 0.0, 1.0], [10, 12, 10])[:, None], np.repeat([0, 1, 0], [10, 12, 10])
    found = intervals(ml(), x, y)
    assert (found.estimates[0], found.lower[0]) == (-math.inf, -math.inf)
    assert found.estimates[1] == pytest.approx(math.log(1.2), rel=1e-12)
    best = 12 * math.log(12 / 22) + 10 * math.log(10 / 22)

    def log_likelihood(b, theta):
        return 12 * b - 22 * np.logaddexp(0, b) - 10 * np.logaddexp(0, b + theta)

    def rise(theta):
        top = -minimize_scalar(lambda b: -log_likelihood(b, theta), bracket=(-2.0, 2.0), tol=1e-14).fun
        return 2 * (best - top) - CRITICAL

    assert found.upper[0] == pytest.approx(brentq(rise, -10, 3, xtol=1e-13), rel=1e-8)
    assert found.statistics[0] == pytest.approx(rise(0.0) + CRITICAL, rel=1e-10)
    assert "penalty='firth'" in str(found) and "−∞" in str(found)
    flipped = intervals(ml(), x, 1 - y)
    np.testing.assert_allclose(flipped.lower, -found.upper, rtol=1e-9)
    np.testing.assert_allclose(flipped.upper, -found.lower, rtol=1e-9)


def test_complete_separation_leaves_what_can_be_known():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    y = (X[:, 0] > 0).astype(int)
    found = intervals(ml(), X, y)
    assert found.upper[0] == math.inf and 0 < found.lower[0] < math.inf and found.estimates[0] == math.inf
    assert (found.lower[1], found.upper[1], found.statistics[1]) == (-math.inf, math.inf, 0.0)
    assert math.isnan(found.estimates[1]) and "any" in str(found)
    without = ml().fit(X[:, 1:], y)  # x0 = 0: what is left of the likelihood
    from infimum import log_likelihood

    assert found.statistics[0] == pytest.approx(-2 * log_likelihood(without, X[:, 1:], y), rel=1e-10)


def test_columns_beside_the_separated_keep_finite_ends():
    """The rows at x = 1 count for nothing at the supremum: the others alone say what x1 does."""
    rng = np.random.default_rng(0)
    x = np.repeat([0.0, 1.0], [40, 8])
    X = np.column_stack([x, rng.standard_normal(48)])
    y = np.append((X[:40, 1] > rng.logistic(size=40)).astype(int), np.ones(8, int))
    found, rest = intervals(ml(), X, y), intervals(ml(), X[:40, 1:], y[:40])
    for key in ("estimates", "lower", "upper", "statistics"):
        np.testing.assert_allclose(getattr(found, key)[1:], getattr(rest, key), rtol=1e-9, err_msg=key)
    assert found.estimates[0] == found.upper[0] == math.inf
    doubled = intervals(ml(), X, y, np.append(np.ones(47), 0.0))
    assert doubled.lower[0] < found.lower[0]


def test_tables_and_frames():
    pytest.importorskip("pandas")
    X, y = drawn()
    found = intervals(firth(), X, y)
    frame = found.to_frame()
    assert list(frame.columns) == ["estimate", "lower", "upper", "statistic", "p_value"]
    assert list(frame.index) == ["x0", "x1", "x2", "intercept"]
    np.testing.assert_array_equal(frame["lower"], found.lower)
    text = str(found)
    assert "95% from" in text and "penalised likelihood" in text and repr(found) == text


X3, Y3 = drawn(30, 2)


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (LogisticRegression(), Y3, "LogisticRegression has no profile to follow: it was fitted with a penalty"),
        (PoissonRegressor(), Y3, "PoissonRegressor has no profile to follow: it was fitted with a penalty"),
        (LinearRegression(), Y3, "the squared loss is another: use `infer`"),
        (Lasso(0.1), Y3, "the squared loss is another"),
        (ml(), np.arange(30) % 3, "the multinomial loss is another"),
    ],
)
def test_other_models_are_refused(model, y, message):
    with pytest.raises(ValueError, match=message):
        profile_intervals(model.fit(X3, y), X3, y)


def test_other_rows_and_levels_are_refused():
    model = firth().fit(X3, Y3)
    with pytest.raises(ValueError, match="not those of the fit"):
        profile_intervals(model, X3 * 2, Y3)
    with pytest.raises(ValueError, match="not those of the fit"):
        profile_intervals(model, X3, Y3, np.arange(30))
    with pytest.raises(ValueError, match="not those of the fit"):
        profile_intervals(model, X3, Y3, np.full(30, 2.0))
    for level in (0, 1, True, 95, "0.95"):
        with pytest.raises(ValueError, match="expected a number between 0 and 1"):
            profile_intervals(model, X3, Y3, level=level)
    with pytest.raises(ValueError, match="is not fitted: call fit"):
        profile_intervals(MLPClassifier(), X3, Y3)
    with pytest.raises(ValueError, match="is not fitted: call fit"):
        profile_intervals(firth(), X3, Y3)


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
def test_dependent_columns_and_counts_without_a_minimum_are_refused():
    wide = np.column_stack([X3, X3[:, 0]])
    for model in (firth(), ml()):
        with pytest.raises(ValueError, match="has no profile to follow"):
            profile_intervals(model.fit(wide, Y3), wide, Y3)
    x, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([2.0, 3.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="no profile to follow: no minimum is attained"):
        profile_intervals(counts().fit(x, y), x, y)
