"""AdditiveRegressor and AdditiveClassifier: scikit-learn's contract, the curves planted, every part derived again."""

import copy
import pickle

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import check_estimator

from infimum import AdditiveClassifier, AdditiveRegressor, Ridge, verify

KINDS = ("numbers", "two classes", "three classes")


def drawn(kind, n=300, seed=0):
    """A wave in x0, and x1 that counts where x2 = 1; classes cut from it, two or three. (estimator, X, y)."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(5, 2, n), rng.normal(size=n), rng.random(n) < 0.5]).astype(float)
    y = 2 * np.sin(X[:, 0]) + 2 * X[:, 1] * X[:, 2] + 0.5 * rng.normal(size=n)
    if kind == "numbers":
        return AdditiveRegressor(random_state=0), X, y
    cuts = [0.0] if kind == "two classes" else [-1.0, 1.0]
    return AdditiveClassifier(random_state=0), X, np.array(["low", "mid", "top"])[np.digitize(y, cuts)]


@pytest.fixture(scope="module", params=[(kind, products) for kind in KINDS for products in (False, True)], ids=str)
def fitted(request):
    kind, products = request.param
    model, X, y = drawn(kind)
    return model.set_params(products=products).fit(X, y), X, y


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize("products", [False, True])
@pytest.mark.parametrize("estimator", [AdditiveRegressor(), AdditiveClassifier()], ids=lambda e: type(e).__name__)
def test_every_check_of_scikit_learn_passes(estimator, products):
    results = check_estimator(clone(estimator).set_params(products=products), on_fail=None)
    assert len(results) > 40
    assert not [result["check_name"] for result in results if result["status"] not in ("passed", "skipped")]


def test_the_minimum_is_certified_and_every_part_is_derived_again(fitted):
    model, X, y = fitted
    assert model.certificate_.verdict("gap") == "CERTIFIED" and model.certificate_.p == len(model.params_)
    verification = verify(model, X, y)
    assert not verification.refuted, str(verification)
    assert {"equation", "encoder", "curves", "strengths", "gap", "data"} <= {each.kind for each in verification.answers}


def of_class(model, part):
    return part if model.outputs_ == 1 else part[model.classes_[0]]


def parameter(model):
    model.params_[3] *= 1 + 1e-6


def effect(model):
    of_class(model, model.curves_)["x0"]["effect"][3] += 1e-3


def place(model):
    of_class(model, model.curves_)["x0"]["at"][3] += 1e-3


def error(model):
    of_class(model, model.curves_)["x1"]["error"] *= 0.9


def forgotten(model):
    del of_class(model, model.curves_)["x1"]


def slope(model):
    of_class(model, model.slopes_)["x2"] *= 1 + 1e-6


def intercept(model):
    model.intercept_ = model.intercept_ + np.eye(3)[0] * 1e-6 if model.outputs_ > 1 else model.intercept_ + 1e-6


def strength(model):
    model.strengths_["roughness"] *= 1.001


def hidden_strength(model):
    for told in (model.strengths_, model.problem_):
        told["roughness"] *= 1.1


def scale(model):
    model.problem_["encoder"]["codes"][0]["scale"] *= 1 + 1e-9


def knot(model):
    spline = model.problem_["basis"]["splines"][0]
    spline["knots"] = (spline["knots"][0], spline["knots"][1] + 1e-9, *spline["knots"][2:])


def made_up_product(model):
    of_class(model, model.products_)["x0", "x1"] = 0.5


@pytest.mark.parametrize(
    "change",
    [parameter, effect, place, error, forgotten, slope, intercept, strength, hidden_strength, scale, knot,
     made_up_product],
)  # fmt: skip
def test_whatever_is_changed_is_refuted(fitted, change):
    model, X, y = fitted
    if change is made_up_product and ("x0", "x1") in of_class(model, model.products_):
        pytest.skip("this product is in the model")
    tampered = copy.deepcopy(model)
    change(tampered)
    assert verify(tampered, X, y).refuted


def test_other_data_is_refuted(fitted):
    model, X, y = fitted
    cell = X.copy()
    cell[7, 0] *= 1 + 1e-9
    assert verify(model, cell, y).refuted
    assert verify(model, X[:, :2], y).refuted
    assert verify(model, X, y[::-1]).refuted


def test_the_parts_add_up_to_the_prediction():
    model, X, y = drawn("numbers")
    model.fit(X, y)
    total, inside = model.intercept_ + model.slopes_["x2"] * X[:, 2], np.ones(len(X), dtype=bool)
    assert list(model.slopes_) == ["x2"] and set(model.curves_) == {"x0", "x1"}
    for name, curve in model.curves_.items():
        x = X[:, int(name[1:])]
        inside &= (x >= curve["at"][0]) & (x <= curve["at"][-1])
        total = total + CubicSpline(curve["at"], curve["effect"])(x)
    assert inside.sum() > 250
    np.testing.assert_allclose(total[inside], model.predict(X)[inside], atol=0.01)  # 33 points do not say it all


def test_the_scores_of_several_classes_add_up_to_0_part_by_part():
    model, X, y = drawn("three classes")
    model.fit(X, y)
    effects = np.array([model.curves_[label]["x0"]["effect"] for label in model.classes_])
    assert effects.shape == (3, 33) and np.abs(effects.sum(axis=0)).max() < 1e-12
    assert model.intercept_.shape == (3,) and abs(model.intercept_.sum()) < 1e-12
    np.testing.assert_allclose(model.decision_function(X).sum(axis=1), 0, atol=1e-12)


def test_curves_find_what_a_line_does_not_and_products_what_curves_do_not():
    model, X, y = drawn("numbers", 600)
    curves = cross_val_score(model, X, y, cv=3).mean()
    products = cross_val_score(clone(model).set_params(products=True), X, y, cv=3).mean()
    assert cross_val_score(Ridge(), X, y, cv=3).mean() + 0.2 < curves < products - 0.1
    pairs = model.set_params(products=True).fit(X, y).products_
    assert max(pairs, key=pairs.get) == ("x1", "x2")


@pytest.mark.parametrize("kind", KINDS)
def test_copies_predict_alike_and_a_row_alone_as_among_others(kind):
    model, X, y = drawn(kind)
    again = clone(model).fit(X, y)
    model.fit(X, y)
    for other in (again, pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.params_, model.params_)
        np.testing.assert_array_equal(other.predict(X), model.predict(X))
    assert model.predict(X[7:8])[0] == model.predict(X)[7]


def test_names_of_columns_reach_curves_and_summary():
    pandas = pytest.importorskip("pandas")
    model, X, y = drawn("numbers")
    table = pandas.DataFrame(X, columns=["hour", "wind", "holiday"])
    text = model.fit(table, y).summary()
    assert set(model.curves_) == {"hour", "wind"} and list(model.slopes_) == ["holiday"]
    assert all(word in text for word in ("hour", "wind", "CERTIFIED", "gap", "F = "))
    assert not verify(model, table, y).refuted
    with pytest.raises(ValueError, match="[Ff]eature names"):
        model.predict(table[["wind", "hour", "holiday"]])


def test_a_constant_column_says_nothing():
    model, X, y = drawn("numbers")
    wider = np.column_stack([X, np.full(len(X), 7.0)])
    np.testing.assert_allclose(model.fit(wider, y).predict(wider), clone(model).fit(X, y).predict(X), rtol=1e-9)
    assert not verify(model, wider, y).refuted


@pytest.mark.parametrize(
    ("model", "X", "y", "message"),
    [
        (AdditiveRegressor(products="some"), [[0.0], [1.0]], [0.0, 1.0], "products = 'some'; expected True or False"),
        (AdditiveRegressor(), [[0.0], [np.nan]], [0.0, 1.0], "NaN"),
        (AdditiveRegressor(), [[0.0], [1e200]], [0.0, 1.0], "'x0' holds numbers beyond 1e"),
        (AdditiveRegressor(), [[0.0], [1.0]], [0.0, 1e200], "y holds values beyond 1e"),
        (AdditiveClassifier(), [[0.0], [1.0]], ["no", "no"], "needs samples of 2 classes"),
    ],
)
def test_what_does_not_fit_is_said(model, X, y, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)


def test_before_fit_there_is_nothing_to_predict():
    for call in (AdditiveRegressor().predict, AdditiveClassifier().predict_proba):
        with pytest.raises(NotFittedError):
            call([[0.0]])
    with pytest.raises(NotFittedError):
        AdditiveRegressor().summary()


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_a_class_of_few_rows_is_learned_too(rows):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = np.where(X[:, 0] > 0, "high", "low")
    y[:rows] = "rare"
    model = AdditiveClassifier(random_state=0).fit(X, y)
    assert model.certificate_.verdict("gap") == "CERTIFIED" and not verify(model, X, y).refuted
    np.testing.assert_allclose(model.predict_proba(X).mean(axis=0)[2], rows / 60, rtol=1e-6)
