"""F(w) − inf F ≤ bound, against 50-digit arithmetic, on 500 random problems; and how tight the bound is on the way."""

from functools import cache

import mpmath as mp
import numpy as np
import pytest

from infimum.certificates.certify import claims_at
from infimum.certificates.decrement import decrement_at
from infimum.certificates.gap import gap_claim
from infimum.certificates.point import point_at
from infimum.losses.logistic import Logistic
from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.choose import SOLVERS, choose
from tests.certificates.on_the_way import places, ratios_on_the_way_down
from tests.certificates.oracle import as_problem, exact_value, infimum

BATCHES, EACH = 20, 25  # 500 problems


def random_objective(rng):
    """An objective whose loss, penalty, weights, intercept, shape and separation are all drawn."""
    logistic = rng.random() < 0.6
    penalty = ("none", "l1", "l2", "both")[rng.integers(4)]
    wide = penalty != "none" and rng.random() < 0.25
    p = int(rng.integers(1, 6))
    n = int(rng.integers(3, 5)) if wide else int(rng.integers(4 * p + 8, 40))
    p = p + 4 if wide else p
    X = rng.normal(size=(n, p)) * 10.0 ** rng.uniform(-1, 1, size=p) + rng.normal(size=p)
    separable = logistic and rng.random() < 0.15
    eta = (X - X.mean(0)) / X.std(0) @ rng.normal(size=p)
    y = eta + rng.normal(size=n)
    if logistic:
        y = (
            (eta > np.median(eta)).astype(float)
            if separable
            else (rng.random(n) < 1 / (1 + np.exp(-0.5 * eta))).astype(float)
        )
        y[:2] = [0.0, 1.0]
    weight = np.where(rng.random(n) < 0.2, 0.0, rng.uniform(0.2, 3.0, n)) if rng.random() < 0.4 else np.ones(n)
    weight[:2] = 1.0
    size = 10.0 ** rng.uniform(-3, -1)
    strengths = {"none": (0.0, 0.0), "l1": (size, 0.0), "l2": (0.0, size), "both": (size, size / 2)}[penalty]
    return LikelihoodObjective.of(
        Linear(X, bool(rng.random() < 0.7)), Logistic() if logistic else Squared(), ElasticNet(*strengths), y, weight
    )


def true_infimum(objective, solution):
    """F* at 50 digits, or 0 where the classes are completely separated and nothing is penalised."""
    separation = solution.certificate.claim("separation")
    if separation is not None and separation.bound > 0:
        return mp.mpf(0)
    if separation is not None:
        return None  # partly separated: the infimum belongs to a smaller problem
    return infimum(as_problem(objective), solution.params)[0]


@cache
def batch(number):
    """[(objective, solution, F*)] of one batch, solved once for all tests of this process."""
    rng = np.random.default_rng(1000 + number)
    out = []
    while len(out) < EACH:
        objective = random_objective(rng)
        solution = SOLVERS[choose(objective)](objective)
        best = true_infimum(objective, solution)
        if best is not None:
            out.append((objective, solution, best))
    return out


@pytest.mark.parametrize("number", range(BATCHES))
def test_bound_holds_against_fifty_digits(number):
    rng = np.random.default_rng(number)
    for objective, solution, best in batch(number):
        problem = as_problem(objective)
        assert solution.certificate.verdict("gap") == "CERTIFIED", solution.certificate
        for w in places(solution.params, rng):
            gap = exact_value(problem, w) - best
            claim = gap_claim(point_at(objective, w))
            assert claim.bound >= gap, (
                f"{objective.loss.name} {problem[4]} {problem[5]}: claimed {claim.bound}, true {mp.nstr(gap, 8)}"
            )
            assert claim.bound > 0


@pytest.mark.parametrize("number", range(0, BATCHES, 4))
def test_local_norm_bound_is_within_twice_the_gap_in_the_median(number):
    ratios = ratios_on_the_way_down(batch(number), lambda F, w: exact_value(as_problem(F), w))
    assert len(ratios) >= 10
    assert min(ratios) >= 1
    assert np.median(ratios) <= 2


def test_a_bound_shrunk_below_the_gap_is_caught():
    objective, _, best = batch(0)[0]
    w = np.zeros(objective.model.layout.size)
    gap = exact_value(as_problem(objective), w) - best
    assert not 0.5 * float(gap) >= gap  # the comparison above can fail


def test_parameters_are_within_their_bounds():
    checked = 0
    for objective, solution, _ in batch(0) + batch(1):
        decrement = decrement_at(point_at(objective, solution.params))
        bounds = decrement.parameter_bounds()
        if bounds is None:
            continue
        checked += 1
        exact = infimum(as_problem(objective), solution.params)[1]
        assert all(abs(mp.mpf(a) - b) <= c for a, b, c in zip(solution.params, exact, bounds, strict=True))
    assert checked > 20


def test_certificates_of_separated_data_name_the_direction():
    X = np.array([[0.0], [1.0], [2.0], [3.0]])
    objective = LikelihoodObjective.of(Linear(X), Logistic(), ElasticNet(), np.array([0.0, 0.0, 1.0, 1.0]))
    claims = {claim.kind: claim for claim in claims_at(objective, np.zeros(2))}
    assert claims["separation"].verdict == "CERTIFIED"
    assert "x0 → +∞" in claims["separation"].statement
    overlapping = LikelihoodObjective.of(Linear(X), Logistic(), ElasticNet(), np.array([0.0, 1.0, 0.0, 1.0]))
    assert "separation" not in {claim.kind for claim in claims_at(overlapping, np.zeros(2))}
