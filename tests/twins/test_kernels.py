"""Each compiled kernel against a plain twin: coordinate descent in NumPy, compensated sums in exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest

from infimum.certificates.metric import gram
from infimum.certificates.point import rows_in_numpy
from infimum.kernels.augmented import augmented_residuals
from infimum.kernels.compensated import compensated_product, product_of, pull_of, reach_of, sum_of
from infimum.kernels.coordinate import coordinate_descent
from infimum.kernels.exponentials import exponentials
from infimum.kernels.logistic import logistic_jet
from infimum.kernels.parts import pull, push
from infimum.kernels.whiten import whiten, whitening_lack
from infimum.losses.logistic import Logistic
from infimum.losses.poisson import Poisson

UNIT = 2.0**-53


def plain_descent(H, g, w, parts, passes):
    """argmin gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Σ l1|v| + ½ l2 v² on [lower, upper], one entry after the other."""
    l1, l2, lower, upper = parts
    v = w.copy()
    for _ in range(passes):
        for j in range(len(v)):
            slope = g[j] + H[j] @ (v - w)
            b = H[j, j] * v[j] - slope
            v[j] = np.clip(np.sign(b) * max(abs(b) - l1[j], 0) / (H[j, j] + l2[j]), lower[j], upper[j])
    return v


def quadratic(seed, p, penalty):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((3 * p, p))
    strengths = {"none": (0, 0), "l1": (0.3, 0), "l2": (0, 0.5), "both": (0.2, 0.1), "bounds": (0.1, 0)}[penalty]
    bounds = (-0.1, 0.3) if penalty == "bounds" else (-np.inf, np.inf)
    parts = tuple(np.full(p, x, dtype=float) for x in (*strengths, *bounds))
    w = np.clip(0.1 * rng.standard_normal(p), *bounds)
    return A.T @ A / len(A), rng.standard_normal(p), w, parts


@pytest.mark.parametrize("penalty", ["none", "l1", "l2", "both", "bounds"])
@pytest.mark.parametrize("p", [1, 2, 7, 20])
def test_coordinate_descent_is_its_twin(p, penalty):
    H, g, w, parts = quadratic(p, p, penalty)
    kept = [array.copy() for array in (H, g, w)]
    v, passes = coordinate_descent(H, g, w, np.stack(parts), 1e-28, 5000)
    np.testing.assert_allclose(v, plain_descent(H, g, w, parts, 800), rtol=1e-9, atol=1e-12)
    assert 1 <= passes < 5000
    for now, before in zip((H, g, w), kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_coordinate_descent_stops_after_the_passes_it_is_given():
    H, g, w, parts = quadratic(3, 8, "none")
    stacked = np.stack(parts)
    np.testing.assert_allclose(coordinate_descent(H, g, w, stacked, 0.0, 1)[0], plain_descent(H, g, w, parts, 1))
    assert coordinate_descent(H, g, w, stacked, 0.0, 7)[1] == 7


def test_coordinate_descent_leaves_an_entry_without_curvature():
    H, g = np.diag([1.0, 0.0]), np.array([-2.0, 5.0])
    none, wide = np.zeros(2), np.full(2, np.inf)
    parts = np.stack([none, none, -wide, wide])
    np.testing.assert_array_equal(coordinate_descent(H, g, none, parts, 0.0, 9)[0], [2.0, 0.0])


def cancelling(rng, n, p):
    """A, w whose products almost cancel: each second column repeats the one before, its weight nearly the opposite."""
    A = rng.standard_normal((n, p)) * 10.0 ** rng.uniform(-8, 8, (n, p))
    w = rng.standard_normal(p)
    A[:, 1::2], w[1::2] = A[:, : p // 2 * 2 : 2], -w[: p // 2 * 2 : 2] * (1 + 1e-15)
    return A, w


def dot(a, b, start=0.0):
    return sum((Fraction(x) * Fraction(y) for x, y in zip(a.tolist(), b.tolist(), strict=True)), Fraction(float(start)))


def squared_gamma(n):
    return (n * UNIT / (1 - n * UNIT)) ** 2


@pytest.mark.parametrize("shape", [(1, 1), (5, 2), (8, 40), (40, 7), (3, 16), (3, 17)])
def test_product_in_twice_the_precision(shape):
    rng = np.random.default_rng(shape[1])
    A, w = cancelling(rng, *shape)
    start = rng.standard_normal(shape[0])
    high, low, reach = compensated_product(A, w, start)
    np.testing.assert_allclose(reach, np.abs(A) @ np.abs(w) + np.abs(start), rtol=1e-13)
    for i in range(shape[0]):
        exact = dot(A[i], w, start[i])
        size = float(np.abs(A[i]) @ np.abs(w) + abs(start[i]))
        allowed = UNIT**2 * abs(float(exact)) + 2 * squared_gamma(shape[1] + 2) * size
        assert abs(Fraction(float(high[i])) + Fraction(float(low[i])) - exact) <= Fraction(allowed)
        assert abs(low[i]) <= UNIT * abs(high[i]) * 2


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (40, 8), (7, 40)])
def test_pull_is_rounded_once(shape):
    rng = np.random.default_rng(shape[0])
    transposed, u = cancelling(rng, shape[1], shape[0])
    A = np.ascontiguousarray(transposed.T)
    g, reach, doubts = pull_of(A, u, None, 2 * np.abs(u))
    np.testing.assert_allclose(reach, np.abs(A).T @ np.abs(u), rtol=1e-13)
    np.testing.assert_allclose(doubts, 2 * reach, rtol=1e-13)
    for j in range(shape[1]):
        exact = dot(A[:, j], u)
        size = float(np.abs(A[:, j]) @ np.abs(u))
        allowed = UNIT * abs(float(exact)) * (1 + 1e-12) + 2 * squared_gamma(shape[0] + 2) * size
        assert abs(Fraction(float(g[j])) - exact) <= Fraction(allowed)


def test_cancellation_that_plain_sums_lose():
    A = np.array([[1e16, 1.0, -1e16]])
    assert compensated_product(A, np.ones(3), np.zeros(1))[0][0] == 1.0
    assert pull_of(np.ascontiguousarray(A.T), np.ones(3), None, np.zeros(3))[0] == 1.0
    assert (A @ np.ones(3))[0] != 1.0 or np.sum([1e16, 1.0, -1e16]) != 1.0 or (1e16 + 1.0) - 1e16 == 0.0


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_empty_arrays(shape):
    A = np.zeros(shape)
    np.testing.assert_array_equal(compensated_product(A, np.zeros(shape[1]), np.ones(shape[0]))[0], np.ones(shape[0]))
    nothing = np.zeros(shape[0])
    np.testing.assert_array_equal(pull_of(A, nothing, None, nothing)[0], np.zeros(shape[1]))


@pytest.mark.parametrize(("shape", "lost"), [((1, 1), False), ((6, 3), True), ((30, 5), False), ((12, 12), True)])
def test_whitening_in_twice_the_precision(shape, lost):
    """E against rational arithmetic, of columns that are nearly alike; then W ← (I + ½E) W leaves next to nothing."""
    rng = np.random.default_rng(shape[0])
    n, p = shape
    A = np.cumsum(rng.standard_normal((n, p)) * 10.0 ** -np.arange(p), axis=1)
    low, d = A * UNIT * rng.uniform(-0.5, 0.5, (n, p)) * lost, rng.uniform(0.1, 2, n)
    rows = A, low if lost else np.zeros((0, 0))
    W = np.zeros((2, p, p))
    W[0] = np.linalg.inv(np.linalg.qr(A * np.sqrt(d)[:, None], mode="r")).T
    E = whitening_lack(rows, d, W)
    pairs = zip(A.tolist(), low.tolist(), strict=True)
    table = [[Fraction(a) + Fraction(b) for a, b in zip(*each, strict=True)] for each in pairs]
    white = [[sum(Fraction(x) * a for x, a in zip(row, each, strict=True)) for row in W[0].tolist()] for each in table]
    reach = np.abs(W[0]) @ np.sqrt((A**2 * d[:, None]).sum(axis=0))
    for k in range(p):
        for j in range(p):
            exact = (k == j) - sum(Fraction(s) * q[k] * q[j] for s, q in zip(d.tolist(), white, strict=True))
            allowed = 16 * (n + 3 * p + 8) * UNIT**2 * reach[k] * reach[j] + 2 * UNIT * abs(float(exact))
            assert abs(Fraction(float(E[k, j])) - exact) <= Fraction(allowed)
    if np.abs(E).sum(axis=1).max() < 0.5:
        before = np.abs(E).sum(axis=1).max()
        whiten(W, E)
        after = np.abs(whitening_lack(rows, d, W)).sum(axis=1).max()
        assert after <= before**2 + 1e-25 * float(reach @ reach)


def as_fractions(*arrays):
    return [[Fraction(x) for x in np.ravel(array).tolist()] for array in arrays]


@pytest.mark.parametrize("shape", [(1, 1), (6, 3), (3, 6), (30, 8)])
def test_augmented_residuals_in_twice_the_precision(shape):
    """y is the exact sum but for its own rounding, so that all but the last digits cancel in f."""
    rng = np.random.default_rng(shape[0])
    n, p = shape
    A, w = cancelling(rng, n, p)
    s, l2 = rng.uniform(0.1, 2, n), rng.uniform(0, 2, p)
    w_low, r = w * UNIT * rng.uniform(-0.5, 0.5, p), rng.standard_normal(n)
    r_low = r * UNIT * rng.uniform(-0.5, 0.5, n)
    pairs = [[a + b for a, b in zip(*as_fractions(high, low), strict=True)] for high, low in ((w, w_low), (r, r_low))]
    rows, strengths = as_fractions(s, l2)
    fitted = [sum(Fraction(a) * b for a, b in zip(row, pairs[0], strict=True)) for row in A.tolist()]
    y = np.array([float(z + e) for z, e in zip(fitted, pairs[1], strict=True)])
    f, g = augmented_residuals((A, np.zeros((0, 0))), y, s, l2, np.stack([w, w_low]), np.stack([r, r_low]))
    allowed = 8 * squared_gamma(n + p + 4)
    for i in range(n):
        exact = Fraction(y[i]) - fitted[i] - pairs[1][i]
        size = float(np.abs(A[i]) @ np.abs(w) + abs(y[i]) + abs(r[i]))
        assert abs(Fraction(float(f[i])) - exact) <= Fraction(2 * UNIT * abs(float(exact)) + allowed * size)
    for j in range(p):
        pull = sum(Fraction(a) * b * c for a, b, c in zip(A[:, j].tolist(), rows, pairs[1], strict=True))
        exact = pull - strengths[j] * pairs[0][j]
        size = float(np.abs(A[:, j]) @ (s * np.abs(r)) + l2[j] * abs(w[j]))
        assert abs(Fraction(float(g[j])) - exact) <= Fraction(2 * UNIT * abs(float(exact)) + allowed * size)


@pytest.mark.parametrize("shape", [(0, 3), (5, 2), (7, 40)])
def test_largest_reach(shape):
    A, c = np.random.default_rng(0).standard_normal(shape), np.arange(shape[1]) + 0.5
    assert reach_of(A, c) == pytest.approx(float((np.abs(A) @ c).max(initial=0.0)), rel=1e-14)


def test_many_rows_in_parts_are_the_rows():
    """Above 500,000 numbers the rows are shared out: the sums are those of the naive formulas all the same."""
    rng = np.random.default_rng(3)
    A, w, u = rng.standard_normal((60_001, 9)), rng.standard_normal(9), rng.standard_normal(60_001)
    high, _, reach = product_of(A, w, np.zeros(len(A)))
    np.testing.assert_allclose(high, A @ w, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(reach, np.abs(A) @ np.abs(w), rtol=1e-12)
    g, steep, doubts = pull_of(A, u, None, np.abs(u))
    np.testing.assert_allclose(g, A.T @ u, rtol=1e-11)
    np.testing.assert_allclose([steep, doubts], np.tile(np.abs(A).T @ np.abs(u), (2, 1)), rtol=1e-12)
    assert reach_of(A, np.abs(w)) == pytest.approx(float((np.abs(A) @ np.abs(w)).max()), rel=1e-14)
    np.testing.assert_allclose(push(A, w), A @ w, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(pull(A, u), A.T @ u, rtol=1e-11)
    d = rng.uniform(0, 1, len(A))
    np.testing.assert_allclose(gram(A, d), (A.T * d) @ A, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("shape", [(0, 2), (5, 3), (40, 16), (7, 35), (60_001, 9)])
def test_a_pass_over_the_rows_is_loss_gradient_and_curvature(shape):
    """A row of weight 0 counts for nothing, even where its loss overflows."""
    rng = np.random.default_rng(4)
    A, w, z0 = rng.standard_normal(shape), rng.standard_normal(shape[1]), rng.standard_normal(shape[0])
    y, s = (rng.random(shape[0]) < 0.5) * 1.0, rng.uniform(0, 1, shape[0])
    s[::4], A[::4] = 0.0, 1e300
    z = np.where(s > 0, A @ w + z0, 0.0)
    for loss in (Logistic(), Poisson()):
        plain = s @ loss.value(z, y), (s * loss.gradient(z, y))[s > 0] @ A[s > 0], s * loss.bend(z, y)
        with np.errstate(over="ignore", invalid="ignore"):
            found = loss.over(A, w, z0, y, s)
        np.testing.assert_allclose(found[1], plain[1], rtol=1e-10, atol=1e-9)
        np.testing.assert_allclose(found[0], plain[0], rtol=1e-11)
        np.testing.assert_allclose(found[2], plain[2], rtol=1e-11)


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
def test_the_logistic_jet_is_the_loss_its_gradient_and_its_curvature(y):
    z = np.array([-800.0, -40.0, -1.0, -1e-300, 0.0, 1e-9, 2.0, 37.0, 800.0])
    loss, targets = Logistic(), np.full(9, y)
    plain = loss.value(z, targets), loss.gradient(z, targets), loss.curvature(z, targets, np.ones(9))
    for fused, twin in zip(logistic_jet(z, targets), plain, strict=True):
        np.testing.assert_allclose(fused, twin, rtol=4e-16, atol=0)


def test_rows_of_a_point_are_those_of_any_loss():
    rng = np.random.default_rng(0)
    z = np.concatenate([np.array([-800.0, -40.0, 0.0, 37.0, 800.0]), rng.standard_normal(95) * 5])
    lost, reach, y = z * UNIT * rng.uniform(-1, 1, 100), np.abs(z) * 7 + 1, rng.integers(0, 2, 100) * 1.0
    s = rng.uniform(0.1, 1, 100) / 100
    y[:7], s[50] = 0.3, 0.0
    z[50] = lost[50] = reach[50] = 0.0
    units = (1e-28, UNIT**2, 12 * UNIT, 2.0**-1000)
    found, drift = Logistic().rows_at((z, lost, reach), (y, s), units)
    plain, largest = rows_in_numpy(Logistic(), (z, lost, reach), (y, s), units)
    assert np.array_equal(found[2], plain[2])  # the checker has this formula
    for name, fused, twin in zip(("z_error", "value", "u", "u_error", "d"), found, plain, strict=True):
        np.testing.assert_allclose(fused, twin, rtol=1e-14, atol=0, err_msg=name)
    assert drift == pytest.approx(largest, rel=1e-12) and drift > 0


@pytest.mark.parametrize("rows", [0, 1, 15, 16, 17, 1000])
def test_a_sum_is_rounded_once(rows):
    rng = np.random.default_rng(rows)
    a = rng.standard_normal(rows) * 10.0 ** rng.integers(-8, 9, rows)
    a = np.append(a, -a[: rows // 2])
    assert sum_of(a) == math.fsum(a)
    assert sum_of(np.array([1.0, np.inf])) == np.inf


def test_exponentials_side_by_side_are_those_of_the_library():
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [[0.0, 5e-324, 1e-300, 0.34657359027997264, 0.3465735902799727, 707.9, 708.0], rng.exponential(9, 9000)]
    )
    e, soft = np.empty(len(x)), np.empty(len(x))
    exponentials(x, e, soft)
    np.testing.assert_allclose(e, np.exp(-x), rtol=5e-16, atol=0)
    np.testing.assert_allclose(soft, np.log1p(np.exp(-x)), rtol=1e-15, atol=0)
    far = np.array([708.1, 1e308, np.inf])
    exponentials(far, e[:3], soft[:3])
    assert np.array_equal(e[:3], np.zeros(3)) and np.array_equal(soft[:3], np.zeros(3))


@pytest.mark.parametrize("z0", [np.inf, -np.inf, np.nan])
def test_a_prediction_that_is_not_finite_has_no_finite_loss(z0):
    y, s = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    assert math.isnan(Logistic().over(np.ones((2, 1)), np.zeros(1), np.array([z0, 0.0]), y, s)[0])
    assert math.isnan(Logistic().over(np.ones((2, 1)), np.zeros(1), np.array([0.0, z0]), y, s)[0])
