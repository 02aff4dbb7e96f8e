"""The tabular networks as estimators: scikit-learn's contract, what they learn, their evidence, what they refuse."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

pytest.importorskip("torch")

from infimum import TabularClassifier, TabularPoissonRegressor, TabularRegressor, verify
from infimum.estimators.tabular_training import CHARACTERS
from infimum.losses.squared import Squared
from infimum.models.tabular import Recipe, Tabular
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.checkpoint import Course
from infimum.solvers.engine import Engine
from infimum.solvers.training import Training

SMALL = {"hidden_layer_sizes": (16,), "members": 3, "frequencies": 4, "max_iter": 20}
rng = np.random.default_rng(0)
X = np.column_stack([rng.uniform(-1, 1, (150, 2)), rng.integers(0, 2, 150)])
WAVE = np.sin(6 * X[:, 0]) + X[:, 2] * X[:, 1]
MODELS = {
    "regressor": (TabularRegressor(**SMALL), WAVE),
    "two classes": (TabularClassifier(**SMALL), np.where(WAVE > 0, "up", "down")),
    "three classes": (TabularClassifier(**SMALL), np.array(["a", "b", "c"])[np.digitize(WAVE, [-0.5, 0.5])]),
    "counts": (TabularPoissonRegressor(**SMALL), rng.poisson(np.exp(WAVE + 1)).astype(float)),
}
every_model = pytest.mark.parametrize("name", MODELS)


def fitted(name, **changed):
    estimator, y = MODELS[name]
    return clone(estimator).set_params(**changed).fit(X, y), y


@pytest.mark.parametrize("estimator", [TabularRegressor, TabularClassifier, TabularPoissonRegressor])
def test_scikit_learns_contract(estimator):
    brief = {"hidden_layer_sizes": (16,), "members": 2, "frequencies": 4, "max_iter": 40, "early_stopping": False}
    results = check_estimator(estimator(**brief), on_skip=None, on_fail=None)
    assert [each["check_name"] for each in results if each["status"] == "failed"] == []


@every_model
def test_it_learns_what_a_constant_cannot_tell(name):
    model, y = fitted(name, max_iter="auto")
    assert model.score(X, y) > (0.6 if name == "counts" else 0.85)


@every_model
def test_the_same_seed_gives_the_same_bits_and_another_others(name):
    first, again, other = fitted(name)[0], fitted(name)[0], fitted(name, random_state=1)[0]
    assert np.array_equal(first.params_, again.params_)
    assert not np.array_equal(first.params_, other.params_)


@every_model
def test_the_checker_agrees_and_refutes_other_parameters(name):
    model, y = fitted(name)
    assert not verify(model, X, y).refuted
    moved = pickle.loads(pickle.dumps(model))
    moved.params_ = moved.params_ * 1.01
    assert verify(moved, X, y).refuted
    recipe = replace(model.recipe_, centre=tuple(c + 0.1 for c in model.recipe_.centre))
    moved = pickle.loads(pickle.dumps(model))
    moved.recipe_, moved.problem_ = recipe, {**moved.problem_, "recipe": recipe.to_json()}
    assert verify(moved, X, y).refuted


def test_weights_are_repetitions_and_the_order_of_rows_is_none():
    y = MODELS["regressor"][1]
    weight = rng.integers(0, 3, len(X))
    weighted = clone(MODELS["regressor"][0]).fit(X, y, sample_weight=weight)
    rows = rng.permutation(np.repeat(np.arange(len(X)), weight))
    repeated = clone(MODELS["regressor"][0]).fit(X[rows], y[rows])
    assert np.allclose(weighted.predict(X), repeated.predict(X), rtol=1e-10)


def test_scales_of_columns_and_target_do_not_matter():
    model, y = fitted("regressor")
    moved = clone(model).fit(X * [1024.0, 0.25, 1] + [2.0, 8.0, 0], 4096 * y + 512)
    assert np.allclose(moved.predict(X * [1024.0, 0.25, 1] + [2.0, 8.0, 0]), 4096 * model.predict(X) + 512, rtol=1e-3)


def test_three_are_tried_and_the_lowest_on_the_rows_held_out_is_kept():
    model, _ = fitted("regressor", max_iter="auto")
    assert [how[:3] for how in list(model.tried_)[:3]] == list(CHARACTERS)
    assert len(model.tried_) == 4
    lowest = min(model.validation_loss_curve_)
    assert lowest == min(model.tried_.values())
    assert list(fitted("regressor", dropout=0.2)[0].tried_) == [(0.01, 0.2, 0.5, 20)]


def test_columns_with_two_values_are_no_numbers_unless_said():
    assert fitted("regressor")[0].recipe_.numbers == (0, 1)
    assert fitted("regressor", numbers=[2])[0].recipe_.numbers == (2,)


def test_the_summary_tells_blocks_trials_and_the_end():
    told = fitted("regressor", max_iter="auto")[0].summary()
    assert "3 columns, 2 of them numbers, 3 members" in told
    assert told.count("held out") >= 4 and "certificate:" in told


def test_the_members_are_trained_apart():
    recipe = Recipe((0.0, 0.0), (1.0, 1.0), (0,), (5,), "silu", 4, 2)
    model = Tabular(X[:, :2], recipe)
    F = LikelihoodObjective.of(model, Squared(), ElasticNet(), WAVE)
    w = model.start(np.random.default_rng(0))
    rows = np.arange(len(X)), np.arange(0)
    import torch

    engine = Engine.of(torch, F, Training(), rows, Course.begin(w, np.random.default_rng(0)))
    loss, g = engine.slope(engine.part)
    apart = []
    for m in range(4):  # a member alone: the head of one, four times as large
        parts = model.layout.split(w.copy())
        head, level = list(parts.values())[-2:]
        head *= 4 * (np.arange(4) == m)[:, None, None]
        level *= 4 * (np.arange(4) == m)[:, None]
        alone = np.concatenate([part.ravel() for part in parts.values()])
        apart.append(F.mean_loss(alone))
    assert float(loss) == pytest.approx(np.mean(apart), rel=1e-5)
    assert float(engine.loss(engine.part)) == pytest.approx(F.mean_loss(w), rel=1e-5)
    assert len(g) == len(w)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"numbers": "all"}, "numbers = 'all'"),
        ({"numbers": [5]}, "from 0 to 2"),
        ({"numbers": 1}, "numbers = 1;"),
        ({"max_iter": 0}, "max_iter = 0"),
        ({"n_iter_no_change": "never"}, "n_iter_no_change = 'never'"),
        ({"validation_fraction": 1.0}, "validation_fraction = 1.0"),
        ({"members": 0}, "members = 0"),
        ({"hidden_layer_sizes": ()}, "at least one hidden layer"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"learning_rate_init": -1.0}, "learning_rate = -1.0"),
        ({"batch_size": 0}, "batch_size = 0"),
        ({"alpha": -1.0}, "alpha"),
    ],
)
def test_parameters_out_of_range_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        fitted("regressor", **changed)


def test_a_rare_level_is_no_further_off_than_a_number():
    levels = np.zeros((len(X), 2))
    levels[::2, 0], levels[3, 1] = 1.0, 1.0  # one level of every other row, one of a single row
    recipe = TabularRegressor(**SMALL, numbers=[0]).fit(np.column_stack([X[:, 0], levels]), WAVE).recipe_
    seen = recipe.inputs(np.column_stack([X[:, 0], levels]))
    assert 2.9 < np.abs(seen[:, 2]).max() <= 3  # of a column that is standardised, √n
    assert np.abs(seen[:, 1]).max() == pytest.approx(1.0, rel=0.06)


def test_one_class_and_counts_of_nothing_are_refused():
    with pytest.raises(ValueError, match="only one class"):
        TabularClassifier(**SMALL).fit(X, np.ones(len(X), dtype=int))
    with pytest.raises(ValueError, match="0 in every row"):
        TabularPoissonRegressor(**SMALL).fit(X, np.zeros(len(X)))


def test_a_target_that_does_not_vary_has_no_findings():
    constant = TabularRegressor(**SMALL).fit(X, np.full(len(X), 7.0))
    assert constant.findings_ == ()
    assert np.allclose(constant.predict(X), 7.0, atol=0.1)
