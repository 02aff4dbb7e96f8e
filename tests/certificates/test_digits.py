"""The digits claimed of least squares are there, in rational arithmetic; as many as float64 holds."""

from dataclasses import replace

import numpy as np
import pytest

from infimum import LinearRegression, Logistic, Ridge, Squared, minimise, verify
from infimum.certificates.certify import certify
from infimum.certificates.digits import digits_statement
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from tests.references.strd import NAMES, exact_solution, problem

HARD = pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")


def claim_and_error(model, A, y, w):
    """(the claim, the largest relative error of the coefficients against the exact solution)."""
    exact = exact_solution(A, y)
    errors = [abs(float((a - b) / b)) for a, b in zip(map(type(exact[0]), w), exact, strict=True) if b]
    return model.certificate_.claim("digits"), max(errors)


@HARD
@pytest.mark.parametrize("name", NAMES)
def test_digits_of_nists_problems_are_promised_and_kept(name):
    given = problem(name)
    model = LinearRegression(fit_intercept=given.intercept).fit(given.design, given.y)
    A = np.column_stack([given.design, np.ones(len(given.y))]) if given.intercept else given.design
    w = [*model.coef_.tolist(), *([model.intercept_] if given.intercept else [])]
    claim, error = claim_and_error(model, A, given.y, w)
    if name == "Filip":  # κ² is beyond float64: the curvature is proved in twice the precision
        assert claim.verdict == "CERTIFIED" and error <= claim.bound <= 1e-9
        return
    assert claim.verdict == "CERTIFIED" and error <= claim.bound <= 2e-15
    assert "15.9 digits" in claim.statement or claim.bound > 6e-17


@HARD
@pytest.mark.parametrize("seed", range(60))
def test_no_more_digits_are_promised_than_delivered(seed):
    rng = np.random.default_rng(seed)
    n, p = 12, int(rng.integers(1, 5))
    A = rng.standard_normal((n, p))
    A[:, -1] = A[:, 0] + 10.0 ** -rng.uniform(0, 8) * rng.standard_normal(n) if p > 1 else A[:, -1]
    A *= 10.0 ** rng.uniform(-9, 9, p)
    y = A.sum(axis=1) * 10.0 ** rng.uniform(-6, 6) + 10.0 ** rng.uniform(-6, 6) * rng.standard_normal(n)
    model = LinearRegression(fit_intercept=False).fit(A, y)
    w = model.coef_ * (1 + 10.0 ** -rng.uniform(3, 16, p)) if seed % 2 else model.coef_  # right, or nudged
    claim, error = claim_and_error(minimised(A, y, w), A, y, w.tolist())
    assert error <= claim.bound
    if claim.verdict == "CERTIFIED" and seed % 2 == 0:
        assert claim.bound <= 1e-8
    assert not verify(model, A, y).refuted, str(verify(model, A, y))


def minimised(A, y, w):
    """An object with the certificate of this w."""
    objective = LikelihoodObjective.of(Linear(A, False), Squared(), ElasticNet(), y)
    certificate = certify(objective, w, "none", 0, 1e-10)
    return type("Model", (), {"certificate_": certificate})()


def test_more_digits_than_there_are_do_not_pass():
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((30, 3)), rng.standard_normal(30)
    model = Ridge(alpha=0.5).fit(X, y)
    assert not verify(model, X, y).refuted
    claims = model.certificate_.claims
    for factor in (0.1, 1e4):
        told = next(claim for claim in claims if claim.kind == "digits")
        bound = float(f"{told.bound * factor:.3g}")
        forged = replace(told, bound=bound, statement=digits_statement(bound, "x0", 0))
        changed = tuple(forged if claim is told else claim for claim in claims)
        model.certificate_ = replace(model.certificate_, claims=changed)
        assert verify(model, X, y).refuted, factor


@HARD
def test_a_coefficient_of_nothing_has_no_digits_and_hides_none():
    X = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    model = LinearRegression(fit_intercept=False).fit(X, 3 * X[:, 0])
    claim = model.certificate_.claim("digits")
    assert claim.verdict == "CERTIFIED" and "1 more is 0 to working precision" in claim.statement
    nothing = LinearRegression(fit_intercept=False).fit(X, np.zeros(4)).certificate_.claim("digits")
    assert nothing.verdict == "UNAVAILABLE" and nothing.statement.endswith("x0 is not told from 0")


def test_what_is_not_quadratic_claims_no_digits():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 2)), (rng.random(40) > 0.5) * 1.0
    assert minimise(Logistic(), ElasticNet(l2=0.1), X, y).certificate.claim("digits") is None
    assert minimise(Squared(), ElasticNet(l1=0.1), X, y).certificate.claim("digits") is None
