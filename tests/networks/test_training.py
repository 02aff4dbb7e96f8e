"""AdamW against its definition, stochastic descent against the minimum, Levenberg–Marquardt against its system."""

import numpy as np
import pytest

from infimum.losses.logistic import Logistic
from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron, initial
from infimum.networks import TorchMissingError
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.choose import SOLVERS, choose
from infimum.solvers.gauss_newton import damped_step, gauss_newton
from infimum.solvers.stochastic import adamw
from infimum.solvers.stochastic_descent import batches, stochastic_gradient_descent
from infimum.solvers.training import Training


def problem(make=Linear, loss=None, penalty=None, n=200, noise=0.1):
    """F on normal columns, with weights among which are zeros."""
    rng = np.random.default_rng(0)
    X, loss = rng.standard_normal((n, 3)), loss or Squared()
    y = np.tanh(X @ np.array([1.0, -2.0, 0.5])) + noise * rng.standard_normal(n)
    y = y if loss.task == "regression" else (y > 0).astype(float)
    return LikelihoodObjective.of(make(X), loss, penalty or ElasticNet(), y, rng.integers(0, 3, n))


def network(hidden=(8,), **given):
    pytest.importorskip("torch")
    from infimum.networks.dense import Dense

    return problem(lambda X: Dense(X, hidden, "tanh"), **given)


def start_of(objective, seed=1):
    return initial(objective.model.layout, np.random.default_rng(seed), "tanh")


def test_batches_are_a_partition():
    parts = list(batches(103, 10, np.random.default_rng(0)))
    assert sorted(np.concatenate(parts)) == list(range(103)) and {len(part) for part in parts} == {9, 10}


@pytest.mark.parametrize("penalty", [ElasticNet(), ElasticNet(l1=0.02, l2=0.1)])
@pytest.mark.parametrize("loss", [Squared(), Logistic()])
def test_stochastic_descent_comes_near_the_minimum(loss, penalty):
    F = problem(loss=loss, penalty=penalty, noise=1.0)
    best = SOLVERS[choose(F)](F)
    solution = stochastic_gradient_descent(F, np.zeros(4), np.random.default_rng(0), epochs=60)
    zero, lowest = F.value(np.zeros(4)), F.value(best.params)
    assert F.value(solution.params) - lowest < 0.1 * (zero - lowest)
    assert [step.iteration for step in solution.trace.steps] == list(range(60))
    assert solution.certificate.claim("gap").bound >= F.value(solution.params) - lowest


def test_stochastic_descent_trains_a_network_without_torch():
    F = problem(lambda X: Perceptron(X, (6,), "tanh"))
    start = start_of(F)
    solution = stochastic_gradient_descent(F, start, np.random.default_rng(0), epochs=40, learning_rate=0.3)
    assert F.value(solution.params) < 0.2 * F.value(start)
    assert solution.certificate.verdict("gap") == "UNAVAILABLE"


def test_divergence_is_detected_and_explained():
    solution = stochastic_gradient_descent(problem(), np.zeros(4), np.random.default_rng(0), learning_rate=100.0)
    assert solution.trace.stopped.startswith("diverged: the learning rate 100 against the limit 2/λ_max")
    assert np.all(np.isfinite(solution.params)) and len(solution.trace.steps) < 100


WRONG = [{"learning_rate": -1.0}, {"learning_rate": "fast"}, {"epochs": 0}, {"batch_size": 0}]


@pytest.mark.parametrize("given", WRONG)
def test_schedules_that_cannot_be_are_refused(given):
    with pytest.raises(ValueError, match="expected"):
        stochastic_gradient_descent(problem(), np.zeros(4), np.random.default_rng(0), **given)
    with pytest.raises(ValueError, match="expected"):
        Training(**given)


def textbook_adamw(F, w, steps, rate):
    """w after full-batch steps of AdamW (Loshchilov & Hutter 2019, algorithm 2), in float64."""
    m, v, decay = np.zeros_like(w), np.zeros_like(w), F.penalty.l2
    for k in range(steps):
        g = F.gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        height = min(1.0, k / steps / 0.02 + 0.02) * 0.5 * (1 + np.cos(np.pi * k / steps))
        w = w - rate * height * (m / (1 - 0.9 ** (k + 1)) / (np.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8) + decay * w)
    return w


@pytest.mark.parametrize("loss", [Squared(), Logistic()])
def test_adamw_is_the_textbook_rule(loss):
    F = network(loss=loss, penalty=ElasticNet(l2=0.5))
    training = Training(epochs=20, batch_size=10_000, learning_rate=0.01)
    solution = adamw(F, start_of(F), np.random.default_rng(0), training=training)
    np.testing.assert_allclose(solution.params, textbook_adamw(F, start_of(F), 20, 0.01), rtol=2e-4, atol=2e-5)
    assert solution.params.dtype == np.float64
    loss_alone = F.value(start_of(F)) - F.penalty.value(start_of(F))
    np.testing.assert_allclose(solution.trace.steps[0].objective, loss_alone, rtol=1e-5)


def test_the_same_seed_gives_the_same_bits_and_threads_are_as_before():
    F = network()
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    first, second, other = (
        adamw(F, start_of(F), np.random.default_rng(seed), training=Training(epochs=5)).params for seed in (0, 0, 1)
    )
    assert np.array_equal(first, second) and not np.array_equal(first, other)
    assert torch.get_num_threads() == threads
    assert (torch.tensor(1e-40) * 1).item() > 0  # denormal numbers are not flushed any more


def test_the_best_epoch_on_held_out_rows_is_returned():
    F = network((64,), n=60)
    training = Training(epochs=400, validation_fraction=0.3, patience=15, learning_rate=0.02)
    solution = adamw(F, start_of(F), np.random.default_rng(0), training=training)
    steps, facts = solution.trace.steps, solution.trace.facts
    used = int((F.weight > 0).sum())
    assert facts["held_out_rows"] == int(np.ceil(0.3 * used)) and facts["measure"] == "held-out loss"
    assert facts["best_epoch"] == min(steps, key=lambda step: step.measure).iteration
    assert len(steps) < 400 and solution.trace.stopped == "no better on the held-out rows for 15 epochs"
    assert solution.certificate.n == 60 and "not F" in facts["functional"]


def test_rows_of_weight_zero_do_not_matter():
    F = network()
    kept = F.rows(np.flatnonzero(F.weight > 0))
    one, other = (adamw(each, start_of(F), np.random.default_rng(0), training=Training(epochs=3)) for each in (F, kept))
    np.testing.assert_allclose(one.params, other.params, rtol=1e-5, atol=1e-6)


def test_a_loss_that_is_not_finite_ends_the_training_at_finite_parameters():
    F = network()
    solution = adamw(F, start_of(F), np.random.default_rng(0), training=Training(learning_rate=1e30, epochs=10))
    assert "not finite" in solution.trace.stopped and "take a learning rate below" in solution.trace.stopped
    assert np.all(np.isfinite(solution.params)) and len(solution.trace.steps) < 10


def test_adamw_refuses_what_it_cannot_train():
    F, rng = network(), np.random.default_rng(0)
    with pytest.raises(ValueError, match="not a Linear: use stochastic_gradient_descent"):
        adamw(problem(), np.zeros(4), rng)
    with pytest.raises(ValueError, match="ridge"):
        adamw(network(penalty=ElasticNet(l1=1.0)), start_of(F), rng)
    with pytest.raises(ValueError, match="leaves none"):
        adamw(F.rows([1]), start_of(F), rng, training=Training(validation_fraction=0.5))


def torch_gone(name):
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_without_torch_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("infimum.networks.import_module", torch_gone)
    with pytest.raises(TorchMissingError, match=r"pip install 'infimum\[networks\]'"):
        adamw(problem(), np.zeros(4), np.random.default_rng(0))


@pytest.mark.parametrize("shape", [(5, 9), (9, 5)])
def test_the_damped_step_solves_its_system(shape):
    rng = np.random.default_rng(0)
    J, d = rng.standard_normal(shape), rng.random(shape[0])
    diagonal, g = 0.1 + rng.random(shape[1]), rng.standard_normal(shape[1])
    expected = -np.linalg.solve((J.T * d) @ J + np.diag(diagonal), g)
    np.testing.assert_allclose(damped_step(J, d, diagonal, g), expected, rtol=1e-10)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("loss", [Squared(), Logistic()])
def test_levenberg_marquardt_reaches_a_stationary_point_and_never_climbs(loss, activation):
    F = problem(lambda X: Perceptron(X, (4,), activation), loss=loss, penalty=ElasticNet(l2=1e-2))
    solution = gauss_newton(F, start_of(F), tolerance=1e-8, iterations=500)
    values = [step.objective for step in solution.trace.steps]
    assert values == sorted(values, reverse=True)
    assert "within the tolerance" in solution.trace.stopped or "no step lowers" in solution.trace.stopped
    assert solution.certificate.verdict("stationarity") == "REPORTED"
    if activation == "tanh":
        assert solution.certificate.claim("stationarity").value <= 1e-8


def test_levenberg_marquardt_says_where_it_does_not_apply():
    F = problem(penalty=ElasticNet(l1=0.1))
    with pytest.raises(ValueError, match="gradient_descent"):
        gauss_newton(F, np.zeros(4))
    few = gauss_newton(problem(lambda X: Perceptron(X, (4,))), np.ones(21), iterations=2)
    assert "2 iterations were not enough" in few.trace.stopped
