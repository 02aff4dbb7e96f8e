"""What is asked of a fit beyond its rows: strengths and bounds a column, starts, targets and sparse tables."""

import copy

import numpy as np
import pandas
import pytest
from scipy.optimize import lsq_linear, minimize
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import infimum
from infimum import ElasticNet, Lasso, LinearRegression, LogisticRegression, PoissonRegressor, Ridge, verify
from infimum.estimators import rows


def table(n=80, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + [0, 1, -2, 3]
    return X, X @ [1.0, -2.0, 0.5, 0.0] + rng.standard_normal(n), rng


def test_bounds_are_those_of_bounded_least_squares():
    X, y, _ = table()
    lower, upper = np.array([-np.inf, -1.0, 0.2, 0.1]), np.array([0.5, 0.0, np.inf, 0.1])
    model = LinearRegression(bounds=(lower, upper)).fit(X, y)
    wide = np.where(upper - lower > 0, upper, upper + 1e-9)  # scipy's wants room
    centred = lsq_linear(X - X.mean(axis=0), y - y.mean(), (lower, wide), tol=1e-14, method="bvls")
    np.testing.assert_allclose(model.coef_, centred.x, atol=1e-7)
    assert np.all((model.coef_ >= lower) & (model.coef_ <= upper)) and model.certificate_.verdict("gap") == "CERTIFIED"
    assert not verify(model, X, y).refuted
    assert "it was fitted with bounds, which pull" in str(model.summary()) and "leave bounds away" in str(
        model.summary()
    )


def test_tampered_bounds_are_refuted():
    X, y, _ = table()
    model = LinearRegression(bounds=(None, 0.5)).fit(X, y)
    model.problem_ = {**model.problem_, "upper": 2.0}
    assert verify(model, X, y).refuted


def test_positive_is_a_bound():
    X, y, _ = table()
    given = LinearRegression(bounds=(0, None)).fit(X, y), LinearRegression(positive=True).fit(X, y)
    np.testing.assert_array_equal(given[0].coef_, given[1].coef_)


def test_a_factor_of_ridge_is_a_column_in_other_units():
    X, y, _ = table()
    factor = np.array([1.0, 4.0, 0.25, 9.0])
    scaled = Ridge(3.0).fit(X / np.sqrt(factor), y)
    model = Ridge(3.0, penalty_factor=factor).fit(X, y)
    np.testing.assert_allclose(model.coef_, scaled.coef_ / np.sqrt(factor), rtol=1e-12)
    assert not verify(model, X, y).refuted


def test_a_factor_of_the_lasso_is_a_column_in_other_units():
    X, y, _ = table()
    factor = np.array([1.0, 4.0, 0.25, 9.0])
    model = Lasso(0.2, penalty_factor=factor).fit(X, y)
    np.testing.assert_allclose(model.coef_, Lasso(0.2).fit(X / factor, y).coef_ / factor, rtol=1e-9)
    assert not verify(model, X, y).refuted


def test_a_factor_of_0_leaves_a_column_free():
    X, y, rng = table()
    free = ElasticNet(1e6, penalty_factor=[0, 1, 1, 1]).fit(X, y)
    np.testing.assert_allclose(free.coef_, [LinearRegression().fit(X[:, [0]], y).coef_[0], 0, 0, 0], atol=1e-9)
    classes = LogisticRegression(C=1e-9, l1_ratio=1.0, penalty_factor=[0, 1, 1, 1]).fit(X, y > 0)
    np.testing.assert_allclose(classes.coef_[0, 0], LogisticRegression(C=np.inf).fit(X[:, [0]], y > 0).coef_[0, 0])
    counts = PoissonRegressor(alpha=1e9, l1_ratio=1.0, penalty_factor=[0, 1, 1, 1]).fit(X, np.exp(0.1 * y))
    assert counts.coef_[0] != 0 and not np.any(counts.coef_[1:])


def test_bounds_on_classes_and_counts():
    X, y, _ = table()
    labels = (y > 0).astype(float)
    model = LogisticRegression(C=np.inf, bounds=(None, [0.3, 0.0, 9.0, 9.0])).fit(X, labels)

    def loss(w):
        z = X @ w[:-1] + w[-1]
        return np.mean(np.logaddexp(0, z) - labels * z)

    best = minimize(loss, np.zeros(5), bounds=[(None, b) for b in (0.3, 0.0, 9.0, 9.0, None)], tol=1e-14)
    assert model.objective_ <= best.fun + 1e-12 and model.coef_[0, 0] <= 0.3
    assert not verify(model, X, labels).refuted
    counted = PoissonRegressor(alpha=0.0, bounds=(0, None)).fit(X, np.round(np.exp(0.2 * y)))
    assert counted.coef_.min() == 0 and counted.certificate_.verdict("gap") == "CERTIFIED"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"bounds": 3}, "expected .lower, upper."),
        ({"bounds": (1, 0)}, "a lower bound is above its upper one"),
        ({"bounds": (np.inf, None)}, "no number is at or beyond infinity"),
        ({"bounds": (np.nan, 0)}, "a lower bound is above its upper one"),
        ({"bounds": ([0, 0], None)}, "the lower bounds has shape .2,.; expected .4,."),
        ({"bounds": ("a", None)}, "the lower bounds holds 'a'"),
        ({"bounds": (0, 1), "positive": True}, "both given"),
        ({"bounds": {"age": (0, 1)}}, "'age', which is no column of X; there are: numbers 0 to 3"),
        ({"bounds": {4: (0, 1)}}, "4, which is no column of X"),
        ({"bounds": {1: 0}}, "bounds of 1 are 0; expected .lower, upper."),
        ({"bounds": {1: (0, "b")}}, "expected .lower, upper., each None or a number"),
        ({"bounds": {1: (2, 1)}}, "a lower bound is above its upper one"),
    ],
)
def test_bad_bounds(parameters, message):
    X, y, _ = table()
    with pytest.raises(ValueError, match=message):
        LinearRegression(**parameters).fit(X, y)


def test_columns_by_their_names_and_numbers():
    X, y, _ = table()
    frame = pandas.DataFrame(X, columns=["age", "sex", "size", "rooms"])
    given = Lasso(0.1, bounds=([-np.inf, -1.5, -np.inf, 0], None), penalty_factor=[1, 0, 1, 2.5]).fit(X, y)
    named = Lasso(0.1, bounds={"sex": (-1.5, None), "rooms": (0, None)}, penalty_factor={"sex": 0, "rooms": 2.5})
    numbered = Lasso(0.1, bounds={1: (-1.5, None), 3: (0, None)}, penalty_factor={1: 0, 3: 2.5})
    for model, table_given in ((named, frame), (numbered, X), (numbered, frame)):
        assert np.array_equal(clone(model).fit(table_given, y).coef_, given.coef_)
    labels = np.where(y > y.mean(), "up", "down")
    classes = LogisticRegression(bounds={"sex": (-0.5, None)}, penalty_factor={"age": 0.0}).fit(frame, labels)
    assert classes.coef_[0, 1] == -0.5 and not verify(classes, frame, labels).refuted
    counts = np.round(np.exp(0.2 * y))
    counted = PoissonRegressor(alpha=0.1, bounds={"age": (None, 0.1)}, penalty_factor={"size": 0.0}).fit(frame, counts)
    assert counted.coef_[0] == 0.1 and not verify(counted, frame, counts).refuted
    with pytest.raises(ValueError, match="penalty_factor has 'agee', which is no column of X; there are: age, sex"):
        Lasso(0.1, penalty_factor={"agee": 1.0}).fit(frame, y)


@pytest.mark.parametrize("factor", [[1, 2], "abc", [1, 1, 1, -1], [1, 1, 1, np.inf], [1, 1, 1, np.nan]])
def test_bad_factors(factor):
    X, y, _ = table()
    with pytest.raises(ValueError, match="penalty_factor"):
        Ridge(penalty_factor=factor).fit(X, y)


@pytest.mark.parametrize("model", [Lasso(0.1), ElasticNet(0.1), LogisticRegression(), PoissonRegressor()])
@pytest.mark.parametrize("several", [False, True])
def test_a_warm_start_begins_where_the_last_fit_ended(model, several):
    X, y, rng = table(400)
    if isinstance(model, LogisticRegression):
        y = np.digitize(y, [0, 2] if several else [0])
    elif isinstance(model, PoissonRegressor):
        y = np.round(np.exp(0.3 * y))
    elif several:
        y = np.column_stack([y, X[:, 0] - y])
    cold = clone(model).fit(X, y)
    warm = clone(model).set_params(warm_start=True).fit(X, y)
    first = warm.n_iter_
    warm.fit(X, y)
    assert warm.n_iter_ == 1 <= first and not verify(warm, X, y).refuted
    np.testing.assert_allclose(warm.coef_, cold.coef_, rtol=1e-10, atol=1e-12)
    warm.fit(X[:, :2], y)  # another shape: from the beginning
    assert warm.coef_.shape[-1] == 2


def test_targets_are_models_of_their_own():
    X, y, _ = table()
    Y = np.column_stack([y, X[:, 0] - y, np.zeros(80) + y**2])
    model = LinearRegression().fit(X, Y)
    assert model.coef_.shape == (3, 4) and model.intercept_.shape == (3,) and model.predict(X).shape == (80, 3)
    assert 0 < model.score(X, Y) < 1
    for k, part in enumerate(model.targets_):
        alone = LinearRegression().fit(X, Y[:, k])
        np.testing.assert_array_equal(part.coef_, alone.coef_)
        assert str(part.summary()) == str(alone.summary())
        np.testing.assert_array_equal(part.predict(X), alone.predict(X))
    assert not verify(model, X, Y).refuted
    for ask in (model.summary, lambda: model.predict(X, interval="confidence"), lambda: infimum.infer(model, X, Y)):
        with pytest.raises(ValueError, match="3 targets, each a model of its own: ask model.targets_.0."):
            ask()
    tampered = copy.deepcopy(model)
    tampered.coef_[1, 1] += 1e-6
    assert verify(tampered, X, Y).refuted
    assert "targets_" not in vars(model.fit(X, y))


def test_a_polynomial_has_one_target():
    with pytest.raises(ValueError, match="1d array"):
        LinearRegression(degree=2).fit(np.arange(5.0)[:, None], np.ones((5, 2)))


def test_a_sparse_table_too_large_to_write_out_is_refused(monkeypatch):
    X, y, _ = table()
    monkeypatch.setattr(rows, "MOST_BYTES", 100.0)
    with pytest.raises(ValueError, match="X is sparse, 80 × 4: with its zeros it takes"):
        Ridge().fit(csr_array(X), y)


def test_inference_takes_the_sparse_table_of_the_fit():
    X, y, _ = table()
    model = LinearRegression().fit(csr_array(X), y)
    dense, sparse = (infimum.infer(model, form, y).standard_errors for form in (X, csr_array(X)))
    np.testing.assert_array_equal(dense, sparse)


def test_weights_are_routed_through_a_pipeline():
    from sklearn import config_context

    X, y, rng = table()
    weight = rng.uniform(0, 1, 80)
    with config_context(enable_metadata_routing=True):
        ridge = Ridge().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        chain = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), ridge)
        chain.fit(X, y, sample_weight=weight)
        cross_validate(chain, X, y, params={"sample_weight": weight}, cv=3, error_score="raise")
    own = Ridge().fit(StandardScaler().fit_transform(X), y, weight)
    np.testing.assert_array_equal(chain[-1].coef_, own.coef_)


@pytest.mark.parametrize("value", [np.inf, -1.0, "a", None, True])
def test_strengths_are_finite_numbers(value):
    X, y, _ = table()
    for model in (Ridge(value), Lasso(value), ElasticNet(value), PoissonRegressor(alpha=value)):
        with pytest.raises(ValueError, match="^alpha = .*; expected a number ≥ 0, finite$"):
            model.fit(X, np.abs(y))


def test_verify_says_what_does_not_belong_to_the_fit():
    X, y, _ = table()
    model = Ridge().fit(X, y)
    with pytest.raises(ValueError, match="X has 3 columns, and coef_ of Ridge is of 4"):
        verify(model, X[:, :3], y)
    with pytest.raises(ValueError, match="X has shape .79, 4. and y .80,."):
        verify(model, X[1:], y)
    classes = LogisticRegression().fit(X, np.where(y > 0, "a", "b"))
    with pytest.raises(ValueError, match="y holds .*'c'.*, which is no class of the fit"):
        verify(classes, X, np.where(y > 0, "a", "c"))
    model.coef_ = model.coef_[:2]
    with pytest.raises(ValueError, match="X has 4 columns, and coef_ of Ridge is of 2"):
        verify(model, X, y)
    model.certificate_ = None
    with pytest.raises(ValueError, match="carries no certificate"):
        verify(model, X, y)


@pytest.mark.parametrize("model", [LinearRegression(), Ridge(), Lasso(0.1), LogisticRegression()])
def test_weights_in_other_units_are_other_weights(model):
    X, y, _ = table()
    y = (y > 0) * 1 if isinstance(model, LogisticRegression) else y
    model = clone(model).fit(X, y)
    assert not verify(model, X, y, np.ones(80)).refuted and verify(model, X, y, 2 * np.ones(80)).refuted


@pytest.mark.parametrize("tol", ["a", -1.0, np.nan])
def test_bad_tolerances(tol):
    X, y, _ = table()
    with pytest.raises(ValueError, match="tol = "):
        Lasso(tol=tol).fit(X, y)


@pytest.mark.parametrize("model", [Lasso(bounds=(0, 1)), ElasticNet(penalty_factor=[1, 1, 0, 1])])
def test_a_path_does_not_leave_out_what_it_was_told(model):
    X, y, _ = table()
    with pytest.raises(ValueError, match="the path of a model with bounds or a penalty_factor"):
        infimum.regularisation_path(X, y, model=model)
