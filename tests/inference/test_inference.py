"""Laws of standard errors, tests and influence; what they refuse; how the table reads in each of its forms."""

import math

import numpy as np
import pytest

from infimum import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    collinearity,
    infer,
    influence,
    likelihood_ratio,
    standard_errors,
)
from infimum.inference.covariance import KINDS

MODELS = {
    "squared": LinearRegression,
    "poisson": lambda **more: PoissonRegressor(alpha=0.0, **more),
    "logistic": lambda **more: LogisticRegression(C=math.inf, **more),
}
every_loss = pytest.mark.parametrize("loss", MODELS)


def drawn(loss, n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 2))
    z = 0.5 + X @ [1.0, -0.5]
    if loss == "squared":
        return X, z + rng.normal(size=n) * (0.5 + X[:, 0] ** 2)
    return X, rng.poisson(np.exp(z)).astype(float) if loss == "poisson" else (rng.logistic(size=n) < z).astype(float)


@every_loss
@pytest.mark.parametrize("kind", KINDS)
def test_weights_count_like_repetitions(loss, kind):
    X, y = drawn(loss)
    counts, labels = np.random.default_rng(1).integers(0, 4, 60), np.arange(60) % 7
    long = [np.repeat(each, counts, axis=0) for each in (X, y, labels)]
    groups = {"groups": labels} if kind == "clustered" else {}
    repeated = {"groups": long[2]} if kind == "clustered" else {}
    short = infer(MODELS[loss]().fit(X, y, sample_weight=counts), X, y, counts, covariance=kind, **groups)
    whole = infer(MODELS[loss]().fit(*long[:2]), *long[:2], covariance=kind, **repeated)
    np.testing.assert_allclose(short.covariance, whole.covariance, rtol=1e-8, atol=1e-14)
    assert short.freedom == whole.freedom
    np.testing.assert_allclose(short.p_values, whole.p_values, rtol=1e-7)


@every_loss
def test_clusters_of_one_row_are_hc1(loss):
    X, y = drawn(loss)
    model = MODELS[loss]().fit(X, y)
    alone = infer(model, X, y, covariance="clustered", groups=np.arange(60))
    np.testing.assert_allclose(alone.covariance, infer(model, X, y, covariance="HC1").covariance, rtol=1e-12)


@every_loss
def test_the_test_of_one_coefficient_is_its_t_squared_and_the_interval_its_inverse(loss):
    X, y = drawn(loss)
    found = infer(MODELS[loss]().fit(X, y), X, y)
    for name, t, p in zip(found.names, found.t, found.p_values, strict=True):
        test = found.wald(name)
        assert test.statistic == pytest.approx(t**2, rel=1e-12) and test.p_value == pytest.approx(p, rel=1e-9)
    ends = found.interval(0.8)
    for j, name in enumerate(found.names):
        assert found.wald(name, ends[j, 0]).p_value == pytest.approx(0.2, rel=1e-9)
    R = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]])
    mixed = np.array([[1.0, 2.0], [0.5, -1.0]])
    assert found.wald(R, [1.0, 2.0]).statistic == pytest.approx(
        found.wald(mixed @ R, mixed @ [1.0, 2.0]).statistic, rel=1e-9
    )


def test_errors_do_not_depend_on_the_units():
    X, y = drawn("squared")
    model, scaled = LinearRegression().fit(X, y), LinearRegression().fit(X * [1e-8, 1e8], y)
    ours, theirs = infer(model, X, y), infer(scaled, X * [1e-8, 1e8], y)
    np.testing.assert_allclose(ours.t, theirs.t, rtol=1e-10)


def test_influence_is_what_leaving_a_row_out_does():
    """DFBETA, DFFITS and the outer studentised residual of least squares against 60 fits without a row each."""
    X, y = drawn("squared")
    model = LinearRegression().fit(X, y)
    found, whole = influence(model, X, y), infer(model, X, y)
    assert found.leverage.sum() == pytest.approx(3, rel=1e-12)
    for i in range(60):
        kept = np.arange(60) != i
        less = LinearRegression().fit(X[kept], y[kept])
        spread = math.sqrt(
            infer(less, X[kept], y[kept]).statistics["residual_error"] ** 2 / whole.statistics["residual_error"] ** 2
        )
        moved = np.append(model.coef_ - less.coef_, model.intercept_ - less.intercept_)
        np.testing.assert_allclose(found.dfbetas[i], moved / (whole.standard_errors * spread), rtol=1e-9, atol=1e-12)
        off = model.predict(X[[i]])[0] - less.predict(X[[i]])[0]
        residual_error = whole.statistics["residual_error"]
        assert found.dffits[i] == pytest.approx(
            off / (residual_error * spread * math.sqrt(found.leverage[i])), rel=1e-8
        )
        cook = np.sum((model.predict(X) - less.predict(X)) ** 2) / (3 * residual_error**2)
        assert found.cooks_distance[i] == pytest.approx(cook, rel=1e-8)
    worst = found.largest(3)
    assert worst == np.argsort(-found.cooks_distance)[:3].tolist()


def test_a_row_that_determines_a_coefficient_alone_is_said():
    X, y = np.array([[1.0], [0.0], [0.0], [0.0]]), np.array([3.0, 1.0, 2.0, 4.0])
    model = LinearRegression().fit(X, y)
    assert np.isnan(influence(model, X, y).studentised[0])
    with pytest.raises(ValueError, match="row 0 alone determines a coefficient .* use 'HC0' or 'HC1'"):
        infer(model, X, y, covariance="HC3")
    assert np.isfinite(infer(model, X, y, covariance="HC1").standard_errors).all()


def test_intervals_hold_as_often_as_they_say():
    """800 samples of a line with normal noise: the mean and a new row, and the slope, 90% each."""
    rng = np.random.default_rng(0)
    X, new = rng.standard_normal((12, 1)), np.array([[1.5]])
    held = np.zeros(3)
    for _ in range(800):
        y = 1 + 2 * X[:, 0] + rng.normal(size=12)
        model = LinearRegression().fit(X, y)
        _, low, high = model.predict(new, interval="confidence", level=0.9)[0]
        _, below, above = model.predict(new, interval="prediction", level=0.9)[0]
        slope = infer(model, X, y).interval(0.9)[0]
        held += [low <= 4 <= high, below <= 4 + rng.normal() <= above, slope[0] <= 2 <= slope[1]]
    assert np.all(np.abs(held / 800 - 0.9) < 4 * math.sqrt(0.09 / 800))


def test_nested_models_are_told_from_others():
    pandas = pytest.importorskip("pandas")
    X, y = drawn("poisson")
    table = pandas.DataFrame(X, columns=["a", "b"])
    fits = {names: PoissonRegressor(alpha=0.0).fit(table[list(names)], y) for names in (("a",), ("b",), ("a", "b"))}
    test = likelihood_ratio(fits["a",], fits["a", "b"])
    assert test.restrictions == 1 and math.isinf(test.freedom) and str(test).startswith("χ²(1) = ")
    with pytest.raises(ValueError, match="expected nested"):
        likelihood_ratio(fits["a", "b"], fits["a",])
    with pytest.raises(ValueError, match="the larger lacks b"):
        likelihood_ratio(PoissonRegressor(alpha=0.0, fit_intercept=False).fit(table[["b"]], y), fits["a",])
    with pytest.raises(ValueError, match="expected fits to the same rows"):
        likelihood_ratio(PoissonRegressor(alpha=0.0).fit(table[["a"]], y + 1), fits["a", "b"])
    with pytest.raises(ValueError, match="expected fits to the same rows"):
        likelihood_ratio(LinearRegression().fit(table[["a"]], y), fits["a", "b"])


def test_what_cannot_be_told_is_refused_in_words():
    X, y = drawn("squared")
    model, ridge = LinearRegression().fit(X, y), Ridge().fit(X, y)
    with pytest.raises(ValueError, match="Ridge has no standard errors: it was fitted with a penalty"):
        infer(ridge, X, y)
    with pytest.raises(ValueError, match="Ridge has no intervals"):
        ridge.predict(X, interval="confidence")
    with pytest.raises(ValueError, match="are not those of the fit"):
        infer(model, X, y + 1)
    with pytest.raises(ValueError, match="are not those of the fit"):
        standard_errors(model, X[:-1], y[:-1])
    with pytest.raises(ValueError, match="covariance = 'HC9'; there are: classical, HC0"):
        infer(model, X, y, covariance="HC9")
    with pytest.raises(ValueError, match="go together"):
        infer(model, X, y, covariance="clustered")
    with pytest.raises(ValueError, match="hold 1 label"):
        infer(model, X, y, covariance="clustered", groups=np.zeros(60))
    with pytest.raises(ValueError, match=r"groups have shape \(3,\)"):
        infer(model, X, y, covariance="clustered", groups=[1, 2, 3])
    found = infer(model, X, y)
    for level in (0, 1, 95, "0.9"):
        with pytest.raises(ValueError, match="expected a number between 0 and 1"):
            found.interval(level)
    with pytest.raises(ValueError, match="there is no coefficient .'x9'."):
        found.wald(["x0", "x9"])
    with pytest.raises(ValueError, match="depend on each other"):
        found.wald(["x0", "x0"])
    with pytest.raises(ValueError, match=r"expected \(k, 3\)"):
        found.wald(np.ones((1, 2)))
    with pytest.raises(ValueError, match="interval = 'both'"):
        model.predict(X, interval="both")


def test_three_classes_have_errors_of_scores_but_no_leverages():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((90, 2)), np.array(["a", "b", "c"])[rng.integers(0, 3, 90)]
    model = LogisticRegression(C=math.inf).fit(X, y)
    found = infer(model, X, y)
    assert found.names[:4] == ("a: x0", "a: x1", "a: intercept", "b: x0")
    np.testing.assert_allclose(
        found.estimate.reshape(3, 3), np.column_stack([model.coef_, model.intercept_]), atol=1e-12
    )
    np.testing.assert_allclose(found.standard_errors.reshape(3, 3), standard_errors(model, X, y), rtol=1e-12)
    assert np.isfinite(infer(model, X, y, covariance="HC0").standard_errors).all()
    for refused in (lambda: influence(model, X, y), lambda: infer(model, X, y, covariance="HC3")):
        with pytest.raises(ValueError, match="not for more than two classes"):
            refused()
    with pytest.raises(ValueError, match="not for more than two classes"):
        model.probability_interval(X)
    with pytest.raises(ValueError, match="depend on each other"):
        found.wald(["a: x0", "b: x0", "c: x0"])  # scores add up to 0


def test_columns_that_say_the_same_are_named_with_their_relation():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((50, 3))
    X = np.column_stack([X, 2 * X[:, 0] - X[:, 1], np.ones(50), X[:, 2] + 0.05 * rng.normal(size=50)])
    with pytest.warns(UserWarning, match="not certified"):
        model = LinearRegression().fit(X, rng.normal(size=50))
    told = {each.column: each for each in collinearity(model, X)}
    assert [name for name, each in told.items() if math.isinf(each.factor)] == ["x4", "x0", "x1", "x3"]
    assert told["x3"].relation == "x3 = 2 x0 − 1 x1" and told["x4"].relation == "does not vary"
    assert told["x2"].factor > 100 and told["x2"].relation.startswith("x2 ≈ ")


@every_loss
def test_the_summary_in_each_of_its_forms(loss):
    pandas = pytest.importorskip("pandas")
    X, y = drawn(loss)
    table = pandas.DataFrame(X, columns=["size_a", "b<c"])
    summary = MODELS[loss]().fit(table, y).summary(level=0.9)
    text, html, latex, frame = str(summary), summary.to_html(), summary.to_latex(), summary.to_frame()
    assert all(word in text for word in ("size_a", "std. error", "90% from", "log-likelihood", "AIC", "CERTIFIED"))
    assert "size_a" in html and "b&lt;c" in html and "<script" not in html and html.count('scope="row"') == 3
    assert r"size\_a" in latex and "b$<$c" in latex and latex.count(r"\\") == 5
    assert list(frame.index) == ["size_a", "b<c", "intercept"]
    letter = "t" if loss == "squared" else "z"
    assert list(frame.columns) == ["estimate", "digits", "standard_error", letter, "p_value", "lower", "upper"]
    assert np.all(frame["digits"] > 8) and np.all(frame["lower"] < frame["upper"])
    assert repr(summary) == text and summary._repr_html_() == html


def test_a_penalised_fit_has_a_summary_that_says_why_it_has_no_errors():
    X, y = drawn("squared")
    summary = Ridge().fit(X, y).summary()
    assert "no standard errors: it was fitted with a penalty" in str(summary) and summary.inference is None
    assert list(summary.to_frame().columns) == ["estimate"]
    with pytest.raises(ValueError, match="no table to write"):
        summary.to_latex()
    few = LinearRegression().fit(X[:3], y[:3]).summary()
    assert "leave nothing to estimate the dispersion from" in str(few)
