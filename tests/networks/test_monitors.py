"""What is read while training is what is there: λ_max of the matrix written out, slopes, moves and idle units."""

from dataclasses import replace

import numpy as np
import pytest

from infimum import MLPClassifier, MLPRegressor
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.squared import Squared
from infimum.models.perceptron import initial
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import monitors, stochastic
from infimum.solvers.checkpoint import Course
from infimum.solvers.training import Training

torch = pytest.importorskip("torch")
dense = pytest.importorskip("infimum.networks.dense")
LOSSES = {"squared": Squared(), "logistic": Logistic(), "multinomial": Multinomial(3)}


def problem(loss, activation="tanh", n=400):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 3))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
    y = np.digitize(y, [-0.5, 0.5][: loss.outputs]) * 1.0 if loss.task == "classification" else y
    return LikelihoodObjective.of(dense.Dense(X, (6, 5), activation, loss.outputs), loss, ElasticNet(), y)


def engine_of(F, training, start):
    course = Course.begin(start, np.random.default_rng(0))
    rows = np.arange(len(F.y)), np.arange(0)
    return stochastic.Engine.of(torch, F, training, rows, course), course


def exactly(F, w, weighing):
    """The eigenvalue of D^-½ H D^-½ of the largest size, H column by column in float64."""
    H = np.column_stack([F.hessian(w, e) for e in np.eye(len(w))])
    found = np.linalg.eigvalsh(H / np.sqrt(np.outer(weighing, weighing)))
    return found[np.argmax(np.abs(found))]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "silu"])
def test_curvature_is_the_eigenvalue_of_the_matrix_written_out(loss, activation):
    F = problem(LOSSES[loss], activation)
    start = initial(F.model.layout, np.random.default_rng(1), activation)
    with torch.no_grad():
        engine, _ = engine_of(F, Training(epochs=2), start)
        part = monitors.Monitor(engine).few
        weighing = np.random.default_rng(0).uniform(0.1, 1.1, len(start)).astype(np.float32)
        before = engine.tensors[0].clone()
        root = 1 / np.sqrt(weighing)
        found, direction = engine.curvature(part, root, engine.slope(part)[1].numpy() * root, 30)
    assert torch.equal(engine.tensors[0], before)
    rows = F.rows(np.arange(64) * 400 // 64)
    assert found == pytest.approx(exactly(rows, start, weighing.astype(float)), rel=0.005)
    with torch.no_grad():
        once, _ = engine.curvature(part, root, direction, 1)
    assert once == pytest.approx(found, rel=1e-3)  # from where it ended, one product is enough


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", [0, 1])
def test_curvature_is_followed_while_training(monkeypatch, loss, seed):
    F, seen = problem(LOSSES[loss]), []

    def watched(self, course, last, rounds=1):
        w, _, v = (each.double().numpy().copy() for each in self.engine.tensors)
        seen.append((w, v, last.taken))
        return read(self, course, last, rounds)

    read = monitors.Monitor.read
    monkeypatch.setattr(monitors.Monitor, "read", watched)
    start = initial(F.model.layout, np.random.default_rng(seed), "tanh")
    _, trace = stochastic.trained_by_adamw(F, start, np.random.default_rng(seed), Training(epochs=150))
    w, v, taken = seen[-1]
    weighing = np.sqrt(v / (1 - 0.999**taken)) + 1e-8
    rows = F.rows(np.arange(64) * 400 // 64)
    assert trace.readings[-1].curvature == pytest.approx(exactly(rows, w, weighing), rel=0.02)
    assert len(trace.readings) == len(seen) > 5


def test_idle_units_are_those_that_pass_nothing_on():
    F = problem(Squared(), "relu")
    blocks = [block.copy() for block in F.model.layout.split(np.ones(F.model.layout.size)).values()]
    blocks[0][:] = np.random.default_rng(0).standard_normal(blocks[0].shape)
    blocks[1][:] = [-100.0, -100.0, 0.0, 0.0, 0.0, 100.0]  # two are dead, one is a straight line
    blocks[3][:] = [-1e4, -1e4, -1e4, 0.0, 0.0]
    with torch.no_grad():
        engine, course = engine_of(F, Training(epochs=1), np.concatenate([block.ravel() for block in blocks]))
        _, last = engine.epoch(0, 0, np.random.default_rng(0))
        engine.tensors[0].copy_(last.before)
        found = monitors.Monitor(engine).read(course, last).readings[-1]
    assert found.idle == pytest.approx((2 / 6, 3 / 5))
    assert len(found.slopes) == len(found.moves) == 3


@pytest.mark.parametrize("activation", ["silu", "mish"])
def test_idle_units_are_seen_behind_fused_activations(activation):
    F = problem(Squared(), activation)
    blocks = [block.copy() for block in F.model.layout.split(np.ones(F.model.layout.size)).values()]
    blocks[1][:] = [-200.0, 0.0, 0.0, 0.0, 0.0, 0.0]  # one is dead
    with torch.no_grad():
        engine, course = engine_of(F, Training(epochs=1), np.concatenate([block.ravel() for block in blocks]))
        _, last = engine.epoch(0, 0, np.random.default_rng(0))
        engine.tensors[0].copy_(last.before)
        found = monitors.Monitor(engine).read(course, last).readings[-1]
    assert found.idle == pytest.approx((1 / 6, 0.0))


def test_slopes_and_moves_are_those_of_the_last_step():
    F = problem(Squared(), n=60)
    start = initial(F.model.layout, np.random.default_rng(1), "tanh")
    training = Training(epochs=1, batch_size=60, learning_rate=0.01, schedule="constant")
    _, trace = stochastic.trained_by_adamw(F, start, np.random.default_rng(0), training)
    g, split = F.gradient(start), F.model.layout.split
    told, weights = trace.readings[0], [name for name in F.model.layout.names if name.endswith("weight")]
    both = [[block.ravel() for name, block in split(g).items() if name[:6] == each[:6]] for each in weights]
    np.testing.assert_allclose(told.slopes, [np.linalg.norm(np.concatenate(each)) for each in both], rtol=1e-4)
    step = [0.01 * np.sqrt(split(start)[name].size) / np.linalg.norm(split(start)[name]) for name in weights]
    np.testing.assert_allclose(told.moves, step, rtol=1e-2)  # Adam's first step is η in every entry
    assert told.signal == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_reading_changes_no_bit_of_the_training(monkeypatch, dropout):
    X = np.random.default_rng(0).standard_normal((300, 4))
    monkeypatch.setattr(monitors, "LOOK", 0.0)
    monkeypatch.setattr(monitors, "BETWEEN", 200)
    model = MLPRegressor((16,), max_iter=60, dropout=dropout)
    read = model.fit(X, X[:, 0] ** 2).params_
    assert len(model.trace_.readings) == 5  # the first, three on the way, the last
    monkeypatch.setattr(monitors.Monitor, "read", lambda self, course, last, rounds=1: course)
    assert np.array_equal(model.fit(X, X[:, 0] ** 2).params_, read) and model.trace_.readings == ()


def test_a_training_that_blows_up_is_read_without_a_warning():
    X = np.random.default_rng(0).standard_normal((300, 4))
    model = MLPClassifier((16,), solver="adamw", max_iter=12, learning_rate_init=1e30)
    model.fit(X, X[:, 0] > 0)
    assert "not finite" in model.trace_.stopped and len(model.trace_.readings) == 1
    assert np.all(np.isfinite(model.params_))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_compiled_engine_sees_what_the_layers_see(loss):
    F = problem(LOSSES[loss], "relu")
    start = initial(F.model.layout, np.random.default_rng(1), "relu")
    start[18:24] = [-9.0, 0.1, -9.0, 0.0, 0.2, -0.1]  # biases: some of the first units are idle
    with torch.no_grad():
        compiled, _ = engine_of(F, Training(epochs=2), start)
        layered = replace(compiled, compiled=None)
        part = monitors.Monitor(compiled).few
        root = np.random.default_rng(0).uniform(0.5, 2, len(start)).astype(np.float32)
        first = np.ones(len(start), dtype=np.float32)
        found = {k: [each.curvature(part, root, first, k) for each in (compiled, layered)] for k in (1, 4)}
        assert compiled.compiled is not None and compiled.idle(part, 0.01) == pytest.approx(layered.idle(part, 0.01))
    assert 0 < compiled.idle(part, 0.01)[0] < 1
    for (whole, ahead), (stepwise, towards) in found.values():
        assert whole == pytest.approx(stepwise, rel=0.01)
        assert abs(ahead @ towards) == pytest.approx(float(ahead @ ahead), rel=0.02)  # one direction, of either sign
    with torch.no_grad():
        assert compiled.curvature(part, root, 0 * first, 4)[0] == layered.curvature(part, root, 0 * first, 4)[0] == 0
