"""Metrics: as scikit-learn has them, each the mean of what rows cost, each the same when the checker writes it."""

import numpy as np
import pytest

from infimum.evaluation.metrics import METRICS, UPWARDS, metric_of, misplaced
from infimum.evaluation.scores import statistics
from infimum.ladder.terms import MetricName
from infimum.ladder.words import METRICS as WORDS
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared
from infimum.verify.deciding import KNOWN, Deciding


def drawn(loss, n=300, seed=0):
    """(z, y) with ties."""
    rng = np.random.default_rng(seed)
    z = np.round(rng.normal(size=(n, loss.outputs) if loss.outputs > 1 else n), 1)
    if loss.task == "regression":
        return z, z + rng.normal(size=n)
    if loss.task == "counts":
        return z, rng.poisson(np.exp(z + 0.1)).astype(float)
    p = loss.mean(z) if loss.outputs > 1 else np.column_stack([1 - loss.mean(z), loss.mean(z)])
    return z, (p.cumsum(axis=1) < rng.uniform(size=n)[:, None]).sum(axis=1).astype(float)


LOSSES = (Squared(), Poisson(), Logistic(), Multinomial(4))
EACH = [(loss, name) for loss in LOSSES for name in METRICS[loss.task]]


@pytest.mark.parametrize(("loss", "name"), EACH)
def test_the_error_is_the_mean_of_the_rows_and_that_of_the_checker(loss, name):
    z, y = drawn(loss)
    metric, theirs = metric_of(loss, y, name), Deciding(name, loss, y)
    rows = metric.rows(z, y)
    assert rows.shape == y.shape and metric.error(z, y) == pytest.approx(float(metric.of(rows.mean())), rel=1e-13)
    np.testing.assert_allclose(rows, theirs.costs(z, y), rtol=1e-10, atol=1e-14)
    assert metric.error(z, y) == pytest.approx(theirs.error(z, y), rel=1e-12)
    assert (metric.rooted, metric.taught(rows)) == (theirs.rooted, pytest.approx(theirs.moved(rows), rel=1e-12))
    told = statistics(loss, z, y)[name]
    assert told == (1 - metric.error(z, y) if name in UPWARDS else metric.error(z, y))
    assert 0 <= theirs.noise(z, y) < 1e-9 * (1 + metric.error(z, y))


def test_several_classes_are_scored_as_scikit_learn_does():
    metrics = pytest.importorskip("sklearn.metrics")
    loss = Multinomial(4)
    z, y = drawn(loss)
    P, found = loss.mean(z), statistics(loss, z, y)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(y, P, multi_class="ovr"), rel=1e-12)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(y, P.argmax(axis=1)), rel=1e-12)
    assert found["brier"] == pytest.approx(np.mean(((P - np.eye(4)[y.astype(int)]) ** 2).sum(axis=1)), rel=1e-12)


def test_the_auc_s_standard_error_is_that_of_delong_s_components():
    """Var = s²(V of the positive)/n₁ + s²(V of the negative)/n₀ from all pairs, and that of repeated draws."""
    found, stated = [], []
    for seed in range(300):
        z, y = drawn(Logistic(), seed=seed)
        rows, own = misplaced(z, y > 0.5), y > 0.5
        pairs = np.where(z[own][:, None] > z[~own], 0.0, np.where(z[own][:, None] == z[~own], 0.5, 1.0))
        assert rows.mean() == pytest.approx(pairs.mean(), rel=1e-12)
        by_hand = pairs.mean(axis=1).var() / own.sum() + pairs.mean(axis=0).var() / (~own).sum()
        assert rows.var() / len(rows) == pytest.approx(by_hand, rel=1e-12)
        found.append(rows.mean())
        stated.append(np.sqrt(by_hand))
    assert abs(np.mean(stated) / np.std(found) - 1) < 0.1


@pytest.mark.parametrize(("loss", "name"), [each for each in EACH if each[1] not in ("accuracy", "auc", "rmse")])
def test_what_a_parameter_moves_is_at_least_what_slopes_and_information_say(loss, name):
    """u² against E [g² / v] of the model that drew the rows, g by differences, v = E g² of the log-likelihood."""
    if loss.outputs > 1:
        pytest.skip("g and v are vector and matrix there; two classes stand for several")
    z, y = drawn(loss, 20_000)
    metric, h = metric_of(loss, y, name), 1e-5
    g = (metric.rows(z + h, y) - metric.rows(z - h, y)) / (2 * h)
    v = {"counts": np.exp(z), "classification": loss.mean(z) * (1 - loss.mean(z))}.get(loss.task, np.ones(len(z)))
    u, exact = metric.taught(metric.rows(z, y)), float(np.sqrt(np.mean(g**2 / v)))
    assert u == pytest.approx(exact, rel=0.35) if name != "brier" else exact <= u < 2 * exact


def test_names_are_the_same_everywhere():
    every = {name for names in METRICS.values() for name in names}
    assert {each.value for each in MetricName} == every == set(WORDS)
    assert {task: set(names) for task, names in METRICS.items()} == KNOWN


def test_a_metric_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="'auc' does not measure regression; expected rmse, mae or r2"):
        metric_of(Squared(), np.arange(3.0), "auc")


def test_shares_of_nothing_are_whole():
    """R² of a target that does not vary, or counts that are all zero, is 0: nothing is explained, nothing divided."""
    for loss, name in ((Squared(), "r2"), (Poisson(), "d2")):
        y = np.zeros(3)
        assert metric_of(loss, y, name).error(y - 1, y) == Deciding(name, loss, y).error(y - 1, y) == 1


def test_what_rounding_alone_ranks_is_a_tie():
    z, y = drawn(Logistic())
    shaken = z * (1 + 1e-15 * np.random.default_rng(0).choice([-1, 0, 1], len(z)))
    assert len(np.unique(shaken)) > len(np.unique(z))
    np.testing.assert_array_equal(misplaced(shaken, y > 0.5), misplaced(z, y > 0.5))
    assert Deciding("auc", Logistic(), y).error(shaken, y) == Deciding("auc", Logistic(), y).error(z, y)
