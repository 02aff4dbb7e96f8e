"""∂L/∂w told layer by layer: the number is that of the gradient and of a central difference."""

import numpy as np
import pytest

from infimum import LogisticRegression, MLPClassifier, MLPRegressor, explain_gradient
from infimum.estimators.mlp_poisson import MLPPoissonRegressor
from infimum.models.perceptron import Perceptron

RNG = np.random.default_rng(0)
X = RNG.standard_normal((30, 3)) * [1.0, 10.0, 0.1]
ETA = np.sin(X[:, 0]) + X[:, 1] / 10
TARGETS = {
    "numbers": (MLPRegressor, 5 * ETA + RNG.standard_normal(30)),
    "two classes": (MLPClassifier, np.where(ETA > 0, "yes", "no")),
    "three classes": (MLPClassifier, np.digitize(ETA, [-0.7, 0.7])),
    "counts": (MLPPoissonRegressor, RNG.poisson(np.exp(ETA + 1)).astype(float)),
}


@pytest.fixture(scope="module", params=[(kind, phi) for kind in TARGETS for phi in ("tanh", "relu", "mish")], ids=str)
def fit(request):
    kind, activation = request.param
    make, y = TARGETS[kind]
    return make((5, 4), activation, solver="full-batch", max_iter=5).fit(X, y), y


def test_each_entry_is_that_of_the_gradient_and_of_a_difference(fit):
    model, y = fit
    coded = np.searchsorted(model.classes_, y) if isinstance(model, MLPClassifier) else y
    network = Perceptron(X, (5, 4), model.activation, len(model.intercepts_[-1]))
    from infimum.losses import loss_named

    loss = loss_named(model.problem_["loss"], len(vars(model).get("classes_", (0, 1))))
    gradient = network.layout.split(network.pull(model.params_, loss.gradient(network(model.params_), coded) / 30))
    for name, block in gradient.items():
        for index in np.ndindex(*block.shape):
            told = explain_gradient(model, X, y, f"{name}{list(index)}")
            assert told.gradient == pytest.approx(block[index], rel=1e-12, abs=1e-300)
            assert abs(told.gradient - told.difference) <= 1e-6 * np.max(np.abs(block)) + 1e-9
            assert np.sum(told.entering * told.reaching) == pytest.approx(told.gradient, rel=1e-12, abs=1e-300)


def test_one_row_is_a_product_of_live_numbers():
    model = MLPRegressor((4,), "tanh", solver="full-batch").fit(X, TARGETS["numbers"][1])
    told = explain_gradient(model, X[:1], [3.0], "layer0.weight[1, 2]")
    (a,), W = X[:1] @ model.coefs_[0] + model.intercepts_[0], model.coefs_[1][:, 0]
    slope = model.predict(X[:1])[0] - 3.0
    assert told.gradient == pytest.approx(X[0, 1] * (1 - np.tanh(a[2]) ** 2) * W[2] * slope, rel=1e-12)
    lines = str(told).splitlines()
    assert lines[0] == f"∂L/∂layer0.weight[1, 2], which is {model.coefs_[0][1, 2]:.6g}, L the mean loss of one row"
    assert [line.split("  ")[1].strip() for line in lines[1:4]] == ["loss", "layer1, 4 → 1", "tanh of layer0"]
    assert f"({slope:.4g})" in lines[1] and f"{X[0, 1]:.4g} · {told.reaching[0]:.4g} = {told.gradient:.9g}" in lines[4]
    assert "central difference" in lines[5] and told.error < 1e-8


def test_dead_units_are_counted():
    model = MLPRegressor((20,), "relu", solver="full-batch", max_iter=3).fit(X, TARGETS["numbers"][1])
    dead = int(np.sum(X[:1] @ model.coefs_[0] + model.intercepts_[0] <= 0))
    assert dead and f"20 numbers, {dead} of them 0" in str(explain_gradient(model, X[:1], [0.0], "layer0.bias[0]"))


@pytest.mark.parametrize(
    "parameter", ["layer2.weight[0, 0]", "layer0.weight[3, 0]", "layer0.bias", "w", "layer0.bias[x]"]
)
def test_a_parameter_that_is_not_there_is_named_with_those_that_are(parameter):
    model = MLPRegressor((4,), solver="full-batch", max_iter=2).fit(X, TARGETS["numbers"][1])
    with pytest.raises(ValueError, match=r"is none of this network; there are layer0.weight\[0 to 2, 0 to 3\], layer0"):
        explain_gradient(model, X, TARGETS["numbers"][1], parameter)


def test_what_is_no_network_is_refused():
    model = LogisticRegression().fit(X, ETA > 0)
    with pytest.raises(ValueError, match="LogisticRegression is no network: give an MLPRegressor or MLPClassifier"):
        explain_gradient(model, X, ETA > 0, "layer0.weight[0, 0]")
