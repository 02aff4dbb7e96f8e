"""The regularisation path: its points are the estimators', its gaps are proved, and tell a point that was moved."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import enet_path

from infimum import ElasticNet, ElasticNetCV, Lasso, LassoCV, Ridge, regularisation_path
from infimum.estimators import path as module


def drawn(n=50, p=6, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + 2
    return X, X[:, 0] - 2 * X[:, 2] + rng.standard_normal(n) + 6, rng.uniform(0.1, 2, n)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("ratio", [1.0, 0.3])
def test_each_point_is_the_fit_of_its_strength(ratio, positive, intercept):
    X, y, weight = drawn()
    model = ElasticNet(l1_ratio=ratio, positive=positive, fit_intercept=intercept)
    found = regularisation_path(X, y, weight, model=model, alphas=12)
    assert found.proved and found.coefs.shape == (12, 6) and found.alphas[0] > found.alphas[-1]
    for k in range(12):
        alone = model.set_params(alpha=float(found.alphas[k])).fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(found.coefs[k], alone.coef_, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(found.intercepts[k], alone.intercept_, rtol=1e-8, atol=1e-10)
    assert 0 < found.gaps.max() <= 1e-12 * float(np.mean(y**2))


@pytest.mark.parametrize("shape", [(50, 6), (20, 60)])
def test_scikit_learn_has_the_same_path(shape):
    X, y, _ = drawn(*shape)
    found = regularisation_path(X, y, alphas=20, eps=0.05)
    how = {"alphas": found.alphas, "l1_ratio": 1.0, "tol": 1e-13, "max_iter": 1_000_000}
    _, coefs, _ = enet_path(X - X.mean(axis=0), y - y.mean(), **how)
    np.testing.assert_allclose(found.coefs, coefs.T, rtol=1e-6, atol=1e-8)


def test_gaps_are_bounds_and_a_point_that_was_moved_has_one(monkeypatch):
    X, y, _ = drawn()
    honest = module.whole_path
    exact = regularisation_path(X, y, alphas=8)
    values = [Lasso(float(a)).fit(X, y).objective_ for a in exact.alphas]

    def moved(table, normal, blend):
        found = honest(table, normal, blend)
        return dataclasses.replace(found, coefs=found.coefs * (1 + 1e-4) + 1e-6)

    monkeypatch.setattr(module, "whole_path", moved)
    found = regularisation_path(X, y, alphas=8)
    for k, alpha in enumerate(found.alphas):
        residual = y - X @ found.coefs[k] - found.intercepts[k]
        above = np.mean(residual**2) / 2 + alpha * np.abs(found.coefs[k]).sum() - values[k]
        assert 1e-10 < above <= found.gaps[k]
    assert found.gaps.min() > 1e3 * exact.gaps.max()


def test_what_is_too_much_to_prove_is_measured_and_says_so(monkeypatch):
    X, y, _ = drawn()
    proved = regularisation_path(X, y, alphas=8)
    monkeypatch.setattr(module, "WORK", 1.0)
    found = regularisation_path(X, y, alphas=8)
    assert proved.proved and not found.proved
    np.testing.assert_array_equal(found.coefs, proved.coefs)
    assert found.gaps.max() < 1e-12
    ridge = regularisation_path(X, y, model=ElasticNet(l1_ratio=0.0), alphas=[1.0, 0.1])
    assert ridge.gaps.max() < 1e-12


def test_least_squares_and_ridge_at_the_end_of_a_path_are_proved_too():
    X, y, _ = drawn()
    for model, alphas in ((Lasso(), [1.0, 0.0]), (ElasticNet(l1_ratio=0.0), [1.0, 0.1])):
        assert regularisation_path(X, y, model=model, alphas=alphas).gaps.max() < 1e-12


def test_the_ratio_and_names_are_those_of_the_model_and_table():
    pandas = pytest.importorskip("pandas")
    X, y, _ = drawn()
    table = pandas.DataFrame(X, columns=list("abcdef"))
    fitted = ElasticNetCV(l1_ratio=[0.2, 0.8], alphas=10).fit(table, y)
    found = regularisation_path(table, y, model=fitted)
    assert found.names == tuple("abcdef") and found.coefs.shape == (100, 6)
    assert found.names[found.entered()[0]] == "c"
    np.testing.assert_allclose(
        found.alphas, regularisation_path(X, y, model=ElasticNet(l1_ratio=fitted.l1_ratio_)).alphas
    )


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"model": Ridge()}, "model = Ridge.*; expected Lasso, LassoCV, ElasticNet, ElasticNetCV"),
        ({"model": "lasso"}, "model = 'lasso'; expected"),
        (
            {"model": ElasticNetCV(l1_ratio=[0.1, 0.5])},
            r"l1_ratio = \[0.1, 0.5\]; expected one number.*: fit the model",
        ),
        ({"model": ElasticNet(l1_ratio=1.5)}, "l1_ratio = 1.5; expected numbers from 0 .ridge. to 1"),
        ({"model": ElasticNet(l1_ratio=0.0)}, "l1_ratio = 0 has no largest alpha"),
        ({"alphas": -1}, "alphas = -1; expected a whole number"),
        ({"alphas": [np.nan]}, "expected numbers ≥ 0, finite"),
        ({"eps": 2.0}, "eps = 2.0; expected a number above 0, at most 1"),
        ({"sample_weight": [1.0]}, "sample_weight has shape"),
    ],
)
def test_what_does_not_fit_is_said(how, message):
    X, y, _ = drawn()
    with pytest.raises(ValueError, match=message):
        regularisation_path(X, y, **how)


def test_the_model_given_is_not_touched():
    X, y, _ = drawn()
    model = LassoCV()
    regularisation_path(X, y, model=model, alphas=3)
    assert "n_features_in_" not in vars(model)
