"""Strengths chosen by cross-validation: scikit-learn's contract, evidence, what the summary says, bad input."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, LeaveOneOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from infimum import ElasticNetCV, Lasso, LassoCV, LogisticRegressionCV, RidgeCV, infer, verify
from infimum.estimators.shell import CertificateWarning

EVERY = {
    "LassoCV": LassoCV(alphas=20),
    "LassoCV(one standard error)": LassoCV(alphas=20, rule="one_standard_error"),
    "ElasticNetCV": ElasticNetCV(l1_ratio=[0.2, 0.9], alphas=10, cv=3),
    "ElasticNetCV(positive)": ElasticNetCV(alphas=10, positive=True),
    "RidgeCV": RidgeCV(),
    "RidgeCV(folds)": RidgeCV(alphas=[0.1, 5.0], cv=4),
    "LogisticRegressionCV": LogisticRegressionCV(Cs=4, scoring="neg_log_loss"),
    "LogisticRegressionCV(l1)": LogisticRegressionCV(Cs=[0.1, 1.0], l1_ratios=(0.5, 1.0), cv=3),
    "LogisticRegressionCV(several)": LogisticRegressionCV(Cs=4, cv=3),
}
every = pytest.mark.parametrize("name", EVERY)


def drawn(name, n=60, seed=0):
    """(unfitted estimator, X, y)."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3)) * [1.0, 5.0, 0.2] + [0, 2, 1]
    eta = X @ [1.0, -0.2, 2.0]
    if not name.startswith("Logistic"):
        return clone(EVERY[name]), X, eta + 0.5 * rng.standard_normal(n)
    scores = np.column_stack([0 * eta, eta - eta.mean(), eta.mean() - eta])[:, : 3 if "several" in name else 2]
    return (
        clone(EVERY[name]),
        X,
        np.array(["maybe", "yes", "no"])[(scores + rng.gumbel(size=scores.shape)).argmax(axis=1)],
    )


@pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("estimator", [LassoCV(), ElasticNetCV(), RidgeCV(), LogisticRegressionCV()])
def test_every_check_of_scikit_learn_passes(estimator):
    results = check_estimator(estimator, on_fail=None)
    assert len(results) > 40
    assert not [result["check_name"] for result in results if result["status"] not in ("passed", "skipped")]


@every
def test_clone_pickle_and_copy_predict_alike(name):
    model, X, y = drawn(name)
    again = clone(model).fit(X, y)
    before = model.get_params()
    model.fit(X, y)
    assert repr(model.get_params()) == repr(before)
    for other in (again, pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
        assert other.certificate_.to_dict() == model.certificate_.to_dict()


@every
def test_pipelines_searches_and_names(name):
    pandas = pytest.importorskip("pandas")
    model, X, y = drawn(name)
    assert make_pipeline(StandardScaler(), model).fit(X, y).score(X, y) > -0.7
    assert GridSearchCV(model, {"fit_intercept": [True, False]}, cv=2).fit(X, y).best_estimator_.certificate_
    table = pandas.DataFrame(X, columns=["length", "width", "age"])
    text = str(model.fit(table, y).summary())
    assert all(word in text for word in ("length", "width", "age", "CERTIFIED", "gap", "F = "))
    with pytest.raises(ValueError, match="[Ff]eature names"):
        model.predict(table[["age", "width", "length"]])


@every
def test_the_summary_says_why_there_are_no_errors(name):
    model, X, y = drawn(name)
    text = str(model.fit(X, y).summary())
    assert "no standard errors" in text and "was chosen by" in text and "rows of this fit" in text
    with pytest.raises(ValueError, match="was chosen by"):
        infer(model, X, y)


def test_a_strength_of_0_that_was_chosen_has_no_errors_either():
    _, X, y = drawn("RidgeCV")
    model = RidgeCV(alphas=[0.0]).fit(X, y)
    assert model.information_ is not None and model.summary().inference is None
    assert "which are rows of this fit" in str(model.summary())


@every
def test_verify_accepts_the_honest_and_refutes_the_tampered(name):
    model, X, y = drawn(name)
    assert not verify(model.fit(X, y), X, y).refuted, str(verify(model, X, y))
    tampered = copy.deepcopy(model)
    tampered.coef_ = tampered.coef_ * (1 + 1e-6)
    assert verify(tampered, X, y).refuted
    other = X.copy()
    other[7, 1] *= 1 + 1e-9
    assert verify(model, other, y).refuted


@every
def test_weights_count_like_repetitions_where_folds_are_the_same(name):
    model, X, y = drawn(name, 45)
    counts = np.random.default_rng(1).integers(0, 4, 45)
    folds = list(KFold(3).split(X))
    place = np.repeat(np.arange(45), counts)
    repeated = [tuple(np.flatnonzero(np.isin(place, part)) for part in fold) for fold in folds]
    one = clone(model).set_params(cv=folds).fit(X, y, sample_weight=counts)
    two = clone(model).set_params(cv=repeated).fit(X[place], y[place])
    np.testing.assert_allclose(one.coef_, two.coef_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(one.intercept_, two.intercept_, rtol=1e-8, atol=1e-10)
    for attribute in ("mse_path_", "best_score_", "scores_"):
        if attribute in vars(one):
            np.testing.assert_allclose(vars(one)[attribute], vars(two)[attribute], rtol=1e-7)


@pytest.mark.parametrize("factor", [1e-120, 1e-8, 1e8, 1e120])
def test_units_do_not_matter(factor):
    _, X, y = drawn("LassoCV")
    for model in (LassoCV(alphas=20), RidgeCV([0.1, 10.0]), RidgeCV([0.1, 10.0], cv=3)):
        plain, scale = (
            clone(model).fit(X, y),
            {} if isinstance(model, LassoCV) else {"alphas": [0.1 * factor**2, 10.0 * factor**2]},
        )
        other = clone(model).set_params(**scale).fit(X * factor, y)
        assert other.alpha_ == pytest.approx(
            plain.alpha_ * (factor if isinstance(model, LassoCV) else factor**2), rel=1e-12
        )
        np.testing.assert_allclose(other.predict(X * factor), plain.predict(X), rtol=1e-9)
        taller = clone(model).fit(X, y * factor)
        assert taller.alpha_ == pytest.approx(plain.alpha_ * (factor if isinstance(model, LassoCV) else 1.0), rel=1e-12)
        np.testing.assert_allclose(taller.predict(X), plain.predict(X) * factor, rtol=1e-9)


def test_the_simpler_model_within_a_standard_error():
    model, X, y = drawn("LassoCV(one standard error)")
    best = LassoCV(alphas=20).fit(X, y)
    model.fit(X, y)
    mean = best.mse_path_.mean(axis=1)
    at, chosen = int(mean.argmin()), int(np.flatnonzero(best.alphas_ == model.alpha_)[0])
    limit = mean[at] + best.mse_path_[at].std(ddof=1) / math.sqrt(5)
    assert chosen < at and mean[chosen] <= limit < mean[chosen - 1]
    np.testing.assert_allclose(model.coef_, Lasso(model.alpha_).fit(X, y).coef_, rtol=1e-12)


def test_leaving_one_out_by_folds_is_leaving_one_out():
    _, X, y = drawn("RidgeCV")
    one = RidgeCV().fit(X, y)
    two = RidgeCV(cv=LeaveOneOut(), scoring="neg_mean_squared_error").fit(X, y)
    assert one.alpha_ == two.alpha_ and one.best_score_ == pytest.approx(two.best_score_, rel=1e-10)


def test_a_column_and_a_target_that_do_not_vary():
    _, X, y = drawn("LassoCV")
    X[:, 1] = 7.3
    model = LassoCV(alphas=10).fit(X, y)
    assert model.coef_[1] == 0 and np.isfinite(model.mse_path_).all()
    X[:, 1] = np.arange(60)
    flat = LassoCV(alphas=10).fit(X, np.full(60, 2.5))  # there is nothing to gain, and a constant is proved to be right
    assert flat.certificate_.verdict("gap") == "CERTIFIED"
    assert np.abs(flat.coef_).max() < 1e-14 and flat.intercept_ == pytest.approx(2.5) and np.all(flat.mse_path_ < 1e-28)
    level = RidgeCV(cv=3).fit(X, np.full(60, 2.5))
    assert level.certificate_.verdict("gap") == "CERTIFIED" and level.intercept_ == pytest.approx(2.5)


def test_a_fold_without_a_minimum_is_warned_of():
    X = np.array([[-2.0], [-1.0], [1.0], [2.0]] * 5)
    y = (X[:, 0] > 0).astype(int)
    with pytest.warns(CertificateWarning, match="no minimum is attained"):
        LogisticRegressionCV(Cs=[math.inf]).fit(X, y)


@every
def test_before_fit_there_is_nothing_to_predict(name):
    model, X, _ = drawn(name)
    for call in (lambda: model.predict(X), model.summary):
        with pytest.raises(NotFittedError):
            call()


X6, Y6 = np.arange(6.0)[:, None], np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
WORDS = np.array(["a", "b", "b", "a", "b", "a"])


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (LassoCV(alphas=0), Y6, "alphas = 0; expected a whole number ≥ 1"),
        (LassoCV(alphas=[-1.0]), Y6, r"alphas = \[-1.0\]; expected numbers ≥ 0, finite"),
        (LassoCV(alphas=[]), Y6, r"alphas = \[\]; expected numbers ≥ 0, finite"),
        (LassoCV(alphas="many"), Y6, "alphas = 'many'; expected numbers ≥ 0, finite"),
        (LassoCV(alphas=[math.inf]), Y6, "alphas = .*; expected numbers ≥ 0, finite"),
        (LassoCV(alphas=True), Y6, "alphas = True; expected numbers ≥ 0, finite"),
        (LassoCV(eps=0.0), Y6, "eps = 0.0; expected a number above 0, at most 1"),
        (LassoCV(eps=math.nan), Y6, "eps = nan; expected a number above 0"),
        (LassoCV(rule="worst"), Y6, "rule = 'worst'; there are: best, one_standard_error"),
        (LassoCV(rule=["best"]), Y6, "rule = .* there are: best"),
        (LassoCV(cv=[([0, 1, 2], [3, 4, 5])], rule="one_standard_error"), Y6, "needs two folds or more"),
        (LassoCV(cv=[([0, 1], [17])]), Y6, "does not split 6 rows: .*17.*; expected None, a number of folds"),
        (LassoCV(cv=[([0, 1, 2], [])]), Y6, "fold 0 of cv holds out no row of weight > 0"),
        (LassoCV(cv=[([], [1])]), Y6, "fold 0 of cv learns from no row"),
        (LassoCV(cv=[]), Y6, "gives no fold"),
        (LassoCV(cv=9), Y6, "n_splits=9"),
        (LassoCV(cv="five"), Y6, "cv"),
        (ElasticNetCV(l1_ratio=1.2), Y6, "l1_ratio = 1.2; expected numbers from 0 .ridge. to 1"),
        (ElasticNetCV(l1_ratio=[0.5, "x"]), Y6, "l1_ratio = .*; expected numbers from 0 .ridge. to 1 .lasso."),
        (ElasticNetCV(l1_ratio=0), Y6, "l1_ratio = 0 has no largest alpha .*: give alphas themselves"),
        (RidgeCV(alphas=(-1.0, 1.0)), Y6, r"alphas = \(-1.0, 1.0\); expected numbers ≥ 0, finite"),
        (RidgeCV(scoring="best"), Y6, "'best' is not a valid scoring value"),
        (RidgeCV(scoring=3), Y6, "scoring = 3; expected None, a name such as"),
        (RidgeCV(cv=6), Y6, "a fold holds out one row, of which there is no R²: set scoring='neg_mean"),
        (RidgeCV(cv=3, store_cv_results=True), Y6, "store_cv_results = True is for leaving one out"),
        (LogisticRegressionCV(Cs=0), WORDS, "Cs = 0; expected a whole number ≥ 1"),
        (LogisticRegressionCV(Cs=[0.0, 1.0]), WORDS, r"Cs = \[0.0, 1.0\]; expected numbers > 0"),
        (LogisticRegressionCV(Cs=[math.nan]), WORDS, "Cs = .*; expected numbers > 0"),
        (LogisticRegressionCV(l1_ratios=None), WORDS, "l1_ratios = None; expected numbers from 0 .ridge. to 1"),
        (LogisticRegressionCV(l1_ratios=(0.0, 2.0)), WORDS, r"l1_ratios = \(0.0, 2.0\); expected numbers from 0"),
        (LogisticRegressionCV(cv=[([0, 3, 5], [1, 2])]), WORDS, "a fold learns from no row of class 'b'"),
        (LogisticRegressionCV(scoring="roc_auc", cv=[(range(6), [1, 2])]), WORDS, "scoring gives no number on 2 rows"),
        (LogisticRegressionCV(class_weight={"c": 1.0}, cv=3), WORDS, "c"),
        (LogisticRegressionCV(), ["a"] * 6, "only one class: 'a'"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_what_does_not_fit_is_said(model, y, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X6, y)


def test_a_score_that_takes_no_weights_is_said():
    for scoring in ("neg_max_error", lambda model, X, y: 0.0):
        with pytest.raises(ValueError, match="takes no sample_weight, and one was given"):
            RidgeCV(scoring=scoring).fit(X6, Y6, sample_weight=np.ones(6))
        assert RidgeCV(scoring=scoring).fit(X6, Y6).alpha_ in (0.1, 1.0, 10.0)


def test_where_no_row_can_be_left_out():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match="without some row the fit is not determined; expected some alpha > 0"):
        RidgeCV(alphas=[0.0]).fit(X, [1.0, 2.0, 4.0])
    assert RidgeCV(alphas=[0.0, 0.1]).fit(X, [1.0, 2.0, 4.0]).alpha_ == 0.1
    with pytest.raises(ValueError, match="n_samples = 1"):
        RidgeCV().fit(X, [1.0, 2.0, 4.0], sample_weight=[0.0, 1.0, 0.0])


WILD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=3), st.lists(st.floats(), max_size=3)
)


@settings(max_examples=150, deadline=None)
@given(model=st.sampled_from([LassoCV, ElasticNetCV, RidgeCV, LogisticRegressionCV]), data=st.data())
def test_whatever_is_given_there_is_a_fit_or_one_sentence(model, data):
    names = [name for name in model().get_params() if name not in ("tol", "fit_intercept", "positive", "refit")]
    chosen = {name: data.draw(WILD) for name in data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True))}
    chosen["cv"] = chosen.get("cv", 2)
    y = WORDS if model is LogisticRegressionCV else Y6
    try:
        fitted = model(**chosen).fit(X6, y)
    except ValueError as error:
        assert str(error)
    else:
        assert np.isfinite(fitted.coef_).all() and fitted.certificate_.claim("gap") is not None
