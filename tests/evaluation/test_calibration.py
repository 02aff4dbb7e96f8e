"""Temperature and isotonic calibration: against scipy and scikit-learn, the conditions of a minimum, edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.optimize import minimize_scalar
from scipy.special import expit, logsumexp, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from infimum.evaluation.calibration import (
    calibrated_classes,
    isotonic_calibration,
    isotonic_classes,
    isotonic_regression,
    temperature_scaling,
)


def mean_loss(beta, z, y, weight):
    each = logsumexp(beta * z, axis=1) - beta * z[np.arange(len(y)), y]
    return weight @ each / weight.sum()


def drawn(seed, n=80, K=3, sharpness=2.5):
    """(z (n, K), y, weight): y drawn from softmax(z / sharpness), so that the best β is near 1 / sharpness."""
    rng = np.random.default_rng(seed)
    z = 3 * rng.standard_normal((n, K))
    p = softmax(z / sharpness, axis=1)
    return z, (np.cumsum(p, axis=1) < rng.random(n)[:, None]).sum(axis=1), rng.uniform(0, 2, n)


@given(some.integers(0, 9999), some.integers(2, 5), some.sampled_from([0.3, 1.0, 2.5, 20.0]))
def test_temperature_is_the_minimum_that_scipy_finds(seed, K, sharpness):
    z, y, weight = drawn(seed, K=K, sharpness=sharpness)
    found = temperature_scaling(z, y, weight)
    if not found.attained or found.inverse == 0:
        return
    theirs = minimize_scalar(mean_loss, bounds=(0, 50), args=(z, y, weight), options={"xatol": 1e-12})
    assert found.inverse == pytest.approx(theirs.x, rel=1e-5, abs=1e-6)
    at = mean_loss(found.inverse, z, y, weight)
    assert at <= theirs.fun + 1e-15 and found.gap <= 1e-13
    p = softmax(found.inverse * z, axis=1)
    slope = weight @ ((p * z).sum(axis=1) - z[np.arange(len(y)), y]) / weight.sum()
    assert abs(slope) < 1e-13 * np.abs(z).max()


def test_log_odds_are_the_two_classes():
    z, y, weight = drawn(0, K=2)
    both, one = temperature_scaling(z, y, weight), temperature_scaling(z[:, 1] - z[:, 0], y, weight)
    assert one.inverse == pytest.approx(both.inverse, rel=1e-14)
    np.testing.assert_allclose(one.scores(np.array([2.0])), 2 * one.inverse)


@pytest.mark.parametrize("K", [2, 3])
def test_temperature_is_that_of_scikit_learn(K):
    rng = np.random.default_rng(K)
    X = rng.standard_normal((400, 3))
    y = np.argmax(X @ rng.standard_normal((3, K)) + rng.gumbel(size=(400, K)), axis=1)
    model = LogisticRegression(C=1e3).fit(X[:60], y[:60])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(X[60:], y[60:])
    ours = temperature_scaling(model.decision_function(X[60:]), y[60:])
    z = ours.scores(model.decision_function(X))
    p = softmax(z if K > 2 else np.column_stack([np.zeros(len(z)), z]), axis=1)
    np.testing.assert_allclose(p, theirs.predict_proba(X), atol=2e-6)


@given(some.integers(0, 999), some.floats(1e-100, 1e100))
def test_the_scale_of_the_scores_is_undone(seed, unit):
    z, y, weight = drawn(seed)
    plain, scaled = temperature_scaling(z, y, weight), temperature_scaling(z * unit, y, weight)
    assert scaled.inverse * unit == pytest.approx(plain.inverse, rel=1e-9)


@given(some.integers(0, 999))
def test_weights_are_repetitions_and_orders_do_not_matter(seed):
    z, y, _ = drawn(seed, n=30)
    counts = np.random.default_rng(seed).integers(1, 4, 30)
    repeated = temperature_scaling(np.repeat(z, counts, axis=0), np.repeat(y, counts))
    assert temperature_scaling(z, y, counts).inverse == pytest.approx(repeated.inverse, rel=1e-9)


def test_a_temperature_that_is_no_minimum_is_said_and_stays_finite():
    z = np.array([1.0, 2.0, -1.0, -3.0])
    found = temperature_scaling(z, np.array([1, 1, 0, 0]))
    assert not found.attained and 0.5 < found.inverse < 10 and 0 < found.gap < 1e-9
    more = temperature_scaling(np.tile(z, 1000), np.tile([1, 1, 0, 0], 1000))
    assert not more.attained and found.inverse < more.inverse < 20  # more rows, more trust
    against = temperature_scaling(z, np.array([0, 0, 1, 1]))
    assert against.inverse == 0 and against.attained
    assert temperature_scaling(np.ones((5, 3)), np.arange(5) % 3).inverse == 1.0


@given(some.integers(0, 9999), some.integers(2, 4), some.sampled_from([1e-150, 1e-3, 1.0, 30.0, 1e149]))
def test_the_mode_of_classes_without_an_error_is_the_lowest_on_a_grid(seed, K, unit):
    """G(θ) = L(e^θ) + θ² / 8n: no θ is lower than the one found by more than the gap that it states."""
    rng = np.random.default_rng(seed)
    y, weight = rng.integers(0, K, 25), rng.integers(0, 3, 25).astype(float) + (np.arange(25) == 0)
    z = rng.random((25, K))
    z[np.arange(25), y] = z.max(axis=1) + rng.exponential(0.3, 25)
    found = temperature_scaling(z / 2 * unit, y, weight)
    n = np.count_nonzero(weight)

    def objective(theta):
        return mean_loss(np.exp(theta) * unit, z / 2, y, weight) + theta**2 / (8 * n)

    lowest = min(map(objective, np.linspace(-5, 12, 3001)))
    assert not found.attained
    assert objective(np.log(found.inverse)) <= lowest + found.gap + 1e-15 and found.gap < 1e-9


@pytest.mark.parametrize(
    ("z", "y", "message"),
    [
        ([[0.0, 1.0]], [2], r"other values than the codes 0 … 1 of the 2 classes"),
        ([[0.0, 1.0]], [0.5], "other values than the codes"),
        ([[0.0, math.inf]], [0], "not finite or beyond"),
        ([0.0, 1.0], [0], r"z has shape \(2, 2\) and y \(1,\)"),
        ([], [], "n ≥ 1"),
    ],
)
def test_temperature_says_what_does_not_fit(z, y, message):
    with pytest.raises(ValueError, match=message):
        temperature_scaling(np.array(z), np.array(y))
    with pytest.raises(ValueError, match="expected .1,., finite, ≥ 0 and some > 0"):
        temperature_scaling(np.array([1.0]), np.array([1]), np.array([0.0]))


rows = some.lists(some.tuples(some.integers(-5, 5), some.floats(-10, 10), some.floats(0.1, 3)), min_size=1, max_size=40)


@given(rows)
def test_isotonic_regression_is_that_of_scikit_learn(rows):
    x, y, weight = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    ours, theirs = isotonic_regression(x, y, weight), IsotonicRegression(out_of_bounds="clip")
    theirs.fit(x, y, sample_weight=weight)
    new = np.linspace(-6, 6, 49)
    np.testing.assert_allclose(ours.at(new), theirs.predict(new), rtol=1e-9, atol=1e-9)


@given(rows)
def test_isotonic_regression_meets_the_conditions_of_a_minimum(rows):
    """v nondecreasing, Σ_{later} s (y − v) ≤ 0 from any point on, = 0 where v rises: no multiplier is used twice."""
    x, y, weight = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    found = isotonic_regression(x, y, weight)
    assert np.all(np.diff(found.value) >= 0)
    mass = weight * (y - found.at(x))
    later = np.array([mass[x >= point].sum() for point in found.x])
    assert abs(later[0]) < 1e-9 and np.all(later < 1e-9)
    assert np.all(np.abs(later[1:][np.diff(found.value) > 1e-9]) < 1e-8)


def test_rows_of_no_weight_are_no_points():
    found = isotonic_regression(np.array([1.0, 2.0, 3.0]), np.array([5.0, 99.0, 7.0]), np.array([1.0, 0.0, 1.0]))
    assert found.x.tolist() == [1.0, 3.0] and found.at(np.array([2.0]))[0] == 6.0


def test_isotonic_calibration_never_says_never():
    x = np.linspace(-4, 6, 50)
    y = (x > 0.4).astype(float)
    y[10] = 1.0  # an error of the scores: both ends are still pure
    kept, share = isotonic_calibration(x, y), (y.sum() + 0.5) / 51
    raw, expected = kept.isotonic.at(x), expit(kept.temperature.scores(x))
    assert (raw.min(), raw.max()) == (0, 1)
    assert kept.limits == pytest.approx((share / 51, (50 + share) / 51), rel=1e-15)
    inside, surer = (raw > 0) & (raw < 1), np.maximum(expected, 1 - expected) > kept.limits[1]
    np.testing.assert_array_equal(kept.at(x)[inside], raw[inside])
    assert surer[raw == 1].any() and not surer[raw == 1].all()  # both kinds of rows are there
    np.testing.assert_array_equal(kept.at(x)[(raw == 1) & surer], expected[(raw == 1) & surer])
    np.testing.assert_array_equal(kept.at(x)[(raw == 1) & ~surer], kept.limits[1])
    assert 0 < kept.at(x).min() < kept.at(x).max() < 1
    with pytest.raises(ValueError, match="other values than 0 and 1"):
        isotonic_calibration(x, 2 * y)
    with pytest.raises(ValueError, match="finite numbers"):
        isotonic_regression(x, np.full(50, math.nan))


@given(some.integers(0, 9999), some.floats(0.01, 3))
def test_calibrated_probabilities_rise_with_the_score(seed, noise):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 3, 40)
    kept = isotonic_calibration(x, (x + noise * rng.logistic(size=40) > 0).astype(float))
    assert np.all(np.diff(kept.at(np.linspace(-20, 20, 999))) >= 0)


def test_of_classes_without_an_error_isotonic_calibration_is_temperature_scaling():
    x = np.array([-2.0, -1.0, 0.5, 3.0])
    kept = isotonic_calibration(x, (x > 0).astype(float))
    beta = temperature_scaling(x, (x > 0).astype(int)).inverse
    np.testing.assert_allclose(kept.at(np.array([-9.0, 0.1])), expit(beta * np.array([-9.0, 0.1])), rtol=1e-15)


def test_isotonic_classes_are_those_of_scikit_learn_where_these_are_not_0_or_1():
    rng = np.random.default_rng(7)
    X = rng.standard_normal((900, 3))
    y = np.argmax(X + 2 * rng.gumbel(size=(900, 3)), axis=1)
    z = LogisticRegression().fit(X[:100], y[:100]).decision_function(X)
    ours = calibrated_classes(isotonic_classes(z[100:], y[100:]), z)
    p = softmax(z, axis=1)
    odds = np.log(p / (1 - p))
    theirs = [
        IsotonicRegression(out_of_bounds="clip").fit(odds[100:, k], y[100:] == k).predict(odds[:, k]) for k in range(3)
    ]
    p = np.column_stack(theirs)
    inside = np.all((p > 0.01) & (p < 0.99), axis=1)
    assert inside.sum() > 500
    np.testing.assert_allclose(ours[inside], (p / p.sum(axis=1, keepdims=True))[inside], rtol=1e-9)
    np.testing.assert_allclose(ours.sum(axis=1), 1, rtol=1e-14)
