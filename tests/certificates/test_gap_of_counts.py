"""F(w) − inf F ≤ bound for counts, against 50-digit arithmetic: at the fit, beside it, at 0 and on the way down."""

import math
from functools import cache

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infimum.certificates.certify import claims_at
from infimum.certificates.decrement import decrement_at
from infimum.certificates.duality import duality_gap
from infimum.certificates.gap import gap_claim
from infimum.certificates.point import objective_above, point_at
from infimum.losses.poisson import Poisson
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from tests.certificates.on_the_way import attained, places, ratios_on_the_way_down
from tests.certificates.oracle import as_problem, exact_value, infimum

BATCHES, EACH = 6, 20  # 120 problems


def random_objective(rng):
    """An objective whose penalty, weights, intercept, shape and size of counts are all drawn."""
    penalty = ("none", "l1", "l2", "both")[rng.integers(4)]
    wide = penalty != "none" and rng.random() < 0.25
    p = int(rng.integers(1, 6))
    n = int(rng.integers(3, 5)) if wide else int(rng.integers(4 * p + 8, 40))
    p = p + 4 if wide else p
    X = rng.normal(size=(n, p)) * 10.0 ** rng.uniform(-1, 0.5, size=p) + 0.3 * rng.normal(size=p)
    eta = (X - X.mean(0)) / X.std(0) @ rng.normal(size=p) * 0.4 + rng.uniform(-0.5, 3)
    y = rng.poisson(np.exp(eta)) * (rng.choice([1.0, 0.125, 1000.0]) if rng.random() < 0.3 else 1.0)
    y[:2] = [1.0, 2.0]
    weight = np.where(rng.random(n) < 0.2, 0.0, rng.uniform(0.2, 3.0, n)) if rng.random() < 0.4 else np.ones(n)
    weight[:2] = 1.0
    size = 10.0 ** rng.uniform(-3, -1)
    strengths = {"none": (0.0, 0.0), "l1": (size, 0.0), "l2": (0.0, size), "both": (size, size / 2)}[penalty]
    return LikelihoodObjective.of(Linear(X, bool(rng.random() < 0.7)), Poisson(), ElasticNet(*strengths), y, weight)


@cache
def batch(number):
    """[(objective, solution, F*)] of one batch; where no minimum is attained the next is drawn."""
    return attained(
        np.random.default_rng(2000 + number), EACH, random_objective, lambda F, w: infimum(as_problem(F), w)[0]
    )


@pytest.mark.parametrize("number", range(BATCHES))
def test_bound_holds_against_fifty_digits(number):
    rng = np.random.default_rng(number)
    for objective, solution, best in batch(number):
        problem = as_problem(objective)
        assert solution.certificate.verdict("gap") == "CERTIFIED", solution.certificate
        for w in places(solution.params, rng):
            value, point = exact_value(problem, w), point_at(objective, w)
            gap, shown = value - best, f"{problem[4]} {problem[5]}"
            for bound in (gap_claim(point).bound, duality_gap(point).gap, decrement_at(point).gap):
                assert bound >= gap and bound > 0, f"{shown}: claimed {bound}, true {mp.nstr(gap, 8)}"
            assert value <= objective_above(point) <= value * (1 + mp.mpf(10) ** -9) + mp.mpf(10) ** -12


@pytest.mark.parametrize("number", range(0, BATCHES, 3))
def test_local_norm_bound_is_within_twice_the_gap_in_the_median(number):
    ratios = ratios_on_the_way_down(batch(number), lambda F, w: exact_value(as_problem(F), w))
    assert len(ratios) >= 10
    assert min(ratios) >= 1
    assert np.median(ratios) <= 2


def test_the_dual_bound_is_tight_where_it_applies():
    checked = 0
    for objective, solution, _ in batch(0) + batch(1):
        dual = duality_gap(point_at(objective, solution.params)).gap
        if math.isfinite(dual):
            checked += 1
            assert dual <= 1e-10 * max(objective.null_value(), 1.0)
    assert checked > 10


def test_a_bound_shrunk_below_the_gap_is_caught():
    objective, _, best = batch(0)[0]
    w = np.zeros(objective.model.layout.size)
    gap = exact_value(as_problem(objective), w) - best
    assert gap_claim(point_at(objective, w)).bound >= gap > 0
    assert not 0.5 * float(gap) >= gap


def test_parameters_are_within_their_bounds():
    checked = 0
    for objective, solution, _ in batch(0):
        bounds = decrement_at(point_at(objective, solution.params)).parameter_bounds()
        if bounds is not None:
            checked += 1
            exact = infimum(as_problem(objective), solution.params)[1]
            assert all(abs(mp.mpf(a) - b) <= c for a, b, c in zip(solution.params, exact, bounds, strict=True))
    assert checked > 10


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), size=st.floats(-12, 12), away=st.floats(-300, 2))
def test_the_objective_is_never_above_its_bound(seed, size, away):
    """Predictions near and far from the logarithms of counts of every size, where the terms of ℓ cancel."""
    rng = np.random.default_rng(seed)
    y = np.append(np.round(10.0**size * rng.uniform(0.5, 2, 6), 3), [0.0, 1.0])
    z = np.log(np.where(y > 0, y, 1.0)) + 10.0**away * rng.normal(size=8)
    objective = LikelihoodObjective.of(Linear(np.eye(8), False), Poisson(), ElasticNet(), y)
    value = exact_value(as_problem(objective), z)
    assert value <= objective_above(point_at(objective, z)) <= value * (1 + mp.mpf(10) ** -12) + 1e-12 * (1 + y.max())


def test_where_the_loss_overflows_nothing_is_proved_and_nothing_is_nan():
    objective = LikelihoodObjective.of(Linear(np.ones((3, 1))), Poisson(), ElasticNet(), np.array([1.0, 0.0, 2.0]))
    for w in (np.array([400.0, 400.0]), np.array([0.0, 1e200])):
        claims = {claim.kind: claim for claim in claims_at(objective, w)}
        assert claims["gap"].bound == math.inf and claims["gap"].verdict == "INSUFFICIENT"
        assert claims["parameters"].verdict == "UNAVAILABLE"
        assert claims["stationarity"].bound == math.inf and "nan" not in claims["stationarity"].statement
