"""Conformal quantiles, CV+ and sets: the papers' formulas as loops, laws, and exact bounds on the share covered."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import betabinom, binom

from infimum.evaluation.conformal import rank, rows_needed, smallest, split_conformal
from infimum.evaluation.conformal.coverage import coverage_band, coverage_law
from infimum.evaluation.conformal.cross import cross_conformal, cross_guarantee
from infimum.evaluation.conformal.quantiles import group_conformal, of_groups, scaled_conformal
from infimum.evaluation.conformal.sets import aps_scores, cross_sets, lac_scores, split_sets

LEVELS = some.sampled_from([0.5, 0.75, 0.8, 0.9, 0.95, 0.99])


@given(m=some.integers(0, 400), level=LEVELS)
def test_the_rank_is_the_ceiling_in_exact_arithmetic(m, level):
    from fractions import Fraction

    assert rank(m, level) == math.ceil(Fraction(str(level)) * (m + 1))
    assert rank(rows_needed(level), level) <= rows_needed(level) and rank(rows_needed(level) - 1, level) == rows_needed(
        level
    )


@given(
    some.lists(some.floats(-1e9, 1e9) | some.just(math.nan) | some.just(math.inf), max_size=30), some.integers(1, 31)
)
def test_the_smallest_is_that_of_sorting(scores, place):
    ordered = sorted(math.inf if math.isnan(each) else each for each in scores)
    assert smallest(np.array(scores), place) == (ordered[place - 1] if place <= len(scores) else math.inf)


def test_a_difficulty_of_one_changes_nothing_and_a_scale_comes_out_again():
    residual = np.random.default_rng(0).standard_normal(40)
    assert scaled_conformal(residual, np.ones(40)) == split_conformal(residual)
    assert scaled_conformal(residual, np.full(40, 4.0)) * 4.0 == split_conformal(residual)
    with pytest.raises(ValueError, match="not positive and finite"):
        scaled_conformal(residual, np.zeros(40))
    with pytest.raises(ValueError, match=r"difficulty has shape \(3,\); expected \(40,\)"):
        scaled_conformal(residual, np.ones(3))


def test_scaling_by_the_true_spread_evens_the_coverage_out():
    rng = np.random.default_rng(1)
    spread = np.where(rng.random(4000) < 0.5, 1.0, 10.0)
    error = spread * rng.standard_normal(4000)
    q, plain = scaled_conformal(error[:2000], spread[:2000]), split_conformal(error[:2000])
    new, wide = error[2000:], spread[2000:] > 1
    assert plain > 10 and np.mean(np.abs(new[wide]) <= plain) < 0.85 and np.mean(np.abs(new[~wide]) <= plain) == 1
    for rows in (wide, ~wide):
        assert abs(np.mean((np.abs(new) <= q * spread[2000:])[rows]) - 0.9) < 0.03


def test_each_group_has_its_own_quantile_and_a_small_one_none():
    rng = np.random.default_rng(2)
    groups, score = np.repeat(["a", "b", "c"], [50, 20, 8]), rng.exponential(size=78)
    found = group_conformal(score, groups, 0.9)
    assert found["a"] == split_conformal(score[:50]) and found["b"] == split_conformal(score[50:70])
    assert found["c"] == math.inf
    np.testing.assert_array_equal(of_groups(found, np.array(["b", "new", "a"])), [found["b"], math.inf, found["a"]])
    with pytest.raises(ValueError, match="one label a row"):
        group_conformal(score, groups[1:])


def written_out(residual, fold, forecast, level, spread):
    """Barber et al. (2021), equation (2.6), one new row after the other."""
    n, alpha = len(residual), 1 - level
    ends = []
    for f, s in zip(forecast, spread, strict=True):
        below = sorted(f[fold[i]] - s[fold[i]] * residual[i] for i in range(n))
        above = sorted(f[fold[i]] + s[fold[i]] * residual[i] for i in range(n))
        low, high = math.floor(alpha * (n + 1) + 1e-9), math.ceil((1 - alpha) * (n + 1) - 1e-9)
        ends.append((below[low - 1] if low >= 1 else -math.inf, above[high - 1] if high <= n else math.inf))
    return np.array(ends).reshape(-1, 2)


@given(
    n=some.integers(1, 60), k=some.integers(1, 7), m=some.integers(1, 6), seed=some.integers(0, 999), level=LEVELS,
    differ=some.sampled_from([0.0, 1e-13, 0.1, 5.0]), scaled=some.booleans(), ties=some.booleans(),
)  # fmt: skip
def test_cross_conformal_is_the_formula_of_the_paper(n, k, m, seed, level, differ, scaled, ties):
    rng = np.random.default_rng(seed)
    residual, fold = rng.exponential(size=n), rng.integers(0, k, n)
    residual = np.round(residual, 0 if ties else 6)
    forecast = 100 * rng.standard_normal((m, 1)) + differ * rng.standard_normal((m, k))
    spread = rng.uniform(0.2, 3, (m, k)) if scaled else np.ones((m, k))
    found = cross_conformal(residual, fold, forecast, level, spread if scaled else None)
    np.testing.assert_array_equal(found, written_out(residual, fold, forecast, level, spread))


def test_cross_conformal_of_one_model_is_symmetric_about_it():
    residual = np.random.default_rng(3).exponential(size=200)
    ends = cross_conformal(residual, np.zeros(200, dtype=int), np.array([[2.0]]), 0.9)
    np.testing.assert_allclose(ends, [[2 - split_conformal(residual), 2 + split_conformal(residual)]], rtol=1e-15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fold": np.array([0, 2])}, "do not fit"),
        ({"residual": np.ones(3)}, "do not fit"),
        ({"spread": np.ones((1, 3))}, "do not fit"),
        ({"residual": np.array([1.0, math.nan])}, "not finite"),
        ({"spread": np.zeros((1, 2))}, "not positive"),
        ({"level": 1.0}, "level = 1.0; expected a number between 0 and 1"),
    ],
)
def test_cross_conformal_says_what_does_not_fit(change, message):
    given = {"residual": np.ones(2), "fold": np.array([0, 1]), "forecast": np.ones((1, 2)), "level": 0.5}
    with pytest.raises(ValueError, match=message):
        cross_conformal(**{**given, **change})


def folds_of_means(rng, n, k, repeats):
    """(fold (n,), residual (repeats, n), forecast (repeats, k), new y (repeats,)): models that predict a mean."""
    fold = np.arange(n) % k
    y, new = rng.standard_cauchy((repeats, n)), rng.standard_cauchy(repeats)
    means = np.stack([y[:, fold != j].mean(axis=1) for j in range(k)], axis=1)
    return fold, np.abs(y - means[:, fold]), means, new


def test_cross_conformal_keeps_its_guarantee_with_an_unstable_model():
    """The means of Cauchy errors are as wild as the errors themselves; no more is missed than is guaranteed."""
    rng, n, k, repeats = np.random.default_rng(4), 20, 4, 3000
    fold, residual, means, new = folds_of_means(rng, n, k, repeats)
    ends = np.array([cross_conformal(r, fold, f[None], 0.8)[0] for r, f in zip(residual, means, strict=True)])
    covered = int(np.sum((ends[:, 0] <= new) & (new <= ends[:, 1])))
    assert covered >= binom.ppf(1e-6, repeats, cross_guarantee([n // k] * k, 0.8))
    without_models = np.sum(np.abs(new - means[:, 0]) <= np.sort(residual)[:, 0])  # too narrow: the test can fail
    assert without_models < binom.ppf(1e-6, repeats, cross_guarantee([n // k] * k, 0.8))


@given(n=some.integers(2, 300), k=some.integers(2, 20), level=LEVELS)
def test_the_guarantee_is_near_1_minus_2_alpha_and_never_above(n, k, level):
    sizes = np.bincount(np.arange(n) % k, minlength=k).tolist()
    found, nominal = cross_guarantee(sizes, level), max(0.0, 1 - 2 * (1 - level))
    assert found <= nominal + 1e-12 and found >= nominal - 2 * (k - 1) / (n + k) - 1e-12
    assert cross_guarantee([n], level) == level
    if n % k == 0:
        assert found >= nominal - math.sqrt(2 / n) - 1e-12  # Barber et al. (2021), after theorem 4


@pytest.mark.parametrize(("n", "m", "level"), [(50, 30, 0.9), (9, 100, 0.9), (1000, 400, 0.95), (3, 5, 0.5)])
def test_the_law_of_coverage_is_scipys_beta_binomial(n, m, level):
    r = math.ceil(level * (n + 1) - 1e-9)
    np.testing.assert_allclose(coverage_law(n, m, level), betabinom.pmf(np.arange(m + 1), m, r, n + 1 - r), rtol=1e-9)


@given(n=some.integers(1, 200), m=some.integers(1, 60), level=LEVELS, confidence=some.sampled_from([0.5, 0.9, 0.99]))
def test_the_band_holds_what_it_says_and_not_more_than_it_has_to(n, m, level, confidence):
    law, (low, high) = coverage_law(n, m, level), coverage_band(n, m, level, confidence)
    at_low, at_high = round(low * m), round(high * m)
    tail = (1 - confidence) / 2
    assert law[:at_low].sum() <= tail + 1e-12 and law[at_high + 1 :].sum() <= tail + 1e-12
    assert law[: at_low + 1].sum() > tail - 1e-12 and law[at_high:].sum() > tail - 1e-12


def test_the_band_of_repeats_is_that_of_the_convolution():
    law = coverage_law(19, 12, 0.9)
    three = np.convolve(np.convolve(law, law), law)
    low, high = coverage_band(19, 12, 0.9, 0.9, repeats=3)
    assert three[: round(low * 36)].sum() <= 0.05 < three[: round(low * 36) + 1].sum()
    assert three[round(high * 36) + 1 :].sum() <= 0.05 < three[round(high * 36) :].sum()
    assert coverage_band(8, 10) == (1.0, 1.0)
    for wrong in ({"n": -1}, {"m": 0}, {"confidence": 1.0}, {"repeats": 0}):
        with pytest.raises(ValueError, match="expected"):
            coverage_band(**{"n": 9, "m": 9, **wrong})


@pytest.mark.parametrize("n", [19, 60])
def test_split_conformal_covers_as_the_beta_binomial_says(n):
    """Counts over 2000 tables against the exact law, by χ²: a rank too low or too high by one is found."""
    rng, m, repeats = np.random.default_rng(n), 20, 2000
    scores = rng.exponential(size=(repeats, n + m))
    for shift, right in ((0, True), (1, False), (-1, False)):
        place = rank(n, 0.8) + shift
        q = np.partition(scores[:, :n], place - 1, axis=1)[:, place - 1]
        counts = np.bincount((scores[:, n:] <= q[:, None]).sum(axis=1), minlength=m + 1)
        expected = repeats * coverage_law(n, m, 0.8)
        grouped = expected > 5
        statistic = np.sum((counts - expected)[grouped] ** 2 / expected[grouped])
        assert (statistic < 2.5 * grouped.sum()) == right


def drawn_classes(rng, n, K=4):
    """(p (n, K), y (n,)): y drawn from other probabilities than p, as of a model that is wrong."""
    z = 2 * rng.standard_normal((n, K))
    p, true = np.exp(z), np.exp(0.5 * z + [0.5, 0, 0, 0])
    y = (np.cumsum(true / true.sum(axis=1, keepdims=True), axis=1) < rng.random(n)[:, None]).sum(axis=1)
    return p / p.sum(axis=1, keepdims=True), y


@pytest.mark.parametrize("kind", ["lac", "aps", "raps"])
def test_sets_of_a_wrong_model_cover_at_their_level(kind):
    rng, n, m = np.random.default_rng(5), 200, 5000
    shares = []
    for _ in range(20):
        p, y = drawn_classes(rng, n + m)
        u = rng.random(n + m)
        s = lac_scores(p) if kind == "lac" else aps_scores(p, u, 0.1 * (kind == "raps"), 2)
        found = split_sets(s[np.arange(n), y[:n]], s[n:], 0.9)
        shares.append(found[np.arange(m), y[n:]].mean())
    low, high = coverage_band(n, m, 0.9, 0.9999, repeats=20)
    assert low <= np.mean(shares) <= high
    assert not low <= np.mean(p[n:][np.arange(m), y[n:]] > 0.1) <= high  # the model's own 90% sets do not


def test_aps_of_the_true_probabilities_is_uniform_whatever_the_row():
    """P(s ≤ t | x) = t if p is right (Romano et al. 2020): the coverage is then conditional on x."""
    rng = np.random.default_rng(6)
    p = np.array([0.5, 0.3, 0.15, 0.05])[rng.permuted(np.tile(np.arange(4), (20000, 1)), axis=1)]
    y = (np.cumsum(p, axis=1) < rng.random(20000)[:, None]).sum(axis=1)
    s = aps_scores(p, rng.random(20000))[np.arange(20000), y]
    assert np.abs(np.sort(s) - np.arange(1, 20001) / 20001).max() < 1.95 / math.sqrt(20000)  # Kolmogorov, 1 in 1000


@given(seed=some.integers(0, 999), K=some.integers(2, 6))
def test_aps_is_the_sum_over_likelier_classes(seed, K):
    rng = np.random.default_rng(seed)
    p, u = rng.dirichlet(np.ones(K), 5), rng.random(5)
    s = aps_scores(p, u, 0.25, 1)
    for i in range(5):
        for k in range(K):
            before = p[i][p[i] > p[i, k]]
            assert s[i, k] == pytest.approx(
                before.sum() + u[i] * p[i, k] + 0.25 * max(len(before) + 1 - 1, 0), abs=1e-14
            )
    never_empty = aps_scores(p, np.ones(5))
    assert np.all(never_empty.min(axis=1) == p.max(axis=1))


@given(n=some.integers(1, 40), k=some.integers(1, 5), seed=some.integers(0, 999), level=LEVELS)
def test_cross_sets_are_the_formula_of_the_paper(n, k, seed, level):
    rng = np.random.default_rng(seed)
    own, fold, scores = np.round(rng.random(n), 2), rng.integers(0, k, n), np.round(rng.random((k, 3, 4)), 2)
    counted = [[sum(own[i] < scores[fold[i], row, c] for i in range(n)) for c in range(4)] for row in range(3)]
    np.testing.assert_array_equal(cross_sets(own, fold, scores, level), np.array(counted) < level * (n + 1) - 1e-9)


def test_what_is_no_probability_is_said():
    for p in (np.array([[0.5, 0.6]]), np.array([[-0.1, 1.1]]), np.array([0.5, 0.5]), np.array([[math.nan, 1.0]])):
        with pytest.raises(ValueError, match="are no probabilities"):
            lac_scores(p)
    with pytest.raises(ValueError, match="numbers from 0 to 1, one a row"):
        aps_scores(np.array([[0.5, 0.5]]), np.array([1.5]))


@pytest.mark.parametrize("level", [0.0, 1.0, -1, math.nan])
def test_a_level_outside_of_0_and_1_is_said(level):
    for call in (rank, rows_needed):
        with pytest.raises(ValueError, match="expected a number between 0 and 1"):
            call(*([9] if call is rank else []), level=level)
