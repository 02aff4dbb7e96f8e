"""Score decompositions add up, curves lie in their bands if p is right and outside if not, intervals are exact."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, log_loss

from infimum.evaluation.calibration import isotonic_regression
from infimum.evaluation.reliability import (
    binned_calibration_error,
    clopper_pearson,
    decompose,
    reliability_bins,
    reliability_curve,
)

tables = some.lists(some.tuples(some.integers(1, 19), some.booleans()), min_size=1, max_size=60)


def arrays(rows):
    p, y = zip(*rows, strict=True)
    return np.array(p) / 20, np.array(y, dtype=float)


@given(tables, some.sampled_from(["brier", "log_loss"]))
def test_the_terms_add_up_and_none_is_negative(rows, score):
    p, y = arrays(rows)
    found = decompose(p, y, score)
    total = found.miscalibration - found.discrimination + found.uncertainty
    assert total == pytest.approx(found.score, abs=1e-12)
    assert min(found.miscalibration, found.discrimination, found.uncertainty) >= -1e-12
    theirs = brier_score_loss(y, p) if score == "brier" else log_loss(y, p, labels=[0, 1])
    assert found.score == pytest.approx(theirs, abs=1e-12)
    share = y.mean()
    entropy = sum(-q * math.log(q) for q in (share, 1 - share) if q)
    assert found.uncertainty == pytest.approx(share * (1 - share) if score == "brier" else entropy, abs=1e-12)


@given(tables)
def test_recalibrated_forecasts_have_no_miscalibration_and_keep_their_discrimination(rows):
    p, y = arrays(rows)
    again = decompose(isotonic_regression(p, y).at(p), y)
    assert again.miscalibration == pytest.approx(0, abs=1e-12)
    assert again.discrimination == pytest.approx(decompose(p, y).discrimination, abs=1e-12)
    assert decompose(np.full(len(y), 0.3), y).discrimination == pytest.approx(0, abs=1e-12)


def test_a_certain_forecast_that_is_wrong_costs_an_infinite_log_loss():
    found = decompose(np.array([0.0, 1.0]), np.array([1.0, 1.0]), "log_loss")
    assert (found.score, found.miscalibration, found.uncertainty) == (math.inf, math.inf, 0.0)


def share_outside(p, truth, seed):
    """Share of the points of the curve that lie outside of their band, y ~ Bernoulli(truth)."""
    rng = np.random.default_rng(seed)
    curve = reliability_curve(p, (rng.random(len(p)) < truth).astype(float), rng, 0.9)
    return np.mean((curve.observed < curve.low - 1e-12) | (curve.observed > curve.high + 1e-12))


def test_the_band_holds_nine_of_ten_points_of_right_forecasts_and_not_of_wrong_ones():
    p = np.random.default_rng(0).random(1000)
    right = np.mean([share_outside(p, p, seed) for seed in range(40)])
    wrong = np.mean([share_outside(p, p**2, seed) for seed in range(5)])
    assert 0.06 < right < 0.14 and wrong > 0.5


def test_the_curve_is_the_isotonic_regression_at_evenly_ranked_forecasts():
    rng = np.random.default_rng(1)
    p, y = rng.random(500), (rng.random(500) < 0.5).astype(float)
    curve, whole = reliability_curve(p, y, rng, points=11), isotonic_regression(p, y)
    assert len(curve.forecast) == 11 and curve.forecast[[0, -1]].tolist() == [p.min(), p.max()]
    np.testing.assert_array_equal(curve.observed, whole.at(curve.forecast))
    assert np.all(curve.low <= curve.high) and np.all(np.diff(curve.low) >= 0)


@given(some.integers(1, 60), some.data(), some.sampled_from([0.5, 0.9, 0.99]))
def test_clopper_pearson_is_that_of_scipy(rows, data, level):
    events = data.draw(some.integers(0, rows))
    theirs = binomtest(events, rows).proportion_ci(level, "exact")
    np.testing.assert_allclose(clopper_pearson(events, rows, level), (theirs.low, theirs.high), rtol=1e-8, atol=1e-12)


def test_bins_hold_all_rows_once_and_ties_together():
    rng = np.random.default_rng(2)
    p, y = np.round(rng.random(1003), 2), (rng.random(1003) < 0.3).astype(float)
    bins = reliability_bins(p, y, 10)
    assert sum(each.rows for each in bins) == 1003 and 8 <= len(bins) <= 10
    assert all(one.last < other.first for one, other in zip(bins[:-1], bins[1:], strict=True))
    for each in bins:
        inside = (p >= each.first) & (p <= each.last)
        assert each.rows == inside.sum() and each.share == pytest.approx(y[inside].mean())
        assert each.low < each.share < each.high and each.forecast == pytest.approx(p[inside].mean())
    expected = sum(each.rows * abs(each.share - each.forecast) for each in bins) / 1003
    assert binned_calibration_error(bins) == pytest.approx(expected)
    assert len(reliability_bins(np.full(9, 0.5), np.ones(9), 4)) == 1


def test_what_does_not_fit_is_said():
    half, one = np.array([0.5]), np.array([1.0])
    for p, y in ((np.array([1.5]), one), (half, np.array([2.0])), (np.array([math.nan]), one)):
        with pytest.raises(ValueError, match="expected probabilities from 0 to 1"):
            decompose(p, y)
    with pytest.raises(ValueError, match="expected .n,. each"):
        decompose(half, np.ones(2))
    with pytest.raises(ValueError, match="score = 'rmse'; expected"):
        decompose(half, one, "rmse")
    with pytest.raises(ValueError, match="bins = 0"):
        reliability_bins(half, one, 0)
    with pytest.raises(ValueError, match="2 of 1 rows"):
        clopper_pearson(2, 1)
    with pytest.raises(ValueError, match="resamples = 0"):
        reliability_curve(half, one, np.random.default_rng(0), resamples=0)
