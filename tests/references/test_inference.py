"""Coefficients, standard errors and log-likelihood, stored to 40 digits with the script that made them: to 1e-12."""

import json
import math
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from infimum import (
    LinearRegression,
    LogisticRegression,
    MLPRegressor,
    PoissonRegressor,
    Ridge,
    log_likelihood,
    standard_errors,
    verify,
)
from infimum.estimators.shell import CertificateWarning

STORED = json.loads(Path(__file__).with_name("inference.json").read_text("utf-8"))
MODELS = {
    "poisson": lambda l2: PoissonRegressor(alpha=l2),
    "logistic": lambda l2: LogisticRegression(C=math.inf),
    "squared": lambda l2: LinearRegression(),
    "multinomial": lambda l2: LogisticRegression(C=math.inf),
}
every_problem = pytest.mark.parametrize("name", STORED)


def fitted(name):
    """(model, X, y, s) of a stored problem."""
    stored = STORED[name]
    X, y, weight = (np.array(stored[key], dtype=float) for key in ("X", "y", "weight"))
    return MODELS[stored["loss"]](stored["l2"]).fit(X, y, sample_weight=weight), X, y, weight


def close(computed, exact, size):
    with mp.workdps(50):
        return abs(mp.mpf(float(computed)) - mp.mpf(exact)) <= mp.mpf(10) ** -12 * abs(mp.mpf(size))


@every_problem
def test_coefficients(name):
    model, X, y, weight = fitted(name)
    params = np.column_stack([np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)]).ravel()
    sizes = STORED[name]["standard_errors"] or STORED[name]["params"]
    for computed, exact, size in zip(params, STORED[name]["params"], sizes, strict=True):
        assert close(computed, exact, max(abs(float(exact)), float(size)))
    bound = model.certificate_.claim("parameters").bound
    worst = max(abs(mp.mpf(float(a)) - mp.mpf(b)) for a, b in zip(params, STORED[name]["params"], strict=True))
    assert worst <= bound <= 1e-12 and not verify(model, X, y, weight).refuted


@pytest.mark.parametrize("name", [name for name in STORED if STORED[name]["standard_errors"]])
def test_standard_errors(name):
    computed = standard_errors(*fitted(name)).ravel()
    for ours, exact in zip(computed, STORED[name]["standard_errors"], strict=True):
        assert close(ours, exact, exact)


@every_problem
def test_log_likelihood(name):
    exact = STORED[name]["log_likelihood"]
    assert close(log_likelihood(*fitted(name)), exact, exact)


def test_the_script_agrees_with_statsmodels():
    """What the script recorded when it ran; statsmodels takes its errors from the weights one step before the last."""
    peers = [stored["peer"] for stored in STORED.values() if "peer" in stored]
    assert len(peers) == 7 and {peer["name"] for peer in peers} == {"statsmodels 0.15.0"}
    assert all(peer["coefficients"] < 1e-10 and peer["standard_errors"] < 1e-8 for peer in peers)


def test_dobsons_trial_is_as_published():
    """As R's manual of glm prints it, with treatment contrasts."""
    model, X, y, weight = fitted("a randomised trial (Dobson 1990)")
    np.testing.assert_allclose(model.coef_[:2], [-0.4543, -0.2930], atol=5e-5)
    np.testing.assert_allclose(standard_errors(model, X, y)[:2], [0.2022, 0.1927], atol=5e-5)
    deviance = 2 * (len(y) * model.objective_)
    assert deviance == pytest.approx(5.1291, abs=5e-5)
    assert 2 * 5 - 2 * log_likelihood(model, X, y) == pytest.approx(56.76, abs=5e-3)  # Akaike's criterion


def test_rates_with_exposures_as_weights_are_counts_with_an_offset():
    """The score of the counts at the offset log e is 0 at the fit of the rates."""
    model, X, rates, exposure = fitted("rates over exposures")
    counts, expected = rates * exposure, model.predict(X) * exposure
    assert np.abs(X.T @ (counts - expected)).max() < 1e-12 and abs(np.sum(counts - expected)) < 1e-12


def test_weights_count_like_repetitions():
    for name in ("counts, weighted", "classes", "least squares"):
        model, X, y, weight = fitted(name)
        again = np.repeat(X, weight.astype(int), axis=0), np.repeat(y, weight.astype(int))
        repeated = type(model)(**model.get_params()).fit(*again)
        np.testing.assert_allclose(standard_errors(repeated, *again), standard_errors(model, X, y, weight), rtol=1e-12)
        assert log_likelihood(repeated, *again) == pytest.approx(log_likelihood(model, X, y, weight), rel=1e-12)


def test_a_standard_error_is_the_spread_of_the_estimate():
    """Over 200 samples of counts the spread of the coefficients is what the standard errors say, within sampling."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 2))
    mean = np.exp(X @ [0.3, -0.2] + 1)
    coefficients, errors = [], []
    for _ in range(200):
        model = PoissonRegressor(alpha=0.0).fit(X, y := rng.poisson(mean).astype(float))
        coefficients.append([*model.coef_, model.intercept_])
        errors.append(standard_errors(model, X, y))
    np.testing.assert_allclose(np.std(coefficients, axis=0), np.mean(errors, axis=0), rtol=4 / math.sqrt(2 * 200))


X4, Y4 = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([1.0, 0.0, 2.0, 5.0])


def test_no_standard_error_where_there_is_none():
    with pytest.raises(ValueError, match="PoissonRegressor has no standard errors: it was fitted with a penalty"):
        standard_errors(PoissonRegressor().fit(X4, Y4), X4, Y4)
    with pytest.raises(ValueError, match="LinearRegression has no standard errors: it was fitted with bounds, which"):
        standard_errors(LinearRegression(positive=True).fit(X4, Y4), X4, Y4)
    twice = np.column_stack([X4, X4])
    with pytest.raises(ValueError, match="x1 = x0|x0 = x1"):
        standard_errors(PoissonRegressor(alpha=0.0).fit(twice, Y4), twice, Y4)
    with pytest.warns(CertificateWarning):
        separated = PoissonRegressor(alpha=0.0).fit(X4, [0.0, 0.0, 0.0, 3.0])
    with pytest.raises(ValueError, match="has no standard errors: no minimum is attained.*another penalty has"):
        standard_errors(separated, X4, [0.0, 0.0, 0.0, 3.0])
    with pytest.raises(ValueError, match="leave nothing to estimate the dispersion"):
        standard_errors(LinearRegression().fit(X4[:2], Y4[:2]), X4[:2], Y4[:2])
    for model in (PoissonRegressor(), MLPRegressor()):
        with pytest.raises(ValueError, match=f"{type(model).__name__} is not fitted: call fit"):
            log_likelihood(model, X4, Y4)


def test_the_likelihood_of_a_penalised_fit_is_lower():
    free, held = LinearRegression().fit(X4, Y4), Ridge(1.0).fit(X4, Y4)
    assert log_likelihood(held, X4, Y4) < log_likelihood(free, X4, Y4)
    perfect = LinearRegression().fit(X4, X4[:, 0])
    assert log_likelihood(perfect, X4, X4[:, 0]) > 50
