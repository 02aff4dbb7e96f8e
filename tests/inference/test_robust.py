"""Laws of the errors of quantile and Huber regression; what they refuse, and what they say they believe."""

import math

import numpy as np
import pytest

from infimum import HuberRegressor, QuantileRegressor, infer
from infimum.inference.robust import HUBER, QUANTILE, percentile

MODELS = {
    "median": (lambda **more: QuantileRegressor(alpha=0.0, **more), QUANTILE),
    "lower": (lambda **more: QuantileRegressor(quantile=0.3, alpha=0.0, **more), QUANTILE),
    "huber": (lambda **more: HuberRegressor(alpha=0.0, **more), HUBER),
}
EVERY = [(name, kind) for name, (_, kinds) in MODELS.items() for kind in kinds]
every_kind = pytest.mark.parametrize(("name", "kind"), EVERY)


def drawn(n=80, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 2))
    return X, 0.5 + X @ [1.0, -0.5] + rng.standard_t(4, n) * (0.5 + np.abs(X[:, 0]))


def errors(name, kind, X, y, weight=None):
    return infer(MODELS[name][0]().fit(X, y, weight), X, y, weight, covariance=kind).standard_errors


@every_kind
def test_weights_count_like_repetitions(name, kind):
    X, y = drawn()
    counts = np.random.default_rng(1).integers(0, 4, len(y))
    long = np.repeat(X, counts, axis=0), np.repeat(y, counts)
    np.testing.assert_allclose(errors(name, kind, X, y, counts), errors(name, kind, *long), rtol=1e-7)


@every_kind
def test_errors_follow_the_units(name, kind):
    X, y = drawn()
    own = errors(name, kind, X, y)
    np.testing.assert_allclose(errors(name, kind, X * 8.0, y), own * [1 / 8, 1 / 8, 1], rtol=1e-9)
    np.testing.assert_allclose(errors(name, kind, X, y * 1000.0), own * 1000, rtol=1e-9)
    far = np.array([1e-120, 1e90])
    np.testing.assert_allclose(errors(name, kind, X * far, y) * np.append(far, 1.0), own, rtol=1e-9)
    turned = np.array([[2.0, 1.0], [1.0, 1.0]])
    model = MODELS[name][0]().fit(X @ turned, y)
    V = infer(model, X @ turned, y, covariance=kind).covariance[:2, :2]
    np.testing.assert_allclose(np.sqrt(np.diag(turned @ V @ turned.T)), own[:2], rtol=1e-7)


@every_kind
def test_the_order_of_rows_does_not_matter(name, kind):
    X, y = drawn()
    other = np.random.default_rng(2).permutation(len(y))
    np.testing.assert_allclose(errors(name, kind, X[other], y[other]), errors(name, kind, X, y), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "kind", "skew"),
    [("median", "powell", False), ("lower", "powell", True), ("huber", "robust", False), ("huber", "joint", True)],
)
def test_errors_are_the_spread_of_the_estimates_over_samples(name, kind, skew):
    """Of samples of rows whose noise grows with x; the mean error within a fifth of the estimates' spread.

    Quantiles of skew noise take more rows: densities are looked at in a width that falls as N^(−⅓).
    """
    rng, estimates, told = np.random.default_rng(3), [], []
    rows, samples = (2000, 120) if name == "lower" else (300, 250)
    x = np.linspace(0.0, 2.0, rows)[:, None]
    for _ in range(samples):
        noise = rng.gumbel(size=rows) if skew else rng.normal(size=rows)
        y = 1.0 + x[:, 0] + noise * (0.5 + x[:, 0])
        model = MODELS[name][0]().fit(x, y)
        found = infer(model, x, y, covariance=kind)
        estimates.append(found.estimate)
        told.append(found.standard_errors)
    np.testing.assert_allclose(np.mean(told, axis=0), np.std(estimates, axis=0), rtol=0.2)


def test_percentiles_of_weights_are_those_of_repetitions():
    rng = np.random.default_rng(4)
    for _ in range(30):
        values, counts = rng.normal(size=12), rng.integers(0, 4, 12)
        counts[0] = 1
        for share in (0.0, 0.25, 0.6, 0.75, 1.0):
            ours = percentile(values, counts.astype(float), share)
            assert ours == pytest.approx(np.percentile(np.repeat(values, counts), 100 * share), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", MODELS)
def test_the_summary_has_errors_and_says_what_they_believe(name):
    X, y = drawn()
    make, kinds = MODELS[name]
    model = make().fit(X, y)
    text = str(model.summary(level=0.9))
    assert f"{kinds[0]} standard errors" in text and "90% from" in text and "rows are independent" in text
    assert "CERTIFIED" in text and "a bootstrap is better for few" in text
    told = {kind: infer(model, X, y, covariance=kind).notes[0] for kind in kinds}
    assert len(set(told.values())) == len(kinds)
    if name == "huber":
        assert "take the scale as known" in told["robust"] and "§7.6" in told["H1"]
        assert f"scale {model.scale_:.6g}" in text and "rows beyond epsilon scales" in text
    else:
        assert "one density at the quantile in all of them" in told["robust"] and "alike in all" in told["classical"]
        assert "sparsity" in text and "bandwidth" in text and "pseudo R²" in text
    found = model.summary().inference
    assert found.wald("x0").p_value == pytest.approx(found.p_values[0], rel=1e-9)
    assert np.all(found.digits > 8)


def test_a_penalty_or_too_few_rows_leave_no_errors_and_it_is_said():
    X, y = drawn()
    for model in (QuantileRegressor(), HuberRegressor()):
        model.fit(X, y)
        with pytest.raises(ValueError, match="has no standard errors: it was fitted with a penalty.*fit with alpha=0"):
            infer(model, X, y)
        assert "no standard errors: it was fitted with a penalty" in str(model.summary())
    few = QuantileRegressor(quantile=0.95, alpha=0.0).fit(X[:20], y[:20])
    with pytest.raises(ValueError, match=r"20 rows are too few for the density at quantile 0.95 \(it would look at"):
        infer(few, X[:20], y[:20])
    flat = np.where(np.arange(80) < 60, 1.0, y)
    with pytest.raises(ValueError, match="half of the residuals or more are alike"):
        infer(QuantileRegressor(alpha=0.0).fit(X, flat), X, flat)
    with pytest.raises(ValueError, match="3 rows and 3 parameters leave nothing|scale is 0|not known"):
        infer(HuberRegressor(alpha=0.0).fit(X[:3], y[:3]), X[:3], y[:3])
    with pytest.raises(ValueError, match="the scale is 0"):
        infer(HuberRegressor(alpha=0.0).fit(X, flat), X, flat)


def test_dependent_columns_and_other_rows_are_refused():
    X, y = drawn()
    X = np.round(X * 8)
    twice = np.column_stack([X, X[:, 0] - X[:, 1]])
    for make, _ in MODELS.values():
        model = make().fit(twice, y)
        with pytest.raises(ValueError, match=r"do not determine 1 of .*; leave a column of each relation out"):
            infer(model, twice, y)
        model = make().fit(X, y)
        for other in ((X[::-1], y, None), (X, y + 1, None), (X, y, np.full(80, 2.0))):
            with pytest.raises(ValueError, match="X, y or sample_weight are not those of the fit"):
                infer(model, *other)
        with pytest.raises(ValueError, match="^covariance = 'HC3' of .*; there are: (powell|robust), "):
            infer(model, X, y, covariance="HC3")
        with pytest.raises(ValueError, match="groups are not known of"):
            infer(model, X, y, groups=np.arange(80))


def test_several_minimisers_are_told_beside_the_errors():
    rng = np.random.default_rng(6)
    y = rng.normal(size=40)
    X = np.repeat([[0.0], [1.0]], 20, axis=0)
    model = QuantileRegressor(alpha=0.0).fit(X, y)  # two medians, each of an even number of rows
    assert model.certificate_.verdict("identification") != "CERTIFIED"
    assert any("more than one point minimises" in note for note in infer(model, X, y).notes)


def test_a_fit_again_forgets_the_errors_before():
    X, y = drawn()
    model = HuberRegressor(alpha=0.0).fit(X, y)
    assert model.summary().inference is not None
    model.set_params(alpha=1.0).fit(X, y)
    assert model.summary().inference is None and math.isfinite(model.scale_)
