"""Bounds that a certificate is made of, each against an exact value, and each with a case in which it must fail."""

import math
from dataclasses import replace
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infimum.certificates.certify import certify, claims_at
from infimum.certificates.claim import Certificate, Claim, Verdict
from infimum.certificates.decrement import gap_within, radius_within
from infimum.certificates.duality import duality_gap
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.identification import spell
from infimum.certificates.metric import verified_metric
from infimum.certificates.point import objective_above, point_at
from infimum.certificates.recession import Cone, recession_direction
from infimum.certificates.rounding import ceiling, gamma
from infimum.losses.logistic import Logistic
from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.prox_newton import prox_newton


def problem(loss=None, penalty=None, n=30, p=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    y = X[:, 0] + rng.standard_normal(n)
    loss = loss or Squared()
    y = (y > 0).astype(float) if loss.name == "logistic" else y
    return LikelihoodObjective.of(Linear(X), loss, penalty or ElasticNet(), y)


def exactly(objective, w):
    """(z, g) in 50 digits."""
    A = objective.model.jacobian(w)
    with mp.workdps(50):
        z = [mp.fdot(zip(map(float, row), map(float, w), strict=True)) for row in A]
        if objective.loss.name == "squared":
            u = [
                mp.mpf(s) * (a - mp.mpf(b))
                for s, a, b in zip(objective.weight.tolist(), z, objective.y.tolist(), strict=True)
            ]
        else:
            slope = [1 / (1 + mp.exp(-a)) - mp.mpf(b) for a, b in zip(z, objective.y.tolist(), strict=True)]
            u = [mp.mpf(s) * a for s, a in zip(objective.weight.tolist(), slope, strict=True)]
        return z, [mp.fdot(zip(map(float, column), u, strict=True)) for column in A.T]


@pytest.mark.parametrize("loss", [Squared(), Logistic()])
@pytest.mark.parametrize("seed", range(5))
def test_errors_of_the_point_bound_its_errors(loss, seed):
    F = problem(loss, ElasticNet(l1=0.1), seed=seed)
    w = prox_newton(F).params if seed % 2 else np.random.default_rng(seed).standard_normal(4) * 10.0 ** (seed - 2)
    point = point_at(F, w)
    z, g = exactly(F, w)
    for computed, exact, error in zip(point.z.tolist(), z, point.z_error.tolist(), strict=True):
        assert abs(computed - exact) <= 2.0**-53 * abs(computed) + error
    for computed, exact, error in zip(point.g.tolist(), g, point.g_error.tolist(), strict=True):
        assert abs(computed - exact) <= error
    assert objective_above(point) >= F.value(w) * (1 - 1e-15)


def test_errors_hold_for_targets_between_the_classes():
    F = problem(Logistic())
    F = replace(F, y=np.random.default_rng(9).uniform(0, 1, 30))
    point = point_at(F, prox_newton(F).params)
    for computed, exact, error in zip(point.g.tolist(), exactly(F, point.w)[1], point.g_error.tolist(), strict=True):
        assert abs(computed - exact) <= error


def test_a_model_that_is_not_affine_has_no_point():
    F = problem()
    F = LikelihoodObjective.of(Perceptron(F.model.X, (2,)), F.loss, ElasticNet(), F.y)
    with pytest.raises(ValueError, match="Perceptron is not affine in its parameters"):
        point_at(F, np.zeros(F.model.layout.size))
    gap, stationarity = claims_at(F, np.ones(F.model.layout.size))
    assert gap.verdict == "UNAVAILABLE" and stationarity.verdict == "REPORTED" and fingerprint_of(F) == ""


@pytest.mark.parametrize("seed", range(6))
def test_the_metric_is_an_upper_bound_of_the_inverse(seed):
    F = problem(Logistic() if seed % 2 else Squared(), ElasticNet(l2=10.0**-seed), seed=seed)
    point = point_at(F, 0.3 * np.random.default_rng(seed).standard_normal(4))
    metric = verified_metric(point)
    H = (point.A * point.d[:, None]).T @ point.A + np.diag(F.penalty.l2)
    inverse = np.linalg.inv(H)
    s = np.random.default_rng(seed + 50).standard_normal(4)
    assert metric.a < 1e-10
    assert metric.length(s, np.zeros(4)) >= math.sqrt(s @ inverse @ s) * (1 - 1e-12)
    assert metric.length(s, np.zeros(4)) <= math.sqrt(s @ inverse @ s) * (1 + 1e-9)
    assert np.all(metric.deviations() >= np.sqrt(np.diag(inverse)) * (1 - 1e-12))
    rows = np.sqrt(np.einsum("ij,jk,ik->i", point.A, inverse, point.A))
    assert metric.widest_row(point.A, np.ones((1, 1))) >= rows.max() * (1 - 1e-12)


def test_a_singular_matrix_is_not_verified():
    X = np.random.default_rng(0).standard_normal((20, 2))
    F = LikelihoodObjective.of(Linear(np.column_stack([X, X[:, 0] - X[:, 1]])), Squared(), ElasticNet(), X[:, 0])
    assert verified_metric(point_at(F, np.zeros(4))) is None


@given(length=st.floats(1e-12, 10), rho=st.floats(1e-12, 10))
def test_gap_and_radius_against_many_digits(length, rho):
    with mp.workdps(120):
        q = mp.mpf(rho) * mp.mpf(length)
        if rho * length >= 1:
            assert gap_within(length, rho) == radius_within(length, rho) == math.inf
            return
        gap, radius = (q + (1 - q) * mp.log(1 - q)) / mp.mpf(rho) ** 2, -mp.log(1 - q) / mp.mpf(rho)
        assert gap <= gap_within(length, rho) <= gap * (1 + mp.mpf(10) ** -9) + mp.mpf(2) ** -990
        if q < 0.999:
            assert radius <= radius_within(length, rho) <= radius * (1 + mp.mpf(10) ** -9) + mp.mpf(2) ** -990


@pytest.mark.parametrize(
    "penalty", [ElasticNet(l1=0.1), ElasticNet(l2=0.1), ElasticNet(0.1, 0.1), ElasticNet(0.1, 0, 0.0)]
)
@pytest.mark.parametrize("loss", [Squared(), Logistic()])
@pytest.mark.parametrize("p", [3, 50])
def test_duality_bounds_the_gap_and_closes_at_the_minimum(penalty, loss, p):
    F = problem(loss, penalty, p=p)
    best = prox_newton(F, tolerance=1e-14).params
    for w in (best, 0.9 * best, np.abs(best) + 0.01):
        assert duality_gap(point_at(F, w)).gap >= F.value(w) - F.value(best)
    assert duality_gap(point_at(F, best)).gap <= 1e-10 * F.null_value()


def test_duality_has_nothing_to_say_of_free_columns():
    assert duality_gap(point_at(problem(), np.zeros(4))).gap == math.inf


@given(st.floats(1e-300, 1e300), st.integers(1, 6))
def test_ceiling_is_just_above(x, digits):
    above = ceiling(x, digits)
    assert x <= above <= x * (1 + 1.01 * 10.0 ** (1 - digits)) and float(f"{above:.{digits - 1}e}") == above


def test_gamma_counts_roundings():
    assert gamma(10) >= 10 * 2.0**-53 and gamma(2**53) == math.inf
    assert ceiling(0.0) == 0 and ceiling(math.inf) == math.inf


def test_separation_is_exact():
    A, y = np.array([[0.1, 0.2, -0.3], [1.0, 1.0, 1.0]]), np.array([1, 1])
    margins = Cone(A, y, 2).exact_margins([Fraction(1)] * 3)
    assert margins[0] == Fraction(0.1) + Fraction(0.2) - Fraction(0.3) != 0
    assert recession_direction(Cone(np.ones((2, 1)), np.array([0, 1]), 2), np.zeros(1)) is None
    cone = Cone(np.array([[1.0, 2.0], [1.0, -1.0], [0.0, 1.0]]), np.array([1, 1, 1]), 2)
    assert min(cone.exact_margins(recession_direction(cone, np.zeros(2)))) >= 0


def test_relations_in_words():
    assert spell(np.array([0.0, 1.0]), ("a", "b")) == "b = 0"
    assert spell(np.array([0.5, 0.0, 1.0]), ("a", "b", "c")) == "c = - 0.5 a"
    assert spell(np.array([*[-1.0] * 8, 1.0]), tuple("abcdefghi")) == "i is a combination of 8 other columns"


def test_the_fingerprint_is_that_of_the_data():
    F = problem()
    assert fingerprint_of(F) == fingerprint_of(problem()) != fingerprint_of(problem(seed=1))
    moved = replace(F, y=F.y + 1e-15)
    zeros = replace(F, y=np.zeros(30)), replace(F, y=-np.zeros(30))
    assert fingerprint_of(moved) != fingerprint_of(F) and fingerprint_of(zeros[0]) == fingerprint_of(zeros[1])


def test_a_certificate_as_values_and_in_words():
    F = problem()
    certificate = certify(F, prox_newton(F).params, "prox-Newton", 3, 1e-10)
    record = certificate.to_dict()
    assert (record["n"], record["p"], record["solver"], record["iterations"]) == (30, 4, "prox-Newton", 3)
    kinds = ["gap", "parameters", "stationarity", "identification", "digits"]
    assert [claim["kind"] for claim in record["claims"]] == kinds
    assert certificate.claim("separation") is None and certificate.verdict("separation") is Verdict.UNAVAILABLE
    assert "CERTIFIED    gap: the mean loss" in str(certificate)
    assert F.model.layout.entries == ("x0", "x1", "x2", "intercept")
    endless = Certificate((Claim("gap", "", math.inf, math.inf, Verdict.UNAVAILABLE),), 1, 1, "", 0, 0.0)
    assert endless.to_dict()["claims"][0]["bound"] is None


@pytest.mark.parametrize("loss", [Squared(), Logistic()])
def test_far_from_the_minimum_nothing_is_certified(loss):
    F = problem(loss, ElasticNet(l2=0.1))
    best = prox_newton(F).params
    for w in (best + 1.0, best * (1 + 1e-3)):
        claims = {claim.kind: claim for claim in claims_at(F, w)}
        assert claims["gap"].verdict == "INSUFFICIENT" and claims["parameters"].verdict != "CERTIFIED"
        assert claims["gap"].bound >= F.value(w) - F.value(best)
