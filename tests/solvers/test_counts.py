"""Counts that are hard to fit: starts from which eᶻ overflows, counts of 0 told apart, huge and lone counts."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infimum import Poisson, minimise
from infimum.certificates.zero_counts import falling_direction
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.solvers.gradient import gradient_descent
from infimum.solvers.newton import beginning
from infimum.solvers.prox_newton import prox_newton


def drawn(n=60, p=3, seed=0, level=1.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    return X, rng.poisson(np.exp(X @ np.linspace(0.5, -0.3, p) + level)).astype(float)


def problem(X, y, weight=None, *, intercept=True, **strengths):
    return LikelihoodObjective.of(Linear(X, intercept), Poisson(), ElasticNet(**strengths), y, weight)


@pytest.mark.parametrize("strengths", [{}, {"l2": 0.1}, {"l1": 0.05}, {"lower": 0.0}, {"lower": -0.1, "upper": 0.1}])
@pytest.mark.parametrize("size", [0.0, 1.0, -30.0, 1e3, -1e5, 1e200])
def test_from_any_start_the_same_minimum(size, strengths):
    F = problem(*drawn(), **strengths)
    best = prox_newton(F)
    assert best.certificate.verdict("gap") == "CERTIFIED" and len(best.trace.steps) < 15
    for start in (np.full(4, size), size * np.array([1.0, -2.0, 0.5, -1.0])):
        solution = prox_newton(F, start)
        assert solution.certificate.verdict("gap") == "CERTIFIED" and len(solution.trace.steps) < 60
        np.testing.assert_allclose(solution.params, best.params, rtol=1e-9, atol=1e-11)
        assert F.value(beginning(F, start)) <= min(F.value(np.clip(start, F.penalty.lower, F.penalty.upper)), 1e3)


def test_a_start_that_is_no_number_is_left():
    F = problem(*drawn())
    assert prox_newton(F, np.full(4, np.nan)).certificate.verdict("gap") == "CERTIFIED"


def test_without_an_intercept_the_start_is_zero():
    F = problem(*drawn(), intercept=False)
    np.testing.assert_array_equal(beginning(F, None), np.zeros(3))
    assert prox_newton(F).certificate.verdict("gap") == "CERTIFIED"


@pytest.mark.parametrize("accelerated", [True, False])
def test_gradient_descent_claims_no_law_where_the_curvature_has_no_bound(accelerated):
    F = problem(*drawn(), l2=0.1)
    solution = gradient_descent(F, tolerance=1e-12, epochs=50_000, accelerated=accelerated)
    np.testing.assert_allclose(solution.params, prox_newton(F).params, rtol=1e-8)
    assert solution.certificate.verdict("gap") == "CERTIFIED" and solution.trace.facts["law"] == "none"
    assert solution.trace.facts["assumptions"].startswith("curvature without a bound: λ_max is that of the start")


def test_stochastic_steps_on_counts_come_near():
    pytest.importorskip("torch")
    from infimum.solvers.stochastic_descent import stochastic_gradient_descent

    F = problem(*drawn(), l2=0.1)
    start, best = np.zeros(4), prox_newton(F).params
    solution = stochastic_gradient_descent(F, start, np.random.default_rng(0), epochs=60)
    assert F.value(solution.params) - F.value(best) < 0.05 * (F.value(start) - F.value(best))
    assert math.isfinite(solution.trace.facts["learning_rate"]) and solution.trace.facts["learning_rate"] > 0


def test_a_network_of_counts_with_rows_of_weight_zero_far_out():
    X, y = drawn(30, 2)
    X[3] = 1e6
    F = LikelihoodObjective.of(Perceptron(X, (2,), "identity"), Poisson(), ElasticNet(), y, (np.arange(30) != 3) * 1.0)
    w = np.random.default_rng(0).standard_normal(F.model.layout.size)
    assert math.isfinite(F.value(w)) and np.all(np.isfinite(F.gradient(w))) and np.all(np.isfinite(F.curvature(w, w)))


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e12, 1e100])
def test_huge_counts(scale):
    X, y = drawn()
    solution = minimise(Poisson(), ElasticNet(), X, y * scale)
    expected = minimise(Poisson(), ElasticNet(), X, y).params + [0, 0, 0, math.log(scale)]
    np.testing.assert_allclose(solution.params, expected, rtol=1e-9)
    assert solution.certificate.verdict("gap") == solution.certificate.verdict("parameters") == "CERTIFIED"


@pytest.mark.parametrize("offset", [1e3, 1e4, 1e6])
def test_columns_far_from_zero_are_fitted_or_said_to_be_too_near(offset):
    X, y = drawn()
    far, near = X + offset, (X + offset) - offset
    solution, plain = minimise(Poisson(), ElasticNet(), far, y), minimise(Poisson(), ElasticNet(), near, y)
    np.testing.assert_allclose(far @ solution.params[:3] + solution.params[3], Linear(near)(plain.params), atol=1e-4)
    rank = solution.certificate.claim("identification")
    assert solution.certificate.verdict("gap") == "CERTIFIED" or "too nearly dependent" in rank.statement
    assert offset > 1e4 or solution.certificate.verdict("gap") == "CERTIFIED"


def test_rows_of_weight_zero_may_lie_anywhere():
    X, y = drawn()
    far, counts = np.vstack([X, [1e6, -1e6, 1e6], [1e80, 0, 0]]), np.append(y, [0.0, 1e9])
    weight = np.append(np.ones(60), [0.0, 0.0])
    solution = minimise(Poisson(), ElasticNet(), far, counts, weight=weight)
    np.testing.assert_allclose(solution.params, minimise(Poisson(), ElasticNet(), X, y).params, rtol=1e-12)
    assert solution.certificate.verdict("gap") == solution.certificate.verdict("parameters") == "CERTIFIED"


def test_dependent_columns_are_named():
    X, y = drawn()
    X = np.round(8 * X) / 8
    certificate = minimise(Poisson(), ElasticNet(), np.column_stack([X, X[:, 0] + X[:, 1]]), y).certificate
    assert certificate.verdict("gap") == "CERTIFIED" and certificate.claim("separation") is None
    assert "do not determine 1 of 5 parameters: exactly" in certificate.claim("identification").statement


@pytest.mark.parametrize("strengths", [{"l2": 0.1}, {"l1": 0.1}, {"l1": 0.1, "l2": 0.1}])
def test_more_columns_than_rows(strengths):
    X, y = drawn(12, 40)
    certificate = minimise(Poisson(), ElasticNet(**strengths), X, y).certificate
    assert certificate.verdict("gap") == "CERTIFIED", certificate


def separation(X, y, weight=None, **strengths):
    solution = minimise(Poisson(), ElasticNet(**strengths), np.asarray(X, float), np.asarray(y, float), weight=weight)
    return solution.certificate.claim("separation")


def direction(claim):
    """d, exactly: the sum down each column of the witness."""
    return [sum(map(Fraction, column), Fraction(0)) for column in claim.witness["direction"].T.tolist()]


def check(claim, X, y):
    """The claim against its definition, in rationals."""
    d = direction(claim)
    rows = [[*map(Fraction, row), Fraction(1)] for row in np.asarray(X, dtype=float).tolist()]
    moves = [sum((a * b for a, b in zip(row, d, strict=True)), Fraction(0)) for row in rows]
    assert all(move == 0 if target else move <= 0 for move, target in zip(moves, y, strict=True)) and min(moves) < 0
    assert claim.value == pytest.approx(-float(sum(moves)), rel=1e-14)


def test_an_indicator_of_zeros_only_is_named():
    X, y = drawn(30, 2)
    indicator = (np.arange(30) < 6) * 1.0
    X, y = np.column_stack([indicator, X]), np.where(indicator > 0, 0.0, y)
    claim = separation(X, y)
    check(claim, X, y)
    assert claim.verdict == "CERTIFIED" and "along x0 → −∞ the prediction falls to 0 on 6 of the" in claim.statement
    assert "changes on no other row; a ridge penalty" in claim.statement
    assert separation(X, y, l2=1e-3) is None and separation(X, np.where(np.arange(30) == 3, 1.0, y)) is None


def test_counts_all_zero_are_separated_by_the_intercept():
    claim = separation(np.zeros((5, 0)), np.zeros(5))
    assert "along intercept → −∞ the prediction falls to 0 on 5 of the 5 rows" in claim.statement
    assert (claim.value, claim.bound) == (5.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("positive", [1, 2, 3])
def test_few_counts_above_zero_need_an_exact_direction(seed, positive):
    """Their rows have to stay exactly where they are: no direction of floats does that, a sum of floats does."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((25, 4)), np.zeros(25)
    y[np.argsort(-X[:, 0])[:positive]] = 1.0 + np.arange(positive)
    certificate = minimise(Poisson(), ElasticNet(), X, y).certificate
    claim = certificate.claim("separation")
    if positive > 1 and claim is None:  # the largest entry of all is on the hull of the rows, pairs need not be
        assert certificate.claim("gap").method == "local norm" and certificate.verdict("gap") == "CERTIFIED"
        return
    check(claim, X, y)
    assert claim.witness["direction"].shape[0] > 1


def test_rows_of_weight_zero_do_not_hide_separation():
    X, y = np.array([[1.0], [1.0], [0.0], [0.0], [1.0]]), [0.0, 0.0, 2.0, 1.0, 3.0]
    assert separation(X, y) is None
    assert "x0 → −∞" in separation(X, y, weight=[1, 1, 1, 1, 0]).statement


@pytest.mark.parametrize("seed", range(20))
def test_separation_is_claimed_just_where_no_gap_is_proved(seed):
    """Random indicators and few counts: either the minimum is attained and certified, or a direction is found."""
    rng = np.random.default_rng(seed)
    X, y = (rng.random((14, 3)) < 0.4) * 1.0, rng.poisson(0.4, 14).astype(float)
    solution = minimise(Poisson(), ElasticNet(), X, y)
    claim = solution.certificate.claim("separation")
    attained = solution.certificate.claim("gap").method == "local norm"
    assert attained == (claim is None), solution.certificate
    if claim is not None:
        check(claim, X, y)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), p=st.integers(1, 5), zeros=st.integers(1, 12), others=st.integers(0, 6))
def test_a_direction_that_is_found_is_exact(seed, p, zeros, others):
    rng = np.random.default_rng(seed)
    zero, above = rng.standard_normal((zeros, p)), rng.standard_normal((others, p))
    if rng.random() < 0.5:
        zero, above = np.round(zero), np.round(above)
    d = falling_direction(zero, above)
    if d is None:
        return
    falls = [sum((Fraction(a) * b for a, b in zip(row, d, strict=True)), Fraction(0)) for row in zero.tolist()]
    still = [sum((Fraction(a) * b for a, b in zip(row, d, strict=True)), Fraction(0)) for row in above.tolist()]
    assert max(falls) <= 0 and min(falls) < 0 and not any(still)


def test_no_direction_where_there_is_none():
    assert falling_direction(np.array([[1.0], [-1.0]]), np.zeros((0, 1))) is None
    assert falling_direction(np.array([[1.0]]), np.array([[1.0]])) is None
    assert falling_direction(np.ones((1, 61)), np.zeros((0, 61))) is None


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 30),
    p=st.integers(0, 6),
    level=st.floats(-3, 12),
    scale=st.floats(-3, 3),
    penalty=st.sampled_from([{}, {"l2": 0.01}, {"l1": 0.01}, {"lower": 0.0}]),
    weighted=st.booleans(),
    intercept=st.booleans(),
)
def test_any_table_gets_a_finite_fit_with_a_bound(seed, n, p, level, scale, penalty, weighted, intercept):
    rng = np.random.default_rng(seed)
    X = 10.0**scale * rng.standard_normal((n, p))
    y = rng.poisson(np.exp(rng.standard_normal(n) + level)).astype(float)
    weight = rng.choice([0.0, 1.0, 2.5], n) if weighted else np.ones(n)
    weight[0] = 1.0
    F = problem(X, y, weight, intercept=intercept, **penalty)
    solution = prox_newton(F)
    gap = solution.certificate.claim("gap")
    assert np.all(np.isfinite(solution.params)) and 0 <= gap.bound < math.inf
    assert F.value(solution.params) <= F.value(beginning(F, None)) * (1 + 1e-12) + 1e-300
    if penalty and "lower" not in penalty:
        assert gap.verdict == "CERTIFIED" or not intercept or not y[weight > 0].any() or np.ptp(y[weight > 0]) == 0
