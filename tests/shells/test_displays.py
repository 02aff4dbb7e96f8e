"""What the pictures show is what `influence` and the predictions say: read back from the marks that were drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import norm
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import mean_poisson_deviance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infimum import (
    CoefficientDisplay,
    InfluenceDisplay,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    ResidualDisplay,
    Ridge,
    influence,
)
from tests.shells.drawn import COUNTS, KINDS, LINEAR, RNG, TWO, WEIGHT, X, Y, bars, dots, words


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


def test_residuals_of_least_squares_are_those_of_influence():
    ax = ResidualDisplay.from_estimator(LINEAR, X, Y).ax_
    expected = np.column_stack([LINEAR.predict(X), influence(LINEAR, X, Y).studentised])
    np.testing.assert_allclose(dots(ax), expected, rtol=1e-9)
    assert ax.get_ylabel() == "studentised residual" and ax.get_title(loc="left") == "LinearRegression, 200 rows"
    ax = ResidualDisplay.from_estimator(LINEAR, X, Y, kind="actual_vs_predicted").ax_
    np.testing.assert_allclose(dots(ax), np.column_stack([LINEAR.predict(X), Y]))


def test_the_running_mean_is_a_mean_of_neighbours_with_its_error():
    """Weights by a loop over places; weights of rows count as repetitions."""
    model = LinearRegression().fit(X, Y, sample_weight=WEIGHT)
    ax = ResidualDisplay.from_estimator(model, X, Y, WEIGHT).ax_
    line = next(each for each in ax.get_lines() if "running" in each.get_label())
    repeated = np.repeat(np.arange(200), WEIGHT.astype(int))
    x, r = model.predict(X)[repeated], influence(model, X, Y, WEIGHT).studentised[repeated]
    order = np.argsort(x, kind="stable")
    x, r = x[order], r[order]
    N = len(x)
    share = np.empty(N)
    for each in np.unique(x):  # repetitions of a row share its place
        share[x == each] = (np.sum(x < each) + np.sum(x == each) / 2) / N
    for place, at, mean in zip(np.linspace(share[0], share[-1], 60), *line.get_data(), strict=True):
        w = np.exp(-0.5 * ((place - share) / 0.08) ** 2)
        np.testing.assert_allclose([at, mean], [np.average(x, weights=w), np.average(r, weights=w)], atol=1e-10)


@pytest.mark.parametrize("model", [Ridge(), make_pipeline(StandardScaler(), LinearRegression()), "forest", "new rows"])
def test_other_regressors_and_new_rows_have_plain_residuals_and_a_note(model):
    rows, y = X, Y
    if model == "forest":
        model = RandomForestRegressor(5, random_state=0).fit(X, Y)
    elif model == "new rows":
        model, rows, y = LINEAR, X[:50], Y[:50]
    else:
        model.fit(X, Y)
    ax = ResidualDisplay.from_estimator(model, rows, y).ax_
    np.testing.assert_allclose(dots(ax)[:, 1], y - model.predict(rows))
    assert ax.get_ylabel() == "residual" and "Not studentised" in " ".join(words(ax)[-1].split())


def test_quantiles_are_sorted_residuals_against_those_of_a_normal_sample():
    ax = ResidualDisplay.from_estimator(LINEAR, X, Y, kind="quantiles").ax_
    r = np.sort(influence(LINEAR, X, Y).studentised)
    np.testing.assert_allclose(dots(ax, 1), np.column_stack([norm.ppf((np.arange(200) + 0.5) / 200), r]))
    band = ax.collections[0].get_paths()[0]
    samples = np.sort(RNG.normal(size=(4000, 200)), axis=1)  # each order statistic is within its band 95 % of the time
    for i in (0, 3, 100, 199):
        at = norm.ppf((i + 0.5) / 200)
        low, high = (pick(y for x, y in band.vertices if x == at) for pick in (min, max))
        assert abs(np.mean((samples[:, i] > low) & (samples[:, i] < high)) - 0.95) < 0.015


def test_counts_are_drawn_as_means_of_rows_predicted_alike():
    model = PoissonRegressor(alpha=0.0).fit(X, COUNTS)
    mu = model.predict(X)
    drawn = np.column_stack(ResidualDisplay.from_estimator(model, X, COUNTS).ax_.get_lines()[1].get_data())
    groups = np.array_split(np.argsort(mu), 8)
    expected = [[mu[at].mean(), ((COUNTS - mu) / np.sqrt(mu))[at].mean()] for at in groups]
    np.testing.assert_allclose(drawn, expected, rtol=1e-9)
    ax = ResidualDisplay.from_estimator(model, X, COUNTS, kind="actual_vs_predicted").ax_
    np.testing.assert_allclose(bars(ax)[0], [[mu[at].mean(), COUNTS[at].mean()] for at in groups])
    limits = ax.containers[0][2][0].get_segments()
    np.testing.assert_allclose(
        [np.ptp(each[:, 1]) for each in limits], [4 * np.sqrt(mu[at].sum()) / len(at) for at in groups]
    )
    ax = ResidualDisplay.from_estimator(model, X, COUNTS, kind="quantiles").ax_
    assert ax.get_ylabel() == "deviance residual"
    np.testing.assert_allclose((dots(ax, 1)[:, 1] ** 2).mean(), mean_poisson_deviance(COUNTS, mu))


def test_classes_are_drawn_as_means_of_rows_predicted_alike():
    model = LogisticRegression(C=np.inf).fit(X, TWO)
    p, yes = model.predict_proba(X)[:, 1], TWO == "yes"
    groups = np.array_split(np.argsort(p), 8)
    ax = ResidualDisplay.from_estimator(model, X, TWO).ax_
    expected = [[p[at].mean(), ((yes - p) / np.sqrt(p * (1 - p)))[at].mean()] for at in groups]
    np.testing.assert_allclose(np.column_stack(ax.get_lines()[1].get_data()), expected, rtol=1e-9)
    assert ax.get_xlabel() == "predicted probability of yes"
    ax = ResidualDisplay.from_estimator(model, X, TWO, kind="actual_vs_predicted").ax_
    np.testing.assert_allclose(bars(ax)[0], [[p[at].mean(), yes[at].mean()] for at in groups])
    several = LogisticRegression().fit(X, KINDS)
    ax = ResidualDisplay.from_estimator(several, X, KINDS).ax_
    shown = {text.get_text() for text in ax.get_legend().get_texts()}
    assert {"ant", "bee", "cow"} <= shown and len(ax.get_lines()) == 4


def test_groups_do_not_tear_rows_of_one_prediction_apart():
    two = (X[:, :1] > 0).astype(float)
    ax = ResidualDisplay.from_estimator(LogisticRegression().fit(two, TWO), two, TWO).ax_
    assert len(ax.get_lines()[1].get_xdata()) == 2


def test_residuals_that_cannot_be_drawn_are_refused():
    with pytest.raises(
        ValueError, match="kind = 'qq'; there are: residual_vs_predicted, actual_vs_predicted, quantiles"
    ):
        ResidualDisplay.from_estimator(LINEAR, X, Y, kind="qq")
    with pytest.raises(ValueError, match="residuals of classes take two values.*use 'residual_vs_predicted'"):
        ResidualDisplay.from_estimator(LogisticRegression().fit(X, TWO), X, TWO, kind="quantiles")
    with pytest.raises(ValueError, match="'maybe', which is no class of the fit: no, yes"):
        ResidualDisplay.from_estimator(LogisticRegression().fit(X, TWO), X, np.where(TWO == "no", "no", "maybe"))
    with pytest.raises(ValueError, match="X has 200 rows and y 3"):
        ResidualDisplay.from_estimator(LINEAR, X, Y[:3])
    with pytest.raises(ValueError, match="StandardScaler is no regressor or classifier"):
        ResidualDisplay.from_estimator(StandardScaler().fit(X), X, Y)
    with pytest.raises(ValueError, match="y runs from -1"):
        ResidualDisplay.from_estimator(PoissonRegressor().fit(X, COUNTS), X, COUNTS - 1)
    with pytest.raises(NotFittedError):
        ResidualDisplay.from_estimator(LinearRegression(), X, Y)


def test_what_the_model_holds_to_be_impossible_is_told():
    model = LogisticRegression(C=1e6).fit([[-1.0], [1.0]] * 20, ["no", "yes"] * 20)
    rows = np.array([[-1e4], [1e4]] * 100)
    ax = ResidualDisplay.from_estimator(model, rows, ["no", "no"] + ["no", "yes"] * 99).ax_
    assert "which the model all but rules out: 1;" in " ".join(words(ax)[-1].split())


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_influence_is_drawn_as_it_is_with_the_largest_named(weight):
    model = LinearRegression().fit(X, Y, sample_weight=weight)
    found = influence(model, X, Y, weight)
    display = InfluenceDisplay.from_estimator(model, X, Y, weight)
    kept = np.ones(200, bool) if weight is None else weight > 0
    marks = display.ax_.collections[0]
    np.testing.assert_array_equal(marks.get_offsets(), np.column_stack([found.leverage, found.studentised])[kept])
    area, D = marks.get_sizes(), found.cooks_distance[kept]
    np.testing.assert_allclose((area - area.min()) / np.ptp(area), (D - D.min()) / np.ptp(D), atol=1e-9)
    largest = [row for row in found.largest(200) if kept[row]][:5]
    assert words(display.ax_)[1:] == [str(row) for row in largest] and display.rows == tuple(largest)


def test_the_limits_are_where_cooks_distance_is_a_half_and_one():
    x = np.append(X[:, :1], [[30.0]], axis=0)
    y = np.append(Y, -40.0)
    ax = InfluenceDisplay.from_estimator(LinearRegression().fit(x, y), x, y).ax_
    for limit in (0.5, 1.0):
        line = next(each for each in ax.get_lines() if each.get_label() == f"Cook's distance {limit:g}")
        h, r = line.get_data()
        np.testing.assert_allclose(r**2 * h / ((1 - h) * 2), limit)
    assert words(ax)[1] == "200"


def test_numbers_of_rows_lie_inside_the_picture_and_on_no_other():
    ax = InfluenceDisplay.from_estimator(LINEAR, X, Y).ax_
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts[1:]]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 for box in boxes)


def test_rows_of_leverage_one_are_counted_and_penalised_fits_refused():
    x = np.column_stack([X, np.eye(200)[:, 0]])
    ax = InfluenceDisplay.from_estimator(LinearRegression().fit(x, Y), x, Y).ax_
    assert len(dots(ax)) == 199 and "1 rows of leverage 1" in " ".join(words(ax)[0].split())
    with pytest.raises(ValueError, match="Ridge has no standard errors"):
        InfluenceDisplay.from_estimator(Ridge().fit(X, Y), X, Y)
    with pytest.raises(ValueError, match="not those of the fit"):
        InfluenceDisplay.from_estimator(LINEAR, X[:50], Y[:50])


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: CoefficientDisplay.from_estimator(LINEAR, ax=ax),
        lambda ax: ResidualDisplay.from_estimator(LINEAR, X, Y, ax=ax),
        lambda ax: InfluenceDisplay.from_estimator(LINEAR, X, Y, ax=ax),
    ],
)
def test_axes_given_are_drawn_into_and_no_other_figure_is_made(draw):
    figure, (left, right) = plt.subplots(1, 2, layout="constrained")
    display = draw(right)
    assert display.ax_ is right and display.figure_ is figure and len(plt.get_fignums()) == 1
    assert not left.has_data() and right.get_title(loc="left") and right.get_xlabel()
    again = display.plot()
    assert again is display and display.ax_ is not right and display.figure_ is not figure
    figure.draw_without_rendering()


def test_names_with_signs_of_formulas_are_written_as_they_are():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=["price in $", "cost $_$", "_id", r"a\b^{c"])
    odd = np.where(KINDS == "ant", "$_", KINDS)
    for display in (
        CoefficientDisplay.from_estimator(LinearRegression().fit(table, Y)),
        CoefficientDisplay.from_estimator(LogisticRegression().fit(table, odd)),
        ResidualDisplay.from_estimator(LogisticRegression().fit(table, odd), table, odd),
        ResidualDisplay.from_estimator(LogisticRegression().fit(table, TWO + "$$"), table, TWO + "$$"),
    ):
        display.figure_.draw_without_rendering()
