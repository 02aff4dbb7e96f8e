"""warm_start goes on where the fit before ended: on the same rows, on others, on others' scales."""

import numpy as np
import pytest

from infimum import MLPClassifier, MLPRegressor
from infimum.estimators.mlp_poisson import MLPPoissonRegressor
from infimum.verify import verify

rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, (400, 3))
WAVE = np.sin(2 * X[:, 0]) + X[:, 1]
TARGETS = {
    "regressor": (MLPRegressor, WAVE),
    "two classes": (MLPClassifier, WAVE > 0),
    "three classes": (MLPClassifier, np.digitize(WAVE, [-0.7, 0.7])),
    "counts": (MLPPoissonRegressor, rng.poisson(np.exp(WAVE)).astype(float)),
}
every_target = pytest.mark.parametrize("name", TARGETS)


def made(name, **given):
    kind, y = TARGETS[name]
    return kind((8,), warm_start=True, **given), y


@every_target
def test_a_fit_that_ended_stays_where_it_is(name):
    model, y = made(name, solver="full-batch", activation="tanh", alpha=1.0, max_iter=2000, tol=1e-8)
    first = model.fit(X, y).params_
    loss = model.loss_
    again = model.set_params(max_iter=2).fit(X, y)
    assert np.allclose(again.params_, first, rtol=1e-3, atol=1e-4)
    assert loss * (1 - 1e-6) <= again.loss_ <= loss * (1 + 1e-12)


@every_target
def test_other_rows_begin_at_what_it_predicts(name):
    pytest.importorskip("torch")
    model, y = made(name, solver="adamw", max_iter=60)
    model.fit(X, y)
    before = model.params_
    half = rng.permutation(len(X))[:300]
    still = model.set_params(max_iter=1, learning_rate_init=1e-12, early_stopping=False).fit(X[half] + 0.01, y[half])
    assert np.allclose(still.params_, before, rtol=1e-4, atol=1e-5)  # in float32
    assert not verify(still, X[half] + 0.01, y[half]).refuted


def test_more_epochs_lower_the_loss():
    pytest.importorskip("torch")
    model, y = made("regressor", solver="adamw", max_iter=10, early_stopping=False)
    losses = [model.fit(X, y).loss_ for _ in range(4)]
    assert losses[-1] < 0.5 * losses[0]
    cold = MLPRegressor((8,), solver="adamw", max_iter=10, early_stopping=False).fit(X, y)
    assert losses[0] == cold.loss_


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hidden_layer_sizes": (9,)}, r"hidden \(8,\), now \(9,\)"),
        ({"activation": "tanh"}, "activation 'relu', now 'tanh'"),
        ({"remedy": "try"}, "leave one of them out"),
    ],
)
def test_another_network_is_refused(changed, message):
    model, y = made("regressor", solver="full-batch", max_iter=5)
    model.fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.set_params(**changed).fit(X, y)


def test_other_columns_or_classes_are_refused():
    model, y = made("three classes", solver="full-batch", max_iter=5)
    model.fit(X, y)
    with pytest.raises(ValueError, match="other columns or classes"):
        model.fit(X[:, :2], y)
    with pytest.raises(ValueError, match="other columns or classes"):
        model.fit(X, y + 1)
