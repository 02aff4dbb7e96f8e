"""partial_fit: an epoch a call, on rows as they come, Adam's memory carried from one to the next."""

import pickle

import numpy as np
import pytest

pytest.importorskip("torch")

from infimum import MLPClassifier, MLPRegressor
from infimum.estimators.mlp_poisson import MLPPoissonRegressor
from infimum.verify import verify

rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, (600, 3))
WAVE = np.sin(2 * X[:, 0]) + X[:, 1]
TARGETS = {
    "regressor": (MLPRegressor, WAVE),
    "two classes": (MLPClassifier, np.where(WAVE > 0, "up", "down")),
    "three classes": (MLPClassifier, np.digitize(WAVE, [-0.7, 0.7])),
    "counts": (MLPPoissonRegressor, rng.poisson(np.exp(WAVE)).astype(float)),
}
every_target = pytest.mark.parametrize("name", TARGETS)


@every_target
def test_parts_of_the_rows_call_after_call_come_to_a_good_fit(name):
    kind, y = TARGETS[name]
    model, known = kind((16,)), {"classes": np.unique(y)} if kind is MLPClassifier else {}
    for k in range(240):
        part = np.arange(k % 3, len(X), 3)
        model.partial_fit(X[part], y[part], **known)
    whole = kind((16,), solver="adamw").fit(X, y)
    score = {"counts": lambda m: -np.mean(m.predict(X) - y * np.log(m.predict(X)))}.get(name, lambda m: m.score(X, y))
    assert score(model) > score(whole) - 0.05
    assert model.n_iter_ == 240 and len(model.loss_curve_) == 240 and "240 calls of partial_fit" in model.summary()
    assert not verify(model, X[part], y[part]).refuted


def test_calls_on_the_same_rows_are_the_epochs_of_a_fit():
    """At a constant rate and without a schedule's end, an epoch is an epoch; the random state goes on."""
    told = {"learning_rate": "constant", "learning_rate_init": 0.01, "early_stopping": False, "solver": "adamw"}
    model = MLPRegressor((8,), **told)
    losses = [model.partial_fit(X, WAVE).loss_ for _ in range(5)]
    assert losses[-1] < losses[0]
    fit = MLPRegressor((8,), max_iter=5, **told).fit(X, WAVE)
    assert np.allclose(model.loss_curve_[0], fit.loss_curve_[0], rtol=1e-6)
    assert model.n_iter_ == fit.n_iter_ == 5


def test_what_is_carried_survives_pickling():
    first, second = MLPRegressor((8,)), MLPRegressor((8,))
    for k in range(4):
        first.partial_fit(X[k::4], WAVE[k::4])
        second = pickle.loads(pickle.dumps(second.partial_fit(X[k::4], WAVE[k::4])))
    assert np.array_equal(first.params_, second.params_)


def test_fit_forgets_what_was_carried():
    fresh = MLPRegressor((8,), max_iter=5).fit(X, WAVE)
    used = MLPRegressor((8,), max_iter=5).partial_fit(X, WAVE).fit(X, WAVE)
    assert np.array_equal(fresh.params_, used.params_)
    again, once = used.partial_fit(X, WAVE), MLPRegressor((8,), max_iter=5).partial_fit(X, WAVE)
    assert np.array_equal(again.params_, once.params_)


def test_rows_of_one_class_are_welcome_and_their_weights_count():
    y = (WAVE > 0).astype(int)
    model = MLPClassifier((8,)).partial_fit(X, y)
    only = model.partial_fit(X[y == 1], y[y == 1]).predict_proba(X)[:, 1].mean()
    assert only > MLPClassifier((8,)).partial_fit(X, y).predict_proba(X)[:, 1].mean()
    heavy = MLPClassifier((8,)).partial_fit(X, y, sample_weight=np.where(y == 1, 20.0, 1.0))
    weighed = MLPClassifier((8,), class_weight={1: 20.0}).partial_fit(X, y)
    assert np.allclose(heavy.params_, weighed.params_)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"remedy": "try"}, "remedy = 'try'"),
        ({"checkpoint": "x"}, "keeps no file"),
        ({"class_weight": "balanced"}, r"give \{class: weight\}"),
        ({"learning_rate_init": 1e30}, "set learning_rate_init below 1e[+]30"),
    ],
)
def test_what_cannot_go_on_is_refused(given, message):
    model = MLPClassifier((8,), **given)
    with pytest.raises(ValueError, match=message), np.errstate(all="ignore"):
        for _ in range(3):
            model.partial_fit(X, WAVE > 0)


def test_other_columns_layers_or_classes_are_refused():
    model = MLPClassifier((8,)).partial_fit(X, TARGETS["three classes"][1])
    with pytest.raises(ValueError, match="3 features"):
        model.partial_fit(X[:, :2], TARGETS["three classes"][1])
    with pytest.raises(ValueError, match="y holds 7, none of"):
        model.partial_fit(X, np.full(len(X), 7))
    with pytest.raises(ValueError, match="they stay"):
        model.partial_fit(X, np.zeros(len(X), dtype=int), classes=[0, 1])
    with pytest.raises(ValueError, match="hidden_layer_sizes changed"):
        model.set_params(hidden_layer_sizes=(9,)).partial_fit(X, TARGETS["three classes"][1])


def test_there_is_none_for_the_whole_table_at_once():
    model = MLPRegressor((8,), solver="full-batch")
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit") as refused:
        model.partial_fit(X, WAVE)
    assert "set solver='auto'" in str(refused.value.__cause__)
