"""Every solver on every problem that it serves: one minimum, one gap, CERTIFIED."""

import math
from functools import partial

import numpy as np
import pytest

from infimum import Logistic, Poisson, Squared, minimise
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.solvers.choose import choose
from infimum.solvers.direct import least_squares
from infimum.solvers.gradient import gradient_descent
from infimum.solvers.prox_newton import prox_newton

SOLVERS = {
    "direct": least_squares,
    "cholesky": partial(least_squares, method="cholesky"),
    "qr": partial(least_squares, method="qr"),
    "svd": partial(least_squares, method="svd"),
    "newton": prox_newton,
    "accelerated": partial(gradient_descent, tolerance=1e-13, epochs=50_000),
    "plain": partial(gradient_descent, tolerance=1e-13, epochs=200_000, accelerated=False),
}
PENALTIES = {
    "none": ElasticNet(),
    "ridge": ElasticNet(l2=0.1),
    "lasso": ElasticNet(l1=0.05),
    "elastic net": ElasticNet(l1=0.03, l2=0.02),
    "not negative": ElasticNet(lower=0.0),
    "box": ElasticNet(lower=-0.3, upper=0.4),
    "per entry": ElasticNet(l1=np.array([0.0, 0.1, 0.0, 0.2, 0.0]), l2=np.array([0.1, 0.0, 0.0, 0.0, 0.3])),
}
LOSSES = {"squared": Squared(), "logistic": Logistic(), "poisson": Poisson()}


def problem(loss, penalty, intercept, weighted):
    rng = np.random.default_rng(7)
    X = rng.standard_normal((60, 5)) + [0, 1, 0, -1, 0.5]
    eta = X @ [1.0, -0.5, 0.0, 0.02, -1.0] + 0.3
    noise, odds = 0.5 * rng.standard_normal(60), 2 * rng.logistic(size=60)
    y = {"squared": eta + noise, "logistic": (eta > odds) * 1.0, "poisson": rng.poisson(np.exp(0.5 * eta)) * 1.0}[loss]
    weight = rng.choice([0.0, 1.0, 2.5], 60) if weighted else None
    model = Linear(X, intercept)
    strengths = PENALTIES[penalty]
    if penalty == "per entry" and intercept:
        parts = (np.append(part, 0.0) for part in (strengths.l1, strengths.l2))
        strengths = ElasticNet(*parts)
    return LikelihoodObjective.of(model, LOSSES[loss], strengths, y, weight)


def serves(solver, loss, penalty):
    return solver not in ("direct", "cholesky", "qr", "svd") or (loss == "squared" and penalty in ("none", "ridge"))


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", LOSSES)
def test_all_reach_the_same_certified_minimum(loss, penalty, intercept, weighted):
    F = problem(loss, penalty, intercept, weighted)
    solutions = {name: solve(F) for name, solve in SOLVERS.items() if serves(name, loss, penalty)}
    best = min(F.value(solution.params) for solution in solutions.values())
    for name, solution in solutions.items():
        gap = solution.certificate.claim("gap")
        assert gap.verdict == "CERTIFIED" and gap.holds(1e-8), f"{name}: {solution.certificate}"
        assert F.value(solution.params) - best <= gap.bound + 1e-15 * best, name
        np.testing.assert_allclose(solution.params, solutions["newton"].params, rtol=1e-6, atol=1e-8, err_msg=name)
        within = (solution.params >= F.penalty.lower) & (solution.params <= F.penalty.upper)
        assert np.all(within), name


@pytest.mark.parametrize("loss", LOSSES)
def test_bounds_that_bind_are_met_exactly(loss):
    F = problem(loss, "not negative", True, False)
    w = prox_newton(F).params
    slope = F.gradient(w)
    assert np.sum(w[:-1] == 0) >= 1 and np.all(w[:-1] >= 0)
    assert np.all(slope[:-1][w[:-1] == 0] > 0) and np.all(np.abs(slope[:-1][w[:-1] > 0]) < 1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_wide_tables_are_solved_on_working_sets(loss):
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(11)
    X = rng.standard_normal((80, 700))
    eta = X[:, :4] @ [2.0, -1.5, 1.0, 0.5]
    if loss == "squared":
        y = eta + 0.1 * rng.standard_normal(80)
        theirs = linear_model.Lasso(alpha=0.1, tol=1e-12, max_iter=100_000).fit(X, y)
        expected = np.append(theirs.coef_, theirs.intercept_)
    else:
        y = (eta > rng.logistic(size=80)) * 1.0 if loss == "logistic" else rng.poisson(np.exp(0.5 * eta)) * 1.0
        expected = None
    solution = minimise(LOSSES[loss], ElasticNet(l1=0.1), X, y)
    gap = solution.certificate.claim("gap")
    assert gap.verdict == "CERTIFIED" and gap.method == "duality"
    assert 0 < np.count_nonzero(solution.params[:-1]) < 60
    if expected is not None:
        np.testing.assert_allclose(solution.params, expected, rtol=1e-5, atol=1e-6)


def test_wide_ridge_is_certified():
    rng = np.random.default_rng(12)
    X, y = rng.standard_normal((30, 200)), rng.standard_normal(30)
    for loss, target in ((Squared(), y), (Logistic(), (y > 0).astype(float)), (Poisson(), np.round(np.exp(y)))):
        solution = minimise(loss, ElasticNet(l2=0.1), X, target)
        assert solution.certificate.verdict("gap") == "CERTIFIED", solution.certificate
        assert "30 rows cannot determine 201" in solution.certificate.claim("identification").statement


def test_the_table_of_choice():
    chosen = {(loss, penalty): choose(problem(loss, penalty, True, False)) for loss in LOSSES for penalty in PENALTIES}
    direct = {key for key, name in chosen.items() if name == "direct"}
    assert direct == {("squared", "none"), ("squared", "ridge")}
    assert set(chosen.values()) == {"direct", "newton"}


@pytest.mark.parametrize(
    "solver", ["auto", "direct", "newton", "gradient", prox_newton, partial(prox_newton, tolerance=1e-6)]
)
def test_the_door_takes_a_name_or_a_function(solver):
    F = problem("squared", "ridge", False, True)
    solution = minimise(F.loss, ElasticNet(l2=0.1), F.model, F.y, weight=F.weight, solver=solver)
    np.testing.assert_allclose(solution.params, least_squares(F).params, rtol=1e-6)
    assert len(solution.params) == 5


X2, Y2 = np.array([[0.0], [1.0], [3.0]]), np.array([0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minimise(Squared(), ElasticNet(), X2[:2], Y2), r"X has shape \(2, 1\) and y \(3,\); expected"),
        (lambda: minimise(Squared(), ElasticNet(), X2[:, 0], Y2), r"X has shape \(3,\) and y \(3,\); expected"),
        (lambda: minimise(Squared(), ElasticNet(), X2[:0], Y2[:0]), "n ≥ 1"),
        (lambda: minimise(Squared(), ElasticNet(), X2 * math.nan, Y2), "X holds NaN or infinite values; fill or drop"),
        (lambda: minimise(Squared(), ElasticNet(), X2, Y2 / 0.5 + math.inf), "y holds NaN or infinite values"),
        (lambda: minimise(Logistic(), ElasticNet(), X2, Y2 * 2), "y runs from 0 to 2; the logistic loss takes.*code"),
        (lambda: minimise(Poisson(), ElasticNet(), X2, Y2 - 1), "y runs from -1 to 0; the poisson loss takes.*≥ 0"),
        (lambda: minimise(Squared(), ElasticNet(), X2, Y2, weight=[1, 2]), r"weight has shape \(2,\); expected \(3,\)"),
        (lambda: minimise(Squared(), ElasticNet(), X2, Y2, weight=[1, -2, 0]), "≥ 0 and not all 0"),
        (lambda: minimise(Squared(), ElasticNet(), X2, Y2, weight=[0, 0, 0]), "≥ 0 and not all 0"),
        (lambda: minimise(Squared(), ElasticNet(), X2, Y2, solver="sgd"), "solver = 'sgd'; there are: auto, direct"),
        (lambda: minimise(Logistic(), ElasticNet(), X2, Y2, solver="direct"), "takes the squared.*use prox_newton"),
        (lambda: minimise(Squared(), ElasticNet(l1=1.0), X2, Y2, solver="direct"), "no l1 strength"),
        (
            lambda: minimise(Squared(), ElasticNet(), X2, Y2, solver=partial(least_squares, method="lu")),
            "method = 'lu'; there are: auto, cholesky, qr, svd",
        ),
        (
            lambda: minimise(Squared(), ElasticNet(), X2 * 0, Y2, solver=partial(least_squares, method="qr")),
            "method = 'qr' needs independent columns",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()
