"""Splines whose roughness is a ridge: ∫ f″² = ‖w‖², straight outside, scipy's smoothing spline as a reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import make_smoothing_spline

from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.models.splines import Basis, Spline, curved, fit_basis, knots_of
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.direct import least_squares


def rows(n=400, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=n), rng.integers(0, 2, n), rng.gamma(2.0, size=n)])


@given(
    st.lists(st.floats(-50, 50).map(lambda x: round(x, 2)), min_size=4, max_size=12, unique=True), st.integers(0, 99)
)
def test_roughness_is_the_sum_of_squares(knots, seed):
    knots = np.sort(knots)
    w = np.random.default_rng(seed).normal(size=len(knots) - 2)
    middle = (knots[:-1] + knots[1:]) / 2
    h = np.diff(knots)

    def second(x, step):
        f = [curved(x + k * step, knots) @ w for k in (-1, 0, 1)]
        return (f[0] - 2 * f[1] + f[2]) / step**2

    at_middle = second(middle, h / 4)  # f″ is a line between knots: its mean over symmetric steps is its value
    inside = np.zeros(len(knots))
    for k in range(1, len(knots)):  # f″ = 0 at the first knot, and twice the middle minus the left end at each next
        inside[k] = 2 * at_middle[k - 1] - inside[k - 1]
    assert abs(inside[-1]) <= 1e-5 * (1 + np.abs(inside).max())
    roughness = np.sum(h * (inside[:-1] ** 2 + inside[:-1] * inside[1:] + inside[1:] ** 2) / 3)
    assert roughness == pytest.approx(w @ w, rel=1e-4)


def test_beyond_the_outer_knots_a_curve_is_straight():
    x = np.array([-30.0, -20.0, -10.0, 1e6, 2e6, 3e6])
    f = curved(x, [-2.0, -1.0, 0.5, 3.0])
    np.testing.assert_array_equal(f[:3], 0.0)
    np.testing.assert_allclose(f[3] - 2 * f[4] + f[5], 0.0, atol=1e-8)


def test_curves_have_no_mean_and_no_slope_over_the_rows():
    X = rows()
    spline = fit_basis(X, [0]).splines[0]
    B = spline(X[:, 0])
    np.testing.assert_allclose(B.mean(axis=0), 0.0, atol=1e-14)
    np.testing.assert_allclose(X[:, 0] @ B, 0.0, atol=1e-11)


def test_with_a_knot_at_every_row_it_is_the_smoothing_spline():
    """Σ (y − f)² + λ ∫ f″² of scipy is n times twice the mean squared loss + ½ ρ ∫ f″² with λ = n ρ."""
    rng = np.random.default_rng(3)
    x = np.sort(rng.uniform(-2, 2, 40))
    y = np.sin(2 * x) + 0.2 * rng.normal(size=40)
    B = np.column_stack([x, Spline(0, tuple(x), ((0.0, 0.0),) * 38)(x)])
    rho = 1e-3
    strengths = np.append(np.full(B.shape[1], rho), 0.0)
    strengths[0] = 0.0
    found = least_squares(LikelihoodObjective.of(Linear(B), Squared(), ElasticNet(l2=strengths), y))
    np.testing.assert_allclose(Linear(B)(found.params), make_smoothing_spline(x, y, lam=40 * rho)(x), atol=1e-9)


def test_a_row_alone_has_the_bits_it_has_among_others():
    X = rows()
    basis = Basis(3, fit_basis(X, [0, 2]).splines, ((0, 1), (0, 2)))
    together = basis(X)
    for i in (0, 17, 399):
        np.testing.assert_array_equal(basis(X[i : i + 1])[0], together[i])


def test_products_are_those_of_the_columns_and_of_their_curves():
    X = rows()
    basis = Basis(3, fit_basis(X, [0, 2]).splines, ((0, 1),))
    B, names = basis(X), basis.names(["a", "b", "c"])
    assert len(names) == basis.features == B.shape[1]
    np.testing.assert_array_equal(B[:, names.index("a × b")], X[:, 0] * X[:, 1])
    np.testing.assert_array_equal(B[:, names.index("curve 2 of a × b")], B[:, names.index("curve 2 of a")] * X[:, 1])
    kinds = basis.spread({"line": 0, "curve": 1, "product": 2, "curved product": 3})
    assert [kinds[names.index(name)] for name in ("b", "curve 1 of c", "a × b", "curve 1 of a × b")] == [0, 1, 2, 3]


def test_columns_with_few_values_have_no_curve_and_many_ties_leave_few_knots():
    X = rows()
    assert set(fit_basis(X, [0, 1, 2]).sizes) == {0, 2}
    mostly = np.where(np.arange(400) % 20 == 0, np.arange(400.0), 0.0)
    knots = knots_of(mostly, 8)
    assert len(knots) >= 5 and np.all(np.diff(knots) > 0)


def test_curves_are_as_many_as_rows_and_outputs_allow():
    wide = np.random.default_rng(0).normal(size=(60, 100))
    assert fit_basis(wide, range(100)).features <= 100 + 15
    tall = np.random.default_rng(0).normal(size=(3000, 60))
    assert fit_basis(tall, range(60)).features <= 560
    assert fit_basis(tall, range(60), outputs=20).features <= 160


def test_a_basis_is_written_and_read_with_every_bit():
    basis = fit_basis(rows(), [0, 2])
    assert Basis.from_json(basis.to_json()) == basis


@pytest.mark.parametrize(
    "change",
    [
        {"splines": [{"feature": 0, "knots": [0.0, 0.0, 1.0], "lines": [[0.0, 0.0]]}]},
        {"splines": [{"feature": 3, "knots": [0.0, 0.5, 1.0], "lines": [[0.0, 0.0]]}]},
        {"splines": [{"feature": 0, "knots": [0.0, 0.5, 1.0], "lines": []}]},
        {"pairs": [[1, 1]]},
        {"pairs": [[0, 7]]},
    ],
)
def test_a_basis_that_cannot_be_is_refused(change):
    with pytest.raises(ValueError, match=r"knots|product"):
        Basis.from_json({**fit_basis(rows(), [0]).to_json(), **change})
