"""F(w) − inf F ≤ bound for scores of several classes under l1, against Newton's method in 150 digits; flows."""

from fractions import Fraction
from functools import cache

import mpmath as mp
import numpy as np
import pytest

from infimum.certificates.circulation import balancing, flows, left_over, scores_duality_gap
from infimum.certificates.point import objective_above, point_at
from infimum.certificates.scores import scores_claims
from infimum.losses.softmax import Softmax
from infimum.models.scores import LinearScores
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.scores import levelled, scores_newton
from tests.estimators.exact.families import Classes
from tests.estimators.exact.likelihood import likelihood_minimum
from tests.estimators.exact.task import Task

BATCHES, EACH = 6, 6
WILD = ("plain", "columns of 1e-6 to 1e6", "a column twice", "weights of 1e-3 to 1e3", "far from 0", "few rows")


def random_objective(rng, kind):
    """Classes, columns, weights, intercept and strengths drawn, of one wild kind."""
    K, p = int(rng.integers(3, 5)), int(rng.integers(2, 4))
    n = K if kind == "few rows" else int(rng.integers(12, 25))
    X = rng.normal(size=(n, p))
    y = (X @ rng.normal(size=(p, K)) + rng.gumbel(size=(n, K))).argmax(axis=1).astype(float)
    y[:K] = np.arange(K)
    if kind == "a column twice":
        X[:, -1] = X[:, 0]
    X = X * 10.0 ** rng.uniform(-6, 6, p) if "1e6" in kind else X + 1e3 * ("far" in kind)
    weight = 10.0 ** rng.uniform(-3, 3, n) * (rng.random(n) < 0.9) if "weights" in kind else np.ones(n)
    weight[:K] = np.maximum(weight[:K], 1e-3)
    l1, l2 = 10.0 ** rng.uniform(-3, -1), 10.0 ** rng.uniform(-3, -1) * (rng.random() < 0.4)
    model = LinearScores(X, K, bool(rng.random() < 0.7))
    return LikelihoodObjective.of(model, Softmax(K), ElasticNet(l1, l2), y, weight)


def exact_minimum(objective, near):
    """F*, F and whether it is attained in many digits, of the floats as they are."""
    A, K = objective.model.jacobian(near), objective.loss.outputs
    rows = np.flatnonzero(objective.weight > 0)
    exact = [[Fraction(a) for a in A[i].tolist()] for i in rows]
    y, s = [Fraction(objective.y[i]) for i in rows], [Fraction(float(objective.weight[i])) for i in rows]
    l1, l2 = ([Fraction(x) for x in part[::K].tolist()] for part in (objective.penalty.l1, objective.penalty.l2))
    task = Task(exact, y, s, sum(s), l1, l2, objective.model.intercept)
    return likelihood_minimum(task, Classes(K, len(rows), whole=True), near)


@cache
def batch(kind):
    """[(objective, solution, what is exact)]."""
    rng = np.random.default_rng([WILD.index(kind), 7])
    out = []
    for _ in range(EACH):
        objective = random_objective(rng, kind)
        solution = scores_newton(objective)
        out.append((objective, solution, exact_minimum(objective, solution.params)))
    return out


@pytest.mark.parametrize("kind", WILD)
def test_the_minimum_is_certified_and_every_bound_holds_against_many_digits(kind):
    """At the solution, near it and at 0: the best bound, and that of duality by itself."""
    rng = np.random.default_rng(0)
    for objective, solution, exact in batch(kind):
        gap = solution.certificate.claim("gap")
        assert gap.verdict == "CERTIFIED", (kind, str(solution.certificate))
        w = solution.params
        nudged = w * (1 + 10.0 ** rng.uniform(-9, -1) * rng.normal(size=len(w)))
        for place in (w, nudged, levelled(objective, nudged), 0 * w):
            point = point_at(objective, place)
            with mp.workdps(200):
                above = exact.at(place) - exact.value
                claim = next(c for c in scores_claims(point, objective.model.layout.inputs) if c.kind == "gap")
                assert claim.bound >= above and claim.bound > 0
                assert scores_duality_gap(point).gap >= above
                assert objective_above(point) >= exact.at(place)


@pytest.mark.parametrize("kind", ("plain", "weights of 1e-3 to 1e3", "few rows"))
def test_duality_alone_proves_the_minimum(kind):
    for objective, solution, _ in batch(kind):
        assert scores_duality_gap(point_at(objective, solution.params)).gap <= 1e-8 * objective.null_value()


@pytest.mark.parametrize("kind", ("plain", "weights of 1e-3 to 1e3", "far from 0"))
def test_parameters_are_within_their_bound_of_the_exact_minimiser(kind):
    """Where the minimiser is the only one: K odd, or a ridge."""
    seen = 0
    for objective, solution, exact in batch(kind):
        claim = solution.certificate.claim("parameters")
        if (objective.loss.outputs % 2 or objective.penalty.l2.any()) and np.isfinite(claim.bound):
            seen += 1
            off = max(abs(a - mp.mpf(float(b))) for a, b in zip(exact.w, solution.params, strict=True))
            assert off <= claim.bound
    assert seen


def carried_off(T):
    """The largest share of its flows that an edge of the tree of strongest ties has to carry, in fractions."""
    K = len(T)
    exact = [[Fraction(x) for x in row] for row in T.tolist()]
    ties = sorted(((T[a, b] + T[b, a], a, b) for a in range(K) for b in range(a)), reverse=True)
    part, tree = {k: k for k in range(K)}, []
    for _, a, b in ties:
        if part[a] != part[b]:
            tree.append((a, b))
            part = {k: part[a] if part[k] == part[b] else part[k] for k in part}
    worst = Fraction(0)
    for a, b in tree:
        side, others = {b}, [e for e in tree if e != (a, b)]
        for _ in range(K):
            side |= {x for e in others for x in e if set(e) & side}
        net = sum(exact[i][j] - exact[j][i] for i in range(K) for j in range(K) if i not in side and j in side)
        tie = Fraction(T[a, b]) + Fraction(T[b, a])
        worst = max(worst, abs(net) / tie if net else Fraction(0))
    return worst


def test_what_is_left_over_covers_what_an_exact_tree_has_to_carry():
    rng = np.random.default_rng(0)
    for _ in range(100):
        K = int(rng.integers(2, 8))
        T = 10.0 ** rng.uniform(-12, 0, (K, K))
        np.fill_diagonal(T, 0.0)
        rough, fine = T, T * balancing(T)
        assert left_over(rough) >= carried_off(rough)
        assert carried_off(fine) <= left_over(fine) <= 1e-13
        for k in range(K):  # as Hoffman (1960) wants it of every cut, and so of each class alone
            into, out = rough[:, k].sum(), rough[k].sum()
            assert abs(into - out) <= left_over(rough) * (into + out) * (1 + 1e-12)


def test_flows_are_summed_by_class_and_a_class_without_rows_takes_none():
    u = np.array([[0.0, 0.25, 0.5], [0.0, 0.5, 0.25], [0.125, 0.0, 0.25]])
    T = flows(u, np.array([0, 0, 1]))
    assert T.tolist() == [[0.0, 0.75, 0.75], [0.125, 0.0, 0.25], [0.0, 0.0, 0.0]]
    fine = T * balancing(T)
    assert fine[:, 2].tolist() == [0.0] * 3 and left_over(fine) <= 1e-14
    assert left_over(T) > 0.1
