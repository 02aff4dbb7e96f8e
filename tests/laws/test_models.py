"""Laws of every model: add one to EVERY_MODEL and all apply to it."""

import numpy as np
import pytest

from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.models.scores import LinearScores


def dense(X, hidden, activation="relu"):
    pytest.importorskip("torch")
    from infimum.networks.dense import Dense

    return Dense(X, hidden, activation)


# name → (model of rows X, affine in its parameters?)
EVERY_MODEL = {
    "linear": (Linear, True),
    "linear without intercept": (lambda X: Linear(X, intercept=False), True),
    "perceptron ()": (lambda X: Perceptron(X, ()), True),
    "perceptron (4,) relu": (lambda X: Perceptron(X, (4,)), False),
    "perceptron (5, 3) tanh": (lambda X: Perceptron(X, (5, 3), "tanh"), False),
    "perceptron (2, 3, 2) identity": (lambda X: Perceptron(X, (2, 3, 2), "identity"), False),
    "perceptron (1,)": (lambda X: Perceptron(X, (1,), "tanh"), False),
    "dense ()": (lambda X: dense(X, ()), True),
    "dense (4,) relu": (lambda X: dense(X, (4,)), False),
    "dense (5, 3) tanh": (lambda X: dense(X, (5, 3), "tanh"), False),
    "dense (2, 3, 2) identity": (lambda X: dense(X, (2, 3, 2), "identity"), False),
}
SHAPES = [(7, 3), (1, 1), (2, 6)]

every_model = pytest.mark.parametrize("name", EVERY_MODEL)
every_shape = pytest.mark.parametrize("shape", SHAPES)


def drawn(name, shape=SHAPES[0], seed=0):
    """(model, w, v, u, whether it is affine) with normal entries."""
    rng = np.random.default_rng(seed)
    make, affine = EVERY_MODEL[name]
    model = make(rng.standard_normal(shape))
    p = model.layout.size
    return model, rng.standard_normal(p), rng.standard_normal(p), rng.standard_normal(shape[0]), affine


@every_model
@every_shape
def test_pull_is_the_transpose_of_push(name, shape):
    model, w, v, u, _ = drawn(name, shape)
    np.testing.assert_allclose(model.push(w, v) @ u, v @ model.pull(w, u), rtol=1e-11, atol=1e-12)


@every_model
@every_shape
def test_push_is_the_derivative_of_the_call(name, shape):
    model, w, v, _, _ = drawn(name, shape)
    step = 1e-6
    difference = (model(w + step * v) - model(w - step * v)) / (2 * step)
    np.testing.assert_allclose(model.push(w, v), difference, rtol=1e-6, atol=1e-6)


@every_model
@every_shape
def test_jacobian_is_the_pushes_of_unit_vectors(name, shape):
    model, w, _, _, _ = drawn(name, shape)
    pushes = np.column_stack([model.push(w, unit) for unit in np.eye(model.layout.size)])
    np.testing.assert_allclose(model.jacobian(w), pushes, rtol=1e-12, atol=1e-12)


@every_model
def test_affine_is_declared_truly(name):
    model, w, v, _, affine = drawn(name)
    assert model.affine is affine
    zero = np.zeros_like(w)
    constant = np.allclose(model.jacobian(w), model.jacobian(v), rtol=1e-12, atol=1e-12)
    straight = np.allclose(model(w), model(zero) + model.jacobian(zero) @ w, rtol=1e-12, atol=1e-12)
    assert (constant and straight) is affine


@every_model
def test_rows_are_the_model_on_those_rows(name):
    model, w, v, u, _ = drawn(name)
    index = np.array([4, 0, 4])
    some = model.rows(index)
    np.testing.assert_allclose(some(w), model(w)[index], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(some.push(w, v), model.push(w, v)[index], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(some.jacobian(w), model.jacobian(w)[index], rtol=1e-12, atol=1e-13)
    assert some.pull(w, u[index]).shape == w.shape


@every_model
def test_the_layout_fits_and_nothing_is_changed(name):
    model, w, v, u, _ = drawn(name)
    X, before, tangent = model.X.copy(), w.copy(), v.copy()
    for answer in (model(w), model.push(w, v), model.pull(w, u), model.jacobian(w)):
        assert type(answer) is np.ndarray and answer.dtype == np.float64
    assert model.layout.size == len(w) == len(model.layout.free)
    np.testing.assert_array_equal(X, model.X)
    np.testing.assert_array_equal(before, w)
    np.testing.assert_array_equal(tangent, v)


def test_without_a_hidden_layer_the_flat_vector_is_that_of_the_linear_model():
    linear, w, v, u, _ = drawn("linear")
    network = Perceptron(linear.X)
    np.testing.assert_allclose(network(w), linear(w), rtol=1e-14)
    np.testing.assert_allclose(network.pull(w, u), linear.pull(w, u), rtol=1e-14)
    np.testing.assert_array_equal(network.jacobian(w), linear.jacobian(w))
    np.testing.assert_array_equal(network.layout.free, linear.layout.free)


def test_without_a_hidden_layer_and_with_several_outputs_it_is_that_of_the_linear_scores():
    rng = np.random.default_rng(0)
    X, w, u = rng.standard_normal((7, 3)), rng.standard_normal(8), rng.standard_normal((7, 2))
    scores, network = LinearScores(X, 2), Perceptron(X, outputs=2)
    np.testing.assert_allclose(network(w), scores(w), rtol=1e-14)
    np.testing.assert_allclose(network.pull(w, u), scores.pull(w, u), rtol=1e-14)
    np.testing.assert_array_equal(network.jacobian(w), scores.jacobian(w))
    np.testing.assert_array_equal(network.layout.free, scores.layout.free)
    assert [name.partition(",")[2] for name in network.layout.entries] == [" contrast 1", " contrast 2"] * 4


@pytest.mark.parametrize("arguments", [((0,), "relu"), ((2.5,), "relu"), ((-1, 3), "relu"), ((3,), "sigmoid")])
def test_an_architecture_that_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match="hidden|activation"):
        Perceptron(np.eye(2), *arguments)
