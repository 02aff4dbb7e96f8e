"""An epoch in one call takes the steps that the engine takes one by one."""

import numpy as np
import pytest

from infimum.kernels import perceptron as kernel
from infimum.losses import Logistic, Poisson, Squared
from infimum.losses.multinomial import Multinomial, contrasts
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.compiled import WIDEST, Compiled
from infimum.solvers.training import Training

rng = np.random.default_rng(0)
X = rng.standard_normal((301, 5))
LOSSES = {
    "squared": (Squared(), np.sin(2 * X[:, 0]), kernel.SQUARED),
    "logistic": (Logistic(), (X[:, 0] * X[:, 1] > 0).astype(float), kernel.LOGISTIC),
    "poisson": (Poisson(), rng.poisson(np.exp(X[:, 2])).astype(float), kernel.POISSON),
    "multinomial": (Multinomial(4), rng.integers(0, 4, len(X)).astype(float), kernel.MULTINOMIAL),
}
every_loss = pytest.mark.parametrize("name", LOSSES)
SIZES = (8, 6)


def contrasts_of(loss):
    return (contrasts(loss.outputs + 1) if loss.name == "multinomial" else np.ones((1, 1))).astype(np.float32)


def problem(name, l2=0.01):
    loss, y, which = LOSSES[name]
    model = Perceptron(X, SIZES, "relu", loss.outputs)
    weight = np.random.default_rng(1).integers(1, 4, len(X))
    return LikelihoodObjective.of(model, loss, ElasticNet(l2=l2), y, weight), which


@every_loss
def test_the_loss_and_its_slope_are_those_of_the_loss(name):
    loss, y, which = LOSSES[name]
    z = np.random.default_rng(2).normal(0, 3, (len(X), loss.outputs)).astype(np.float32)
    shares = loss.shares(y, 0.1 if loss.name in ("logistic", "multinomial") else 0.0)
    s = np.random.default_rng(3).uniform(0, 1, len(X)).astype(np.float32)
    r = np.empty_like(z)
    target = shares.reshape(len(X), -1).astype(np.float32)
    total = kernel.loss(z, target, s, which, contrasts_of(loss), r)
    value, slope = loss.value_and_gradient((z if loss.outputs > 1 else z[:, 0]).astype(float), shares)
    assert total == pytest.approx(s.astype(float) @ value, rel=1e-5)
    assert np.allclose(r, s[:, None] * slope.reshape(len(X), -1), rtol=1e-4, atol=1e-5)


@every_loss
def test_an_epoch_is_the_steps_of_adam_written_out(name):
    """In float64, with the objective's own gradient of each batch."""
    F, _ = problem(name)
    plan = Compiled.of(F, Training())
    w = F.model.layout.size
    start = 0.3 * np.random.default_rng(4).standard_normal(w)
    decay = np.where(F.model.layout.free, 0.0, 0.01)
    arrays = [start.copy(), np.zeros(w), np.zeros(w), decay, np.zeros(w), np.zeros(w)]
    lengths, order = np.array([0.02, 0.01, 0.005]), np.random.default_rng(5).permutation(len(X))
    single = tuple(each.astype(np.float32) for each in arrays)
    rows = X.astype(np.float32), F.loss.shares(F.y).astype(np.float32), (3 * F.weight).astype(np.float32)
    total = plan.epoch(rows, order, single, 0, (lengths, 7, 0.9, 0.999, 1e-8))

    at, first, second, told, before = start.copy(), np.zeros(w), np.zeros(w), 0.0, start
    for k, part in enumerate(np.split(order, [101, 201])):  # 301 = 101 + 100 + 100
        weight = 3 * F.weight[part]
        model, y = F.model.rows(part), F.y[part]
        z = model(at)
        u = weight * F.loss.gradient(z, y) if z.ndim == 1 else weight[:, None] * F.loss.gradient(z, y)
        g, told, before = model.pull(at, u), told + weight @ F.loss.values(z, y), at.copy()
        first, second = first + 0.1 * (g - first), 0.999 * second + 0.001 * g * g
        t = 8 + k
        root = np.sqrt(second / (1 - 0.999**t)) + 1e-8
        at = at - lengths[k] * decay * at - lengths[k] * first / (1 - 0.9**t) / root
    assert total == pytest.approx(told, rel=1e-5)
    assert np.allclose(single[0], at, rtol=2e-4, atol=2e-5)
    assert np.allclose(single[4], g, rtol=1e-3, atol=1e-5)
    assert np.allclose(single[5], before, rtol=2e-4, atol=2e-5)


def test_dropout_leaves_out_its_share_and_enlarges_the_rest():
    widths = np.array([3, 200, 2])
    p = 3 * 200 + 200 + 200 * 2 + 2
    w = np.ones(p, dtype=np.float32)
    size, place = 50, 50 * np.array([0, 3, 203])
    held = np.ones(50 * 205, dtype=np.float32)
    kernel.forward(held, place, w, widths, (size, 0.25, np.uint64(1)))
    hidden = held[place[1] : place[2]]
    assert set(np.unique(hidden).tolist()) == {0.0, np.float32(4 / 0.75)}  # relu(1 + 1 + 1 + 1), larger or left out
    assert abs(np.mean(hidden == 0) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / len(hidden))
    z = held[place[2] :].reshape(size, 2)
    assert np.allclose(z[:, 0], hidden.reshape(size, 200).sum(axis=1) + 1, rtol=1e-5)

    r, g = np.ones((2, 50 * 200), dtype=np.float32), np.zeros(p, dtype=np.float32)
    kernel.backward(held, place, w, widths, (size, 0.25), (r, g))
    back = (hidden > 0) * 2 / 0.75  # two outputs of slope 1, through weights 1
    assert np.allclose(g[600:800], back.reshape(size, 200).sum(axis=0), rtol=1e-5)


def test_what_is_not_finite_stays_so():
    w = np.full(3 * 2 + 2 + 2 + 1, np.nan, dtype=np.float32)
    held = np.ones(4 * 6, dtype=np.float32)
    kernel.forward(held, 4 * np.array([0, 3, 5]), w, np.array([3, 2, 1]), (4, 0.0, np.uint64(0)))
    assert np.all(np.isnan(held[12:]))


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (Perceptron(X, SIZES, "tanh"), Squared()),
        (Perceptron(X, (WIDEST + 1,), "relu"), Squared()),
        (Perceptron(X, (WIDEST,), "relu"), None),
    ],
)
def test_other_networks_are_trained_step_by_step(model, loss):
    F = LikelihoodObjective.of(model, loss or Squared(), ElasticNet(), X[:, 0])
    assert (Compiled.of(F, Training()) is None) == (loss is not None)
