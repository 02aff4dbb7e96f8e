"""ConformalRegressor and ConformalClassifier: scikit-learn's contract, the formulas they wrap, coverage, messages."""

import math
import pickle

import numpy as np
import pandas
import polars
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from infimum import ConformalClassifier, ConformalRegressor, TableEncoder
from infimum.evaluation.conformal import rank, split_conformal
from infimum.evaluation.conformal.coverage import coverage_band
from infimum.evaluation.conformal.cross import cross_conformal, cross_guarantee

METHODS = ("cv+", "split")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize(
    "estimator",
    [
        ConformalRegressor(Ridge()),
        ConformalRegressor(Ridge(), difficulty=Ridge(), cv=2),
        ConformalClassifier(LogisticRegression()),
        ConformalClassifier(GaussianNB(), conformity_score="aps"),
    ],
    ids=["regressor", "regressor with a difficulty", "classifier", "classifier, aps"],
)
def test_every_check_of_scikit_learn_passes(estimator):
    results = check_estimator(estimator, on_fail=None)
    assert len(results) > 40
    assert not [result["check_name"] for result in results if result["status"] not in ("passed", "skipped")]


def numbers(seed=0, n=120):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3))
    return X, X @ [1.0, -2.0, 0.5] + rng.standard_normal(n) * (0.5 + np.abs(X[:, 0]))


def classes(seed=0, n=200, K=3):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 3))
    return X, np.array(["ant", "bee", "cow", "dog"])[np.argmax(2 * X[:, :K] + rng.gumbel(size=(n, K)), axis=1)]


def test_cross_intervals_are_the_formula_from_models_fitted_here():
    X, y = numbers()
    model = ConformalRegressor(Ridge(2.0), random_state=3).fit(X[:100], y[:100])
    assert sorted(np.bincount(model.fold_)) == [20] * 5
    parts = [Ridge(2.0).fit(X[:100][model.fold_ != j], y[:100][model.fold_ != j]) for j in range(5)]
    residual = np.array([abs(y[i] - parts[model.fold_[i]].predict(X[i : i + 1])[0]) for i in range(100)])
    forecast = np.column_stack([part.predict(X[100:]) for part in parts])
    expected = cross_conformal(residual, model.fold_, forecast, 0.9)
    np.testing.assert_allclose(model.predict_interval(X[100:]), expected, rtol=1e-12)
    np.testing.assert_allclose(model.predict(X), Ridge(2.0).fit(X[:100], y[:100]).predict(X), rtol=1e-12)
    assert (
        model.n_calibration_ == 100 and f"≥ {math.floor(cross_guarantee([20] * 5) * 1e4) / 1e4:g}" in model.guarantee_
    )


def test_split_intervals_are_one_quantile_of_rows_the_model_has_not_seen():
    X, y = numbers()
    model = ConformalRegressor(Ridge(), method="split", cv=4, random_state=0).fit(X, y)
    assert model.n_calibration_ == 30 and len(model.models_) == 1
    ends = model.predict_interval(X)
    np.testing.assert_allclose(ends.mean(axis=1), model.predict(X), atol=1e-12)
    np.testing.assert_allclose(np.ptp(ends, axis=1) / 2, split_conformal(model.residual_), rtol=1e-12)
    # 27 or 28 of the calibration rows are inside: of the whole table only a model that learned from them would be
    inside = (ends[:, 0] <= y) & (y <= ends[:, 1])
    assert (
        inside.sum() < len(y) and rank(30) == 28 and "≥ 0.9 = 1 − α, over the 30 calibration rows" in model.guarantee_
    )


@pytest.mark.parametrize("method", METHODS)
def test_sets_and_intervals_follow_the_random_state_alone(method):
    X, y = numbers()
    made = [ConformalRegressor(Ridge(), method=method, random_state=s).fit(X, y).predict_interval(X) for s in (1, 1, 2)]
    np.testing.assert_array_equal(made[0], made[1])
    assert np.any(made[0] != made[2])
    X, y = classes()
    model = ConformalClassifier(GaussianNB(), method=method, conformity_score="aps", random_state=1).fit(X, y)
    np.testing.assert_array_equal(model.predict_set(X), model.predict_set(X))
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(model)).predict_set(X), clone(model).fit(X, y).predict_set(X)
    )


@pytest.mark.parametrize("method", METHODS)
def test_intervals_of_a_model_that_remembers_its_rows_cover(method):
    """One neighbour: residuals on its own rows are 0, so that only honest hold-out covers. Split: the exact law."""
    covered, rows, tables = 0, 40, 60
    for seed in range(tables):
        X, y = numbers(seed, 100 + rows)
        model = ConformalRegressor(KNeighborsRegressor(1), method=method, coverage=0.8, random_state=seed)
        ends = model.fit(X[:100], y[:100]).predict_interval(X[100:])
        covered += int(np.sum((ends[:, 0] <= y[100:]) & (y[100:] <= ends[:, 1])))
    low, high = coverage_band(20, rows, 0.8, 0.9999, repeats=tables)
    share = covered / (rows * tables)
    assert share <= high + 0.05 * (method == "cv+") and share >= low


def test_a_difficulty_widens_intervals_where_errors_are_larger():
    X, y = numbers(5, 1200)
    forest = RandomForestRegressor(20, min_samples_leaf=10, random_state=0)
    for method in METHODS:
        model = ConformalRegressor(Ridge(), method=method, difficulty=forest, random_state=0).fit(X[:800], y[:800])
        ends, hard = model.predict_interval(X[800:]), np.abs(X[800:, 0]) > 1.2
        inside, width = (ends[:, 0] <= y[800:]) & (y[800:] <= ends[:, 1]), np.ptp(ends, axis=1)
        assert width[hard].mean() > 1.5 * width[~hard].mean() and inside[hard].mean() > 0.82 and inside.mean() > 0.86
        one_width = ConformalRegressor(Ridge(), method=method, random_state=0).fit(X[:800], y[:800])
        plain = one_width.predict_interval(X[800:])
        assert ((plain[:, 0] <= y[800:]) & (y[800:] <= plain[:, 1]))[hard].mean() < inside[hard].mean()


@pytest.mark.parametrize("method", METHODS)
def test_groups_are_covered_each_and_small_or_new_ones_get_no_promise(method):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((2004, 2))
    groups = np.array(["calm", "wild"])[(rng.random(2004) < 0.3).astype(int)]
    y = X[:, 0] + rng.standard_normal(2004) * np.where(groups == "wild", 5.0, 1.0)
    groups[1000:1004] = "few"
    fit = np.arange(2004) < 1004
    model = ConformalRegressor(Ridge(), method=method, random_state=0).fit(X[fit], y[fit], groups=groups[fit])
    ends = model.predict_interval(X[~fit], groups=groups[~fit])
    inside = (ends[:, 0] <= y[~fit]) & (y[~fit] <= ends[:, 1])
    plain = ConformalRegressor(Ridge(), method=method, random_state=0).fit(X[fit], y[fit]).predict_interval(X[~fit])
    without = (plain[:, 0] <= y[~fit]) & (y[~fit] <= plain[:, 1])
    for name in ("calm", "wild"):
        rows = groups[~fit] == name
        low, high = coverage_band(model.group_sizes_[name], rows.sum(), 0.9, 0.9999)
        assert low <= inside[rows].mean() <= high and not low <= without[rows].mean() <= high
    assert np.isinf(model.predict_interval(X[:2], groups=["few", "unseen"])).all()
    assert "Within each of 3 groups" in model.guarantee_ and "1 of them, and unseen ones" in model.guarantee_
    with pytest.raises(ValueError, match="fit was given groups"):
        model.predict_interval(X)


@pytest.mark.parametrize("score", ["lac", "aps"])
@pytest.mark.parametrize("method", METHODS)
def test_sets_cover_though_the_probabilities_are_wrong(method, score):
    covered, rows, tables = 0, 50, 40
    for seed in range(tables):
        X, y = classes(seed, 100 + rows)
        model = ConformalClassifier(
            GaussianNB(), method=method, coverage=0.8, conformity_score=score, random_state=seed
        )
        sets = model.fit(X[:100], y[:100]).predict_set(X[100:])
        covered += int(sets[np.arange(rows), np.searchsorted(model.classes_, y[100:])].sum())
    low, high = coverage_band(20, rows, 0.8, 0.9999, repeats=tables)
    assert low <= covered / (rows * tables) <= high
    assert "P(y in set) ≥" in model.guarantee_


def test_a_class_that_a_fold_has_not_seen_has_probability_0_there():
    X, y = classes(0, 100)
    y[0] = "dog"  # the only one: the fold that holds it learns from three classes
    for method in METHODS:
        model = ConformalClassifier(GaussianNB(var_smoothing=1e-2), method=method, random_state=0).fit(X, y)
        assert model.predict_set(X).shape == model.predict_proba(X).shape == (100, 4)
        assert model.classes_.tolist() == ["ant", "bee", "cow", "dog"] and set(model.predict(X)) <= set(model.classes_)
    within = ConformalClassifier(GaussianNB(var_smoothing=1e-2), random_state=0).fit(X, y, groups=np.arange(100) < 95)
    assert within.predict_set(X[:2], groups=[False, True])[0].all()


@pytest.mark.parametrize("library", [pandas.DataFrame, polars.DataFrame])
def test_frames_reach_the_estimator_as_frames(library):
    X, y = numbers()
    frame = library({"size": X[:, 0], "age": X[:, 1], "kind": np.where(X[:, 2] > 0, "a", "b")})
    model = ConformalRegressor(make_pipeline(TableEncoder(), Ridge()), random_state=0).fit(frame, y)
    assert model.feature_names_in_.tolist() == ["size", "age", "kind"]
    assert model.predict_interval(frame).shape == (120, 2)
    sets = ConformalClassifier(make_pipeline(TableEncoder(), LogisticRegression()), random_state=0)
    assert sets.fit(frame, y > 0).predict_set(frame).shape == (120, 2)
    with pytest.raises(ValueError, match="[Ff]eature names"):
        model.predict_interval(frame[["age", "size", "kind"]])


def test_sparse_rows_pipelines_and_searches():
    X, y = numbers()
    dense, sparse = (ConformalRegressor(Ridge(), random_state=0).fit(each, y) for each in (X, csr_array(X)))
    np.testing.assert_allclose(sparse.predict_interval(csr_array(X)), dense.predict_interval(X), rtol=1e-6)
    assert cross_val_score(make_pipeline(StandardScaler(), ConformalRegressor(Ridge())), X, y, cv=3).mean() > 0.5
    search = GridSearchCV(ConformalRegressor(Ridge()), {"estimator__alpha": [1.0, 1e6]}, cv=3).fit(X, y)
    assert search.best_params_ == {"estimator__alpha": 1.0}


X9, Y9 = np.arange(40.0)[:, None], np.arange(40.0) % 7


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (ConformalRegressor(Ridge(), coverage=1.0), "coverage = 1.0; expected a number between 0 and 1"),
        (ConformalRegressor(Ridge(), coverage=90), "coverage = 90; expected"),
        (ConformalRegressor(Ridge(), coverage=True), "coverage = True; expected"),
        (ConformalRegressor(Ridge(), coverage="high"), "coverage = 'high'; expected"),
        (ConformalRegressor(Ridge(), method="jackknife"), r"method = 'jackknife'; expected 'cv\+' or 'split'"),
        (ConformalRegressor(Ridge(), cv=1), "cv = 1; expected a number of folds, 2 or more"),
        (ConformalRegressor(Ridge(), cv=41), "cv = 41 folds need as many rows, but n_samples = 40"),
        (ConformalRegressor(Ridge(), coverage=0.99), r"needs at least 99 calibration rows, .* has 40"),
        (ConformalRegressor(Ridge(), method="split"), "needs at least 9 calibration rows, .* cv = 5 has 8, .* = 40"),
        (ConformalClassifier(LinearSVC()), "LinearSVC has no predict_proba"),
        (ConformalClassifier(GaussianNB(), conformity_score="margin"), "expected 'lac' or 'aps'"),
    ],
)
def test_settings_that_do_not_fit_are_said(model, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X9, Y9)


def test_groups_that_do_not_fit_are_said():
    for groups, message in (
        (np.zeros(3), r"groups have shape \(3,\); expected \(40,\)"),
        (np.array(["a", None] * 20, dtype=object), "labels of several kinds"),
    ):
        with pytest.raises(ValueError, match=message):
            ConformalRegressor(Ridge()).fit(X9, Y9, groups=groups)
    model = ConformalRegressor(Ridge()).fit(X9, Y9)
    with pytest.raises(ValueError, match="groups were given, but fit had none"):
        model.predict_interval(X9, groups=np.zeros(40))
    with pytest.raises(NotFittedError):
        ConformalRegressor(Ridge()).predict_interval(X9)
    with pytest.raises(NotFittedError):
        ConformalClassifier(GaussianNB()).predict_set(X9)


def test_missing_labels_are_a_group_not_seen():
    groups = np.where(np.arange(40) % 2, 1.0, math.nan)
    model = ConformalRegressor(Ridge(), random_state=0).fit(X9, Y9, groups=groups)
    ends = model.predict_interval(X9, groups=groups)
    assert np.isinf(ends[::2]).all() and np.isfinite(ends[1::2]).all()
