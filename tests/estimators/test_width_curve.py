"""The width curve: its errors by hand, its rules on errors made up, and rates that theory knows."""

import math
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from sklearn.model_selection import KFold

from infimum import MLPClassifier, MLPRegressor, Ridge, WidthCurve, WidthCurveDisplay, width_curve
from infimum.estimators.mlp_poisson import MLPPoissonRegressor
from infimum.estimators.width_curve import error_of, sizes_of, slope_of

matplotlib.use("Agg")
X = np.linspace(-1, 1, 120)[:, None]
Y = np.sin(np.pi * X[:, 0])
MODEL = MLPRegressor(solver="full-batch", init="greedy", n_init=2, alpha=0.0, max_iter=60)


@pytest.fixture(scope="module")
def curve():
    return width_curve(MODEL, X, Y, widths=(1, 2, 4, 8), cv=3)


@pytest.fixture(autouse=True)
def closed():
    from matplotlib import pyplot

    yield
    pyplot.close("all")


def made(errors, widths=None, depths=None, overlap=0.5):
    """A width curve with these errors (K, folds)."""
    errors = np.array(errors, dtype=float)
    K = len(errors)
    widths = 2 ** np.arange(K) if widths is None else np.array(widths)
    depths = np.ones(K, dtype=int) if depths is None else np.array(depths)
    cost = np.arange(K), np.arange(K)
    return WidthCurve(depths, widths, errors, errors, errors, *cost, overlap, "rmse", (None,) * K, X, Y)


def test_without_noise_the_error_falls_with_the_width_on_rows_seen_and_held_out(curve):
    assert np.all(np.diff(curve.trained.mean(axis=1)) < 0) and np.all(np.diff(curve.error) < 0)
    assert curve.flattens_at == {1: None}
    assert curve.slope[1].value < -1 and curve.slope[1].widths == (1, 2, 4, 8)
    assert curve.error[-1] < 0.03


def test_each_error_is_that_of_the_same_fit_by_hand():
    folds = list(KFold(3, shuffle=True, random_state=1).split(X))
    s = np.random.default_rng(0).integers(1, 4, len(X)).astype(float)
    found = width_curve(MODEL, X, Y, s, widths={1: (3,), 2: (2,)}, cv=folds)
    assert found.widths.tolist() == [3, 2] and found.depths.tolist() == [1, 2] and found.overlap == 0.5
    for i, hidden in enumerate(((3,), (2, 2))):
        for k, (learned, held) in enumerate(folds):
            model = MLPRegressor(**{**MODEL.get_params(), "hidden_layer_sizes": hidden})
            model.fit(X[learned], Y[learned], s[learned])
            error = math.sqrt(np.average((Y[held] - model.predict(X[held])) ** 2, weights=s[held]))
            np.testing.assert_allclose(found.errors[i, k], error, rtol=1e-9)
        assert found.parameters[i] == len(model.params_)
    assert found.multiply_adds.tolist() == [6, 8]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_error_of_a_classifier_is_the_log_loss(classes):
    names = np.array(["a", "b", "c"])[:classes]
    y = names[np.random.default_rng(2).integers(0, classes, len(X))]
    model = MLPClassifier((2,), solver="full-batch", alpha=1.0, max_iter=30)
    fitted = model.fit(X, y)
    by_hand = -np.mean(np.log(fitted.predict_proba(X)[np.arange(len(X)), np.searchsorted(names, y)]))
    np.testing.assert_allclose(error_of(fitted, (X, y, np.ones(len(X)))), by_hand, rtol=1e-9)
    assert width_curve(model, X, y, widths=(2,), cv=2).metric == "log_loss"


def test_the_error_of_counts_is_the_deviance():
    y = np.random.default_rng(3).poisson(3.0, len(X)).astype(float)
    model = MLPPoissonRegressor((2,), solver="full-batch", max_iter=30).fit(X, y)
    mean = model.predict(X)
    by_hand = 2 * np.mean(np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / mean), 0) - y + mean)
    np.testing.assert_allclose(error_of(model, (X, y, np.ones(len(X)))), by_hand, rtol=1e-9)


def test_standard_errors_are_of_paired_differences():
    found = made([[2.0, 4.0, 3.0], [1.0, 2.0, 3.0]], overlap=0.5)
    assert found.error.tolist() == [3.0, 2.0]
    np.testing.assert_allclose(found.standard_errors, [math.sqrt(1 / 3 + 0.5), 0.0])  # of 1, 2, 0: s = 1


def test_it_flattens_where_no_wider_one_is_better_by_more_than_the_standard_error():
    steady = [[8.0, 8.0], [4.0, 4.0], [2.0, 2.0], [2.1, 1.9], [1.95, 2.0]]
    assert made(steady).flattens_at == {1: 4}
    assert made(steady).slope[1].widths == (1, 2, 4) and math.isclose(made(steady).slope[1].value, -1.0)
    assert made(steady[:3]).flattens_at == {1: None}
    assert made([*steady, [1.0, 1.0]]).flattens_at == {1: None}  # a wider one that is better counts, however far off
    assert made([[1.0, 2.0], [2.0, 1.0]]).flattens_at == {1: 1}
    both = made([[2.0, 2.0], [1.0, 1.0]] * 2, widths=[1, 2, 1, 2], depths=[1, 1, 2, 2])
    assert both.flattens_at == {1: None, 2: None} and set(both.slope) == {1, 2}


def test_a_slope_has_students_interval():
    from scipy.stats import linregress

    rng = np.random.default_rng(4)
    m = np.array([1, 2, 4, 8, 16])
    errors = m**-1.5 * np.exp(0.1 * rng.standard_normal(5))
    found, line = slope_of(m, errors), linregress(np.log(m), np.log(errors))
    np.testing.assert_allclose(found.high - found.low, 2 * 3.182446305 * line.stderr, rtol=1e-8)  # t(0.975, 3)
    assert found.low < -1.5 < found.high
    two = slope_of(m[:2], np.array([1.0, 0.25]))
    assert two.value == -2.0 and two.low == -math.inf and "without an interval" in str(two)
    assert math.isnan(slope_of(m[:1], np.ones(1)).value) and math.isnan(slope_of(m[:2], np.array([1.0, 0.0])).value)


def test_the_table_says_what_was_measured(curve):
    text = str(curve)
    assert text.startswith("RMSE, mean of 3 folds of 120 rows") and len(text.splitlines()) == 7
    assert "flattens at no width here" in text and f"{curve.error[-1]:.4g}" in text
    frame = curve.to_frame()
    assert frame["width"].tolist() == [1, 2, 4, 8] and frame["parameters"].tolist() == [4, 7, 13, 25]
    np.testing.assert_array_equal(frame["error"], curve.error)


def test_the_same_call_gives_the_same_errors(curve):
    again = width_curve(MODEL, X, Y, widths=(1, 2, 4, 8), cv=3)
    np.testing.assert_array_equal(again.errors, curve.errors)


@pytest.mark.parametrize("widths", [(), (0, 1), (1.5,), 3, {1: 2}, {0: (1,)}, (True,)])
def test_widths_that_are_none_are_refused(widths):
    with pytest.raises(ValueError, match="expected whole numbers ≥ 1"):
        sizes_of(widths)


def test_other_models_and_single_folds_are_refused():
    with pytest.raises(ValueError, match="Ridge has no width"):
        width_curve(Ridge(), X, Y)
    for cv in (1, [(np.arange(60), np.arange(60, 120))]):
        with pytest.raises(ValueError, match="2 folds or more"):
            width_curve(MODEL, X, Y, widths=(1,), cv=cv)
    y = np.where(np.arange(len(X)) < 3, "rare", np.where(X[:, 0] > 0, "a", "b"))
    with pytest.raises(ValueError, match="class 'rare' is in no row that its fold learns from"):
        width_curve(MLPClassifier(solver="full-batch", max_iter=5), X, y, widths=(1,), cv=KFold(3))


def test_the_picture_shows_errors_and_where_they_flatten(curve):
    display = WidthCurveDisplay(curve).plot()
    dots = display.ax_.containers[0][0]
    np.testing.assert_array_equal(dots.get_xdata(), curve.widths)
    np.testing.assert_array_equal(dots.get_ydata(), curve.error)
    assert display.ax_.get_xscale() == display.ax_.get_yscale() == "log" and display.figure_ is display.ax_.figure
    flat = WidthCurveDisplay(replace(curve, errors=np.full((4, 3), 2.0), trained=np.full((4, 3), 2.0)))
    assert [1, 1] in [list(line.get_xdata()) for line in flat.plot(display.ax_).ax_.lines]
    assert repr(display) == "WidthCurveDisplay(1 × 1, 1 × 2, 1 × 4, 1 × 8)"


def test_fits_of_one_column_are_drawn_over_the_rows(curve):
    display = WidthCurveDisplay(curve).plot_fits(widths=(2, 8))
    line = display.ax_.lines[1]
    np.testing.assert_array_equal(line.get_ydata(), curve.models[3].predict(line.get_xdata()[:, None]))
    assert len(display.ax_.lines) == 2 and len(display.ax_.collections[0].get_offsets()) == len(X)
    with pytest.raises(ValueError, match="3 was not fitted"):
        display.plot_fits(widths=(3,))
    with pytest.raises(ValueError, match="X has 2 columns"):
        WidthCurveDisplay(replace(curve, X=np.ones((4, 2)))).plot_fits()
