"""Folds in equal parts, scores as scikit-learn has them, intervals that cover at the promised rate."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infimum.evaluation.conformal import split_conformal
from infimum.evaluation.folds import assign_folds
from infimum.evaluation.scores import statistics
from infimum.losses.logistic import Logistic
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared


@given(n=st.integers(10, 200), k=st.integers(2, 5), seed=st.integers(0, 99))
def test_folds_are_equal_parts(n, k, seed):
    fold = assign_folds(np.zeros(n), k, np.random.default_rng(seed), stratify=False)
    sizes = np.bincount(fold, minlength=k)
    assert len(sizes) == k and sizes.sum() == n and np.ptp(sizes) <= 1


@given(rare=st.integers(5, 60), usual=st.integers(5, 60), seed=st.integers(0, 99))
def test_folds_spread_each_class_evenly(rare, usual, seed):
    y = np.repeat([1.0, 0.0], [rare, usual])
    fold = assign_folds(y, 5, np.random.default_rng(seed), stratify=True)
    for label in (0.0, 1.0):
        assert np.ptp(np.bincount(fold[y == label], minlength=5)) <= 1
    assert np.ptp(np.bincount(fold, minlength=5)) <= 1


def test_folds_follow_the_generator_and_nothing_else():
    y = np.repeat([0.0, 1.0], 20)
    first, second, other = (assign_folds(y, 5, np.random.default_rng(seed), True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert np.any(first != other)


def test_too_few_rows_for_folds_is_said():
    with pytest.raises(ValueError, match="the table has 9 usable rows; 5 folds need at least 10"):
        assign_folds(np.zeros(9), 5, np.random.default_rng(0), False)
    with pytest.raises(ValueError, match="the rarer class has 3 rows; 5 folds need at least 5 of each class"):
        assign_folds(np.repeat([0.0, 1.0], [20, 3]), 5, np.random.default_rng(0), True)


def test_scores_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal(200), rng.standard_normal(200)
    ours = statistics(Squared(), z, y)
    assert ours["rmse"] == pytest.approx(metrics.root_mean_squared_error(y, z), rel=1e-13)
    assert ours["mae"] == pytest.approx(metrics.mean_absolute_error(y, z), rel=1e-13)
    assert ours["r2"] == pytest.approx(metrics.r2_score(y, z), rel=1e-12)
    count = np.floor(np.exp(y))
    ours = statistics(Poisson(), z, count)
    deviance = metrics.mean_poisson_deviance(count, np.exp(z))
    assert ours["deviance"] == pytest.approx(deviance, rel=1e-12)
    assert ours["mae"] == pytest.approx(metrics.mean_absolute_error(count, np.exp(z)), rel=1e-13)
    assert ours["d2"] == pytest.approx(metrics.d2_tweedie_score(count, np.exp(z), power=1), rel=1e-12)
    assert statistics(Poisson(), z, np.zeros(200))["d2"] == 0
    label = (y > 0.3).astype(float)
    z = np.round(2 * z, 1)  # with ties
    p = 1 / (1 + np.exp(-z))
    ours = statistics(Logistic(), z, label)
    assert ours["log_loss"] == pytest.approx(metrics.log_loss(label, p), rel=1e-13)
    assert ours["brier"] == pytest.approx(metrics.brier_score_loss(label, p), rel=1e-13)
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(label, z > 0), rel=1e-15)
    assert ours["auc"] == pytest.approx(metrics.roc_auc_score(label, z), rel=1e-13)


def test_scores_where_there_is_nothing_to_compare():
    assert statistics(Squared(), np.ones(3), np.ones(3)) == {"rmse": 0.0, "mae": 0.0, "r2": 0.0}
    assert statistics(Logistic(), np.arange(3.0), np.ones(3))["auc"] == 0.5
    assert statistics(Logistic(), np.arange(3.0), np.array([0.0, 1.0, 1.0]))["auc"] == 1.0
    assert statistics(Logistic(), np.array([-800.0, 800.0]), np.array([0.0, 1.0]))["log_loss"] == 0


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("m", [9, 19, 50])
def test_split_conformal_covers_at_its_level(level, m):
    """P(|e| ≤ q) is ⌈level (m + 1)⌉ / (m + 1) exactly for errors without ties: the mean over draws is close to it."""
    rng = np.random.default_rng(m)
    calibration, fresh = rng.standard_cauchy((4000, m)), rng.standard_cauchy(4000)
    covered = [abs(e) <= split_conformal(row, level) for row, e in zip(calibration, fresh, strict=True)]
    exact = math.ceil(level * (m + 1) - 1e-9) / (m + 1)
    assert exact >= level
    assert np.mean(covered) == pytest.approx(exact, abs=4 * math.sqrt(0.25 / 4000))


def test_too_few_rows_for_an_interval_give_an_infinite_one():
    assert split_conformal(np.arange(8.0), 0.9) == math.inf
    assert split_conformal(np.arange(9.0), 0.9) == 8.0
    assert split_conformal(np.zeros(0), 0.9) == math.inf
