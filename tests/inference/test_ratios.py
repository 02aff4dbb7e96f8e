"""Odds ratios and rate ratios: numpy's exp of the plain table, told as what they are; refused of everything else."""

import math

import numpy as np
import pytest

from infimum import (
    HuberRegressor,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    QuantileRegressor,
    infer,
)

RNG = np.random.default_rng(5)
X = RNG.standard_normal((80, 2))
Z = X @ [1.0, -0.5] + 0.3
CLASSES = np.where(RNG.logistic(size=80) < Z, "yes", "no")
COUNTS = RNG.poisson(np.exp(Z)).astype(float)
KINDS = {
    "odds ratio": (lambda **more: LogisticRegression(C=math.inf, **more), CLASSES),
    "rate ratio": (lambda **more: PoissonRegressor(alpha=0.0, **more), COUNTS),
}
every_kind = pytest.mark.parametrize("ratio", KINDS)


@every_kind
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_a_table_of_ratios_is_exp_of_the_plain_one(ratio, level):
    pytest.importorskip("pandas")
    make, y = KINDS[ratio]
    model = make().fit(X, y)
    plain, shown = (model.summary(level, exponentiate=each).to_frame() for each in (False, True))
    column = ratio.replace(" ", "_")
    own = ["digits_of_log", "standard_error_of_log", "z", "p_value"]
    assert list(shown.columns) == [column, *own, "lower", "upper"] and list(shown.index) == list(plain.index)
    for ours, theirs in ((column, "estimate"), ("lower", "lower"), ("upper", "upper")):
        np.testing.assert_array_equal(shown[ours], np.exp(plain[theirs]))
    for ours, theirs in zip(own, ["digits", "standard_error", "z", "p_value"], strict=True):
        np.testing.assert_array_equal(shown[ours], plain[theirs])
    assert np.all((shown["lower"] < shown[column]) & (shown[column] < shown["upper"]))


@every_kind
def test_text_html_and_latex_say_what_they_show(ratio):
    make, y = KINDS[ratio]
    plain, summary = (make().fit(X, y).summary(exponentiate=each) for each in (False, True))
    first = f"{math.exp(plain.inference.estimate[0]):.2f}"
    for text in (str(summary), summary.to_html(), summary.to_latex()):
        assert ratio in text and "std. error (log)" in text and "digits (log)" in text and first in text
        assert "estimate" not in text.split("exp of")[0]
    for text in (str(summary), summary.to_html()):
        assert f"{ratio}s: exp of the coefficients and of the ends" in text and "intercept" in text.split("exp of")[1]
    for text in (str(plain), plain.to_html(), plain.to_latex()):
        assert ratio not in text and "(log)" not in text


@every_kind
def test_robust_errors_have_ratios_too(ratio):
    make, y = KINDS[ratio]
    found = infer(make().fit(X, y), X, y, covariance="HC0")
    rows = found.rows(0.9, exponentiate=True)
    np.testing.assert_array_equal([[row["lower"], row["upper"]] for row in rows], np.exp(found.interval(0.9)))
    assert ratio in found.to_text(exponentiate=True) and ratio not in str(found)


@pytest.mark.parametrize("model", [LogisticRegression(), PoissonRegressor(alpha=0.1), LogisticRegressionCV(Cs=[1.0])])
def test_a_penalised_fit_has_ratios_without_errors(model):
    pytest.importorskip("pandas")
    y = COUNTS if isinstance(model, PoissonRegressor) else CLASSES
    summary = model.fit(X, y).summary(exponentiate=True)
    column = "rate_ratio" if isinstance(model, PoissonRegressor) else "odds_ratio"
    expected = np.exp(np.append(np.ravel(model.coef_), model.intercept_))
    np.testing.assert_array_equal(summary.to_frame()[column], expected)
    assert f"{expected[0]:.10g}" in str(summary) and "ratios, exp of the coefficients" in str(summary)


def test_without_an_intercept_none_is_spoken_of():
    text = str(PoissonRegressor(alpha=0.0, fit_intercept=False).fit(X, COUNTS).summary(exponentiate=True))
    assert "rate ratios: exp of" in text and "the intercept's" not in text


def test_firths_coefficients_are_log_odds():
    model = LogisticRegression(penalty="firth").fit(X, CLASSES)
    assert "odds ratio" in str(model.summary(exponentiate=True))


def test_a_ratio_beyond_float64_is_infinite_without_a_warning():
    x = np.array([[0.0], [0.0], [0.001], [0.001]])
    summary = PoissonRegressor(alpha=0.0).fit(x, [1.0, 3.0, 5.0, 11.0]).summary(exponentiate=True)
    row = summary.inference.rows(exponentiate=True)[0]
    assert row["rate_ratio"] == math.inf == row["upper"] and row["lower"] < math.inf and "inf" in str(summary)


@pytest.mark.parametrize("model", [LinearRegression(), LassoCV(cv=3), HuberRegressor(), QuantileRegressor()])
def test_what_has_no_ratios_is_refused(model):
    model.fit(X, Z)
    with pytest.raises(ValueError, match=f"^exponentiate = True of {type(model).__name__}: .* ratio of odds"):
        model.summary(exponentiate=True)


def test_of_three_classes_scores_are_no_log_odds():
    model = LogisticRegression(C=math.inf).fit(X, RNG.integers(0, 3, 80))
    with pytest.raises(ValueError, match="LogisticRegression of two classes"):
        model.summary(exponentiate=True)
    with pytest.raises(ValueError, match="LogisticRegression of two classes"):
        model.summary().inference.to_html(exponentiate=True)
    with pytest.raises(ValueError, match="exponentiate = 'yes'; expected True or False"):
        model.summary(exponentiate="yes")
