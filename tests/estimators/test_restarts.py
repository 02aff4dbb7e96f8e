"""Restarts, and F on lines and planes through fits: what a convex model shows, and what a network shows instead."""

import math

import matplotlib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression as TheirRegression

from infimum import (
    LogisticRegression,
    LossLine,
    MLPClassifier,
    MLPRegressor,
    Restarts,
    Ridge,
    loss_line,
    loss_plane,
    restarts,
)
from infimum.estimators.mlp_poisson import MLPPoissonRegressor

matplotlib.use("Agg")
RNG = np.random.default_rng(0)
X = np.sort(RNG.uniform(-1, 1, 90))[:, None]
Y = np.sin(4 * X[:, 0]) + 0.1 * RNG.standard_normal(90)
S = RNG.integers(1, 4, 90).astype(float)
NETWORK = MLPRegressor((5,), solver="full-batch")
KINDS = [
    (NETWORK, Y),
    (MLPClassifier((5,), solver="full-batch", alpha=0.01, max_iter=40), Y > 0),
    (MLPClassifier((3, 2), activation="tanh", solver="full-batch", max_iter=40), np.digitize(Y, [-0.5, 0.5])),
    (MLPPoissonRegressor((4,), solver="full-batch", max_iter=40), np.round(3 * (Y - Y.min()))),
]


@pytest.fixture(autouse=True)
def closed():
    from matplotlib import pyplot

    yield
    pyplot.close("all")


def seeded(model, y, count=2, weight=None):
    make = [type(model)(**{**model.get_params(), "random_state": k}) for k in range(count)]
    return [each.fit(X, y, weight) for each in make]


@pytest.mark.parametrize(
    ("model", "y"), [(Ridge(), Y), (LogisticRegression(), Y > 0), (MLPRegressor(()), Y), (MLPClassifier(()), Y > 0)]
)
def test_all_starts_of_a_convex_model_end_alike_and_prove_it(model, y):
    found = restarts(model, X, y, S, k=4)
    assert found.proved and found.gaps.max() < 1e-9 * found.lowest
    assert found.near == 1.0 and found.excess.max() < 1e-12 and found.relative_spread < 1e-10
    assert "each proved" in str(found) and len(found.models) == 4


def test_starts_of_a_network_end_in_different_minima():
    found = restarts(NETWORK, X, Y, k=6)
    assert not found.proved and "no distance from inf F known" in str(found)
    assert found.near < 1 and found.excess.max() > 0.1 and found.relative_spread > 0.1
    assert found.excess.min() == 0 and found.values.tolist() == [model.loss_ for model in found.models]
    again = restarts(NETWORK, X, Y, k=6)
    np.testing.assert_array_equal(found.values, again.values)


def test_spread_and_residuals_by_hand():
    found = restarts(NETWORK, X, Y, S, k=3)
    z = np.array([model.predict(X) for model in found.models])
    np.testing.assert_allclose(found.predictions[..., 0], z)
    np.testing.assert_allclose(found.spread, math.sqrt(np.average(z.var(axis=0, ddof=1), weights=S)))
    np.testing.assert_allclose(found.residual, math.sqrt(np.average((Y - z.mean(axis=0)) ** 2, weights=S)))
    made = Restarts(np.array([1.0, 1.009, 1.2, 2.0]), np.full(4, np.inf), np.zeros((4, 2, 1)), np.ones(2), 0.0, ())
    assert made.near == 0.5 and made.relative_spread == 0.0
    np.testing.assert_allclose(made.excess, [0.0, 0.009, 0.2, 1.0])


def test_what_cannot_be_restarted_is_refused():
    with pytest.raises(ValueError, match="a spread takes 2 starts or more"):
        restarts(NETWORK, X, Y, k=1)
    with pytest.raises(ValueError, match="LinearRegression tells no F"):
        restarts(TheirRegression(), X, Y)


@pytest.mark.parametrize(("model", "y"), KINDS, ids=["squares", "two classes", "three classes", "counts"])
def test_f_at_the_ends_of_a_line_is_the_loss_of_the_fits(model, y):
    a, b = seeded(model, y, weight=S)
    line = loss_line(a, b, X, y, S, points=11)
    np.testing.assert_allclose(line.values[[0, -1]], [a.loss_, b.loss_], rtol=1e-10)
    np.testing.assert_allclose(line.chord[5], (a.loss_ + b.loss_) / 2)


def test_a_convex_models_line_lies_under_its_chord():
    for model, y in ((MLPRegressor(()), Y), (MLPClassifier((), alpha=0.1), Y > 0)):
        halves = [type(model)(**model.get_params()).fit(X[k::2], y[k::2]) for k in range(2)]
        line = loss_line(*halves, X, y)
        assert np.all(line.values <= line.chord * (1 + 1e-12)) and line.values[50] < line.chord[50]
        assert line.barrier <= 1e-12 * line.values.max()


def test_a_networks_line_has_a_barrier():
    a, b = seeded(NETWORK, Y)
    line = loss_line(a, b, X, Y)
    assert line.barrier > 10 * max(a.loss_, b.loss_)
    assert loss_line(a, a, X, Y, points=5).barrier < 1e-12


def test_permuted_units_are_the_same_network_behind_a_barrier():
    (a,) = seeded(NETWORK, Y, 1)
    b, order = seeded(NETWORK, Y, 1)[0], np.arange(5)[::-1]
    (V, W), (v, w) = a.coefs_, a.intercepts_
    b.params_ = np.concatenate([V[:, order].ravel(), v[order], W[order].ravel(), w])
    line = loss_line(a, b, X, Y)
    np.testing.assert_allclose(line.values[-1], line.values[0])
    np.testing.assert_allclose(b.predict(X), a.predict(X))
    assert line.barrier > a.loss_


def test_a_plane_goes_through_its_fits_and_holds_their_lines():
    fits = seeded(NETWORK, Y, 3)
    plane = loss_plane(fits, X, Y, points=4)
    np.testing.assert_allclose(plane.at_fits, [model.loss_ for model in fits], rtol=1e-10)
    a, b, c = (model.params_ for model in fits)
    u = (b - a) / np.linalg.norm(b - a)
    v = (c - a) - (c - a) @ u * u
    v /= np.linalg.norm(v)
    np.testing.assert_allclose(np.outer(plane.fits[2], [1, 1])[[0, 1], [0, 1]], [(c - a) @ u, (c - a) @ v])
    np.testing.assert_allclose(plane.fits[1], [np.linalg.norm(b - a), 0], atol=1e-12)
    somewhere = type(fits[0])(**fits[0].get_params()).fit(X, Y)
    somewhere.params_ = a + plane.s[1] * u + plane.t[2] * v
    np.testing.assert_allclose(loss_line(fits[0], somewhere, X, Y, points=3).values[-1], plane.values[2, 1], rtol=1e-9)


def test_other_models_and_rows_are_refused():
    a, b = seeded(NETWORK, Y)
    wider = MLPRegressor((6,), solver="full-batch", max_iter=2).fit(X, Y)
    labels = MLPClassifier((5,), solver="full-batch", max_iter=2).fit(X, Y > 0)
    for pair, rows, words in (
        ((a, Ridge().fit(X, Y)), (X, Y), "Ridge is no MLP"),
        ((a, wider), (X, Y), "the models differ"),
        ((a, labels), (X, Y), "the models differ"),
        ((a, b), (np.hstack([X, X]), Y), "X has 2 columns, the models were fitted to 1"),
        ((labels, labels), (X, np.where(Y > 0, 2, 0)), "y holds 2, which is no class"),
    ):
        with pytest.raises(ValueError, match=words):
            loss_line(*pair, *rows)
    for bad, words in (((a, b), "a plane goes through 3"), ((a, b, b), "the three fits lie on a line")):
        if words.startswith("the three"):
            bad = (a, b, a)
        with pytest.raises(ValueError, match=words):
            loss_plane(bad, X, Y)
    for call in (lambda: loss_line(a, b, X, Y, points=2), lambda: loss_plane((a, b, wider), X, Y, points=2)):
        with pytest.raises(ValueError, match="takes 3 or more"):
            call()


def test_pictures_draw_what_the_records_hold():
    fits = seeded(NETWORK, Y, 3)
    line = loss_line(*fits[:2], X, Y, points=9).plot()
    assert isinstance(line, LossLine) and line.figure_ is line.ax_.figure
    np.testing.assert_array_equal(line.ax_.lines[0].get_ydata(), line.values)
    np.testing.assert_array_equal(line.ax_.lines[1].get_ydata(), line.chord)
    plane = loss_plane(fits, X, Y, points=5).plot()
    np.testing.assert_array_equal(np.column_stack(plane.ax_.lines[0].get_data()), plane.fits)
    assert plane.ax_.get_title(loc="left") == "F on the plane through three fits"
