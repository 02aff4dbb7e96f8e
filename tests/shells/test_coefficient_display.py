"""What the picture of coefficients shows is what `infer` says: read back from the marks that were drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression as TheirLinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infimum import (
    CoefficientDisplay,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    infer,
)
from tests.shells.drawn import COUNTS, KINDS, RNG, X, Y, bars, words


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


OF_INFER = [
    (LinearRegression(), Y),
    (PoissonRegressor(alpha=0.0), COUNTS),
    (QuantileRegressor(alpha=0.0), Y),
    (HuberRegressor(alpha=0.0), Y),
]


@pytest.mark.parametrize("model, y", OF_INFER)
@pytest.mark.parametrize("level", [0.95, 0.5])
def test_dots_and_intervals_are_those_of_infer_largest_first(model, y, level):
    found = infer(model.fit(X, y), X, y)
    ax = CoefficientDisplay.from_estimator(model, level=level).ax_
    order = np.argsort(-np.abs(found.estimate[:4]))
    drawn, ends = bars(ax)
    np.testing.assert_allclose(drawn[:, 0], found.estimate[order], rtol=1e-12)
    np.testing.assert_allclose(ends, found.interval(level)[order], rtol=1e-8)
    assert [label.get_text() for label in ax.get_yticklabels()] == [found.names[j] for j in order]
    told = [text for text in words(ax) if "digits" not in text.lower()]
    expected = [f"{found.estimate[j]:>10.4g}  {int(found.digits[j]):>6}".replace("-", "−") for j in order]
    assert told == expected and f"{100 * level:g} %" in ax.get_xlabel()
    assert f"intercept {found.estimate[4]:.4g}" in words(ax)[-1]


def test_more_than_two_classes_have_a_colour_each():
    model = LogisticRegression(C=np.inf).fit(X, KINDS)
    found = infer(model, X, KINDS)
    display = CoefficientDisplay.from_estimator(model)
    assert [each.get_text() for each in display.ax_.get_legend().get_texts()] == ["ant", "bee", "cow"]
    order = [int(name[1:]) for name in display.names]
    for k in range(3):
        at = [5 * k + j for j in order]
        drawn, ends = bars(display.ax_, k)
        np.testing.assert_allclose(drawn[:, 0], found.estimate[at], rtol=1e-10)
        np.testing.assert_allclose(ends, found.interval()[at], rtol=1e-7)
        np.testing.assert_allclose(display.digits[:, k], found.digits[at])


@pytest.mark.parametrize("model", [Ridge(), Lasso(alpha=0.1), QuantileRegressor(alpha=0.01), HuberRegressor()])
def test_a_penalised_fit_has_no_intervals_and_says_why(model):
    display = CoefficientDisplay.from_estimator(model.fit(X, Y))
    assert display.interval is None and bars(display.ax_)[1] is None
    assert "fitted with a penalty" in " ".join(words(display.ax_)[-1].split())
    if isinstance(model, Ridge):
        assert display.digits.min() > 10
    with pytest.raises(ValueError, match="level = 2; expected a number between 0 and 1"):
        CoefficientDisplay.from_estimator(model, level=2)


def test_long_names_are_shortened_and_many_columns_limited():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(RNG.normal(size=(100, 40)), columns=[f"{'very ' * 9}long {j:02d}" for j in range(40)])
    ax = CoefficientDisplay.from_estimator(LinearRegression().fit(table, RNG.normal(size=100))).ax_
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len(set(labels)) == 30 and max(map(len, labels)) <= 28
    assert "The 30 largest of 40 columns." in words(ax)[-1]


def test_what_has_no_coefficients_is_refused():
    with pytest.raises(NotFittedError):
        CoefficientDisplay.from_estimator(LinearRegression())
    with pytest.raises(
        ValueError, match=r"Pipeline has no coefficients to draw: expected .* of a pipeline give \[-1\]"
    ):
        CoefficientDisplay.from_estimator(make_pipeline(StandardScaler(), LinearRegression()).fit(X, Y))
    with pytest.raises(ValueError, match="expected a fitted linear model of infimum"):
        CoefficientDisplay.from_estimator(TheirLinearRegression().fit(X, Y))
