"""Gradient descent: the proven laws hold along the trace, and a step that is too long is explained."""

import math
from functools import partial

import numpy as np
import pytest

from infimum import Logistic, Squared, minimise
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.solvers.gradient import WIDE, curvature_of, gradient_descent
from infimum.solvers.prox_newton import prox_newton

LOSSES = {"squared": Squared(), "logistic": Logistic()}
PENALTIES = {
    "none": ElasticNet(),
    "ridge": ElasticNet(l2=0.05),
    "lasso": ElasticNet(l1=0.05),
    "positive": ElasticNet(lower=0.0),
}


def problem(loss="squared", penalty="none", shape=(50, 4)):
    rng = np.random.default_rng(3)
    X = rng.standard_normal(shape) * np.linspace(1, 4, shape[1])
    eta = X[:, 0] - 0.3 * X[:, 1]
    y = eta + rng.standard_normal(shape[0]) if loss == "squared" else (eta > rng.logistic(size=shape[0])).astype(float)
    return LikelihoodObjective.of(Linear(X), LOSSES[loss], PENALTIES[penalty], y)


every_loss = pytest.mark.parametrize("loss", LOSSES)
every_penalty = pytest.mark.parametrize("penalty", PENALTIES)


@every_loss
@every_penalty
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_the_proven_law_of_plain_steps_holds_along_the_trace(loss, penalty, share):
    F = problem(loss, penalty)
    best = prox_newton(F).params
    start = np.ones(5)
    rate = share / curvature_of(F, start).largest
    trace = gradient_descent(F, start, learning_rate=rate, accelerated=False, epochs=300).trace
    assert trace.facts["law"] == "F(w_k) − F* ≤ ‖w₀ − w*‖² / (2 η k)"
    distance = float(np.sum((start - best) ** 2))
    for step in trace.steps:
        assert step.objective - F.value(best) <= distance / (2 * rate * step.iteration) + 1e-14
    assert np.all(np.diff([step.objective for step in trace.steps]) <= 1e-14)


@every_loss
@every_penalty
def test_the_proven_law_of_accelerated_steps_holds_from_the_last_restart(loss, penalty):
    F = problem(loss, penalty)
    best, start = prox_newton(F).params, np.ones(5)
    for epochs in (1, 3, 7, 20, 60, 150):
        trace = gradient_descent(F, start, epochs=epochs, tolerance=0.0).trace
        last = trace.facts["restart"]
        distance = float(np.sum((iterate(F, start, last) - best) ** 2))
        np.testing.assert_allclose(F.value(iterate(F, start, len(trace.steps))), trace.steps[-1].objective, rtol=1e-12)
        for step in trace.steps[last:]:
            law = 2 * distance / (step.length * (step.iteration - last + 1) ** 2)
            assert step.objective - F.value(best) <= law + 1e-14
        assert "the last restart" in trace.facts["law"]


def iterate(F, start, k):
    """w_k of the accelerated iteration, restarted where the momentum points uphill, written plainly."""
    rate = 1 / curvature_of(F, start).largest
    w, ahead, t = start, start, 1.0
    for _ in range(k):
        following = F.penalty.prox(ahead - rate * F.gradient(ahead), rate)
        uphill = (ahead - following) @ (following - w) > 0
        longer = 1.0 if uphill else (1 + np.sqrt(1 + 4 * t * t)) / 2
        ahead = following if uphill else following + (t - 1) / longer * (following - w)
        w, t = following, longer
    return w


def test_distance_shrinks_at_the_stated_rate():
    F = problem("squared", "none")
    best, start = prox_newton(F).params, np.ones(5)
    before = np.linalg.norm(start - best)
    for epochs in range(1, 30):
        solution = gradient_descent(F, start, epochs=epochs, accelerated=False, tolerance=0.0)
        distance = np.linalg.norm(solution.params - best)
        assert 0 < solution.trace.facts["rate"] < 1
        assert distance <= solution.trace.facts["rate"] * before * (1 + 1e-12)
        before = distance


def test_the_trace_holds_what_a_user_wants_to_see():
    F = problem()
    trace = gradient_descent(F, np.zeros(5), epochs=5).trace
    largest = np.linalg.eigvalsh(F.model.jacobian(np.zeros(5)).T @ F.model.jacobian(np.zeros(5)) / 50)[-1]
    assert [step.iteration for step in trace.steps] == [1, 2, 3, 4, 5]
    assert trace.steps[0].objective == F.value(-trace.steps[0].length * F.gradient(np.zeros(5)))
    assert trace.steps[0].measure == pytest.approx(np.abs(F.gradient(np.zeros(5))).max())
    assert trace.facts["largest_curvature"] == pytest.approx(largest, rel=1e-10)
    assert trace.facts["limit"] == pytest.approx(2 / largest, rel=1e-10)
    assert trace.facts["learning_rate"] == pytest.approx(1 / largest, rel=1e-10) == trace.steps[0].length
    assert trace.facts["assumptions"] == "convex, curvature ≤ λ_max everywhere, η ≤ 1/λ_max"
    assert "5 epochs were not enough: raise epochs" in trace.stopped


@every_loss
def test_a_step_beyond_the_limit_diverges_and_is_explained(loss):
    F = problem(loss)
    limit = curvature_of(F, np.zeros(5)).limit
    solution = gradient_descent(F, np.ones(5), learning_rate=1000 * limit, accelerated=False)
    if loss == "squared":
        expected = (
            f"the learning rate {1000 * limit:.4g} against the limit 2/λ_max = {limit:.4g}; set learning_rate='auto'"
        )
        assert expected in solution.trace.stopped and f"at most {limit / 2:.4g}" in solution.trace.stopped
        assert len(solution.trace.steps) < 10
    assert np.all(np.isfinite(solution.params)) and F.value(solution.params) <= F.value(np.ones(5))
    assert solution.trace.facts["law"] == "none"


@pytest.mark.parametrize("rate", [1e30, 1e200, 1e300])
def test_an_absurd_step_is_explained_without_overflow(rate):
    solution = gradient_descent(problem(), np.ones(5), learning_rate=rate)
    assert solution.trace.stopped.startswith("diverged")


@every_penalty
@pytest.mark.parametrize("share", [0.5, 1.0, 1.5, 1.9])
def test_below_the_limit_plain_steps_descend(penalty, share):
    F = problem("squared", penalty)
    rate = share / curvature_of(F, np.zeros(5)).largest
    trace = gradient_descent(F, np.ones(5), learning_rate=rate, accelerated=False, epochs=200).trace
    assert np.all(np.diff([step.objective for step in trace.steps]) <= 1e-14)
    assert (trace.facts["law"] == "none") == (share > 1) == math.isnan(trace.facts["rate"])
    if share > 1:
        assert trace.facts["assumptions"].startswith("η exceeds 1/λ_max")


def test_momentum_that_overshoots_below_the_limit_is_told_apart():
    F = problem()
    rate = 1.9 / curvature_of(F, np.zeros(5)).largest
    trace = gradient_descent(F, np.ones(5), learning_rate=rate).trace
    assert not trace.stopped.startswith("diverged:")


@pytest.mark.parametrize("shape", [(30, 3), (5, 40), (3, 1)])
@every_loss
def test_the_limit_is_never_too_optimistic(loss, shape):
    F = problem(loss, shape=(shape[0], max(shape[1], 2)))
    A = F.model.jacobian(np.zeros(F.model.layout.size))
    exact = np.linalg.norm(A * np.sqrt(F.weight)[:, None], 2) ** 2 * F.loss.curvature_bound
    curvature = curvature_of(F, np.zeros(F.model.layout.size))
    assert exact * (1 - 1e-13) <= curvature.largest <= exact * (1 + 1e-9) and curvature.proven
    assert curvature.smallest >= 0 and (curvature.smallest == 0 or loss == "squared")


def test_too_wide_for_a_spectrum_is_bounded_all_the_same(monkeypatch):
    import infimum.solvers.gradient as gradient

    F = problem(shape=(60, 30))
    exact = curvature_of(F, np.zeros(31)).largest
    monkeypatch.setattr(gradient, "WIDE", 10)
    bounded = curvature_of(F, np.zeros(31))
    assert exact * (1 - 1e-12) <= bounded.largest <= 31 * exact and bounded.smallest == 0 and bounded.proven
    assert WIDE == 2000


def test_of_a_model_that_is_not_affine_nothing_is_proven():
    X = np.random.default_rng(0).standard_normal((20, 2))
    F = LikelihoodObjective.of(Perceptron(X, (3,), "tanh"), Squared(), ElasticNet(), X[:, 0])
    w = np.random.default_rng(1).standard_normal(F.model.layout.size)
    trace = gradient_descent(F, w, epochs=20).trace
    J = F.model.jacobian(w)
    assert trace.facts["largest_curvature"] == pytest.approx(np.linalg.norm(J, 2) ** 2 / 20, rel=1e-3)
    assert trace.facts["law"] == "none" and "not convex" in trace.facts["assumptions"]


@pytest.mark.parametrize("rate", ["fast", 0.0, -1.0, math.inf, math.nan])
def test_a_learning_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate = .*; expected 'auto' or a positive number .here 2/λ_max"):
        gradient_descent(problem(), learning_rate=rate)


def test_columns_of_zeros_have_nothing_to_descend():
    solution = minimise(
        Squared(), ElasticNet(l2=1.0), np.zeros((3, 2)), np.array([1.0, 2.0, 4.0]), solver=gradient_descent
    )
    np.testing.assert_allclose(solution.params, [0, 0, 7 / 3], rtol=1e-9)
    bare = Linear(np.zeros((3, 2)), intercept=False)
    solution = minimise(Squared(), ElasticNet(), bare, np.ones(3), solver=partial(gradient_descent, accelerated=False))
    np.testing.assert_array_equal(solution.params, [0, 0])
    assert solution.trace.facts["limit"] == math.inf
