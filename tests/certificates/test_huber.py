"""The gap of Huber regression against minima to 40 digits, found by Newton's method on the rows near the fit."""

import dataclasses
import warnings

import mpmath as mp
import numpy as np
import pytest

from infimum import HuberRegressor, verify
from infimum.certificates.concomitant import duality_gap, state_at
from infimum.certificates.huber import HuberObjective
from infimum.estimators.shell import CertificateWarning
from infimum.losses.huber import Huber
from infimum.models.linear import Linear


def in_many_digits(problem, start):
    """(F*, (w*, σ*)) by Newton from a start nearby, in the digits of the context; F is convex, and C¹ where σ > 0."""
    A, y, s, epsilon, ridge = problem
    p, rows = A.shape[1], range(len(y))
    A, total = mp.matrix(A.tolist()), mp.fsum(s.tolist())
    y, s = [mp.mpf(t) for t in y.tolist()], [mp.mpf(t) / total for t in s.tolist()]
    ridge, epsilon = [mp.mpf(k) / total for k in ridge], mp.mpf(epsilon)
    theta = mp.matrix([mp.mpf(t) for t in start])
    for _ in range(40):
        w, scale = theta[:p], theta[p]
        r = [y[i] - mp.fdot(A[i, :], w) for i in rows]
        inside = [i for i in rows if abs(r[i]) <= epsilon * scale]
        u = [2 * r[i] / scale if abs(r[i]) <= epsilon * scale else 2 * epsilon * mp.sign(r[i]) for i in rows]
        g = [2 * ridge[j] * w[j] - mp.fsum(s[i] * u[i] * A[i, j] for i in rows) for j in range(p)]
        g.append(mp.fsum(s[i] * (1 - u[i] ** 2 / 4) for i in rows))
        H = mp.zeros(p + 1)
        for i in inside:
            c = mp.matrix([*A[i, :], r[i] / scale])
            H += 2 * s[i] / scale * c * c.T
        for j in range(p):
            H[j, j] += 2 * ridge[j]
        step = mp.lu_solve(H, mp.matrix(g))
        theta -= step
        if mp.norm(step) < mp.mpf(10) ** -45 * mp.norm(theta):
            break
    assert mp.norm(mp.matrix(g)) < mp.mpf(10) ** -30
    return height((A, y, s, epsilon, ridge), theta), theta


def height(problem, theta):
    A, y, s, epsilon, ridge = problem
    w, scale = theta[: A.cols], theta[A.cols]
    total = mp.fsum(k * b**2 for k, b in zip(ridge, w, strict=True))
    for i in range(len(y)):
        x = abs(y[i] - mp.fdot(A[i, :], w))
        near = min(x, epsilon * scale)
        total += s[i] * (scale + near**2 / scale + 2 * epsilon * (x - near))
    return total


def drawn(seed):
    """(model, X, y, s, problem): the scales, offsets and weights vary with the seed."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(8, 25)), int(rng.integers(1, 4))
    X, y = rng.standard_normal((n, p)), rng.standard_t(2, n)
    y += X[:, 0]
    if seed % 4 == 1:
        X, y = X * 10.0 ** rng.uniform(-6, 6, p), y * 1e5
    if seed % 4 == 2:
        X, y = X + 1e4, y - 1e6
    s = [np.ones(n), 10.0 ** rng.uniform(-2, 0, n), rng.integers(0, 4, n) + 0.0][seed % 3]
    s[:4] += 1.0
    epsilon, intercept = float(rng.choice([1.35, 1.7, 2.5])), bool(rng.integers(2))
    alpha = float(rng.choice([0.0, 1e-4, 1.0]))
    A = np.column_stack([X, np.ones(n)]) if intercept else X
    model = HuberRegressor(epsilon=epsilon, alpha=alpha, fit_intercept=intercept)
    return model, X, y, s, (A, y, s, epsilon, [alpha] * p + [0.0] * intercept)


def parameters(model):
    return [*model.coef_.tolist(), *([model.intercept_] if model.fit_intercept else []), model.scale_]


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.parametrize("first", range(0, 160, 10))
def test_the_gap_and_the_distance_hold_against_forty_digits(first):
    counted = 0
    for seed in range(first, first + 10):
        model, X, y, s, problem = drawn(seed)
        model.fit(X, y, sample_weight=s)
        assert not verify(model, X, y, s).refuted, (seed, str(verify(model, X, y, s)))
        gap, off = (model.certificate_.claim(kind) for kind in ("gap", "parameters"))
        if model.scale_ == 0 or off.verdict == "UNAVAILABLE":
            continue
        with mp.workdps(60):
            least, best = in_many_digits(problem, parameters(model))
            A, _, _, _, _ = problem
            exact = [mp.matrix(A.tolist()), [mp.mpf(t) for t in y.tolist()]]
            total = mp.fsum(s.tolist())
            weights, ridge = [mp.mpf(t) / total for t in s.tolist()], [mp.mpf(k) / total for k in problem[4]]
            own = height((*exact, weights, mp.mpf(problem[3]), ridge), mp.matrix(parameters(model)))
            assert 0 <= own - least <= gap.bound, seed
            assert max(abs(a - b) for a, b in zip(best, parameters(model), strict=True)) <= off.bound, seed
        terms = np.abs(A) @ np.abs(np.array(parameters(model)[:-1])) + np.abs(y)
        assert gap.bound <= 1e-9 * gap.scale + 1e-13 * model.objective_ + 1e-15 * float(terms.max()), seed
        counted += 1
    assert counted >= 6


@pytest.mark.parametrize("size", [1e-6, 1e-3, 0.1])
def test_away_from_the_minimum_the_gap_is_at_least_what_it_is_off(size):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((50, 3)), rng.standard_t(2, 50)
    objective = HuberObjective(Linear(X), Huber(1.35), np.array([0.1, 0.1, 0.1, 0.0]), y, np.full(50, 0.02))
    problem = objective.concomitant()
    model = HuberRegressor(alpha=5.0).fit(X, y)
    w = np.ldexp(np.append(model.coef_, model.intercept_), -problem.shift)
    scale = float(np.ldexp(model.scale_, -problem.unit))
    least = problem.value(w, scale)
    for _ in range(20):
        moved, other = w + size * rng.standard_normal(4), scale * np.exp(size * rng.standard_normal())
        above = problem.value(moved, other) - least
        assert duality_gap(problem, state_at(problem, moved, other)) >= above > 0


def solved(epsilon=1.35, alpha=1e-4):
    rng = np.random.default_rng(4)
    X, y = rng.standard_normal((40, 2)), rng.standard_t(2, 40)
    return HuberRegressor(epsilon=epsilon, alpha=alpha).fit(X, y), X, y


def altered(model, kind, **changes):
    claims = [dataclasses.replace(c, **changes) if c.kind == kind else c for c in model.certificate_.claims]
    model.certificate_ = dataclasses.replace(model.certificate_, claims=tuple(claims))


def test_tampering_with_any_part_is_refuted():
    model, X, y = solved()
    assert not verify(model, X, y).refuted
    gap, off = model.certificate_.claim("gap"), model.certificate_.claim("parameters")
    dual, inliers = gap.witness["dual"].copy(), gap.witness["inliers"].copy()
    dual[3] += 1e-6
    inliers[np.argmax(~inliers)] = True
    for kind, changes in [
        ("gap", {"witness": {**gap.witness, "dual": dual}}),
        ("gap", {"witness": {**gap.witness, "dual": dual[:-1]}}),
        ("gap", {"witness": {**gap.witness, "inliers": inliers}}),
        ("gap", {"witness": {}}),
        ("gap", {"bound": 0.5 * gap.bound}),
        ("gap", {"scale": 2 * gap.scale}),
        ("gap", {"verdict": "INSUFFICIENT"}),
        ("parameters", {"bound": 0.01 * off.bound}),
        ("identification", {"value": 3.0}),
    ]:
        model, X, y = solved()
        altered(model, kind, **changes)
        assert verify(model, X, y).refuted, (kind, changes)
    for name, value in (("scale_", model.scale_ * (1 + 1e-7)), ("intercept_", model.intercept_ + 1e-8)):
        model, X, y = solved()
        setattr(model, name, value)
        assert verify(model, X, y).refuted, name
    model, X, y = solved()
    model.coef_[0] *= 1 + 1e-8
    assert verify(model, X, y).refuted
    model, X, y = solved()
    model.outliers_[0] = not model.outliers_[0]
    assert verify(model, X, y).refuted
    model, X, y = solved()
    model.problem_["epsilon"] = 1.36
    assert verify(model, X, y).refuted


@pytest.mark.parametrize("alpha", [0.0, 1e-4])
def test_rows_on_a_plane_have_scale_zero_and_are_proved(alpha):
    rng = np.random.default_rng(1)
    X = np.round(rng.standard_normal((60, 3)) * 64) / 64
    y = X @ [1.0, 2.0, 3.0] + 1.0
    y[:25] += 5 * rng.standard_normal(25)
    model = HuberRegressor(alpha=alpha).fit(X, y)
    assert model.scale_ == 0 and model.certificate_.verdict("gap") == "CERTIFIED"
    assert "so many rows lie on one plane" in model.certificate_.claim("gap").statement
    np.testing.assert_allclose([*model.coef_, model.intercept_], [1, 2, 3, 1], rtol=1e-12)
    np.testing.assert_array_equal(model.outliers_, np.arange(60) < 25)
    assert not verify(model, X, y).refuted, str(verify(model, X, y))
    model.coef_[1] += 1e-7
    assert verify(model, X, y).refuted


def test_a_scale_of_zero_is_not_claimed_where_too_few_rows_are_on_the_plane():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((60, 2))
    y = X @ [1.0, 2.0]
    y[:45] += rng.standard_normal(45)
    model = HuberRegressor(alpha=0.0).fit(X, y)
    assert model.scale_ > 0 and model.certificate_.verdict("gap") == "CERTIFIED"


def test_epsilon_one_is_least_absolute_deviations():
    from infimum import QuantileRegressor

    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((50, 2)), rng.standard_t(2, 50)
    model, median = HuberRegressor(epsilon=1.0, alpha=0.0).fit(X, y), QuantileRegressor(alpha=0.0).fit(X, y)
    np.testing.assert_allclose(model.coef_, median.coef_, rtol=1e-12)
    assert model.scale_ == 0 and model.objective_ == pytest.approx(4 * median.objective_, rel=1e-14)


def test_units_offsets_and_far_outliers():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((40, 2)), rng.standard_t(2, 40)
    model = HuberRegressor(alpha=0.0).fit(X, y)
    for size in (2.0**-490, 2.0**490):
        other = HuberRegressor(alpha=0.0).fit(X * size, y * size)
        np.testing.assert_allclose(other.coef_, model.coef_, rtol=1e-13)
        assert other.scale_ == pytest.approx(model.scale_ * size) and other.certificate_.verdict("gap") == "CERTIFIED"
        assert not verify(other, X * size, y * size).refuted
    far = np.where(np.arange(40) < 3, 1e12, y)
    distant = HuberRegressor(alpha=0.0).fit(X, far)
    assert distant.certificate_.verdict("gap") == "CERTIFIED" and abs(distant.coef_).max() < 5
    near, shifted = (X * 2**10).round() / 2**10, (y * 2**10).round() / 2**10
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)
        apart = HuberRegressor(alpha=0.0).fit(near + 2.0**30, shifted + 2.0**30)
    np.testing.assert_allclose(apart.coef_, HuberRegressor(alpha=0.0).fit(near, shifted).coef_, rtol=1e-7)
    assert not verify(apart, near + 2.0**30, shifted + 2.0**30).refuted


def test_dependent_columns_and_wide_data():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 9, (40, 3)).astype(float)
    X[:, 2] = X[:, 0] + X[:, 1]
    y = X @ [1.0, 2.0, 0.0] + rng.standard_normal(40)
    model = HuberRegressor(alpha=0.0).fit(X, y)
    assert model.certificate_.verdict("gap") == "CERTIFIED" and not verify(model, X, y).refuted
    assert model.certificate_.claim("identification").value == 3
    wide = rng.standard_normal((10, 20))
    for alpha in (0.0, 1e-4, 10.0):
        model = HuberRegressor(alpha=alpha).fit(wide, y[:10])
        assert model.certificate_.verdict("gap") == "CERTIFIED", alpha
        assert not verify(model, wide, y[:10]).refuted, alpha


def test_few_rows_within_epsilon_scales_are_said():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).repeat(3, axis=0)
    y = np.array([0.0, 1.0, 5.0, 2.0, 9.0, 1.0, 0.0, 7.0, 3.0, 8.0, 2.0, 4.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)
        model = HuberRegressor(epsilon=1.0, alpha=0.0).fit(X, y)
    assert not verify(model, X, y).refuted
