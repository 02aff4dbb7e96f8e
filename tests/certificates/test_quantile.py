"""The gap of quantile regression against the exact minimum: every vertex of small problems, in rational numbers."""

import dataclasses
import itertools
import math
import warnings
from fractions import Fraction

import numpy as np
import pytest

from infimum import QuantileRegressor, verify
from infimum.certificates.inverse import inverse_of, rational_inverse
from infimum.certificates.vertex import evidence_at, vertex_of
from infimum.estimators.shell import CertificateWarning
from infimum.models.linear import Linear
from infimum.solvers.simplex import vertex_minimum


def exactly(problem, w):
    """F(w) without a rounding, of (X with its ones, y, s, q, l1) as users gave them."""
    A, y, s, q, l1 = problem
    q, total, value = Fraction(q), Fraction(0), Fraction(0)
    for row, target, weight in zip(A.tolist(), y.tolist(), s.tolist(), strict=True):
        r = Fraction(target) - sum((Fraction(a) * b for a, b in zip(row, w, strict=True)), Fraction(0))
        total += Fraction(weight)
        value += Fraction(weight) * max(q * r, (q - 1) * r)
    return value / total + sum((Fraction(k) * abs(b) for k, b in zip(l1, w, strict=True)), Fraction(0))


def every_vertex(problem):
    """w of every p rows, a zero coefficient under a penalty being a row too, that are independent."""
    A, y, s, _, l1 = problem
    p = A.shape[1]
    used = [(row, target) for row, target, weight in zip(A.tolist(), y.tolist(), s.tolist(), strict=True) if weight]
    used += [([float(k == j) for k in range(p)], 0.0) for j in range(p) if l1[j]]
    for chosen in itertools.combinations(used, p):
        inverse = rational_inverse(np.array([row for row, _ in chosen]))
        if inverse is not None:
            yield [
                sum((a * Fraction(t) for a, (_, t) in zip(row, chosen, strict=True)), Fraction(0)) for row in inverse
            ]


def minimum(problem):
    return min(exactly(problem, w) for w in every_vertex(problem))


def drawn(seed):
    """(model, X, y, s, problem): the scales, offsets, ties and weights vary with the seed."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(3, 9)), int(rng.integers(1, 3))
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    if seed % 3 == 1:
        X, y = np.round(X), np.round(2 * y)
    if seed % 5 == 2:
        X, y = X * 10.0 ** rng.uniform(-150, 140, p), y * 1e-150
    if seed % 5 == 3:
        X, y = X + 1e6, y - 1e9
    s = [np.ones(n), 10.0 ** rng.uniform(-12, 0, n), rng.integers(0, 3, n) + 0.0][seed % 3]
    s[:2] += 1.0
    q, intercept = float(rng.choice([0.1, 0.25, 0.5, 0.7, 0.95])), bool(rng.integers(2))
    alpha = float(rng.choice([0.0, 0.01, 0.2, 1.0])) if seed % 5 != 2 else 0.0
    A = np.column_stack([X, np.ones(n)]) if intercept else X
    model = QuantileRegressor(quantile=q, alpha=alpha, fit_intercept=intercept)
    return model, X, y, s, (A, y, s, q, [alpha] * p + [0.0] * intercept)


def parameters(model):
    w = [*model.coef_.tolist(), model.intercept_] if model.fit_intercept else model.coef_.tolist()
    return [Fraction(x) for x in w]


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.parametrize("first", range(0, 150, 15))
def test_the_gap_holds_against_the_exact_minimum_and_is_small(first):
    for seed in range(first, first + 15):
        model, X, y, s, problem = drawn(seed)
        model.fit(X, y, sample_weight=s)
        least = minimum(problem)
        gap, scale = exactly(problem, parameters(model)) - least, model.certificate_.claim("gap").scale
        assert 0 <= gap <= Fraction(model.certificate_.claim("gap").bound), seed
        unproved = np.linalg.matrix_rank(problem[0][s > 0]) < problem[0].shape[1]
        terms = np.abs(problem[0]) @ np.abs(np.array(parameters(model), dtype=float)) + np.abs(y)
        allowed = 1e-9 * scale + 2.0**-52 * float(terms.max())  # what rounding w to float64 costs
        assert unproved or model.certificate_.claim("gap").bound <= allowed, seed
        assert not verify(model, X, y, s).refuted, (seed, str(verify(model, X, y, s)))


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.parametrize("first", range(200, 300, 20))
def test_what_is_said_of_other_minimisers_is_so(first):
    """The only minimiser where CERTIFIED, with its distance; two points as good where an edge is claimed."""
    seen = set()
    for seed in range(first, first + 20):
        model, X, y, s, problem = drawn(seed)
        model.fit(X, y, sample_weight=s)
        claim = model.certificate_.claim("identification")
        vertices = list(every_vertex(problem))
        least = min(exactly(problem, w) for w in vertices)
        best = {tuple(w) for w in vertices if exactly(problem, w) == least}
        if claim.method == "vertex":
            assert len(best) == 1, seed
            off = max(abs(a - b) for a, b in zip(best.pop(), parameters(model), strict=True))
            assert off <= Fraction(model.certificate_.claim("parameters").bound), seed
        elif claim.method == "edge":
            other = [Fraction(x) for x in claim.witness["other"].tolist()]
            assert exactly(problem, other) <= least * (1 + Fraction(1, 10**10)), seed
        seen.add(claim.method)
    assert "vertex" in seen


def test_a_median_between_two_rows_is_not_the_only_one():
    model = QuantileRegressor(alpha=0.0).fit([[0.0], [0.0], [1.0], [1.0]], [1.0, 2.0, 5.0, 7.0])
    claim = model.certificate_.claim("identification")
    assert claim.verdict == "REPORTED" and "more than one point minimises" in claim.statement
    assert model.certificate_.verdict("parameters") == "UNAVAILABLE"
    assert model.certificate_.verdict("gap") == "CERTIFIED" and model.objective_ == 0.375


def test_dependent_columns_are_named_and_the_gap_is_proved_without_them():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 9, (40, 3)).astype(float)
    X[:, 2] = X[:, 0] + X[:, 1]
    model = QuantileRegressor(alpha=0.0).fit(X, X @ [1.0, 2.0, 0.0] + rng.standard_normal(40))
    claim = model.certificate_.claim("identification")
    assert claim.verdict == "CERTIFIED" and claim.value == 3 and "x2 = x0 + x1" in claim.statement.replace("x0 = ", "")
    assert model.certificate_.verdict("gap") == "CERTIFIED"


def test_nearly_dependent_columns_are_warned_of():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    X[:, 2] = X[:, 0] / 3 + X[:, 1] / 7
    with pytest.warns(CertificateWarning, match="do not determine 1 of 4 parameters: to working precision"):
        model = QuantileRegressor(alpha=0.0).fit(X, rng.standard_normal(40))
    assert model.certificate_.verdict("gap") == "INSUFFICIENT"


def solved(seed=0, n=30, p=3, alpha=0.02):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    model = QuantileRegressor(quantile=0.3, alpha=alpha).fit(X, y)
    return model, X, y


def test_the_bound_fails_where_the_vertex_is_not_the_best():
    """A neighbouring vertex is not optimal: its dual point leaves the box, and no small gap is claimed of it."""
    from infimum.certificates.quantile import QuantileObjective
    from infimum.losses.pinball import Pinball

    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((30, 2)), rng.standard_normal(30)
    objective = QuantileObjective(Linear(X), Pinball(0.4), np.zeros(3), y, np.full(30, 1 / 30))
    problem = objective.polyhedral()
    found = vertex_minimum(problem, True)
    basis, failed = found.vertex.basis, 0
    for row in np.setdiff1d(np.arange(30), basis):
        other = basis.copy()
        other[0] = row
        inverse = inverse_of(problem.A[other])
        w = inverse.solved(problem.y[other], np.zeros(3))[0]
        vertex = vertex_of(problem, other, problem.residual(w)[0] > 0)
        above = problem.value(w) - problem.value(found.w)
        gap = evidence_at(problem, vertex, w).gap
        assert gap >= above * (1 - 1e-9)
        failed += gap > 1e-3
    assert failed > 20


def altered(model, kind, **changes):
    claims = [dataclasses.replace(c, **changes) if c.kind == kind else c for c in model.certificate_.claims]
    model.certificate_ = dataclasses.replace(model.certificate_, claims=tuple(claims))


@pytest.mark.parametrize("size", [1e-6, 1e-2, 1.0])
@pytest.mark.parametrize("where", [0, "basis", "off"])
def test_a_tampered_dual_point_is_refuted(size, where):
    model, X, y = solved()
    gap = model.certificate_.claim("gap")
    dual, basis = gap.witness["dual"].copy(), gap.witness["basis"]
    index = {0: 0, "basis": basis[0], "off": np.setdiff1d(np.arange(30), basis)[0]}[where]
    dual[index] += size / 30
    altered(model, "gap", witness={**gap.witness, "dual": dual})
    assert verify(model, X, y).refuted


def test_a_tampered_vertex_coefficient_and_claim_are_refuted():
    model, X, y = solved()
    gap = model.certificate_.claim("gap")
    basis = gap.witness["basis"].copy()
    basis[0] = np.setdiff1d(np.arange(30), basis)[0]
    for changes in (
        {"witness": {**gap.witness, "basis": basis}},
        {"witness": {**gap.witness, "basis": basis[:-1]}},
        {"witness": {}},
        {"bound": 0.5 * gap.bound},
        {"scale": 2 * gap.scale},
        {"verdict": "INSUFFICIENT"},
    ):
        model, X, y = solved()
        altered(model, "gap", **changes)
        assert verify(model, X, y).refuted, changes
    for kind in ("parameters", "identification"):
        model, X, y = solved()
        model.certificate_ = dataclasses.replace(
            model.certificate_, claims=tuple(c for c in model.certificate_.claims if c.kind != kind)
        )
        assert verify(model, X, y).refuted
    for j in range(3):
        model, X, y = solved()
        model.coef_[j] += 1e-9
        assert verify(model, X, y).refuted
    model, X, y = solved()
    model.problem_["quantile"] = 0.31
    assert verify(model, X, y).refuted


def test_a_false_claim_of_uniqueness_is_refuted():
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1.0, 2.0, 5.0, 7.0])
    model = QuantileRegressor(alpha=0.0).fit(X, y)
    assert not verify(model, X, y).refuted
    altered(model, "identification", method="vertex", verdict="CERTIFIED", value=2.0, witness={})
    assert verify(model, X, y).refuted
    model = QuantileRegressor(alpha=0.0).fit(X, y)
    altered(model, "identification", witness={"other": np.array([0.0, 1.0])})
    assert verify(model, X, y).refuted


def test_wide_data_ties_and_exact_fits_are_certified_or_said():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((12, 30))
    cases = [
        (X, rng.standard_normal(12), 0.05),
        (X, rng.standard_normal(12), 0.0),
        (np.repeat(X[:, :3], 3, axis=0), np.repeat(rng.standard_normal(12), 3), 0.0),
        (X[:, :2], X[:, :2] @ [1.0, 2.0] + 3.0, 0.0),
        (X[:, :2], np.full(12, 7.5), 0.0),
        (np.zeros((5, 2)), np.arange(5.0), 1.0),
        (X[:1, :3], np.array([2.0]), 1.0),
    ]
    for number, (A, y, alpha) in enumerate(cases):
        model = QuantileRegressor(quantile=0.25, alpha=alpha).fit(A, y)
        assert model.certificate_.verdict("gap") == "CERTIFIED", number
        assert not verify(model, A, y).refuted, (number, str(verify(model, A, y)))


def test_values_beyond_what_squares_hold_are_refused():
    with pytest.raises(ValueError, match="y holds values beyond 1e.150"):
        QuantileRegressor().fit([[1.0], [2.0]], [1e200, 0.0])


def test_an_inverse_out_of_reach_of_float64_is_found_in_rational_numbers():
    B = np.vander(np.arange(1.0, 21.0) / 7)
    found = inverse_of(B)
    assert found.exact
    x, bound = found.solved(np.ones(20), np.zeros(20))
    assert np.all(np.isfinite(bound)) and math.isclose(x[-1], 1.0) and np.all(np.abs(x[:-1]) <= bound[:-1] + 1e-15)
    assert inverse_of(np.ones((3, 3))) is None


def test_large_offsets_are_solved_and_the_rounding_left_is_said():
    rng = np.random.default_rng(5)
    X, noise = rng.standard_normal((60, 2)), rng.standard_normal(60)
    X = np.round(X * 2**8) / 2**8 + 2.0**40
    y = np.round((X[:, 0] - 2.0**40 + noise) * 2**8) / 2**8 + 2.0**40
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CertificateWarning)
        far = QuantileRegressor(alpha=0.0).fit(X, y)
    near = QuantileRegressor(alpha=0.0).fit(X - 2.0**40, y - 2.0**40)
    np.testing.assert_allclose(far.coef_, near.coef_, rtol=1e-3)
    gap = far.certificate_.claim("gap")
    assert gap.bound < 1e-3 and "centre and scale the columns" in gap.statement
    assert not verify(far, X, y).refuted
