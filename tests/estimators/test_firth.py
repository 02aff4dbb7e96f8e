"""Firth's penalised logistic regression: its laws, closed forms, what it refuses, and what refutes a false claim."""

import copy
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from infimum import LogisticRegression, infer, influence, likelihood_ratio, log_likelihood, standard_errors, verify
from infimum.estimators.shell import CertificateWarning
from infimum.losses.logistic import Logistic
from infimum.penalties.jeffreys import curvature_of
from infimum.solvers.modified import Likelihood, descend, place_at, weakest


def firth(**more):
    return LogisticRegression(penalty="firth", **more)


def drawn(n=40, p=3, seed=0, separated=False):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    return X, np.where(X[:, 0] > (0 if separated else rng.logistic(size=n)), "yes", "no")


def coefficients(model):
    return np.append(model.coef_[0], model.intercept_ if model.fit_intercept else [])


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_every_check_of_scikit_learn_passes():
    results = check_estimator(firth(), on_fail=None)
    assert len(results) > 40
    assert not [result["check_name"] for result in results if result["status"] not in ("passed", "skipped")]


@pytest.mark.parametrize("seed", range(5))
def test_slope_and_curvature_are_derivatives(seed):
    rng = np.random.default_rng(seed)
    A, y, s = rng.standard_normal((30, 3)), rng.integers(0, 2, 30).astype(float), rng.uniform(0, 3, 30)
    problem, w, h = Likelihood(Logistic(), A, y, s, True), rng.standard_normal(3), 1e-5
    place = place_at(problem, w)
    sides = [(place_at(problem, w + h * e), place_at(problem, w - h * e)) for e in np.eye(3)]
    np.testing.assert_allclose(place.slope, [(a.value - b.value) / (2 * h) for a, b in sides], rtol=1e-7, atol=1e-8)
    B = A @ np.linalg.inv(place.R)
    H = place.R.T @ (np.eye(3) + curvature_of(Logistic(), place.z, s, B)) @ place.R
    np.testing.assert_allclose(H, [(a.slope - b.slope) / (2 * h) for a, b in sides], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("separated", [False, True])
def test_weights_count_like_repetitions(separated):
    X, y = drawn(separated=separated)
    counts = np.random.default_rng(1).integers(0, 4, 40)
    long = np.repeat(X, counts, axis=0), np.repeat(y, counts)
    short, repeated = firth().fit(X, y, counts), firth().fit(*long)
    np.testing.assert_allclose(coefficients(short), coefficients(repeated), rtol=1e-12)
    np.testing.assert_allclose(short.objective_, repeated.objective_, rtol=1e-13)
    np.testing.assert_allclose(standard_errors(short, X, y, counts), standard_errors(repeated, *long), rtol=1e-12)
    assert not verify(short, X, y, counts).refuted
    twice = firth(class_weight={"no": 2.0, "yes": 1.0}).fit(X, y)
    np.testing.assert_allclose(coefficients(twice), coefficients(firth().fit(X, y, np.where(y == "no", 2, 1))))


@pytest.mark.parametrize("scale", [1e-150, 1e-8, 3.0, 1e6, 1e149])
@pytest.mark.parametrize("separated", [False, True])
def test_columns_may_be_scaled(scale, separated):
    X, y = drawn(separated=separated)
    plain, scaled = firth().fit(X, y), firth().fit(X * [scale, 1, 1], y)
    np.testing.assert_allclose(coefficients(scaled) * [scale, 1, 1, 1], coefficients(plain), rtol=1e-12)
    assert scaled.certificate_.verdict("parameters") == "CERTIFIED"
    assert not verify(scaled, X * [scale, 1, 1], y).refuted


def test_columns_may_be_shifted_and_mixed():
    X, y = drawn(separated=True)
    M = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [1.5, 0.0, 1.0]])
    plain, mixed = firth().fit(X, y), firth().fit(X @ M + [3.0, -20.0, 7.0], y)
    np.testing.assert_allclose(
        mixed.decision_function(X @ M + [3.0, -20.0, 7.0]), plain.decision_function(X), rtol=1e-11
    )


def test_classes_may_change_places():
    X, y = drawn(separated=True)
    other = firth().fit(X, np.where(y == "yes", "a no", "b yes"))
    np.testing.assert_allclose(coefficients(other), -coefficients(firth().fit(X, y)), rtol=1e-12)


@pytest.mark.parametrize("table", [(10, 10, 10, 0), (3, 7, 0, 5), (0, 8, 8, 0), (1, 0, 0, 1), (5, 4, 3, 2)])
def test_of_two_by_two_half_a_row_is_added_to_each_cell(table):
    a, b, c, d = table  # (no, yes) at x = 0, then at x = 1
    x, y = np.repeat([0.0, 0.0, 1.0, 1.0], table)[:, None], np.repeat([0, 1, 0, 1], table)
    model = firth().fit(x, y)
    first, second = math.log((b + 0.5) / (a + 0.5)), math.log((d + 0.5) / (c + 0.5))
    np.testing.assert_allclose(model.intercept_[0], first, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(model.coef_[0, 0], second - first, rtol=1e-14, atol=1e-15)


def test_without_columns_the_constant_is_the_log_odds_with_half_a_row_added():
    y = np.repeat([0, 1], [9, 3])
    model = firth(fit_intercept=False).fit(np.ones((12, 1)), y)
    assert model.coef_[0, 0] == pytest.approx(math.log(3.5 / 9.5), rel=1e-14)


def test_what_the_fit_is_worth_is_told():
    X, y = drawn(separated=True)
    model = firth().fit(X, y)
    claims = {claim.kind: claim for claim in model.certificate_.claims}
    assert set(claims) == {"gap", "parameters", "stationarity", "identification"}
    assert claims["gap"].verdict == "UNAVAILABLE" and "not convex" in claims["gap"].statement
    assert "no other minimum is within" in claims["parameters"].statement
    text = str(model.summary())
    assert all(word in text for word in ("x0", "intercept", "Firth's penalty", "std. error", "CERTIFIED"))
    assert "AIC" not in text and "likelihood ratio" not in text
    z = model.decision_function(X)
    told = log_likelihood(model, X, y)
    assert told == pytest.approx(-np.sum(np.logaddexp(0, np.where(y == "yes", -z, z))), rel=1e-13)
    root = 0.5 * np.linalg.slogdet(np.linalg.inv(infer(model, X, y).covariance))[1]
    assert -40 * model.objective_ == pytest.approx(told + root, rel=1e-10)
    assert model.probability_interval(X).shape == (40, 3)


def claimed(model, kind, **changes):
    old = model.certificate_.claim(kind)
    if "bound" in changes:
        changes["statement"] = old.statement.replace(f"{old.bound:.3g}", f"{changes['bound']:.3g}")
    claims = [replace(claim, **changes) if claim.kind == kind else claim for claim in model.certificate_.claims]
    forged = copy.deepcopy(model)
    forged.certificate_ = replace(model.certificate_, claims=tuple(claims))
    return forged


@pytest.mark.parametrize("separated", [False, True])
def test_verify_accepts_the_honest_and_refutes_the_tampered(separated):
    """A solver's bound is wider than the checker's proof, which takes another path: half of it may still be proved."""
    X, y = drawn(60, separated=separated)
    model = firth().fit(X, y)
    assert not verify(model, X, y).refuted
    found = model.certificate_
    for kind in ("parameters", "stationarity"):
        assert verify(claimed(model, kind, bound=0.02 * found.claim(kind).bound), X, y).refuted
        assert verify(claimed(model, kind, bound=100 * found.claim(kind).bound), X, y).refuted
        assert verify(claimed(model, kind, statement="all is well"), X, y).refuted
        assert verify(claimed(model, kind, verdict="INSUFFICIENT"), X, y).refuted
    told = found.claim("parameters").statement
    far = told.replace("is within " + told.split("is within ")[-1].split()[0], "is within 30")
    assert far != told and verify(claimed(model, "parameters", statement=far), X, y).refuted
    assert verify(claimed(model, "gap", value=1e-12, bound=1e-11, verdict="CERTIFIED"), X, y).refuted
    for j in range(3):
        other = copy.deepcopy(model)
        other.coef_[0, j] *= 1 + 1e-7
        assert verify(other, X, y).refuted
    other = copy.deepcopy(model)
    other.problem_ = {**model.problem_, "penalty": "none"}
    assert verify(other, X, y).refuted
    cell = X.copy()
    cell[7, 1] *= 1 + 1e-9
    assert verify(model, cell, y).refuted


@pytest.mark.parametrize(("n", "p"), [(500, 40), (60, 30), (900, 90), (300, 1)])
def test_verify_accepts_tables_of_any_width(n, p):
    X, y = drawn(n, p)
    model = firth().fit(X, y)
    assert model.certificate_.verdict("parameters") == "CERTIFIED" and not verify(model, X, y).refuted
    model.coef_[0, -1] *= 1 + 1e-6
    assert verify(model, X, y).refuted


def test_an_unpenalised_fit_is_no_fit_with_firths_penalty():
    X, y = drawn(60)
    model, plain = firth().fit(X, y), LogisticRegression(C=math.inf).fit(X, y)
    model.coef_, model.intercept_ = plain.coef_, plain.intercept_
    assert verify(model, X, y).refuted


def test_dependent_columns_are_named_and_predictions_are_those_without():
    X, y = drawn()
    X[:, :2] = np.round(X[:, :2], 1) * 10
    wide = np.column_stack([X, X[:, 0] + 2 * X[:, 1]])
    with pytest.warns(CertificateWarning, match=r"x3 = x0 \+ 2 x1.*least-norm"):
        model = firth().fit(wide, y)
    np.testing.assert_allclose(model.decision_function(wide), firth().fit(X, y).decision_function(X), rtol=1e-9)
    assert model.certificate_.verdict("parameters") == "UNAVAILABLE"
    assert model.certificate_.claim("identification").value == 4 and not verify(model, wide, y).refuted
    with pytest.raises(ValueError, match="no standard errors"):
        standard_errors(model, wide, y)


def test_fewer_rows_than_columns_have_half_a_row_added_each():
    X = np.random.default_rng(0).standard_normal((5, 8))
    with pytest.warns(CertificateWarning, match="5 rows cannot determine 9 parameters"):
        model = firth().fit(X, [0, 1, 0, 1, 1])
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], [0.25, 0.75, 0.25, 0.75, 0.75], rtol=1e-9)


def test_nearly_dependent_columns_are_certified_or_said():
    X, y = drawn(80)
    for closeness in (1e-3, 1e-6, 1e-9):
        near = np.column_stack([X, X[:, 0] + closeness * np.random.default_rng(2).standard_normal(80)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CertificateWarning)
            model = firth().fit(near, y)
        assert not verify(model, near, y).refuted and np.all(np.isfinite(model.coef_))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("separated", [False, True])
def test_no_start_finds_a_lower_minimum(seed, separated):
    X, y = drawn(25, seed=seed, separated=separated)
    model, A = firth().fit(X, y), np.column_stack([X, np.ones(25)])
    problem = Likelihood(Logistic(), A, (y == "yes").astype(float), np.ones(25), True)
    rng = np.random.default_rng(seed)
    others = [descend(problem, 4 * rng.standard_normal(4)) for _ in range(10)]
    assert all(other.reached for other in others)
    assert 25 * model.objective_ <= min(other.place.value for other in others) + 1e-9


def test_of_two_minima_the_lower_is_taken():
    """Separated flags: from 0 Newton reaches a minimum that another, beyond a ridge, lies below."""
    X = np.array([[a, b, c, d] for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)], dtype=float)
    y, counts = X[:, 0], np.array([51, 1, 56, 11, 10, 2, 42, 11, 23, 3, 88, 1, 6, 4, 46, 4.0])
    problem = Likelihood(Logistic(), np.column_stack([X, np.ones(16)]), y, counts, True)
    first = descend(problem, np.zeros(5))
    model = firth().fit(X, y, counts)
    assert first.reached and weakest(problem, first.place)[0] > 0
    assert counts.sum() * model.objective_ < first.place.value - 0.01
    assert model.certificate_.verdict("parameters") == "CERTIFIED" and not verify(model, X, y, counts).refuted


def test_a_saddle_is_left():
    """Two flags, the first separates: the slope vanishes between two minima, where Newton arrives from 0."""
    X, y, counts = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), [0, 0, 1, 1], [65, 8, 44, 8]
    model = firth().fit(X, y, counts)
    assert model.certificate_.verdict("parameters") == "CERTIFIED" and not verify(model, X, y, counts).refuted
    A = np.column_stack([X, np.ones(4)])
    problem = Likelihood(Logistic(), A, np.array(y, dtype=float), np.array(counts, dtype=float), True)
    between = descend(problem.holding(1), np.array([9.0, 0.19375, -4.6]))
    assert place_at(problem, between.place.w).value > 125 * model.objective_ + 0.1
    assert weakest(problem, between.place)[0] < -1


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (firth(C=2.0), [0, 1, 1], "C = 2.0, l1_ratio = 0.0; penalty = 'firth' has no strength and no bounds: leave C"),
        (firth(l1_ratio=0.5), [0, 1, 1], "penalty = 'firth' has no strength"),
        (firth(C=math.inf), [0, 1, 1], "C = inf, l1_ratio = 0.0; penalty = 'firth' has no strength"),
        (LogisticRegression(penalty="l2"), [0, 1, 1], "penalty = 'l2'; expected 'elastic_net' or 'firth'"),
        (LogisticRegression(penalty=None), [0, 1, 1], "penalty = None; expected 'elastic_net' or 'firth'"),
        (firth(), [0, 1, 2], "penalty = 'firth' with 3 classes; fit one class against the others"),
        (firth(), [1, 1, 1], "needs samples of 2 classes"),
    ],
)
def test_what_does_not_fit_is_said(model, y, message):
    with pytest.raises(ValueError, match=message):
        model.fit([[0.0], [1.0], [3.0]], y)


def test_what_is_not_known_of_it_is_refused():
    X, y = drawn()
    model = firth().fit(X, y)
    for covariance in ("HC0", "HC3"):
        with pytest.raises(
            ValueError, match=f"covariance = '{covariance}' is not known of a fit with penalty = 'firth'"
        ):
            infer(model, X, y, covariance=covariance)
    with pytest.raises(ValueError, match="influence of rows is not known of a fit with penalty = 'firth'"):
        influence(model, X, y)
    with pytest.raises(ValueError, match="profile_intervals tests each coefficient"):
        likelihood_ratio(firth().fit(X[:, :2], y), model)


def test_separated_classes_are_told_of_it():
    X, y = drawn(separated=True)
    with pytest.warns(CertificateWarning, match='a ridge penalty or penalty="firth" restores a finite minimum'):
        LogisticRegression(C=math.inf).fit(X, y)
    assert clone(firth()).get_params()["penalty"] == "firth"
