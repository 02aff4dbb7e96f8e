"""The path on normal equations: each point a minimum, by a gap computed apart in extended precision; ridge too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import moments
from infimum.solvers.fold_paths import Blend, Folds, fold_paths, largest_alpha, normal_of, whole_path
from infimum.solvers.moments import FoldMoments, Table
from infimum.solvers.path import path, refined
from infimum.solvers.ridge_path import left_out, ridge_path

KINDS = ("plain", "dependent", "duplicates", "integers", "powers", "scales", "sums", "constant")


def drawn(kind, n, p, rng):
    """(X, y, weights): rows of that kind, some of weight 0."""
    X = rng.standard_normal((n, p))
    if kind == "dependent":
        X = X @ rng.standard_normal((p, p))
    elif kind == "duplicates":
        X[:, ::2] = X[:, [0]]
    elif kind == "integers":
        X = rng.integers(-1, 2, (n, p)).astype(float)
    elif kind == "powers":
        X = np.vander(np.linspace(0.5, 1.5, n), p)
    elif kind == "scales":
        X = X * 10.0 ** rng.uniform(-4, 4, p) + 10.0 ** rng.uniform(-2, 3, p)
    elif kind == "sums":
        X = np.cumsum(X, axis=1)
    elif kind == "constant":
        X[:, 0] = 3.1
    y = X @ (rng.standard_normal(p) * (rng.random(p) < 0.4)) + rng.standard_normal(n) + 5
    weight = rng.uniform(0.1, 3, n) * (rng.random(n) < 0.9)
    weight[:2] = 1.0
    return X, y, weight


def gap(table, blend, k, b, constant):
    """(P(b) − D) / P(0) in extended precision, D at the dual point of its residuals, of the problem about the means."""
    w = (table.weight / table.weight.sum()).astype(np.longdouble)
    X, y = table.X.astype(np.longdouble), table.y.astype(np.longdouble)
    r = y - X @ b.astype(np.longdouble) - constant
    if table.intercept:
        X, y, r = X - w @ X, y - w @ y, r - w @ r
    alpha = blend.alphas[k]
    l1, l2 = alpha * blend.l1_ratio, alpha * (1 - blend.l1_ratio)
    q = X.T @ (w * r) - l2 * b
    steepest = float(q.max() if blend.positive else np.abs(q).max())
    share = min(1.0, l1 / steepest) if steepest > 0 else 1.0
    square = w @ r**2 + l2 * (b @ b)
    above = square / 2 + l1 * np.abs(b).sum()
    return float((above - share * (w @ (y * r)) + share**2 * square / 2) / (w @ y**2 / 2))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    shape=st.tuples(st.integers(3, 40), st.integers(1, 60)),
    seed=st.integers(0, 10**6),
    ratio=st.sampled_from([1.0, 0.9, 0.5]),
    intercept=st.booleans(),
    positive=st.booleans(),
)
def test_every_point_of_a_path_is_a_minimum(kind, shape, seed, ratio, intercept, positive):
    X, y, weight = drawn(kind, *shape, np.random.default_rng(seed))
    table = Table.of(X, y, weight, intercept)
    top = largest_alpha(table, normal_of(table), ratio, positive)
    if top < 1e-9:
        return
    blend = Blend(ratio, np.geomspace(top, 1e-3 * top, 15), positive)
    found = whole_path(table, normal_of(table), blend)
    assert found.lacking == 0
    for k in range(15):
        b = found.coefs[k]
        assert gap(table, blend, k, b, found.intercepts[k]) <= 1e-10
        assert not positive or b.min() >= 0
    assert np.all(found.coefs[0] == 0) or np.abs(found.coefs[0]).max() * top < 1e-9 * np.abs(y).max() ** 2
    assert found.gaps.max() <= 1e-10 * float(np.average(y**2, weights=weight))


def test_a_point_moved_has_a_gap():
    X, y, weight = drawn("plain", 30, 5, np.random.default_rng(0))
    table = Table.of(X, y, weight, True)
    blend = Blend(1.0, np.array([0.1]))
    found = whole_path(table, normal_of(table), blend)
    moved = found.coefs[0] * (1 + 1e-3)
    assert gap(table, blend, 0, moved, found.intercepts[0]) > 1e-8


def test_without_the_matrix_the_path_is_the_same():
    X, y, weight = drawn("plain", 25, 60, np.random.default_rng(3))
    table, every = Table.of(X, y, weight, True), np.arange(25)
    strengths = Blend(1.0, np.geomspace(1.0, 0.01, 20)).strengths(table)
    dense, _ = path(table.normal(every, table.moments(every)), strengths)
    columns, _ = path(table.columns(every), strengths)
    np.testing.assert_allclose(columns, dense, rtol=1e-9, atol=1e-11)


def test_where_all_may_have_either_sign_no_l1_is_least_squares():
    X, y, weight = drawn("plain", 40, 6, np.random.default_rng(1))
    table = Table.of(X, y, weight, True)
    found = whole_path(table, normal_of(table), Blend(1.0, np.array([0.0])))
    A = np.column_stack([X, np.ones(40)]) * np.sqrt(weight)[:, None]
    expected = np.linalg.lstsq(A, y * np.sqrt(weight), rcond=None)[0]
    np.testing.assert_allclose(np.append(found.coefs[0], found.intercepts), expected, rtol=1e-10)


def test_a_start_from_afar_comes_to_the_same_minimum():
    X, y, weight = drawn("scales", 40, 12, np.random.default_rng(2))
    table, every = Table.of(X, y, weight, True), np.arange(40)
    normal = table.normal(every, table.moments(every))
    strengths = [ElasticNet(np.full(12, 0.05), np.zeros(12), np.full(12, -np.inf))]
    near, _ = path(normal, strengths)
    far, lacking = path(normal, strengths, np.random.default_rng(0).standard_normal(12) * 100)
    assert lacking.max() == 0
    np.testing.assert_allclose(far, near, rtol=1e-8, atol=1e-10)


def fold(start, stop):
    """(the other rows of 40, rows from start to stop)."""
    return np.r_[:start, stop:40], np.arange(start, stop)


def test_a_last_fit_from_the_end_of_a_path_and_from_anywhere():
    X, y, weight = drawn("plain", 40, 12, np.random.default_rng(4))
    table = Table.of(X, y, weight, True)
    found = whole_path(table, normal_of(table), Blend(1.0, np.array([0.1])))
    objective = LikelihoodObjective.of(Linear(X), Squared(), ElasticNet(l1=0.1), y, weight)
    near = refined(objective, np.append(found.coefs[0], found.intercepts), 1e-10)
    far = refined(objective, np.random.default_rng(0).standard_normal(13) * 10, 1e-10)
    assert (near.certificate.solver, far.certificate.solver) == ("path", "prox-Newton")
    for solution in (near, far):
        assert solution.certificate.verdict("gap") == "CERTIFIED"
        np.testing.assert_allclose(solution.params, near.params, rtol=1e-10, atol=1e-12)


FOLDS = {
    "parted": [fold(0, 10), fold(10, 25), fold(25, 40)],
    "overlapping": [(np.arange(30), np.arange(20, 40)), (np.arange(20, 40), np.arange(25))],
    "in time": [(np.arange(10), np.arange(10, 20)), (np.arange(20), np.arange(20, 40))],
    "one fold is nearly all": [fold(3, 40), fold(0, 3)],
}


@pytest.mark.parametrize("kept", [0, moments.KEPT], ids=["summed again", "kept"])
@pytest.mark.parametrize("folds", FOLDS.values(), ids=FOLDS)
@pytest.mark.parametrize("far", [False, True], ids=["", "far from each other"])
def test_moments_of_folds_are_those_of_their_rows(folds, kept, far, monkeypatch):
    monkeypatch.setattr(moments, "KEPT", kept)
    X, y, weight = drawn("plain", 40, 4, np.random.default_rng(5))
    if far:  # rows of a fold lie close together, far from the mean of all
        X[:3] = X[:3] * 1e-3 + 1e4
        X[3:, 1] = 0.7
    table = Table.of(X, y, weight, True)
    for (train, _), (learned, _) in zip(folds, FoldMoments.of(table, folds), strict=True):
        found, share = table.normal(train, learned), weight[train] / weight[train].sum()
        Z = (X[train] - share @ X[train]) * table.scale[:-1]
        expected = (Z * share[:, None]).T @ Z
        constant = np.ptp(X[train], axis=0) == 0
        assert np.all(found.G[constant] == 0)
        size = np.where(constant, np.inf, np.sqrt(np.diag(expected)))
        np.testing.assert_allclose(found.G / size / size[:, None], expected / size / size[:, None], atol=1e-10)


@pytest.mark.parametrize("noise", [1.0, 1e-3, 1e-8, 0.0])
def test_errors_from_moments_are_those_of_the_rows(noise):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3)) + 10
    y = X @ [1.0, -2.0, 0.5] + noise * rng.standard_normal(40)
    table, folds = Table.of(X, y, np.ones(40), True), FOLDS["parted"]
    blend = Blend(1.0, np.array([0.5, 1e-6, 0.0]))
    found = fold_paths(Folds.of(table, folds), [blend]).errors[0]
    for k, (train, test) in enumerate(folds):
        own = Table.of(X[train], y[train], np.ones(len(train)), True)
        alone = whole_path(own, normal_of(own), blend)
        residual = y[test, None] - X[test] @ alone.coefs.T - alone.intercepts
        expected = np.mean(residual**2, axis=0)
        rounding = 1e-15 * np.abs(y).max()  # of one residual
        assert np.all(np.abs(found[:, k] - expected) <= 1e-8 * expected + rounding * np.sqrt(expected) + rounding**2)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(("plain", "dependent", "scales", "constant")),
    shape=st.tuples(st.integers(3, 25), st.integers(1, 30)),
    seed=st.integers(0, 10**6),
    intercept=st.booleans(),
)
def test_leaving_out_by_the_formula_is_leaving_out(kind, shape, seed, intercept):
    X, y, weight = drawn(kind, *shape, np.random.default_rng(seed))
    alphas = np.array([1e-3, 1.0, 100.0])
    errors = left_out(Table.of(X, y, weight, intercept), alphas / weight.sum())
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        if not weight[rest].any():
            continue
        table = Table.of(X[rest], y[rest], weight[rest], intercept)
        B, mean = ridge_path(table, np.arange(rest.sum()), None, alphas / weight[rest].sum())
        own = table.scale[-1] or 1.0
        z = table.shift[-1] + ((X[i] - table.shift[:-1]) * table.scale[:-1] @ B.T + mean[-1] - B @ mean[:-1]) / own
        np.testing.assert_allclose(errors[i], y[i] - z, rtol=1e-6, atol=1e-7 * np.abs(y).max())


@pytest.mark.parametrize("large", [1e7, 1e12, 1e100])
def test_columns_of_very_different_size_keep_their_errors(large):
    """A column in other units, of which a ridge is next to nothing: all errors are those of it left unpenalised."""
    rng = np.random.default_rng(1)
    X, alphas, e = rng.standard_normal((12, 3)), np.array([1e-3, 0.1]), np.diag([1.0, 0.0, 1.0])
    y = X @ [1.0, -2.0, 0.5] + 0.1 * rng.standard_normal(12)
    table = Table.of(X * [1.0, large, 1.0], y, np.ones(12), False)
    B, _ = ridge_path(table, np.arange(12), None, alphas)
    for k, alpha in enumerate(alphas):
        inverse = np.linalg.inv(X.T @ X / 12 + alpha * e)
        b = inverse @ X.T @ y / 12
        expected = (y - X @ b) / (1 - np.einsum("ij,jk,ik->i", X, inverse, X) / 12)
        np.testing.assert_allclose(left_out(table, alphas)[:, k], expected, rtol=1e-9)
        told = (X * [1.0, large, 1.0] * table.scale[:-1]) @ B[k] / table.scale[-1]
        np.testing.assert_allclose(told, X @ b, rtol=1e-9)


def exactly_left_out(X, y, weight, alpha):
    """yᵢ − ŷ₋ᵢ at 60 digits, by fits without each row: Σ s r² + α ‖b‖², with an intercept."""
    errors = []
    with mp.workdps(60):
        A = mp.matrix(np.column_stack([X, np.ones(len(X))]).tolist())
        ridge = mp.diag([mp.mpf(alpha)] * X.shape[1] + [0])
        for i in range(len(y)):
            S = mp.diag([mp.mpf(float(s)) * (k != i) for k, s in enumerate(weight)])
            b = mp.lu_solve(A.T * S * A + ridge, A.T * S * mp.matrix(y.tolist()))
            errors.append(float(mp.mpf(float(y[i])) - (A * b)[i]))
    return errors


@pytest.mark.parametrize("least", [1e-3, 1e-9, 1e-14])
@pytest.mark.parametrize("shape", [(5, 4), (5, 7), (2, 3)])
@pytest.mark.parametrize("unlike", [False, True])
def test_rows_left_out_where_columns_span_all(shape, least, unlike):
    """Singular values down to rounding, and weights of which one is a millionth: all that is left is what α leaves."""
    rng = np.random.default_rng(shape[1])
    U, V = (np.linalg.qr(rng.standard_normal((k, min(shape))))[0] for k in shape)
    X, y = (U * np.geomspace(1, least, min(shape))) @ V.T, rng.standard_normal(shape[0])
    weight = np.where(np.arange(shape[0]) == 0, 1e-6 if unlike else 1.0, 1.0)
    found = left_out(Table.of(X, y, weight, True), np.array([0.1, 10.0]) / weight.sum())
    for k, alpha in enumerate((0.1, 10.0)):
        np.testing.assert_allclose(found[:, k], exactly_left_out(X, y, weight, alpha), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("counting", [None, 9], ids=["every row counts", "nine rows count"])
@pytest.mark.parametrize("shape", [(6, 9), (9, 8), (12, 8)])
def test_rows_left_out_of_columns_so_large_that_a_row_all_but_tells_itself(shape, counting):
    """1 − hᵢ ≈ α / Dₖ² is 1e-15, and right to the last digits: it is small, not lost."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal(shape) * 1e7, rng.standard_normal(shape[0])
    weight = (np.arange(shape[0]) < (counting or shape[0])) * 1.0
    found = left_out(Table.of(X, y, weight, True), np.array([0.1]) / weight.sum())
    rtol = 1e-7 if len(y) > 10 and counting is None else 1e-9
    np.testing.assert_allclose(found[:, 0], exactly_left_out(X, y, weight, 0.1), rtol=rtol)


def test_a_row_that_stands_alone_is_told():
    X = np.array([[0.0], [0.0], [0.0], [1.0]])
    table = Table.of(X, np.array([1.0, 2.0, 4.0, 9.0]), np.ones(4), True)
    errors = left_out(table, np.array([0.0, 0.1]))
    assert np.isinf(errors[3, 0]) and np.isfinite(errors[:3]).all() and np.isfinite(errors[:, 1]).all()


@pytest.mark.parametrize("alpha", [0.0, 1e-12, 1e-3])
def test_ridge_where_the_gram_matrix_is_too_coarse(alpha):
    X = np.vander(np.linspace(1, 2, 30), 9)[:, :-1]
    y = np.cos(5 * X[:, -1])
    table = Table.of(X, y, np.ones(30), True)
    B, _ = ridge_path(table, np.arange(30), table.moments(np.arange(30)), np.array([alpha / 30]))
    b = B[0] * table.scale[:-1] / table.scale[-1]
    centred = X - X.mean(axis=0)
    U, d, Vt = np.linalg.svd(centred, full_matrices=False)
    expected = Vt.T @ (d / (d**2 + alpha) * (U.T @ (y - y.mean())))
    np.testing.assert_allclose(centred @ b, centred @ expected, atol=1e-9)
