"""scikit-learn's contract, and what one may expect of any estimator: copies, pipelines, names, weights, verify."""

import copy
import math
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from infimum import (
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    verify,
)
from infimum.estimators.shell import CertificateWarning

EVERY_ESTIMATOR = {
    "LinearRegression": LinearRegression(),
    "LinearRegression(positive)": LinearRegression(positive=True),
    "Ridge": Ridge(0.5),
    "Lasso": Lasso(0.05),
    "ElasticNet": ElasticNet(0.1),
    "LogisticRegression": LogisticRegression(),
    "LogisticRegression(l1)": LogisticRegression(C=0.5, l1_ratio=1.0),
    "LogisticRegression(none)": LogisticRegression(C=np.inf, fit_intercept=False),
    "LogisticRegression(balanced)": LogisticRegression(class_weight="balanced"),
    "LogisticRegression(several)": LogisticRegression(),
    "LogisticRegression(several, none)": LogisticRegression(C=np.inf, fit_intercept=False),
    "PoissonRegressor": PoissonRegressor(alpha=0.1),
    "PoissonRegressor(l1)": PoissonRegressor(alpha=0.05, l1_ratio=1.0),
    "PoissonRegressor(none)": PoissonRegressor(alpha=0.0),
    "HuberRegressor": HuberRegressor(),
    "HuberRegressor(none)": HuberRegressor(epsilon=1.6, alpha=0.0),
    "QuantileRegressor": QuantileRegressor(quantile=0.4, alpha=0.0),
    "QuantileRegressor(l1)": QuantileRegressor(quantile=0.6, alpha=0.02),
}
DEFAULTS = [LinearRegression(), Ridge(), Lasso(), ElasticNet(), LogisticRegression(), PoissonRegressor()]
DEFAULTS += [HuberRegressor(), QuantileRegressor()]
every_estimator = pytest.mark.parametrize("name", EVERY_ESTIMATOR)


def drawn(name, n=60, seed=0):
    """(unfitted estimator, X, y)."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3)) * [1.0, 5.0, 0.2] + [0, 2, 1]
    eta = X @ [1.0, -0.2, 2.0]
    if "several" in name:
        return clone(EVERY_ESTIMATOR[name]), X, three_classes(eta - eta.mean(), rng)
    classes = name.startswith("Logistic")
    y = (
        np.where(eta > eta.mean() + rng.logistic(size=n), "yes", "no")
        if classes
        else eta + 0.5 * rng.standard_normal(n)
    )
    if name.startswith("Poisson"):
        y = rng.poisson(np.exp(0.5 * eta + 1)).astype(float)
    return clone(EVERY_ESTIMATOR[name]), X, y


def three_classes(eta, rng):
    """The score of "no" falls with eta, that of "yes" rises; they overlap."""
    scores = np.column_stack([0 * eta, -eta, eta]) + rng.gumbel(size=(len(eta), 3))
    return np.array(["maybe", "no", "yes"])[scores.argmax(axis=1)]


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("estimator", DEFAULTS, ids=lambda e: type(e).__name__)
def test_every_check_of_scikit_learn_passes(estimator):
    results = check_estimator(estimator, on_fail=None)
    assert len(results) > 40
    assert not [result["check_name"] for result in results if result["status"] not in ("passed", "skipped")]


@every_estimator
def test_clone_pickle_and_copy_predict_alike(name):
    model, X, y = drawn(name)
    again = clone(model).fit(X, y)
    model.fit(X, y)
    for other in (again, pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(other.coef_, model.coef_)
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
        assert other.certificate_.to_dict() == model.certificate_.to_dict()


@every_estimator
def test_pipelines_and_searches(name):
    model, X, y = drawn(name)
    assert cross_val_score(make_pipeline(StandardScaler(), model), X, y, cv=3).mean() > 0.5
    grid = {"fit_intercept": [True, False]}
    search = GridSearchCV(model, grid, cv=3).fit(X, y)
    assert search.best_estimator_.certificate_.verdict("gap") == "CERTIFIED"


@every_estimator
def test_names_of_columns_reach_the_summary(name):
    pandas = pytest.importorskip("pandas")
    model, X, y = drawn(name)
    table = pandas.DataFrame(X, columns=["length", "width", "age"])
    text = str(model.fit(table, y).summary())
    assert all(word in text for word in ("length", "width", "age", "CERTIFIED", "gap", "F = "))
    assert ("intercept" in text.split("certificate:")[0]) == model.fit_intercept
    with pytest.raises(ValueError, match="[Ff]eature names"):
        model.predict(table[["age", "width", "length"]])


@every_estimator
def test_weights_count_like_repetitions(name):
    model, X, y = drawn(name, 40)
    counts = np.random.default_rng(1).integers(0, 4, 40)
    repeated = clone(model).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    if "balanced" in name:
        weight = counts * 1.0
        model.set_params(class_weight=None)
        share = {label: counts[y == label].sum() for label in ("no", "yes")}
        weight *= [counts.sum() / (2 * share[label]) for label in y]
        model.fit(X, y, sample_weight=weight)
    else:
        model.fit(X, y, sample_weight=counts)
    np.testing.assert_allclose(model.coef_, repeated.coef_, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(model.intercept_, repeated.intercept_, rtol=1e-9, atol=1e-11)


@every_estimator
def test_verify_accepts_the_honest_and_refutes_the_tampered(name):
    model, X, y = drawn(name)
    assert not verify(model.fit(X, y), X, y).refuted, str(verify(model, X, y))
    for change in (largest_coefficient, intercept, smaller_bound, smaller_stationarity):
        tampered = copy.deepcopy(model)
        if change(tampered):
            assert verify(tampered, X, y).refuted, change.__name__
    cell = X.copy()
    cell[7, 1] *= 1 + 1e-9
    assert verify(model, cell, y).refuted
    with_weights = np.ones(60)
    with_weights[3] = 1.0 + 1e-9
    assert verify(model, X, y, with_weights).refuted
    other = y.copy()
    other[4] = {"yes": "no", "no": "yes", "maybe": "yes"}.get(y[4], y[4]) if y.dtype.kind == "U" else y[4] * (1 + 1e-9)
    assert verify(model, X, other).refuted


def largest_coefficient(model):
    coefficients = np.ravel(model.coef_)
    coefficients[np.argmax(np.abs(coefficients))] *= 1 + 1e-6
    model.coef_ = coefficients.reshape(model.coef_.shape)
    return True


def intercept(model):
    if not model.fit_intercept:
        return False
    model.intercept_ = model.intercept_ + 1e-6
    return True


def with_claim(model, kind, **changes):
    claims = []
    for claim in model.certificate_.claims:
        if claim.kind == kind:
            old = f"{claim.bound:.3g}"
            claim = dataclass_replace(
                claim, **changes, statement=claim.statement.replace(old, f"{changes['bound']:.3g}")
            )
        claims.append(claim)
    model.certificate_ = dataclass_replace(model.certificate_, claims=tuple(claims))
    return True


def dataclass_replace(value, **changes):
    from dataclasses import replace

    return replace(value, **changes)


def smaller_bound(model):
    return with_claim(model, "gap", bound=0.5 * model.certificate_.claim("gap").bound)


def smaller_stationarity(model):
    if model.certificate_.claim("stationarity") is None:
        return False
    return with_claim(model, "stationarity", bound=0.5 * model.certificate_.claim("stationarity").bound)


def test_verify_takes_the_weights_of_the_fit():
    model, X, y = drawn("Ridge")
    weight = np.random.default_rng(3).uniform(0.1, 2, 60)
    model.fit(X, y, sample_weight=weight)
    assert not verify(model, X, y, weight).refuted and verify(model, X, y).refuted


def test_verify_wants_a_fitted_estimator_with_a_certificate():
    with pytest.raises(ValueError, match="Ridge carries no certificate: fit one"):
        verify(Ridge(), [[1.0]], [1.0])


@every_estimator
def test_before_fit_there_is_nothing_to_predict(name):
    model, X, _ = drawn(name)
    for call in (lambda: model.predict(X), model.summary):
        with pytest.raises(NotFittedError):
            call()


def test_classes_may_be_words_numbers_or_booleans():
    X = np.array([[-2.0], [-1.0], [0.5], [1.0], [2.0]])
    for classes in (["ill", "well"], [3, 7], [False, True], [-1.0, 1.0]):
        y = np.array(classes)[[0, 0, 1, 0, 1]]
        model = LogisticRegression().fit(X, y)
        assert model.classes_.tolist() == sorted(classes)
        assert set(model.predict(X)) <= set(classes) and model.predict([[9.0]])[0] == sorted(classes)[1]
        np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-15)
        np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X), rtol=1e-14)
        assert not verify(model, X, y).refuted


X3, Y3 = np.array([[0.0], [1.0], [3.0]]), np.array([0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("model", "y", "weight", "message"),
    [
        (Ridge(-1.0), Y3, None, "alpha = -1.0; expected a number ≥ 0"),
        (Ridge("strong"), Y3, None, "alpha = 'strong'; expected a number ≥ 0"),
        (Lasso(math.nan), Y3, None, "alpha = nan; expected a number ≥ 0"),
        (Lasso(True), Y3, None, "alpha = True"),
        (ElasticNet(1.0, l1_ratio=1.5), Y3, None, "l1_ratio = 1.5; expected a number from 0 .ridge. to 1 .lasso."),
        (LogisticRegression(C=0.0), Y3, None, "^C = 0.0; expected a number > 0"),
        (LogisticRegression(), [1, 1, 1], None, "needs samples of 2 classes, but y holds only one class: 1"),
        (Ridge(), Y3, [1.0, 2.0], r"sample_weight has shape \(2,\); expected \(3,\), one weight a row"),
        (Ridge(), Y3, [1.0, -2.0, 1.0], "sample_weight is -2 in row 1, negative; expected finite weights ≥ 0"),
        (Ridge(), Y3, [0.0, 0.0, 0.0], "sample_weight is 0 in every row, .*; expected finite weights ≥ 0, some > 0"),
        (Ridge(), Y3, [1.0, math.nan, 0.0], "sample_weight is nan in row 1, not finite"),
        (Ridge(), [0.0, math.nan, 1.0], None, "NaN"),
        (PoissonRegressor(), [0.0, -1.0, 2.0], None, "y runs from -1 to 2; PoissonRegressor takes finite numbers ≥ 0"),
        (PoissonRegressor(alpha=-1.0), Y3, None, "alpha = -1.0; expected a number ≥ 0"),
        (HuberRegressor(epsilon=0.9), Y3, None, "epsilon = 0.9; expected a number ≥ 1"),
        (HuberRegressor(alpha=-1.0), Y3, None, "alpha = -1.0; expected a number ≥ 0"),
        (QuantileRegressor(quantile=1.0), Y3, None, "quantile = 1.0; expected a number between 0 and 1, both excluded"),
        (QuantileRegressor(quantile="half"), Y3, None, "quantile = 'half'; expected a number"),
        (QuantileRegressor(alpha=-1.0), Y3, None, "alpha = -1.0; expected a number ≥ 0"),
        (PoissonRegressor(l1_ratio=1.5), Y3, None, "l1_ratio = 1.5; expected a number from 0 .ridge. to 1 .lasso."),
    ],
)
def test_what_does_not_fit_is_said(model, y, weight, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X3, y, sample_weight=weight)


def test_separated_classes_are_warned_of_by_name():
    with pytest.warns(CertificateWarning, match="LogisticRegression: the fit is not certified: no minimum is attained"):
        model = LogisticRegression(C=np.inf).fit([[-1.0], [-2.0], [1.0], [2.0]], [0, 0, 1, 1])
    assert model.certificate_.claim("separation").verdict == "CERTIFIED"
    assert not verify(model, [[-1.0], [-2.0], [1.0], [2.0]], [0, 0, 1, 1]).refuted
