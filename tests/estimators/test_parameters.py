"""What is wrong with a parameter or a weight is said in one sentence: what was given, and what was expected."""

import inspect
import math

import numpy as np
import pytest

import infimum
from infimum import (
    ElasticNetCV,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeCV,
)
from infimum.estimators.mlp_poisson import MLPPoissonRegressor
from infimum.estimators.parameters import RANGES

CLASSES = [each for name in infimum.__all__ if inspect.isclass(each := getattr(infimum, name))] + [MLPPoissonRegressor]
ESTIMATORS = [each for each in CLASSES if "fit" in dir(each)]
SWITCHES = [
    (each, name)
    for each in ESTIMATORS
    for name, stated in inspect.signature(each).parameters.items()
    if isinstance(stated.default, bool)
]
X = np.column_stack([np.arange(12.0), np.arange(12.0) ** 2 % 5])
Y = np.arange(12.0) % 2


def test_every_estimator_with_a_switch_is_here():
    found = {each.__name__ for each, _ in SWITCHES}
    assert found >= {"LinearRegression", "RidgeCV", "LogisticRegressionCV", "HuberRegressor", "MLPRegressor", "Ladder"}
    assert {name for _, name in SWITCHES} >= {"fit_intercept", "positive", "warm_start", "refit", "verbose", "products"}


@pytest.mark.parametrize(("kind", "name"), SWITCHES, ids=lambda each: each if isinstance(each, str) else each.__name__)
@pytest.mark.parametrize("value", ["no", 0, None, 1.0])
def test_a_switch_is_true_or_false(kind, name, value):
    with pytest.raises(ValueError, match=rf"^{name} = {value!r}; expected True or False$"):
        kind(**{name: value}).fit(X, Y)


def test_a_switch_of_numpy_counts_as_it_says():
    for value in (True, False):
        ours, theirs = (Ridge(fit_intercept=each).fit(X, Y) for each in (np.bool_(value), value))
        np.testing.assert_array_equal(ours.coef_, theirs.coef_)
        assert ours.intercept_ == theirs.intercept_ and (ours.intercept_ != 0) == value


@pytest.mark.parametrize(("name", "value"), [("C", -1.0), ("C", math.nan), ("l1_ratio", 2), ("l1_ratio", "half")])
def test_numbers_are_refused_with_their_range(name, value):
    with pytest.raises(ValueError) as told:
        LogisticRegression(**{name: value}).fit(X, Y)
    assert str(told.value) == f"{name} = {value!r}; expected a number {RANGES[name][1]}"


def test_a_strength_beyond_float64_is_told_in_its_own_name():
    for model in (QuantileRegressor(alpha=1e308), Ridge(10**400)):
        with pytest.raises(ValueError, match=r"^alpha = \S+; expected a number ≥ 0"):
            model.fit(X, Y)
    small = np.full(12, 1e-4)
    many = LogisticRegressionCV(Cs=[1e-320, 1.0], cv=3), RidgeCV([1e308])
    for model in (LogisticRegression(C=1e-320), LogisticRegression(C=5e-324), Ridge(1e308), *many):
        with pytest.raises(ValueError, match=r"^(C|alphas?) = \S+: for one unit of sample_weight .* beyond float64"):
            model.fit(X, Y, small)
    with pytest.raises(ValueError, match=r"^alpha = 1e\+200: for one unit of sample_weight"):
        PoissonRegressor(alpha=1e200, penalty_factor=[1.0, 1e200]).fit(X, Y)


def test_of_several_numbers_the_one_outside_is_named():
    with pytest.raises(ValueError, match=r"^l1_ratio = \[0.5, 1.5\]; .*, and number 1 of them is 1.5$"):
        ElasticNetCV(l1_ratio=[0.5, 1.5]).fit(X, Y)
    with pytest.raises(ValueError, match=r"^Cs = \(1.0, -2.0\); expected numbers > 0.*, and number 1 of them is -2$"):
        LogisticRegressionCV(Cs=(1.0, -2.0)).fit(X, Y)
    with pytest.raises(ValueError, match="^l1_ratios = 'a'; expected numbers from 0 .ridge. to 1"):
        LogisticRegressionCV(l1_ratios="a").fit(X, Y)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0, -2.0, 1.0, -3.0] * 3, r"is -2 in row 1, negative \(one of 6 that are\); expected finite weights"),
        ([1.0] * 11 + [math.inf], "is inf in row 11, not finite; expected"),
        ([1.0, math.nan] * 6, r"is nan in row 1, not finite \(one of 6 that are\)"),
        (np.zeros(12), "is 0 in every row"),
        (np.full(12, 1e308), r"has a sum that overflows: divide all by the largest, 1e\+308"),
        (np.ones((12, 1)), r"has shape \(12, 1\); expected \(12,\), one weight a row"),
        (["a"] * 12, "holds what is no number"),
    ],
)
def test_one_cause_is_named_of_weights(weight, message):
    for model in (Ridge(), PoissonRegressor(), QuantileRegressor(), LogisticRegression()):
        with pytest.raises(ValueError, match=f"^sample_weight {message}"):
            model.fit(X, Y, sample_weight=weight)


@pytest.mark.parametrize("model", [LogisticRegression, LogisticRegressionCV])
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, "many", None])
def test_class_weights_are_called_by_their_name(model, value):
    with pytest.raises(ValueError, match=rf"^class_weight of 1 is {value!r}; expected a number ≥ 0, finite$"):
        model(class_weight={0: 1.0, 1: value}).fit(X, Y.astype(int))
    with pytest.raises(ValueError, match="^class_weight = .* leaves every row the weight 0"):
        model(class_weight={0: 0.0, 1: 0.0}).fit(X, Y.astype(int))
