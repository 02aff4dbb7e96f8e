"""Standard errors of quantile and Huber regression: stored numbers of statsmodels and mpmath, to 1e-8."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from infimum import HuberRegressor, QuantileRegressor, infer
from infimum.inference.robust import Density, density_at_0, quantile_covariance

STORED = json.loads(Path(__file__).with_name("robust.json").read_text("utf-8"))
X, Y = np.array(STORED["X"]), np.array(STORED["y"])
A = np.column_stack([X, np.ones(len(Y))])
every_quantile = pytest.mark.parametrize("stored", STORED["quantiles"], ids=lambda each: str(each["quantile"]))


def fitted(stored):
    model = QuantileRegressor(quantile=stored["quantile"], alpha=0.0).fit(X, Y)
    assert model.certificate_.verdict("identification") == "CERTIFIED"  # a unique vertex
    return model


def near(ours, theirs, rtol=1e-8):
    np.testing.assert_allclose(ours, theirs, rtol=rtol)


@every_quantile
def test_sparsity_bandwidth_and_errors_of_alike_rows_are_those_of_statsmodels(stored):
    model = fitted(stored)
    near(np.append(model.coef_, model.intercept_), stored["coefficients"])
    found = infer(model, X, Y, covariance="classical")
    near(found.standard_errors, stored["classical"])
    np.testing.assert_allclose(found.p_values, stored["classical p"], rtol=1e-6, atol=1e-13)
    assert found.freedom == len(Y) - 3
    near([found.statistics["sparsity"], found.statistics["bandwidth"]], [stored["sparsity"], stored["bandwidth"]])


@every_quantile
def test_the_sandwich_is_that_of_statsmodels_with_its_rows_above_the_plane(stored):
    """Interpolated rows are on the plane; statsmodels' iterations leave them on a side, which is stored."""
    model = fitted(stored)
    r = Y - model.predict(X)
    on = np.abs(r) < 1e-12
    assert on.sum() == 3 and np.array_equal(r[~on] > 0, np.array(stored["above"])[~on])
    sides = np.where(on, np.where(stored["above"], 1e-13, -1e-13), r)
    density = Density(1 / stored["sparsity"], stored["bandwidth"])
    V = quantile_covariance(A, sides, np.ones(len(Y)), stored["quantile"], density, "robust")
    near(np.sqrt(np.diag(V)), stored["robust"])
    below = quantile_covariance(A, np.where(on, -1.0, r), np.ones(len(Y)), stored["quantile"], density, "robust")
    near(infer(model, X, Y, covariance="robust").standard_errors, np.sqrt(np.diag(below)))


def test_of_the_median_no_side_matters_and_all_is_that_of_statsmodels():
    stored = STORED["quantiles"][0]
    assert stored["quantile"] == 0.5
    model = fitted(stored)
    found = infer(model, X, Y, covariance="robust")
    near(found.standard_errors, stored["robust"])
    np.testing.assert_allclose(found.p_values, stored["robust p"], rtol=1e-6, atol=1e-13)


@every_quantile
def test_powells_sandwich_is_its_formula(stored):
    model = fitted(stored)
    density = density_at_0(Y - model.predict(X), Y, np.ones(len(Y)), stored["quantile"])
    near([1 / density.value, density.bandwidth], [stored["sparsity"], stored["bandwidth"]])
    H, J = np.zeros((3, 3)), np.zeros((3, 3))
    for a, r in zip(A, Y - model.predict(X), strict=True):
        u = r / density.bandwidth
        H += (0.75 * (1 - u * u) if abs(u) < 1 else 0.0) / density.bandwidth * np.outer(a, a)
        J += np.outer(a, a)
    V = stored["quantile"] * (1 - stored["quantile"]) * np.linalg.inv(H) @ J @ np.linalg.inv(H)
    for found in (infer(model, X, Y, covariance="powell"), infer(model, X, Y), model.summary().inference):
        near(found.covariance, V, rtol=1e-9)


@pytest.mark.parametrize("kind", ["robust", "joint", "H1", "H2", "H3"])
def test_errors_of_huber(kind):
    stored = STORED["huber"]
    model = HuberRegressor(epsilon=stored["epsilon"], alpha=0.0).fit(X, Y)
    near([*model.coef_, model.intercept_, model.scale_], [*stored["coefficients"], stored["scale"]], rtol=1e-11)
    found = infer(model, X, Y, covariance=kind)
    near(found.standard_errors, stored[kind], rtol=1e-10)
    assert math.isinf(found.freedom)
    if kind == "robust":
        np.testing.assert_array_equal(model.summary().inference.standard_errors, found.standard_errors)
