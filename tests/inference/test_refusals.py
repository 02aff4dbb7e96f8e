"""What is asked of a model that it cannot answer is refused with the reason and what to do; nothing is mixed."""

import copy
import math
import pickle

import numpy as np
import pytest
import sklearn.linear_model
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infimum import (
    AdditiveRegressor,
    HuberRegressor,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    collinearity,
    data_digits,
    infer,
    influence,
    likelihood_ratio,
    log_likelihood,
    profile_intervals,
    standard_errors,
    verify,
)
from infimum.estimators.residuals import residuals_of

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3))
Y = X @ [1.0, -2.0, 0.5] + RNG.standard_normal(60)
LABELS = np.where(Y + RNG.logistic(size=60) > 0, "yes", "no")
DOORS = {
    "infer": infer,
    "influence": influence,
    "standard_errors": standard_errors,
    "data_digits": data_digits,
    "log_likelihood": log_likelihood,
}
every_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


@pytest.mark.parametrize("door", [infer, influence, standard_errors, data_digits])
def test_dependent_columns_are_named_with_what_to_do(door):
    pandas = pytest.importorskip("pandas")
    whole = np.round(X[:, :2] * 8)
    table = pandas.DataFrame(np.column_stack([whole, whole @ [1.0, 2.0]]), columns=["length", "width", "sum"])
    model = LinearRegression().fit(table, Y)
    with pytest.raises(ValueError) as told:
        door(model, table, Y)
    assert "sum = length + 2 width; leave a column of each relation out, or take a penalty (Ridge" in str(told.value)
    assert "certificate" not in str(told.value) and "\n" not in str(told.value)
    assert "sum = length + 2 width; leave a column" in str(model.summary())


def test_fewer_rows_than_columns_and_separated_classes_have_advice_of_their_own():
    model = LinearRegression().fit(X[:3], Y[:3])
    with pytest.raises(ValueError, match="3 rows cannot determine 4 parameters.*; give more rows or fewer columns"):
        infer(model, X[:3], Y[:3])
    with pytest.warns(UserWarning, match="separated"):
        model = LogisticRegression(C=math.inf).fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match="separated.*a ridge penalty or penalty=.firth. restores"):
        infer(model, X, X[:, 0] > 0)


@every_door
def test_a_model_that_is_no_fitted_linear_one_is_called_by_its_name(door):
    pipe = make_pipeline(StandardScaler(), LinearRegression()).fit(X, Y)
    with pytest.raises(ValueError, match=r"Pipeline is several steps: ask its last one, pipe\[-1\], .*pipe\[:-1\]"):
        door(pipe, X, Y)
    door(pipe[-1], pipe[:-1].transform(X), Y)  # as it says
    with pytest.raises(NotFittedError, match=r"Ridge is not fitted: call fit\(X, y\) first"):
        door(Ridge(), X, Y)
    with pytest.raises(ValueError, match="LinearRegression of sklearn is no linear model of infimum's"):
        door(sklearn.linear_model.LinearRegression().fit(X, Y), X, Y)
    with pytest.raises(ValueError, match="AdditiveRegressor is no linear model, with a coefficient a column"):
        door(AdditiveRegressor().fit(X, Y), X, Y)
    with pytest.raises(ValueError, match="NoneType of builtins is no linear model"):
        door(None, X, Y)


@pytest.mark.parametrize("door", [influence, standard_errors, data_digits, log_likelihood, profile_intervals])
def test_what_is_no_likelihood_says_so(door):
    for model, why in ((QuantileRegressor(alpha=0.0), "pinball loss"), (HuberRegressor(alpha=0.0), "Huber's loss")):
        with pytest.raises(ValueError, match=f"^{type(model).__name__}: .*{why}.* is no likelihood"):
            door(model.fit(X, Y), X, Y)
    assert len(collinearity(model, X)) == 3


@every_door
def test_other_columns_are_counted_and_named(door):
    pandas = pytest.importorskip("pandas")
    model = LinearRegression().fit(X, Y)
    with pytest.raises(ValueError, match="X has 2 columns, and LinearRegression was fitted to 3 columns: give the col"):
        door(model, X[:, :2], Y)
    with pytest.raises(ValueError, match=r"X has shape \(60,\); expected \(rows, 3\)"):
        door(model, X[:, 0], Y)
    with pytest.raises(ValueError, match="X has 59 rows and y 60 values"):
        door(model, X[1:], Y)
    with pytest.raises(ValueError, match=r"sample_weight has shape \(59,\)"):
        door(model, X, Y, np.ones(59))
    table = pandas.DataFrame(X, columns=["a", "b", "c"])
    model = LinearRegression().fit(table, Y)
    with pytest.raises(ValueError, match=r"X has 2 columns \(a, c\), and .* was fitted to 3 columns \(a, b, c\)"):
        door(model, table[["a", "c"]], Y)
    with pytest.raises(ValueError, match="X has the columns b, a, c, and .* was fitted to a, b, c, in that order"):
        door(model, table[["b", "a", "c"]], Y)
    door(model, X, Y)  # without names the order is believed, and the fingerprint judges


@every_door
def test_numbers_that_are_none_are_found(door):
    model, hole, gap = LinearRegression().fit(X, Y), X.copy(), Y.copy()
    hole[5, 1], gap[7] = math.nan, math.inf
    with pytest.raises(ValueError, match="^X is nan in row 5, column 1; expected the rows of the fit"):
        door(model, hole, Y)
    with pytest.raises(ValueError, match="^y is inf in row 7; expected the target of the fit"):
        door(model, X, gap)
    with pytest.raises(ValueError, match="^X holds what is no number"):
        door(model, [["a", "b", "c"]] * 60, Y)
    model = LogisticRegression(C=math.inf).fit(X, LABELS)
    with pytest.raises(ValueError, match="y holds 'maybe', no class of the fit; there are: no, yes"):
        door(model, X, np.where(LABELS == "no", "maybe", LABELS))


def test_verify_finds_them_too():
    model, hole, gap = LinearRegression().fit(X, Y), X.copy(), Y.copy()
    hole[5, 1], gap[7] = math.nan, math.nan
    with pytest.raises(ValueError, match="^X is nan in row 5, column 1; expected the rows of the fit"):
        verify(model, hole, Y)
    with pytest.raises(ValueError, match="^y is nan in row 7; expected the target of the fit"):
        verify(model, X, gap)
    for fit in (model, QuantileRegressor().fit(X, Y), HuberRegressor().fit(X, Y)):
        fit.coef_[2] = math.nan
        found = verify(fit, X, Y)
        assert found.refuted and len(found.answers) == 1
        assert found.answers[0].note == "coef_ holds NaN or infinity: no claim is about that"


def models():
    three = np.array(["a", "b", "c"])[RNG.integers(0, 3, 60)]
    yield LinearRegression().fit(X, Y), Y
    yield Ridge().fit(X, Y), Y
    yield LogisticRegression(C=math.inf).fit(X, LABELS), LABELS
    yield LogisticRegression(penalty="firth").fit(X, LABELS), LABELS
    yield LogisticRegression(C=math.inf).fit(X, three), three
    yield PoissonRegressor(alpha=0.0).fit(X, np.round(np.abs(Y))), np.round(np.abs(Y))
    yield QuantileRegressor(alpha=0.0).fit(X, Y), Y
    yield HuberRegressor(alpha=0.0).fit(X, Y), Y


def test_a_changed_coefficient_is_told_by_name_wherever_it_was_written():
    """In place, as a new array, or the intercept: no table mixes the old errors with the new coefficients."""
    for model, y in models():
        for change in ("place", "array", "intercept", "nan"):
            other = pickle.loads(pickle.dumps(model)) if change == "array" else copy.deepcopy(model)
            assert str(other.summary()) == str(model.summary())
            if change == "place":
                other.coef_[..., 1] += 1.0
            elif change == "array":
                other.coef_ = other.coef_ * 2
            elif change == "nan":
                other.coef_[..., 0] = math.nan
            else:
                other.intercept_ = other.intercept_ + 1.0
            name = type(model).__name__
            for ask in (lambda m=other: m.summary(), lambda m=other, y=y: infer(m, X, y)):
                with pytest.raises(ValueError, match=f"^{name} was changed since fit: (coef_|intercept_) .*fit had"):
                    ask()
            assert verify(other, X, y).refuted
            assert not verify(model, X, y).refuted


def test_contrasts_that_were_changed_count_as_coefficients():
    model = list(models())[4][0]
    model.params_[0] += 1.0
    with pytest.raises(ValueError, match="was changed since fit: params_ is"):
        model.summary()


def test_intervals_and_ratios_of_likelihoods_are_of_the_fit():
    small, large = LinearRegression().fit(X[:, :2], Y), LinearRegression().fit(X, Y)
    large.coef_[0] = 0.0
    for ask in (lambda: likelihood_ratio(small, large), lambda: large.predict(X, interval="confidence")):
        with pytest.raises(ValueError, match="was changed since fit: coef_ of x0 is 0"):
            ask()
    assert residuals_of(large, X, Y).name == "residual"  # not studentised with errors of another fit
    assert np.array_equal(large.predict(X), X @ large.coef_ + large.intercept_)  # what was written predicts
    large.fit(X, Y)
    assert likelihood_ratio(small, large).p_value < 1


@pytest.mark.parametrize(
    "model", [Ridge(), LinearRegression(), QuantileRegressor(alpha=0.0)], ids=lambda each: type(each).__name__
)
def test_a_summary_stays_that_of_its_fit(model):
    model.fit(X, Y)
    before = model.summary()
    text = str(before)
    model.coef_[0] = 7.0
    assert str(before) == text
    model.fit(X * 2, Y)
    assert str(before) == text and str(model.summary()) != text


def test_several_targets_are_asked_one_by_one():
    model = LinearRegression().fit(X, np.column_stack([Y, -Y]))
    for ask in (model.summary, lambda: infer(model, X, Y), lambda: log_likelihood(model, X, Y)):
        with pytest.raises(ValueError, match=r"2 targets, each a model of its own: ask model.targets_\[0\]"):
            ask()
    assert infer(model.targets_[1], X, -Y).estimate[0] == model.coef_[1, 0]
