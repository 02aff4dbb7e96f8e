"""Remedies of findings: pairs that differ in the change alone, kept where the gain is more than its interval."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

pytest.importorskip("torch")

from infimum import MLPClassifier, MLPRegressor, verify
from infimum.diagnoses import Finding
from infimum.diagnoses.remedies import REMEDIES, Remedy, Setting, remedied, usual_start
from infimum.diagnoses.training import RULES
from infimum.losses.squared import Squared
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.training import Training

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (300, 3))
Y = np.sin(3 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.standard_normal(300)
HASTY = MLPRegressor((16,), solver="adamw", learning_rate_init=1.0, max_iter=15, random_state=0)


def setting(**training):
    F = LikelihoodObjective.of(Perceptron(X, (8, 8, 8), "tanh"), Squared(), ElasticNet(l2=0.01), Y)
    return Setting(F, Training(**{"epochs": 6, "validation_fraction": 0.2, **training}), usual_start)


def found(*codes):
    return [Finding(code, "warning", (), "", "", "") for code in codes]


def test_a_step_far_too_long_is_mended():
    plain = clone(HASTY).fit(X, Y)
    tried = clone(HASTY).set_params(remedy="try").fit(X, Y)
    assert plain.findings_ and plain.remedies_ == ()
    kept = [each for each in tried.remedies_ if each.kept]
    assert len(kept) == 1 and kept[0].gain > kept[0].half_width > 0
    assert kept[0].gain == max(each.gain for each in tried.remedies_ if each.gain > each.half_width)
    assert tried.score(X, Y) > plain.score(X, Y)
    assert tried.get_params()["learning_rate_init"] == 1.0
    assert str(kept[0]) in tried.summary()
    assert not verify(tried, X, Y).refuted


def test_a_changed_activation_is_that_of_the_predictions():
    dead = MLPRegressor((16, 16), solver="adamw", learning_rate_init=1.0, max_iter=15, remedy="try", random_state=2)
    model = dead.fit(X, Y)
    hidden = tuple(len(b) for b in model.intercepts_[:-1])
    told = model.problem_
    assert told["hidden"] == hidden
    assert np.allclose(model.predict(X), Perceptron(X, hidden, told["activation"])(model.params_))
    assert any(each.kept for each in model.remedies_)


def test_where_nothing_is_found_nothing_is_tried():
    healthy = MLPClassifier((8,), solver="adamw", max_iter=40, random_state=0)
    labels = Y > 0
    plain, tried = healthy.fit(X, labels), clone(healthy).set_params(remedy="try").fit(X, labels)
    assert plain.findings_ == () and tried.remedies_ == ()
    assert np.array_equal(plain.params_, tried.params_)


def test_the_same_seed_tries_the_same():
    first, again = (clone(HASTY).set_params(remedy="try").fit(X, Y) for _ in range(2))
    assert first.remedies_ == again.remedies_
    assert np.array_equal(first.params_, again.params_)


def test_a_change_that_changes_nothing_gains_nothing_and_is_not_kept(monkeypatch):
    monkeypatch.setitem(REMEDIES, "INF210", (Remedy("nothing", lambda s: replace(s)),))
    same, tried = remedied(setting(), found("INF210"), 0)
    assert [(each.gain, each.half_width, each.kept) for each in tried] == [(0.0, 0.0, False)]
    assert same.training == setting().training


def test_a_change_for_the_worse_is_not_kept(monkeypatch):
    monkeypatch.setitem(REMEDIES, "INF210", (Remedy("no time", lambda s: replace(s, training=Training(epochs=1))),))
    _, tried = remedied(setting(epochs=30), found("INF210"), 0)
    assert tried[0].gain < 0 and not tried[0].kept


def test_more_changes_need_more_proof():
    alone = remedied(setting(epochs=2), found("INF210"), 0)[1][0]
    among = remedied(setting(epochs=2), found("INF210", "INF209", "INF205"), 0)[1][0]
    assert alone.gain == among.gain
    assert among.half_width > alone.half_width


@pytest.mark.parametrize("code", REMEDIES)
def test_every_change_of_the_table_is_one_of_a_rule_and_trains(code):
    said = {rule.__doc__ for rule in RULES}
    assert len(said) == 12 and code[:4] == "INF2"
    for remedy in REMEDIES[code]:
        plain = replace(
            setting(learning_rate=0.5, schedule="constant", patience=40, validation_fraction=0.1), start=_twice
        )
        changed = remedy.change(plain)
        if changed is None:
            assert remedy.name == "smoothed labels"  # of a quantity there are none
            continue
        assert changed is not plain
        w, trace = changed.trained(0)
        assert len(w) == changed.objective.model.layout.size
        assert len(trace.steps) >= 1


def _twice(objective, rng):
    return 2 * usual_start(objective, rng)


def test_a_loss_that_is_not_finite_counts_as_the_worst():
    broken = replace(setting(), start=lambda F, rng: np.full(F.model.layout.size, np.nan))
    _, tried = remedied(broken, found("INF201"), 0)
    assert next(each for each in tried if each.remedy == "the usual start").kept


@pytest.mark.parametrize("remedy", ["yes", True, 1])
def test_another_remedy_is_refused(remedy):
    with pytest.raises(ValueError, match="expected None or 'try'"):
        clone(HASTY).set_params(remedy=remedy).fit(X, Y)
