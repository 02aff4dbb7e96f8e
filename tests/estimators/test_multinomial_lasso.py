"""Lasso and elastic net of more than two classes: other programs' minima, optimality, and what is told."""

import pickle
import warnings

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression as Theirs

from infimum import LogisticRegression, LogisticRegressionCV, verify
from infimum.losses.logistic import Logistic
from infimum.losses.softmax import Softmax
from infimum.models.linear import Linear
from infimum.models.scores import LinearScores
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.prox_newton import prox_newton
from infimum.solvers.scores import levelled, scores_newton

LABELS = np.array(["ash", "birch", "cedar", "date", "elm"])
CASES = {  # K, (n, p), C, l1_ratio, fit_intercept, weighted
    "lasso": (3, (60, 4), 1.0, 1.0, True, False),
    "lasso of four classes": (4, (80, 4), 0.5, 1.0, True, True),
    "lasso without an intercept": (3, (60, 4), 0.3, 1.0, False, True),
    "elastic net": (3, (60, 4), 2.0, 0.5, True, False),
    "elastic net of five classes": (5, (80, 3), 1.0, 0.3, True, False),
    "more columns than rows": (3, (20, 30), 1.0, 1.0, True, False),
    "four classes, more columns than rows": (4, (20, 30), 1.0, 0.9, False, True),
}
every_case = pytest.mark.parametrize("case", CASES)


def drawn(case, seed=0):
    """(X, y, weight, model) of a case."""
    K, (n, p), C, ratio, intercept, weighted = CASES[case]
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    code = (2 * X[:, :3] @ rng.normal(size=(3, K)) + rng.gumbel(size=(n, K))).argmax(axis=1)
    code[:K] = np.arange(K)
    weight = rng.uniform(0.2, 3.0, n) if weighted else np.ones(n)
    return X, LABELS[code], weight, LogisticRegression(C=C, l1_ratio=ratio, fit_intercept=intercept)


def objective_of(case, B, b0, seed=0):
    """F by its formula alone."""
    X, y, weight, model = drawn(case, seed)
    eta = X @ B.T + b0
    own = np.searchsorted(np.unique(y), y)
    loss = weight @ (logsumexp(eta, axis=1) - eta[np.arange(len(y)), own])
    penalty = model.l1_ratio * np.abs(B).sum() + 0.5 * (1 - model.l1_ratio) * (B**2).sum()
    return float(loss + penalty / model.C) / weight.sum()


@every_case
def test_it_is_certified_and_its_objective_is_that_of_the_formula(case):
    X, y, weight, model = drawn(case)
    model.fit(X, y, weight)
    assert model.certificate_.claim("gap").holds(1e-8) and model.certificate_.verdict("gap") == "CERTIFIED"
    assert model.objective_ == pytest.approx(objective_of(case, model.coef_, model.intercept_), rel=1e-13)
    found = verify(model, X, y, weight)
    assert not found.refuted, found
    assert abs(model.intercept_.sum()) <= 1e-14 * max(1.0, np.abs(model.intercept_).max())


@pytest.mark.parametrize("case", [name for name in CASES if "columns than" not in name])
def test_scikit_learn_reaches_the_same_minimum(case):
    X, y, weight, model = drawn(case)
    model.fit(X, y, weight)
    same = {"C": model.C, "l1_ratio": model.l1_ratio, "fit_intercept": model.fit_intercept}
    theirs = Theirs(**same, solver="saga", tol=1e-12, max_iter=100_000, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its last digits may go round for ever
        theirs.fit(X, y, weight)
    at = objective_of(case, theirs.coef_, theirs.intercept_)
    assert model.objective_ <= at + 1e-14 and at - model.objective_ <= 1e-9
    contrasts = theirs.coef_ - theirs.coef_.mean(axis=0), model.coef_ - model.coef_.mean(axis=0)
    np.testing.assert_allclose(*contrasts, atol=1e-5)
    np.testing.assert_allclose(theirs.predict_proba(X), model.predict_proba(X), atol=1e-5)


@every_case
def test_no_general_minimiser_gets_below(case):
    """L-BFGS-B on B = B⁺ − B⁻ with B⁺, B⁻ ≥ 0, which knows nothing of this library."""
    X, y, weight, model = drawn(case)
    model.fit(X, y, weight)
    K, p = model.coef_.shape
    own, s = np.searchsorted(model.classes_, y), weight / weight.sum()
    one, two = (share / (model.C * weight.sum()) for share in (model.l1_ratio, 1 - model.l1_ratio))

    def both(v):
        parts, b0 = v[: 2 * K * p].reshape(2, K, p), v[2 * K * p :] * model.fit_intercept
        B = parts[0] - parts[1]
        eta = X @ B.T + b0
        top = logsumexp(eta, axis=1)
        u = s[:, None] * np.exp(eta - top[:, None])
        u[np.arange(len(y)), own] -= s
        slope = u.T @ X + two * B
        value = s @ (top - eta[np.arange(len(y)), own]) + one * parts.sum() + 0.5 * two * (B**2).sum()
        return value, np.concatenate(
            [(slope + one).ravel(), (one - slope).ravel(), u.sum(axis=0) * model.fit_intercept]
        )

    bounds = [(0, None)] * (2 * K * p) + [(None, None)] * K
    tight = {"maxiter": 50_000, "maxfun": 500_000, "ftol": 1e-16, "gtol": 1e-11, "maxcor": 50}
    found = minimize(both, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds, options=tight)
    assert model.objective_ <= found.fun + 1e-14 and found.fun - model.objective_ <= 1e-9


@every_case
def test_the_conditions_of_optimality_hold(case):
    X, y, weight, model = drawn(case)
    model.fit(X, y, weight)
    p = model.predict_proba(X)
    u = weight[:, None] * (p - (model.classes_ == y[:, None])) * model.C
    g = u.T @ X + (1 - model.l1_ratio) * model.coef_
    moved = model.coef_ != 0
    np.testing.assert_allclose(g[moved], -model.l1_ratio * np.sign(model.coef_[moved]), atol=1e-11)
    assert np.all(np.abs(g[~moved]) <= model.l1_ratio + 1e-11)
    if model.fit_intercept:
        np.testing.assert_allclose(u.sum(axis=0), 0, atol=1e-11)
    if model.l1_ratio == 1:
        assert np.all((model.coef_ == 0).any(axis=0))  # a median of every column is 0


def test_two_classes_by_two_scores_are_those_by_log_odds():
    """min over b₂ − b₁ = b of |b₁| + |b₂| is |b|, and of b₁² + b₂² half of b²."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 4))
    y = (X[:, 0] + rng.logistic(size=50) > 0).astype(float)
    for l1, l2 in ((0.03, 0.0), (0.02, 0.05)):
        scores = LikelihoodObjective.of(LinearScores(X, 2), Softmax(2), ElasticNet(l1, l2), y)
        odds = LikelihoodObjective.of(Linear(X), Logistic(), ElasticNet(l1, l2 / 2), y)
        two, one = scores_newton(scores), prox_newton(odds)
        W = two.params.reshape(-1, 2)
        np.testing.assert_allclose(W[:, 1] - W[:, 0], one.params, atol=1e-11)
        assert scores.value(two.params) == pytest.approx(odds.value(one.params), abs=1e-15)
        assert two.certificate.verdict("gap") == "CERTIFIED"


def test_of_shifts_that_cost_the_same_the_one_with_most_zeros_is_told():
    rng = np.random.default_rng(0)
    X, K = rng.normal(size=(10, 3)), 4
    y = rng.permutation(np.arange(10) % K).astype(float)
    for l2 in (0.0, 0.01):
        objective = LikelihoodObjective.of(LinearScores(X, K), Softmax(K), ElasticNet(0.1, l2), y)
        for _ in range(50):
            w = np.round(rng.normal(size=16), 1)
            level = levelled(objective, w)
            W, moved = w.reshape(-1, K), level.reshape(-1, K)
            np.testing.assert_allclose(np.ptp(moved - W, axis=1), 0, atol=1e-15)
            for j in range(3):
                cost = [np.sum(0.1 * abs(W[j] - c) + 0.5 * l2 * (W[j] - c) ** 2) for c in np.linspace(-3, 3, 601)]
                assert np.sum(0.1 * abs(moved[j]) + 0.5 * l2 * moved[j] ** 2) <= min(cost) + 1e-13
                if l2 == 0:
                    assert np.any(moved[j] == 0)


@every_case
def test_weights_are_repetitions_and_classes_have_no_order(case):
    X, y, _, model = drawn(case)
    times = np.random.default_rng(1).integers(1, 4, len(y))
    weighted = pickle.loads(pickle.dumps(model)).fit(X, y, times)
    repeated = pickle.loads(pickle.dumps(model)).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert weighted.objective_ == pytest.approx(repeated.objective_, rel=1e-12)
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-9)
    other = dict(zip(LABELS, LABELS[::-1], strict=True))
    turned = pickle.loads(pickle.dumps(model)).fit(X, [other[label] for label in y], times)
    assert turned.objective_ == pytest.approx(weighted.objective_, rel=1e-12)


def test_what_is_told_of_a_fit():
    X, y, weight, model = drawn("lasso")
    model.set_params(class_weight="balanced", warm_start=True).fit(X, y, weight)
    first = model.n_iter_
    assert not verify(model, X, y, weight).refuted
    model.set_params(C=1.05).fit(X, y, weight)
    assert model.n_iter_ <= first and not verify(model, X, y, weight).refuted
    assert "ash: x0" in str(model.summary()) and "no standard errors" in str(model.summary())
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-14)
    np.testing.assert_allclose(np.log(p), model.predict_log_proba(X), atol=1e-12)
    assert np.array_equal(model.predict(X), model.classes_[model.decision_function(X).argmax(axis=1)])
    again = pickle.loads(pickle.dumps(model))
    assert not verify(again, X, y, weight).refuted
    unpenalised = LogisticRegression(C=np.inf, l1_ratio=1.0).fit(X, y)
    np.testing.assert_allclose(unpenalised.coef_, LogisticRegression(C=np.inf).fit(X, y).coef_, atol=1e-12)


def test_the_path_of_cross_validation_is_that_of_single_fits():
    X, y, weight, _ = drawn("lasso")
    half = np.arange(len(y)) % 2 == 0
    folds = [(np.flatnonzero(half), np.flatnonzero(~half)), (np.flatnonzero(~half), np.flatnonzero(half))]
    model = LogisticRegressionCV(Cs=[0.3, 3.0], l1_ratios=(0.0, 0.6, 1.0), cv=folds, scoring="neg_log_loss")
    model.fit(X, y, weight)
    assert model.coefs_paths_.shape == (2, 3, 2, 3, 5) and not verify(model, X, y, weight).refuted
    for k, (rows, _) in enumerate(folds):
        for r, ratio in enumerate(model.l1_ratios_):
            for c, C in enumerate(model.Cs_):
                single = LogisticRegression(C=C, l1_ratio=ratio).fit(X[rows], y[rows], weight[rows])
                told = model.coefs_paths_[k, r, c]
                np.testing.assert_allclose(told, np.column_stack([single.coef_, single.intercept_]), atol=1e-5)
    best = LogisticRegression(C=model.C_, l1_ratio=model.l1_ratio_).fit(X, y, weight)
    np.testing.assert_allclose(model.coef_, best.coef_, atol=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        means = LogisticRegressionCV(Cs=[1.0], l1_ratios=(1.0,), cv=folds, refit=False).fit(X, y, weight)
    np.testing.assert_allclose(means.coef_, means.coefs_paths_[:, 0, 0, :, :-1].mean(axis=0), rtol=1e-12)
    assert means.certificate_.verdict("gap") == "INSUFFICIENT" and not verify(means, X, y, weight).refuted


HARD = {  # columns, weights and parameters that once led astray
    "weights from 1e-12 to 1e12": ("weights", {}),
    "classes a million times and a millionth": ("classes", {"class_weight": {"ash": 1.0, "birch": 1e6, "cedar": 1e-6}}),
    "columns of 1e-150": ("small", {"C": 1e150}),
    "columns about 1e4": ("far", {}),
    "a ridge that is almost none": ("plain", {"l1_ratio": 1 - 1e-12}),
    "columns with heavy tails": ("heavy", {"C": 1e4, "l1_ratio": 0.9}),
    "a column that is 0 and one that is constant": ("constant", {}),
    "no row of weight in a class": ("missing", {}),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_columns_weights_and_strengths_are_certified_without_a_warning(name):
    kind, parameters = HARD[name]
    X, y, _, model = drawn("lasso")
    rng = np.random.default_rng(4)
    X = rng.standard_cauchy(size=(60, 4)) if kind == "heavy" else X * 1e-150 if kind == "small" else X
    X = X + 1e4 if kind == "far" else X * [1, 0, 1, 0] + [0, 0, 0, 3.7] if kind == "constant" else X
    weight = 10.0 ** rng.uniform(-12, 12, 60) if kind == "weights" else np.ones(60)
    weight[y == "cedar"] *= kind != "missing"
    model.set_params(**parameters).fit(X, y, weight)  # warnings are errors
    assert model.certificate_.verdict("gap") == "CERTIFIED"
    assert not verify(model, X, y, weight).refuted


def test_where_nothing_is_worth_its_penalty_all_is_0_and_intercepts_are_the_shares():
    X, y, weight, model = drawn("lasso of four classes")
    for ratio in (1.0, 0.5):
        model.set_params(C=1e-5, l1_ratio=ratio).fit(X, y, weight)
        shares = np.array([weight[y == label].sum() for label in model.classes_])
        assert not model.coef_.any()
        np.testing.assert_allclose(model.intercept_, np.log(shares) - np.log(shares).mean(), rtol=1e-13, atol=1e-15)
