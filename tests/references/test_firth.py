"""Firth's fits and profiles of likelihoods, against 30 digits of mpmath; and how near firthmodels is to them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from infimum import LogisticRegression, profile_intervals, standard_errors, verify

STORED = json.loads(Path(__file__).with_name("firth.json").read_text("utf-8"))
assert STORED["firthmodels"] == "0.8.2"
PROBLEMS = STORED["problems"]
every_problem = pytest.mark.parametrize("name", PROBLEMS)


def fitted(name, kind="firth"):
    stored = PROBLEMS[name]
    X, y, weight = np.array(stored["X"]), np.array(stored["y"]), np.array(stored["weight"], dtype=float)
    chosen = {"penalty": "firth"} if kind == "firth" else {"C": math.inf}
    return LogisticRegression(**chosen, fit_intercept=stored["intercept"]).fit(X, y, weight), X, y, weight


def coefficients(model):
    return np.append(model.coef_[0], model.intercept_ if model.fit_intercept else [])


@every_problem
def test_estimates_and_standard_errors(name):
    model, *data = fitted(name)
    theirs = PROBLEMS[name]["firth"]
    np.testing.assert_allclose(coefficients(model), theirs["estimates"], rtol=1e-13)
    np.testing.assert_allclose(standard_errors(model, *data), theirs["errors"], rtol=1e-13)
    A = np.column_stack([data[0], np.ones(len(data[1]))]) if model.fit_intercept else data[0]
    assert A.shape[1] == len(theirs["estimates"])
    np.testing.assert_allclose(-model.objective_ * data[2].sum(), theirs["value"], rtol=1e-13)


@every_problem
def test_the_proved_distance_holds(name):
    model, *data = fitted(name)
    claim = model.certificate_.claim("parameters")
    off = np.abs(coefficients(model) - PROBLEMS[name]["firth"]["estimates"]).max()
    assert claim.verdict == "CERTIFIED" and off <= claim.bound
    assert not verify(model, *data).refuted, str(verify(model, *data))


@pytest.mark.parametrize("kind", ["firth", "ml"])
@every_problem
def test_profiles(name, kind):
    theirs = PROBLEMS[name][kind]
    if theirs is None:
        assert kind == "ml" and ("separated" in name or "empty" in name)
        return
    ours = profile_intervals(*fitted(name, kind))
    for key in ("estimates", "lower", "upper", "statistics", "pvalues"):
        np.testing.assert_allclose(getattr(ours, key), theirs[key], rtol=1e-11, err_msg=key)
    assert ours.likelihood == ("penalised likelihood" if kind == "firth" else "likelihood")


@every_problem
def test_firthmodels_agrees_where_it_converges(name):
    """Its standard errors are those of augmented rows; on the ill-scaled table it is off in the second digit."""
    told = {key: value for key, value in PROBLEMS[name]["firthmodels"].items() if value is not None}
    assert {"estimates", "augmented", "lower", "upper"} <= set(told)
    assert (max(told.values()) < 1e-6) == (name != "ill-scaled")
