"""hyperparameters = "tuned": what is searched is what is fitted, the same bits, better than a bad default, and told."""

import numpy as np
import pytest
from sklearn.base import clone

pytest.importorskip("torch")

from infimum import TabularClassifier, TabularPoissonRegressor, TabularRegressor, verify
from infimum.estimators import tuning

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (200, 2))
WAVE = np.sin(6 * X[:, 0]) + X[:, 1]
POOR = {"hidden_layer_sizes": (4,), "members": 2, "frequencies": 2, "learning_rate_init": 1e-5, "max_iter": 18}
TUNED = TabularRegressor(**POOR, hyperparameters="tuned")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(tuning, "CANDIDATES", 6)
    monkeypatch.setattr(tuning, "WIDTHS", (8, 16))


def test_what_was_chosen_is_what_is_fitted():
    model = clone(TUNED).fit(X, WAVE)
    search, chosen = model.search_, model.search_.chosen
    assert search.candidates[0] == tuning.Candidate((4,), 1e-5, 0.1, 0.01, 0.5) and len(search.candidates) == 6
    assert model.recipe_.hidden == chosen.hidden and chosen != search.candidates[0]
    assert list(model.tried_) == [(chosen.rate, chosen.dropout, chosen.spread, 18)]
    assert model.score(X, WAVE) > TabularRegressor(**POOR).fit(X, WAVE).score(X, WAVE) + 0.2
    assert not verify(model, X, WAVE).refuted
    told = model.summary()
    assert "of 6 candidates tried" in told and f"→ {chosen}" in told and "where the rows did not choose" in told
    assert TabularRegressor(**POOR).fit(X, WAVE).search_ is None


def test_a_search_is_drawn_by_its_seed():
    first, again, other = (clone(TUNED).set_params(random_state=seed).fit(X, WAVE) for seed in (0, 0, 1))
    assert np.array_equal(first.params_, again.params_) and first.search_ == again.search_
    assert first.search_.candidates[1:] != other.search_.candidates[1:]


def test_the_loss_is_on_the_scale_of_the_target():
    once, times = (clone(TUNED).fit(X, scale * WAVE).search_ for scale in (1.0, 10.0))
    assert times.race.chosen == once.race.chosen
    assert times.loss == pytest.approx(100 * once.loss, rel=1e-4)
    assert times.optimism == pytest.approx(100 * once.optimism, rel=1e-2, abs=1e-6)


@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (TabularClassifier, np.where(WAVE > 0, "up", "down")),
        (TabularClassifier, np.array(["a", "b", "c"])[np.digitize(WAVE, [-0.5, 0.5])]),
        (TabularPoissonRegressor, np.round(np.exp(WAVE + 1))),
    ],
)
def test_it_tunes_what_else_there_is(estimator, y):
    model = estimator(**POOR, hyperparameters="tuned").fit(X, y)
    last = [each.loss for each in model.search_.race.trials if each.part == 1 and each.candidate == 0]
    assert model.search_.race.loss < last[0]
    assert np.isfinite(model.search_.optimism)


def test_rows_of_weight_zero_choose_nothing():
    weight = (np.arange(200) < 150).astype(float)
    there = clone(TUNED).fit(X[:150], WAVE[:150])
    weighted = clone(TUNED).fit(X, np.where(weight, WAVE, 1e3), weight)
    assert np.array_equal(there.params_, weighted.params_)


def test_other_words_are_refused():
    with pytest.raises(ValueError, match="hyperparameters = 'best'; expected 'default' or 'tuned'"):
        TabularRegressor(**POOR, hyperparameters="best").fit(X, WAVE)
    with pytest.raises(ValueError, match="rarer class has 3 rows"):
        TabularClassifier(**POOR, hyperparameters="tuned").fit(X, np.arange(200) < 3)
