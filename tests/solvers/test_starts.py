"""Wherever Newton's steps begin, they end at a proved minimum, or the fit says that they did not."""

import numpy as np
import pytest

from infimum import LogisticRegression, PoissonRegressor, verify
from infimum.estimators.shell import CertificateWarning
from infimum.losses import Logistic, Poisson
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.solvers.newton import beginning, descend
from infimum.solvers.starts import from_fewer, from_softer

MANY = 8000  # rows that are thinned out before they are fitted
MODELS = {
    "ridge": LogisticRegression(),
    "lasso": LogisticRegression(l1_ratio=1.0),
    "free": LogisticRegression(C=np.inf),
    "faint": LogisticRegression(C=1e12),
    "counts": PoissonRegressor(alpha=0.1),
}


def many(seed, p=3):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((MANY, p))
    return X, (X[:, 0] - 2 * X[:, 1] + rng.logistic(size=MANY) > 0).astype(int)


@pytest.mark.parametrize("name", MODELS)
def test_rows_of_weight_zero_are_not_drawn(name):
    X, y = many(0)
    weight = np.ones(MANY)
    weight[::8] = 0
    kept = weight > 0
    model = MODELS[name].fit(X, y, sample_weight=weight)
    assert model.certificate_.verdict("gap") == "CERTIFIED"
    expected = np.append(model.coef_, model.intercept_)
    model.fit(X[kept], y[kept])
    np.testing.assert_allclose(np.append(model.coef_, model.intercept_), expected, rtol=1e-10, atol=1e-13)


def test_a_class_of_weight_zero_is_not_drawn():
    X, y = many(1)
    y[::8] = 2
    with pytest.warns(CertificateWarning, match="intercept for 2 → −∞; no row counts for 2: leave it out"):
        model = LogisticRegression(class_weight={0: 1.0, 1: 1.0, 2: 0.0}).fit(X, y)
    assert not verify(model, X, y).refuted
    two = LogisticRegression().fit(X[y != 2], y[y != 2])
    np.testing.assert_allclose(model.coef_[1] - model.coef_[0], two.coef_[0], rtol=0.05)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", MODELS)
def test_rows_that_are_drawn_may_be_unlike_the_others(name, seed):
    X, y = many(seed, p=5)
    drawn = np.arange(MANY) % 8 == 0
    X[drawn] *= (0.0, 1e-8, 1.0)[seed]
    if name != "counts":
        X[~drawn & (np.random.default_rng(seed).random(MANY) < 0.01)] *= 1e3
    assert MODELS[name].fit(X, y).certificate_.verdict("gap") == "CERTIFIED"


@pytest.mark.parametrize("start", [1e3, 1e8, 1e150])
@pytest.mark.parametrize("name", MODELS)
def test_a_warm_start_from_far_off_is_left(name, start):
    X, y = (array[:80] for array in many(2))
    model = MODELS[name].__class__(**MODELS[name].get_params()).set_params(warm_start=True).fit(X, y)
    expected = np.ravel(model.coef_)
    model.coef_ = model.coef_ * 0 + start
    model.fit(X, y)
    assert model.certificate_.verdict("gap") == "CERTIFIED"
    np.testing.assert_allclose(np.ravel(model.coef_), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", [1e2, 1e4])
@pytest.mark.parametrize("seed", range(3))
def test_bounds_that_keep_all_rows_far_off(size, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((100, 2)) * size, (rng.random(100) < 0.5).astype(int)
    model = LogisticRegression(bounds=(0.5, 1)).fit(X, y)
    assert model.certificate_.claim("gap").bound <= 1e-13 * model.objective_


def test_softer_losses_lead_below_where_newton_stays():
    """From the null model inside its bounds all rows are straight lines; the start from softer losses is lower."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((100, 2)) * 1e6, (rng.random(100) < 0.5).astype(float)
    F = LikelihoodObjective.of(Linear(X), Logistic(), ElasticNet(0.0, 0.01, 0.5, 1.0), y)
    w = descend(F, None, 1e-10, 100)[0]
    assert F.value(from_softer(F, w)) < F.value(w)


def test_an_intercept_brings_counts_into_range():
    """b = log Σ y − log Σ exp(x w) for w at its bound: e^1000 is beyond float64."""
    model = PoissonRegressor(bounds=(0.5, 1.0)).fit([[2000.0], [0.0], [1.0]], [1.0, 0.0, 2.0])
    assert model.certificate_.verdict("gap") == "CERTIFIED" and model.coef_ == 0.5
    assert model.intercept_ == pytest.approx(np.log(3) - 1000, rel=1e-15)


def test_within_bounds_a_finite_start_is_found_or_their_width_is_named():
    X, y = np.array([[2000.0, -2000.0], [1.0, 0.0], [0.0, 1.0]]), np.array([1.0, 0.0, 2.0])
    model = PoissonRegressor(bounds=([0.5, 0.1], [1.0, 1.0]), fit_intercept=False).fit(X, y)
    assert model.certificate_.verdict("gap") == "CERTIFIED"
    with pytest.raises(ValueError, match="beyond the range of float64.*scale the columns down, widen the bounds"):
        PoissonRegressor(bounds=(0.5, 1.0), fit_intercept=False).fit(X[:, :1], y)


def test_the_intercept_of_counts_is_the_best():
    rng = np.random.default_rng(0)
    z, y, weight = rng.standard_normal(20), rng.poisson(1.0, 20).astype(float), rng.random(20)
    c = Poisson().intercept(z, y, weight)
    assert weight @ Poisson().gradient(z + c, y) == pytest.approx(0, abs=1e-14)


def test_few_rows_are_not_thinned_out():
    X, y = many(3)
    F = LikelihoodObjective.of(Linear(X[:1000]), Poisson(), ElasticNet(), y[:1000].astype(float))
    assert from_fewer(F) is None and beginning(F, None).shape == (4,)
