"""Errors, tests, intervals and influence of least squares, counts and classes: statsmodels' stored numbers, to 1e-8."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from infimum import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    collinearity,
    infer,
    influence,
    likelihood_ratio,
)

STORED = json.loads(Path(__file__).with_name("statistics.json").read_text("utf-8"))
assert STORED.pop("statsmodels") == "0.15.0"
MODELS = {
    "squared": LinearRegression,
    "poisson": lambda: PoissonRegressor(alpha=0.0),
    "logistic": lambda: LogisticRegression(C=math.inf),
}
COVARIANCES = ("classical", "HC0", "HC1", "HC2", "HC3", "clustered")
KINDS = [(name, kind) for name, stored in STORED.items() for kind in COVARIANCES if kind in stored]
every_problem = pytest.mark.parametrize("name", STORED)


def fitted(name, columns=slice(None)):
    stored = STORED[name]
    X, y = np.array(stored["X"])[:, columns], np.array(stored["y"], dtype=float)
    return MODELS[stored["loss"]]().fit(X, y), X, y


def near(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_errors_tests_and_intervals_of_coefficients(name, kind):
    model, X, y = fitted(name)
    groups = STORED[name]["groups"] if kind == "clustered" else None
    ours, theirs = infer(model, X, y, covariance=kind, groups=groups), STORED[name][kind]
    near(ours.estimate, STORED[name]["coefficients"])
    near(ours.standard_errors, theirs["errors"])
    near(ours.t, theirs["statistics"])
    near(ours.p_values, theirs["p_values"])
    near(ours.interval(0.9), theirs["interval"])
    joint = ours.wald([f"x{j}" for j in range(X.shape[1])])
    near([joint.statistic, joint.p_value], [theirs["wald"], theirs["wald_p"]])


@every_problem
def test_statistics_of_the_fit(name):
    model, X, y = fitted(name)
    ours = infer(model, X, y).statistics
    for key, theirs in STORED[name]["statistics"].items():
        near(ours[key], theirs)


@every_problem
def test_intervals_of_new_rows(name):
    model, _, _ = fitted(name)
    stored, new = STORED[name], np.array(STORED[name]["new"])
    if stored["loss"] == "logistic":
        near(model.probability_interval(new, 0.9), stored["confidence"])
        return
    near(model.predict(new, interval="confidence", level=0.9), stored["confidence"])
    if stored["loss"] == "squared":
        near(model.predict(new, interval="prediction", level=0.9), stored["prediction"])
    else:
        with pytest.raises(ValueError, match="ConformalRegressor holds for any model"):
            model.predict(new, interval="prediction")


@every_problem
def test_influence(name):
    found = influence(*fitted(name))
    for key, theirs in STORED[name]["influence"].items():
        near(getattr(found, key), theirs)


@pytest.mark.parametrize("name", ["longley", "sites"])
def test_variance_inflation(name):
    model, X, _ = fitted(name)
    ours = {each.column: each.factor for each in collinearity(model, X)}
    near([ours[f"x{j}"] for j in range(X.shape[1])], STORED[name]["vif"])


@every_problem
def test_a_model_against_one_without_a_column(name):
    stored, (_, X, y) = STORED[name], fitted(name)
    import pandas

    table = pandas.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])])
    larger, smaller = (MODELS[stored["loss"]]().fit(each, y) for each in (table, table.iloc[:, 1:]))
    test = likelihood_ratio(smaller, larger)
    near([test.statistic, test.p_value][: len(stored["without_first"])], stored["without_first"])
