"""Gauss–Newton and Hessian products against explicit matrices, gradients against differences: every layer and loss."""

import numpy as np
import pytest

from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.poisson import Poisson
from infimum.losses.softmax import Softmax
from infimum.losses.squared import Squared
from infimum.models import chain_rule
from infimum.models.activations import ACTIVATIONS
from infimum.models.chain_rule import grouped, layout_of
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from tests.laws.test_layers import CHAINS, Numbers, at, blocks, flat

torch = pytest.importorskip("torch")
LOSSES = {"squared": Squared(), "logistic": Logistic(), "poisson": Poisson(), "multinomial": Multinomial(3)}
every_loss = pytest.mark.parametrize("name", LOSSES)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


def target(loss, rows, rng):
    """y as the loss takes it."""
    if loss.task == "classification":
        return rng.integers(0, loss.outputs + 1 if loss.outputs > 1 else 2, rows).astype(float)
    return rng.poisson(2.0, rows).astype(float) if loss.task == "counts" else rng.standard_normal(rows)


def problem(name, activation="tanh", hidden=(4, 3)):
    """(F, w) of a small network, a point where no unit is at its corner."""
    from infimum.networks.dense import Dense

    rng, loss = np.random.default_rng(0), LOSSES[name]
    X = rng.standard_normal((20, 3))
    model = Dense(X, hidden, activation, loss.outputs)
    y, weight = target(loss, 20, rng), rng.integers(0, 3, 20)
    return LikelihoodObjective.of(model, loss, ElasticNet(), y, weight), rng.standard_normal(model.layout.size)


def by_hand(product, size):
    """The matrix whose products those are."""
    return np.stack([product(e) for e in np.eye(size)], axis=1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own jvp calls jit.script
@every_activation
@every_loss
def test_hessian_products_are_those_of_the_matrix(name, activation):
    F, w = problem(name, activation)
    model, loss = F.model, F.loss
    y, weight = torch.tensor(F.y), torch.tensor(F.weight)
    x = torch.tensor(model.X)
    matrix = torch.func.hessian(lambda w: weight @ loss.value(model.network(w, x), y))(torch.tensor(w)).numpy()
    np.testing.assert_allclose(by_hand(lambda v: F.hessian(w, v), len(w)), matrix, rtol=1e-11, atol=1e-12)


@every_loss
def test_gauss_newton_products_are_those_of_the_matrix(name):
    F, w = problem(name)
    J = by_hand(lambda v: F.model.push(w, v).ravel(), len(w))
    bend = F.loss.bend(F.model(w), F.y)
    m = F.loss.outputs
    D = np.zeros((20 * m, 20 * m))
    for i in range(20):
        D[i * m : (i + 1) * m, i * m : (i + 1) * m] = F.weight[i] * bend[i]
    np.testing.assert_allclose(by_hand(lambda v: F.curvature(w, v), len(w)), J.T @ D @ J, rtol=1e-11, atol=1e-12)


@every_activation
@every_loss
def test_gradients_are_central_differences(name, activation):
    F, w = problem(name, activation)
    gradient, step = F.gradient(w), 1e-5
    for j, e in enumerate(np.eye(len(w))):
        difference = (F.value(w + step * e) - F.value(w - step * e)) / (2 * step)
        assert abs(gradient[j] - difference) < 1e-6 * max(np.max(np.abs(gradient)), 1e-3)


def test_a_model_that_is_affine_does_not_turn_and_numpy_does_not_know():
    F = LikelihoodObjective.of(Linear(np.eye(3)), Logistic(), ElasticNet(), np.array([0.0, 1.0, 1.0]))
    w, v = np.arange(4.0), np.array([1.0, -1.0, 0.5, 2.0])
    np.testing.assert_array_equal(F.hessian(w, v), F.curvature(w, v))
    network = LikelihoodObjective.of(Perceptron(np.eye(3), (2,)), Squared(), ElasticNet(), np.zeros(3))
    with pytest.raises(NotImplementedError, match=r"Perceptron has no second derivative: use a networks.dense.Dense"):
        network.hessian(np.ones(11), np.ones(11))


@pytest.mark.parametrize("loss", [Squared(), Logistic(), Poisson(), Multinomial, Softmax], ids=str)
@pytest.mark.parametrize("name", CHAINS)
def test_the_chain_rule_by_hand_is_that_of_torch_through_every_loss(name, loss):
    """∂/∂w Σ ℓ(z, y), every output of the chain a prediction, or of classes every row of outputs."""
    layers, layout, w, h = at(name)
    z, kept = chain_rule.forward(layers, blocks(name, w), h, Numbers())
    width = z.shape[-1]
    if isinstance(loss, type):
        if width < 2:
            pytest.skip("one output a row is no score of several classes")
        loss = loss(width + 1) if loss is Multinomial else loss(width)
    rows = z.reshape(-1, width) if loss.outputs > 1 else z.ravel()
    y = target(loss, len(rows), np.random.default_rng(3))
    y = np.minimum(y, width - 1) if isinstance(loss, Softmax) else y
    u = loss.gradient(rows, y).reshape(z.shape)
    mine = flat(chain_rule.pull(layers, blocks(name, w), kept, u)[1])
    leaves = [torch.tensor(block, requires_grad=True) for block in flat(blocks(name, w))]
    there, _ = chain_rule.forward(layers, grouped(layers, leaves), torch.tensor(h), Numbers(torch.tensor))
    total = loss.value(there.reshape(rows.shape), torch.tensor(y)).sum()
    theirs = torch.autograd.grad(total, leaves, allow_unused=True)
    for a, b, shape in zip(mine, theirs, layout_of(layers).shapes, strict=True):
        size = max(1.0, float(np.max(np.abs(a), initial=0.0)))
        np.testing.assert_allclose(a, np.zeros(shape) if b is None else b.numpy(), rtol=1e-12, atol=1e-12 * size)
