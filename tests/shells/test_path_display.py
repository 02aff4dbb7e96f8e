"""The picture of a path: one line a column, those that enter first by name, the chosen strength marked."""

import matplotlib
import numpy as np
import pytest

from infimum import Lasso, LassoCV, PathDisplay, Ridge, regularisation_path

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    from matplotlib import pyplot

    yield
    pyplot.close("all")


def drawn(p=12):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, p))
    return X, X[:, 3] * 2 - X[:, 1] + rng.standard_normal(60)


def test_lines_are_the_coefficients_and_the_first_to_enter_are_named():
    X, y = drawn()
    model = LassoCV(alphas=30).fit(X, y)
    display = PathDisplay.from_estimator(model, X, y, alphas=40)
    assert len(display.lines_) == 12 and display.figure_ is display.ax_.figure
    for j, line in enumerate(display.lines_):
        np.testing.assert_array_equal(line.get_ydata(), display.path.coefs[:, j])
        np.testing.assert_array_equal(line.get_xdata(), display.path.alphas)
    handles, labels = display.ax_.get_legend_handles_labels()
    assert labels[:2] == ["x3", "x1"] and len(labels) == 9
    assert labels[-1] == f"alpha = {model.alpha_:.3g}" and handles[-1].get_xdata()[0] == model.alpha_
    assert display.ax_.get_xscale() == "log" and display.ax_.xaxis_inverted()


def test_an_axis_given_is_drawn_into_and_strength_0_is_left_out():
    from matplotlib.pyplot import subplots

    X, y = drawn(4)
    ax = subplots()[1]
    path = regularisation_path(X, y, alphas=[1.0, 0.1, 0.0])
    display = PathDisplay.from_path(path, ax=ax)
    assert display.ax_ is ax and len(display.lines_[0].get_xdata()) == 2
    assert not any("alpha =" in label for label in ax.get_legend_handles_labels()[1])
    assert PathDisplay(path).ax_ is None and PathDisplay(path).plot().ax_ is not ax


def test_an_unfitted_model_marks_its_own_strength_and_nothing_may_enter():
    X, y = drawn(4)
    display = PathDisplay.from_estimator(Lasso(0.25), X, y, alphas=[100.0, 90.0])
    assert display.ax_.get_legend_handles_labels()[1] == ["alpha = 0.25"]
    assert display.ax_.get_ylabel() == "coefficient"


def test_another_model_is_refused():
    with pytest.raises(ValueError, match="model = Ridge.*; expected Lasso"):
        PathDisplay.from_estimator(Ridge(), *drawn())
