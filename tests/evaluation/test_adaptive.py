"""Adaptive intervals: the bound of the paper for every sequence, the update written out, what a shift does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from infimum.evaluation.conformal import rank, smallest, split_conformal
from infimum.evaluation.conformal.adaptive import adaptive_conformal


@given(
    past=some.lists(some.floats(0, 10), max_size=30),
    score=some.lists(some.floats(0, 1e6), min_size=1, max_size=200),
    level=some.sampled_from([0.5, 0.8, 0.9]),
    rate=some.sampled_from([0.001, 0.05, 0.5]),
    window=some.sampled_from([None, 1, 7]),
)
def test_the_share_missed_is_bounded_for_every_sequence(past, score, level, rate, window):
    path = adaptive_conformal(np.array(past), np.array(score), level, (rate,), window)
    alpha, T = 1 - level, len(score)
    bound = (max(alpha, 1 - alpha) + rate) / (rate * T)  # Gibbs & Candès (2021), proposition 4.1
    assert abs(np.mean(~path.covered) - alpha) <= bound + 1e-9
    assert np.all((path.alpha >= -rate - 1e-9) & (path.alpha <= 1 + rate + 1e-9))


def one_rate(past, score, level, rate, window):
    """α_{t+1} = α_t + γ (α − missed_t), q_t by sorting, a row at a time."""
    known, asked, found = list(past), 1 - level, []
    for now in score:
        seen = np.array(known[-window:] if window else known)
        place = math.ceil((1 - asked) * (len(seen) + 1) - 1e-9)
        q = -math.inf if place < 1 else smallest(seen, place)
        found.append(q)
        asked += rate * ((1 - level) - (now > q))
        known.append(now)
    return np.array(found)


@pytest.mark.parametrize("window", [None, 20])
@pytest.mark.parametrize("rate", [0.005, 0.3])
def test_one_rate_is_the_update_written_out(rate, window):
    rng = np.random.default_rng(0)
    past, score = rng.exponential(size=30), np.round(rng.exponential(size=300) * np.linspace(1, 4, 300), 1)
    path = adaptive_conformal(past, score, 0.9, (rate,), window)
    np.testing.assert_array_equal(path.quantile, one_rate(past, score, 0.9, rate, window))
    np.testing.assert_array_equal(path.covered, score <= path.quantile)


def test_the_first_quantile_is_the_split_conformal_one_and_later_scores_do_not_matter_before():
    rng = np.random.default_rng(1)
    past, score = rng.exponential(size=100), rng.exponential(size=50)
    path = adaptive_conformal(past, score)
    assert path.quantile[0] == split_conformal(past)
    changed = np.concatenate([score[:25], 100 + score[25:]])
    np.testing.assert_array_equal(adaptive_conformal(past, changed).quantile[:26], path.quantile[:26])


def several_rates(past, score, level, rates, span):
    """The levels of DtACI, algorithm 2 of Gibbs & Candès (2024) with weights and losses written out, (T,)."""
    alpha, k = 1 - level, len(rates)
    spread = (level**2 * alpha**3 + alpha**2 * level**3) / 3
    eta, sigma = math.sqrt((math.log(k * span) + 2) / (span * spread)), 1 / (2 * span)
    weight, levels, known, found = [1.0] * k, [alpha] * k, list(past), []
    for now in score:
        found.append(sum(w * a for w, a in zip(weight, levels, strict=True)) / sum(weight))
        beta = (1 + sum(each >= now for each in known)) / (len(known) + 1)
        loss = [alpha * (beta - a) - min(0.0, beta - a) for a in levels]
        grown = [w * math.exp(-eta * each) for w, each in zip(weight, loss, strict=True)]
        weight = [(1 - sigma) * w + sigma * sum(grown) / k for w in grown]
        missed = [now > one_rate(known, [now], 1 - a, 1e-9, None)[0] for a in levels]
        levels = [a + rate * (alpha - miss) for a, rate, miss in zip(levels, rates, missed, strict=True)]
        known.append(now)
    return np.array(found)


def test_several_rates_are_the_algorithm_written_out():
    rng = np.random.default_rng(5)
    past, score = rng.exponential(size=40), rng.exponential(size=150) * np.repeat([1.0, 3.0], 75)
    path = adaptive_conformal(past, score, 0.8, (0.003, 0.05, 0.4), span=60)
    np.testing.assert_allclose(
        path.alpha, several_rates(past, score, 0.8, (0.003, 0.05, 0.4), 60), rtol=1e-9, atol=1e-12
    )


def test_several_rates_of_one_value_are_that_rate():
    rng = np.random.default_rng(2)
    past, score = rng.exponential(size=50), rng.exponential(size=200)
    single, triple = (adaptive_conformal(past, score, 0.9, (0.02,) * n) for n in (1, 3))
    np.testing.assert_allclose(triple.alpha, single.alpha, rtol=1e-12)


def test_after_a_shift_the_fixed_interval_fails_and_the_adaptive_recovers():
    rng = np.random.default_rng(3)
    past = np.abs(rng.standard_normal(500))
    score = np.abs(rng.standard_normal(4000)) * np.repeat([1.0, 3.0, 0.5, 2.0], 1000)
    assert np.mean(score <= split_conformal(past)) < 0.85
    path = adaptive_conformal(past, score)
    assert 0.89 <= path.covered.mean() <= 0.91
    for part in np.split(path.covered, 4):
        assert 0.86 <= part.mean() <= 0.94


def test_where_rows_are_exchangeable_it_stays_near_the_fixed_interval():
    rng = np.random.default_rng(4)
    past, score = rng.exponential(size=2000), rng.exponential(size=3000)
    path = adaptive_conformal(past, score)
    assert abs(path.covered.mean() - 0.9) < 0.015 and np.isfinite(path.quantile).mean() > 0.97
    assert np.median(path.quantile) == pytest.approx(smallest(past, rank(2000)), rel=0.15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": 1.5}, "level = 1.5; expected"),
        ({"rates": ()}, "expected one rate or more"),
        ({"rates": (0.0,)}, "each > 0"),
        ({"window": 0}, "expected at least 1 row"),
        ({"span": 0}, "expected at least 1 row"),
        ({"score": np.array([1.0, math.nan])}, "some are missing"),
        ({"past": np.ones((2, 2))}, "of another shape"),
    ],
)
def test_what_does_not_fit_is_said(change, message):
    with pytest.raises(ValueError, match=message):
        adaptive_conformal(**{"past": np.ones(3), "score": np.ones(3), **change})
