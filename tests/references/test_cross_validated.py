"""Chosen strengths and errors on folds against scikit-learn's, converged tightly: weights × intercept × blend × cv."""

import warnings

import numpy as np
import pytest
import sklearn
from scipy.sparse import coo_array, csc_array, csr_array
from sklearn import linear_model as theirs
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import ShuffleSplit, StratifiedKFold, TimeSeriesSplit

import infimum as ours
from infimum import verify

TIGHT = {"tol": 1e-13, "max_iter": 1_000_000}
SHAPES = {"tall": (60, 8), "square": (40, 39), "wide": (30, 70)}
CV = {
    "five": None,
    "three": 3,
    "in time": TimeSeriesSplit(4),
    "overlapping": ShuffleSplit(4, test_size=0.3, random_state=0),
}
every_weight = pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])
every_intercept = pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])


def table(shape, weighted):
    rng = np.random.default_rng(sum(shape))
    n, p = shape
    X = rng.standard_normal(shape) + 0.5 * rng.standard_normal((n, 3)) @ rng.standard_normal((3, p)) + 2
    y = X[:, :4] @ [1.0, -0.5, 0.2, 2.0] + rng.standard_normal(n)
    weight = rng.uniform(0.2, 3.0, n) if weighted else None
    if weighted:
        weight[::9] = 0.0
    return X, y, weight


def fitted(theirs_too, X, y, weight):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is not under test
        return theirs_too.fit(X, y) if weight is None else theirs_too.fit(X, y, sample_weight=weight)


@every_weight
@every_intercept
@pytest.mark.parametrize("cv", CV.values(), ids=CV)
@pytest.mark.parametrize("shape", SHAPES)
def test_lasso(shape, cv, intercept, weighted):
    X, y, weight = table(SHAPES[shape], weighted)
    how = {"cv": cv, "fit_intercept": intercept, "alphas": 30, "eps": 1e-3 if shape == "tall" else 3e-2}
    mine = ours.LassoCV(**how).fit(X, y, sample_weight=weight)
    other = fitted(theirs.LassoCV(**how, **TIGHT), X, y, weight)
    np.testing.assert_allclose(mine.alphas_, other.alphas_, rtol=1e-12)
    np.testing.assert_allclose(mine.mse_path_, other.mse_path_, rtol=1e-6)
    assert mine.alpha_ == pytest.approx(other.alpha_, rel=1e-12)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(mine.intercept_, other.intercept_, rtol=1e-6, atol=1e-7)
    assert mine.certificate_.verdict("gap") == "CERTIFIED"
    assert not verify(mine, X, y, weight).refuted


@every_weight
@every_intercept
@pytest.mark.parametrize("positive", [False, True], ids=["", "not negative"])
@pytest.mark.parametrize("ratio", [0.5, [0.1, 0.7, 1.0]], ids=["one", "several"])
def test_elastic_net(ratio, positive, intercept, weighted):
    X, y, weight = table(SHAPES["tall"], weighted)
    for alphas in (20, [0.03, 1.0, 0.3]):
        how = {"l1_ratio": ratio, "positive": positive, "fit_intercept": intercept, "alphas": alphas, "cv": 4}
        mine = ours.ElasticNetCV(**how).fit(X, y, sample_weight=weight)
        other = fitted(theirs.ElasticNetCV(**how, **TIGHT), X, y, weight)
        assert (mine.alphas_.shape, mine.mse_path_.shape) == (other.alphas_.shape, other.mse_path_.shape)
        np.testing.assert_allclose(mine.alphas_, other.alphas_, rtol=1e-12)
        np.testing.assert_allclose(mine.mse_path_, other.mse_path_, rtol=1e-6)
        assert (mine.alpha_, mine.l1_ratio_) == (pytest.approx(other.alpha_, rel=1e-12), other.l1_ratio_)
        np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-6, atol=1e-8)


def test_ridge_ratio_with_strengths_given():
    X, y, weight = table(SHAPES["tall"], True)
    how = {"l1_ratio": 0.0, "alphas": [1.0, 0.1, 0.01], "cv": 3}
    mine = ours.ElasticNetCV(**how).fit(X, y, sample_weight=weight)
    other = fitted(theirs.ElasticNetCV(**how, **TIGHT), X, y, weight)
    np.testing.assert_allclose(mine.mse_path_, other.mse_path_, rtol=1e-6)
    assert mine.alpha_ == other.alpha_


@every_weight
@every_intercept
@pytest.mark.parametrize("scoring", [None, "neg_mean_absolute_error"])
@pytest.mark.parametrize("cv", [None, 4, TimeSeriesSplit(3)], ids=["leave one out", "four", "in time"])
@pytest.mark.parametrize("shape", SHAPES)
def test_ridge(shape, cv, scoring, intercept, weighted):
    X, y, weight = table(SHAPES[shape], weighted)
    X, y, weight = (each if each is None else each[weight > 0] if weighted else each for each in (X, y, weight))
    how = {"alphas": np.logspace(-3, 4, 15), "fit_intercept": intercept}
    mine = ours.RidgeCV(**how, cv=cv, scoring=scoring).fit(X, y, sample_weight=weight)
    # scikit-learn hands weights to the scores of folds where their routing is on: without it they count in fits alone
    with sklearn.config_context(enable_metadata_routing=cv is not None):
        asked = get_scorer(scoring).set_score_request(sample_weight=True) if scoring and cv is not None else scoring
        other = fitted(theirs.RidgeCV(**how, cv=cv, scoring=asked), X, y, weight)
    assert mine.alpha_ == other.alpha_
    assert mine.best_score_ == pytest.approx(other.best_score_, rel=1e-7)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(mine.intercept_, other.intercept_, rtol=1e-7, atol=1e-9)
    assert not verify(mine, X, y, weight).refuted


@every_weight
@pytest.mark.parametrize("scoring", [None, "neg_median_absolute_error"])
def test_ridge_keeps_what_leaving_one_out_gave(scoring, weighted):
    if weighted and scoring == "neg_median_absolute_error":
        scoring = "r2"
    X, y, weight = table(SHAPES["tall"], weighted)
    weight = weight if weight is None else weight + 0.1
    how = {"alphas": [0.1, 10.0], "scoring": scoring, "store_cv_results": True}
    mine = ours.RidgeCV(**how).fit(X, y, sample_weight=weight)
    other = fitted(theirs.RidgeCV(**how), X, y, weight)
    np.testing.assert_allclose(mine.cv_results_, other.cv_results_, rtol=1e-8, atol=1e-10)
    assert mine.alpha_ == other.alpha_


def classes_table(classes, weighted):
    rng = np.random.default_rng(classes)
    X = rng.standard_normal((150, 4)) + 1
    scores = np.column_stack([0 * X[:, 0], X[:, 0] - 0.5 * X[:, 1], -X[:, 0]])[:, :classes]
    scores = scores - scores.mean(axis=0) + 1.5 * rng.gumbel(size=scores.shape)
    y = np.array(["low", "mid", "top"])[scores.argmax(axis=1)]
    return X, y, rng.uniform(0.1, 3, 150) if weighted else None


@every_weight
@every_intercept
@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
@pytest.mark.parametrize("classes", [2, 3])
def test_logistic(classes, scoring, class_weight, intercept, weighted):
    X, y, weight = classes_table(classes, weighted)
    how = {"Cs": 5, "fit_intercept": intercept, "class_weight": class_weight, "cv": 4}
    mine = ours.LogisticRegressionCV(**how, scoring=scoring).fit(X, y, sample_weight=weight)
    more = {"l1_ratios": (0.0,), "use_legacy_attributes": False, "tol": 1e-11, "max_iter": 10_000}
    other = fitted(theirs.LogisticRegressionCV(**how, **more, scoring=scoring or "accuracy"), X, y, weight)
    assert (mine.C_, mine.l1_ratio_) == (other.C_, other.l1_ratio_)
    np.testing.assert_allclose(mine.Cs_, other.Cs_, rtol=1e-15)
    for name, close in (("scores_", 1e-6), ("coefs_paths_", 2e-5), ("coef_", 2e-5), ("intercept_", 2e-5)):
        assert getattr(mine, name).shape == getattr(other, name).shape
        np.testing.assert_allclose(getattr(mine, name), getattr(other, name), rtol=close, atol=close)
    assert mine.score(X, y, weight) == pytest.approx(other.score(X, y, sample_weight=weight), rel=1e-5)
    assert not verify(mine, X, y, weight).refuted


@every_intercept
def test_logistic_with_l1(intercept):
    """Against the certified fit of each fold: scikit-learn's saga stops early where all coefficients are 0."""
    X, y, weight = classes_table(2, True)
    how = {"Cs": [0.01, 0.1, 1.0], "l1_ratios": (0.4, 1.0), "fit_intercept": intercept, "scoring": "neg_log_loss"}
    mine = ours.LogisticRegressionCV(**how).fit(X, y, sample_weight=weight)
    for k, (train, test) in enumerate(StratifiedKFold(5).split(X, y)):
        for r, ratio in enumerate(how["l1_ratios"]):
            for c, C in enumerate(how["Cs"]):
                alone = ours.LogisticRegression(C, l1_ratio=ratio, fit_intercept=intercept)
                alone.fit(X[train], y[train], sample_weight=weight[train])
                assert alone.certificate_.verdict("gap") == "CERTIFIED"
                expected = get_scorer("neg_log_loss")(alone, X[test], y[test], sample_weight=weight[test])
                assert mine.scores_[k, r, c] == pytest.approx(expected, rel=1e-7)
    mean = mine.scores_.mean(axis=0)
    assert mean[how["l1_ratios"].index(mine.l1_ratio_), how["Cs"].index(mine.C_)] == mean.max()


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_without_a_last_fit_is_the_mean_of_the_folds(classes):
    X, y, _ = classes_table(classes, False)
    how = {"Cs": [0.01, 1.0], "refit": False, "scoring": "neg_log_loss"}
    mine = ours.LogisticRegressionCV(**how).fit(X, y)
    more = {"l1_ratios": (0.0,), "use_legacy_attributes": False, "tol": 1e-11, "max_iter": 10_000}
    other = fitted(theirs.LogisticRegressionCV(**how, **more), X, y, None)
    assert pytest.approx(other.C_, rel=1e-15) == mine.C_
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=2e-5, atol=1e-6)
    assert mine.certificate_.verdict("gap") == "INSUFFICIENT" and mine.certificate_.claim("gap").bound > 0
    assert not verify(mine, X, y).refuted


@every_weight
@pytest.mark.parametrize("own", [False, True], ids=["one strength", "one a target"])
@pytest.mark.parametrize("scoring", [None, "r2"])
def test_ridge_of_several_targets_by_leaving_one_out(scoring, own, weighted):
    X, y, weight = table(SHAPES["tall"], weighted)
    weight = weight if weight is None else weight + 0.1
    noisy = 20 * np.random.default_rng(5).standard_normal((len(y), 2))
    Y = np.column_stack([y, X[:, 5] - y + noisy[:, 0], noisy[:, 1]])
    how = {"alphas": np.logspace(-2, 5, 15), "scoring": scoring, "alpha_per_target": own, "store_cv_results": True}
    mine = ours.RidgeCV(**how).fit(X, Y, sample_weight=weight)
    other = fitted(theirs.RidgeCV(**how), X, Y, weight)
    np.testing.assert_array_equal(mine.alpha_, other.alpha_)
    np.testing.assert_allclose(mine.best_score_, other.best_score_, rtol=1e-7)
    np.testing.assert_allclose(mine.cv_results_, other.cv_results_, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(mine.predict(X), other.predict(X), rtol=1e-7, atol=1e-9)
    assert len(np.unique(mine.alpha_)) > 1 or not own
    assert not verify(mine, X, Y, weight).refuted


def test_ridge_of_several_targets_by_folds():
    X, y, _ = table(SHAPES["tall"], False)
    Y = np.column_stack([y, 30 * np.random.default_rng(5).standard_normal(len(y))])
    how = {"alphas": np.logspace(-2, 5, 15), "cv": 4}
    mine, other = ours.RidgeCV(**how).fit(X, Y), theirs.RidgeCV(**how).fit(X, Y)
    assert mine.alpha_ == other.alpha_ and mine.best_score_ == pytest.approx(other.best_score_, rel=1e-7)
    np.testing.assert_allclose(mine.coef_, other.coef_, rtol=1e-7, atol=1e-9)
    apart = ours.RidgeCV(**how, alpha_per_target=True).fit(X, Y)
    assert apart.alpha_.tolist() == [ours.RidgeCV(**how).fit(X, column).alpha_ for column in Y.T]
    assert not verify(mine, X, Y).refuted and not verify(apart, X, Y).refuted


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", ["alpha_", "best_score_", "cv_results_"])
def test_a_choice_for_several_targets_that_is_tampered_with_is_refuted(name, own):
    X, y, _ = table(SHAPES["tall"], False)
    Y = np.column_stack([y, 30 * np.random.default_rng(5).standard_normal(len(y))])
    model = ours.RidgeCV(np.logspace(-2, 5, 15), alpha_per_target=own, store_cv_results=True).fit(X, Y)
    honest = np.array(getattr(model, name))
    setattr(model, name, honest[..., ::-1] if name == "cv_results_" else honest * (1 + 1e-9))
    assert verify(model, X, Y).refuted


@every_weight
@pytest.mark.parametrize("form", [csr_array, csc_array, coo_array])
@pytest.mark.parametrize(
    "model",
    [
        ours.RidgeCV(),
        ours.RidgeCV(cv=3),
        ours.LassoCV(cv=3, alphas=10),
        ours.ElasticNetCV(cv=3, alphas=10),
        ours.HuberRegressor(),
        ours.QuantileRegressor(alpha=0.01),
        ours.LogisticRegressionCV(Cs=3, cv=3),
    ],
    ids=str,
)
def test_a_sparse_table_is_the_table_with_its_zeros(model, form, weighted):
    X, y, weight = table(SHAPES["tall"], weighted)
    X = np.where(np.abs(X - 2) < 1, 0.0, X)
    y = y > np.median(y) if isinstance(model, ours.LogisticRegressionCV) else y
    full, sparse = clone(model).fit(X, y, sample_weight=weight), clone(model).fit(form(X), y, sample_weight=weight)
    np.testing.assert_array_equal(sparse.coef_, full.coef_)
    np.testing.assert_allclose(sparse.predict(form(X)), full.predict(X), rtol=1e-12)
    assert sparse.certificate_.verdict("gap") == full.certificate_.verdict("gap")
    assert not verify(sparse, form(X), y, weight).refuted
