"""The concept: one equation, one certificate code, from the linear model to the deep network.

(i) A one-layer linear network with a ridge and the linear model reach the same coefficients and the same certified gap;
(ii) a deep, unpenalised linear network reaches the same product of weights, and claims no gap, since it can prove none:
for a number, a count, two classes and several.
"""

from functools import reduce

import numpy as np
import pytest

from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared
from infimum.models.perceptron import Perceptron, initial
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.choose import SOLVERS, choose
from infimum.solvers.gauss_newton import gauss_newton
from infimum.solvers.gradient import gradient_descent

LOSSES = {"squared": Squared(), "logistic": Logistic(), "poisson": Poisson(), "multinomial": Multinomial(3)}
SOLVE = {  # Gauss–Newton forms a Jacobian of one output a row
    "gradient": lambda F, start: gradient_descent(F, start, tolerance=1e-12),
    "gauss-newton": lambda F, start: gauss_newton(F, start, tolerance=1e-12),
}


def dense(*architecture):
    pytest.importorskip("torch")
    from infimum.networks.dense import Dense

    return Dense(*architecture)


every_loss = pytest.mark.parametrize("name", LOSSES)
every_network = pytest.mark.parametrize("network", [dense, Perceptron])


def drawn(name, n=120, p=4, seed=0):
    """(X, y, s): columns of unlike scales, classes that overlap, weights with zeros."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) * np.array([1.0, 3.0, 0.5, 1.5]) + 0.5
    z = X @ np.array([1.0, -0.5, 0.25, 0.0]) + 0.3 + 1.5 * rng.standard_normal(n)
    y = {
        "squared": z,
        "logistic": (z > 0).astype(float),
        "poisson": np.round(np.exp(0.5 * z)),
        "multinomial": np.digitize(z, [-1.0, 1.0]).astype(float),
    }
    return X, y[name], rng.integers(0, 4, n).astype(float)


def solved(objective):
    return SOLVERS[choose(objective)](objective)


def product(model, w):
    """(W₀ ⋯ W_L, what the biases add up to): the linear map that a deep linear network is."""
    blocks = list(model.layout.split(w).values())
    layers = zip(blocks[::2], blocks[1::2], strict=True)
    weight, bias = reduce(lambda low, high: (low[0] @ high[0], low[1] @ high[0] + high[1]), layers)
    return np.append(weight, bias)


@every_loss
@every_network
def test_one_layer_and_a_ridge_are_the_linear_model(name, network):
    X, y, s = drawn(name)
    loss, m = LOSSES[name], LOSSES[name].outputs
    models = linear_in(X, m), network(X, (), "relu", m)
    problems = [LikelihoodObjective.of(model, loss, ElasticNet(l2=0.05), y, s) for model in models]
    linear, layer = (solved(problem) for problem in problems)
    assert choose(problems[0]) == choose(problems[1])
    np.testing.assert_allclose(layer.params, linear.params, rtol=1e-8, atol=1e-8)
    ours, theirs = (solution.certificate.claim("gap") for solution in (linear, layer))
    assert ours.verdict == theirs.verdict == "CERTIFIED"
    assert abs(ours.bound - theirs.bound) <= 1e-8 * ours.scale and ours.method == theirs.method
    assert layer.certificate.verdict("identification") == linear.certificate.verdict("identification") == "CERTIFIED"


@every_network
@pytest.mark.parametrize(
    ("name", "solver"), [(n, s) for n, loss in LOSSES.items() for s in SOLVE if s == "gradient" or loss.outputs == 1]
)
def test_a_deep_linear_network_reaches_the_same_product_of_weights(name, network, solver):
    X, y, s = drawn(name)
    loss, m = LOSSES[name], LOSSES[name].outputs
    linear = solved(LikelihoodObjective.of(linear_in(X, m), loss, ElasticNet(), y, s))
    deep = LikelihoodObjective.of(network(X, (5, 3), "identity", m), loss, ElasticNet(), y, s)
    start = initial(deep.model.layout, np.random.default_rng(1), "identity")
    solution = SOLVE[solver](deep, start)
    np.testing.assert_allclose(product(deep.model, solution.params), linear.params, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(deep.value(solution.params), solution.trace.steps[-1].objective, rtol=1e-9)
    assert linear.certificate.verdict("gap") == "CERTIFIED"
    assert solution.certificate.verdict("gap") == "UNAVAILABLE"
    assert solution.certificate.verdict("stationarity") == "REPORTED"
