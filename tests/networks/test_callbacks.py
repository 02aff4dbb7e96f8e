"""Epochs told to scikit-learn's callbacks: one task each, an estimator to score, an early end; and curves of a fit."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn.callback")

from sklearn.callback import ScoringMonitor
from sklearn.metrics import log_loss, mean_squared_error

from infimum import MLPClassifier, MLPPoissonRegressor, MLPRegressor, TabularClassifier, TabularRegressor

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (300, 3))
WAVE = np.sin(3 * X[:, 0]) + X[:, 1]
LABELS = np.array(["low", "middle", "high"])[np.digitize(WAVE, [-0.5, 0.5])]
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 6}


class Watching:
    """Keeps what it was told; asks to stop after `most` epochs."""

    def __init__(self, most=10**6):
        self.told, self.most = [], most

    def setup(self, estimator, context):
        self.told.append("setup")

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.told.append(f"{context.task_name} {context.task_id}")

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "epoch":
            self.last = fitted_estimator
            return context.task_id + 1 >= self.most


def test_each_epoch_is_a_task_of_the_fit():
    seen = Watching()
    model = MLPRegressor(**SMALL, early_stopping=False).set_callbacks(seen).fit(X, WAVE)
    assert seen.told == ["setup", "fit 0", *(f"epoch {k}" for k in range(6)), "teardown"]
    assert np.array_equal(seen.last.params_, model.params_)  # nothing is held out: the last is kept
    assert "_tell_epoch" not in vars(model)


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (MLPRegressor(**SMALL), WAVE),
        (MLPClassifier(**SMALL), LABELS),
        (MLPPoissonRegressor(**SMALL), np.round(np.exp(WAVE))),
        (TabularRegressor(**SMALL, members=2, frequencies=2), WAVE),
        (TabularClassifier(**SMALL, members=2, frequencies=2), LABELS),
    ],
)
def test_a_callback_ends_a_training_and_sees_the_estimator_of_that_epoch(model, y):
    seen = Watching(most=2)
    model.set_callbacks(seen).fit(X, y)
    assert model.trace_.stopped == "a callback asked to stop" and len(model.trace_.steps) == 2
    assert seen.last.predict(X).shape == (300,) and set(np.unique(seen.last.predict(X))) <= set(y) or y.dtype == float


def test_scores_by_epoch_are_those_of_the_estimator_then():
    monitor = ScoringMonitor(scoring="accuracy")
    model = MLPClassifier(**SMALL, early_stopping=False).set_callbacks(monitor).fit(X, LABELS)
    logs = monitor.get_logs().data_as_pandas
    epochs = logs[logs["task_name"] == "epoch"]
    assert len(epochs) == 6 and epochs["accuracy"].iloc[-1] == model.score(X, LABELS)


def test_callbacks_change_no_bit():
    plain, watched = MLPRegressor(**SMALL), MLPRegressor(**SMALL).set_callbacks(Watching())
    assert np.array_equal(plain.fit(X, WAVE).params_, watched.fit(X, WAVE).params_)


def test_validation_curves_are_losses_on_the_rows_held_out():
    model = MLPRegressor(**SMALL, random_state=3).fit(X, 100 * WAVE)
    curve = model.validation_loss_curve_
    assert len(curve) == len(model.loss_curve_) == 6 and model.best_epoch_ == int(np.argmin(curve))
    assert 0.2 < min(curve) / (mean_squared_error(100 * WAVE, model.predict(X)) / 2) < 5  # in the units of y
    several = MLPClassifier(**SMALL).fit(X, LABELS)
    assert 0.2 < min(several.validation_loss_curve_) / log_loss(LABELS, several.predict_proba(X)) < 5
    whole = MLPRegressor(**SMALL, early_stopping=False).fit(X, WAVE)
    assert whole.validation_loss_curve_ is None and whole.best_epoch_ is None
    assert MLPRegressor(**SMALL, solver="full-batch").fit(X, WAVE).validation_loss_curve_ is None
