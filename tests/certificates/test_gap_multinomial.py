"""F(w) − inf F ≤ bound for several classes, against Newton's method in 50 digits; the bound on the way; separation."""

from functools import cache

import mpmath as mp
import numpy as np
import pytest

from infimum.certificates.certify import claims_at
from infimum.certificates.decrement import decrement_at
from infimum.certificates.gap import gap_claim
from infimum.certificates.point import point_at
from infimum.losses.multinomial import Multinomial, contrasts
from infimum.models.scores import LinearScores
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from tests.certificates.on_the_way import attained, places, ratios_on_the_way_down

mp.mp.dps = 50
BATCHES, EACH = 6, 10


def random_objective(rng):
    """Classes, columns, scales, weights, intercept and ridge drawn; overlapping classes."""
    K, p = int(rng.integers(3, 5)), int(rng.integers(1, 3))
    n = int(rng.integers(5 * p * K, 5 * p * K + 20))
    X = rng.normal(size=(n, p)) * 10.0 ** rng.uniform(-1, 1, size=p) + rng.normal(size=p)
    eta = (X - X.mean(0)) / X.std(0) @ rng.normal(size=(p, K)) + rng.normal(size=K)
    y = (0.7 * eta + rng.gumbel(size=(n, K))).argmax(axis=1).astype(float)
    y[:K] = np.arange(K)
    weight = rng.uniform(0.2, 3.0, n) * (rng.random(n) < 0.9) if rng.random() < 0.4 else np.ones(n)
    weight[:K] = 1.0
    ridge = 10.0 ** rng.uniform(-3, -1) if rng.random() < 0.6 else 0.0
    model = LinearScores(X, K - 1, bool(rng.random() < 0.7))
    return LikelihoodObjective.of(model, Multinomial(K), ElasticNet(l2=ridge), y, weight)


def taylor(objective, w, order=2):
    """(F, ∇F, ∇²F) at w in 50 digits, by the formula of the softmax alone."""
    m, K = objective.loss.outputs, objective.loss.outputs + 1
    C = mp.matrix(contrasts(K).tolist())
    A = objective.model.jacobian(np.zeros(len(w))).tolist()
    p = len(w)
    l2 = [mp.mpf(x) for x in objective.penalty.l2.tolist()]
    F = mp.fsum(s * v * v / 2 for s, v in zip(l2, w, strict=True))
    g = mp.matrix([s * v for s, v in zip(l2, w, strict=True)])
    H = mp.matrix(p, p)
    for j in range(p):
        H[j, j] = l2[j]
    for row, target, s in zip(A, objective.y.astype(int).tolist(), objective.weight.tolist(), strict=True):
        if s == 0:
            continue
        x, s = [mp.mpf(a) for a in row], mp.mpf(s)
        z = [mp.fsum(a * w[j * m + b] for j, a in enumerate(x)) for b in range(m)]
        eta = [mp.fsum(C[k, b] * z[b] for b in range(m)) for k in range(K)]
        total = mp.fsum(mp.exp(e) for e in eta)
        share = [mp.exp(e) / total for e in eta]
        F += s * (mp.log(total) - eta[target])
        if order == 0:
            continue
        u = [mp.fsum((share[k] - (k == target)) * C[k, b] for k in range(K)) for b in range(m)]
        mean = [mp.fsum(share[k] * C[k, b] for k in range(K)) for b in range(m)]
        for b in range(m):
            for j, a in enumerate(x):
                g[j * m + b] += s * u[b] * a
            for c in range(m):
                bend = s * (mp.fsum(share[k] * C[k, b] * C[k, c] for k in range(K)) - mean[b] * mean[c])
                for j, a in enumerate(x):
                    for i, e in enumerate(x):
                        H[j * m + b, i * m + c] += bend * a * e
    return F, g, H


def value_at(objective, w):
    """F(w) in 50 digits."""
    return taylor(objective, [mp.mpf(float(x)) for x in w], order=0)[0]


def infimum(objective, start):
    """F* in 50 digits by Newton's method from a good start; AssertionError where the gradient does not vanish."""
    w = [mp.mpf(float(x)) for x in start]
    for _ in range(8):
        _, g, H = taylor(objective, w)
        step = mp.lu_solve(H, g)
        w = [v - d for v, d in zip(w, step, strict=True)]
        if max(abs(d) for d in step) < mp.mpf(10) ** -30:
            break
    F, g, _ = taylor(objective, w)
    assert max(abs(x) for x in g) < mp.mpf(10) ** -35
    return F


@cache
def batch(number):
    """[(objective, solution, F*)] of problems whose minimum is attained."""
    return attained(np.random.default_rng(3000 + number), EACH, random_objective, infimum)


@pytest.mark.parametrize("number", range(BATCHES))
def test_bound_holds_against_fifty_digits(number):
    rng = np.random.default_rng(number)
    for objective, solution, best in batch(number):
        assert solution.certificate.verdict("gap") == "CERTIFIED", solution.certificate
        for w in places(solution.params, rng):
            gap = value_at(objective, w) - best
            claim = gap_claim(point_at(objective, w))
            assert claim.bound >= gap and claim.bound > 0


@pytest.mark.parametrize("number", range(0, BATCHES, 3))
def test_local_norm_bound_is_within_twice_the_gap_in_the_median(number):
    ratios = ratios_on_the_way_down(batch(number), value_at)
    assert len(ratios) >= 5 and min(ratios) >= 1 and np.median(ratios) <= 2


def test_separated_classes_name_the_direction_and_overlapping_ones_do_not():
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    y = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0])
    loss = Multinomial(3, ("low", "middle", "high"))
    objective = LikelihoodObjective.of(LinearScores(X, 2, columns=("x",)), loss, ElasticNet(), y)
    claims = {claim.kind: claim for claim in claims_at(objective, np.zeros(4))}
    assert claims["separation"].verdict == "CERTIFIED" and "x for high → +∞" in claims["separation"].statement
    D = claims["separation"].witness["direction"]
    scores = np.column_stack([X, np.ones(6)]) @ D
    assert np.all(scores[np.arange(6), y.astype(int)][:, None] >= scores)
    mixed = LikelihoodObjective.of(objective.model, loss, ElasticNet(), np.array([0.0, 1.0, 2.0, 2.0, 1.0, 0.0]))
    assert "separation" not in {claim.kind for claim in claims_at(mixed, np.zeros(4))}


def test_the_widest_row_is_that_of_the_worst_pair_of_classes():
    """ρ = max over rows and pairs of √(vᵀH⁻¹v), v = aᵢ ⊗ (Cₖ − Cₗ), against an inverse and a loop."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        objective = random_objective(rng)
        point = point_at(objective, 0.1 * rng.normal(size=objective.model.layout.size))
        metric, d = decrement_at(point).metric, point.d
        if metric is None:
            continue
        H = np.einsum("ij,iab,ik->jakb", point.A, d, point.A).reshape(len(point.w), -1) + np.diag(point.penalty.l2)
        inverse = np.linalg.inv(H)
        rows = point.A[objective.weight > 0]
        lengths = [np.kron(a, e) for a in rows for e in objective.loss.directions]
        widest = max(float(v @ inverse @ v) ** 0.5 for v in lengths)
        rho = metric.widest_row(rows, objective.loss.directions)
        assert widest * (1 - 1e-9) <= rho <= widest * (1 + 1e-6)
