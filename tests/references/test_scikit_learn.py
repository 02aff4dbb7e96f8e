"""Coefficients against scikit-learn's, as far as it is right: dense, sparse, weights, intercept, penalties, targets."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_array
from sklearn import linear_model as theirs
from sklearn.base import clone

import infimum as ours
from infimum.estimators.shell import CertificateWarning

SHAPES = {"tall": (60, 4), "square": (8, 7), "wide": (20, 35)}
TIGHT = {"tol": 1e-14, "max_iter": 1_000_000}
LINEAR = {
    "least squares": (ours.LinearRegression(), theirs.LinearRegression()),
    "least squares, not negative": (ours.LinearRegression(positive=True), theirs.LinearRegression(positive=True)),
    "ridge 0.1": (ours.Ridge(0.1), theirs.Ridge(0.1, solver="svd")),
    "ridge 10": (ours.Ridge(10.0), theirs.Ridge(10.0, solver="svd")),
    "lasso": (ours.Lasso(0.1), theirs.Lasso(0.1, **TIGHT)),
    "lasso, not negative": (ours.Lasso(0.1, positive=True), theirs.Lasso(0.1, positive=True, **TIGHT)),
    "elastic net": (ours.ElasticNet(0.2, l1_ratio=0.3), theirs.ElasticNet(0.2, l1_ratio=0.3, **TIGHT)),
}  # fmt: skip
LOGISTIC = {
    "none": (ours.LogisticRegression(C=np.inf), theirs.LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000)),
    "l2": (ours.LogisticRegression(C=0.5), theirs.LogisticRegression(C=0.5, tol=1e-12, max_iter=10_000)),
    "l1": (
        ours.LogisticRegression(C=0.5, l1_ratio=1.0),
        theirs.LogisticRegression(C=0.5, l1_ratio=1.0, solver="saga", tol=1e-12, max_iter=200_000, random_state=0),
    ),
    "both": (
        ours.LogisticRegression(C=0.5, l1_ratio=0.4),
        theirs.LogisticRegression(C=0.5, l1_ratio=0.4, solver="saga", tol=1e-12, max_iter=200_000, random_state=0),
    ),
}
every_intercept = pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
every_weight = pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])


def table(shape, weighted, classes=False):
    rng = np.random.default_rng(sum(shape))
    X = rng.standard_normal(shape) + rng.standard_normal(shape[1])
    eta = X[:, 0] - 0.5 * X[:, 1] + 0.2 * X[:, -1]
    y = (
        (eta > eta.mean() + 2 * rng.logistic(size=shape[0])).astype(int)
        if classes
        else eta + rng.standard_normal(shape[0])
    )
    weight = rng.uniform(0.2, 3.0, shape[0]) if weighted else None
    if weighted and shape[0] > 20:
        weight[::9] = 0.0
    return X, y, weight


def fitted_by_both(pair, intercept, X, y, weight):
    mine, other = (estimator.__class__(**{**estimator.get_params(), "fit_intercept": intercept}) for estimator in pair)
    mine.fit(X, y, sample_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is not under test
        other.fit(X, y, sample_weight=weight)
    return mine, other


@every_weight
@every_intercept
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LINEAR)
def test_linear(name, shape, intercept, weighted):
    if shape == "wide" and name == "least squares, not negative":
        pytest.skip("more columns than rows, and nothing that picks one of the minimisers")
    X, y, weight = table(SHAPES[shape], weighted)
    mine, other = fitted_by_both(LINEAR[name], intercept, X, y, weight)
    close = 1e-6 if "lasso" in name or "net" in name or "negative" in name else 1e-9
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=close, atol=close)
    np.testing.assert_allclose(mine.intercept_, other.intercept_, rtol=close, atol=close)
    np.testing.assert_allclose(mine.predict(X), other.predict(X), rtol=close, atol=close)
    assert mine.certificate_.verdict("gap") == "CERTIFIED", mine.certificate_


@every_weight
@every_intercept
@pytest.mark.parametrize("targets", [0, 1, 3])
@pytest.mark.parametrize("form", [np.asarray, csr_array, csc_matrix], ids=["dense", "csr", "csc"])
@pytest.mark.parametrize("name", LINEAR)
def test_linear_in_every_form_with_several_targets(name, form, targets, intercept, weighted):
    """y (n,) where targets is 0, else (n, targets); most of X is 0, and it is the same table whatever its form."""
    X, y, weight = table((60, 4), weighted)
    X = np.where(np.abs(X - X.mean()) < 1, 0.0, X)
    y = np.column_stack([y + k * X[:, k] for k in range(targets)]) if targets else y
    mine, other = fitted_by_both(LINEAR[name], intercept, X, y, weight)
    given = clone(mine).fit(form(X), y, sample_weight=weight)
    np.testing.assert_array_equal(given.coef_, mine.coef_)
    close = 1e-6 if "lasso" in name or "net" in name or "negative" in name else 1e-9
    shape = (targets, 4) if targets else (4,)  # scikit-learn's Ridge and Lasso drop a single target's axis
    assert given.coef_.shape == shape and given.predict(form(X)).shape == y.shape
    np.testing.assert_allclose(given.coef_, np.reshape(other.coef_, shape), rtol=close, atol=close)
    np.testing.assert_allclose(given.intercept_, other.intercept_ + np.zeros(shape[:-1]), rtol=close, atol=close)
    np.testing.assert_allclose(given.predict(form(X)), other.predict(X).reshape(y.shape), rtol=close, atol=close)
    assert not ours.verify(given, form(X), y, weight).refuted


@every_weight
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("form", [np.asarray, csr_array, csc_matrix], ids=["dense", "csr", "csc"])
def test_classes_in_every_form(form, classes, weighted):
    X, y, weight = table((120, 4), weighted, classes=True)
    X = np.where(np.abs(X - X.mean()) < 1, 0.0, X)
    y = y if classes == 2 else y + (X[:, 2] > 1)
    mine = ours.LogisticRegression(C=0.7).fit(form(X), y, weight)
    other = theirs.LogisticRegression(C=0.7, tol=1e-12, max_iter=10_000).fit(X, y, weight)
    np.testing.assert_allclose(mine.predict_proba(form(X)), other.predict_proba(X), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=2e-5, atol=2e-6)
    assert not ours.verify(mine, form(X), y, weight).refuted


@every_weight
@every_intercept
@pytest.mark.parametrize("form", [np.asarray, csr_array], ids=["dense", "csr"])
def test_counts_in_every_form(form, intercept, weighted):
    X, y, weight = table((60, 4), weighted)
    X, y = np.where(np.abs(X - X.mean()) < 1, 0.0, X), np.round(np.exp(0.3 * y))
    mine = ours.PoissonRegressor(alpha=0.1, fit_intercept=intercept).fit(form(X), y, weight)
    other = theirs.PoissonRegressor(
        alpha=0.1, fit_intercept=intercept, tol=1e-12, max_iter=10_000, solver="newton-cholesky"
    )
    other.fit(X, y, weight)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(mine.predict(form(X)), other.predict(X), rtol=1e-7)


def test_a_strength_for_each_target():
    X, y, _ = table((60, 4), False)
    Y = np.column_stack([y, X[:, 1] - y])
    mine, other = ours.Ridge([0.5, 20.0]).fit(X, Y), theirs.Ridge([0.5, 20.0], solver="svd").fit(X, Y)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-10)


def test_what_has_many_minimisers_and_no_proof_says_so():
    X, y, _ = table(SHAPES["wide"], False)
    with pytest.warns(CertificateWarning, match="20 rows cannot determine 36 parameters"):
        model = ours.LinearRegression(positive=True).fit(X, y)
    other = theirs.LinearRegression(positive=True).fit(X, y)
    np.testing.assert_allclose(model.predict(X), other.predict(X), atol=1e-9)
    assert model.certificate_.verdict("gap") == "INSUFFICIENT"


@every_weight
@every_intercept
@pytest.mark.parametrize("name", LOGISTIC)
def test_logistic(name, intercept, weighted):
    X, y, weight = table((120, 4), weighted, classes=True)
    mine, other = fitted_by_both(LOGISTIC[name], intercept, X, y, weight)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(mine.intercept_, other.intercept_, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(mine.predict_proba(X), other.predict_proba(X), rtol=1e-4, atol=1e-5)
    assert mine.certificate_.verdict("gap") == "CERTIFIED"


@every_weight
@pytest.mark.parametrize("weight", ["balanced", {0: 1.0, 1: 5.0}])
def test_class_weights(weight, weighted):
    X, y, rows = table((120, 4), weighted, classes=True)
    mine = ours.LogisticRegression(class_weight=weight).fit(X, y, rows)
    other = theirs.LogisticRegression(class_weight=weight, tol=1e-12, max_iter=10_000).fit(X, y, rows)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-5, atol=1e-7)
