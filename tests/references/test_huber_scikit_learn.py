"""HuberRegressor and scikit-learn's, as tightly as it converges: never above its objective, and at the same point."""

import warnings

import numpy as np
import pytest
from sklearn import linear_model as theirs

import infimum as ours
from tests.references.test_quantile_scikit_learn import every_intercept, every_weight, table


def objective(model, X, y, weight):
    """Σ sᵢ (σ + σ H(rᵢ/σ)) + alpha ‖b‖², as scikit-learn documents it."""
    r, scale = np.abs(y - model.predict(X)), model.scale_
    near = np.minimum(r, model.epsilon * scale)
    loss = scale + near * (near / scale if scale else 0.0) + 2 * model.epsilon * (r - near)
    return np.sum(loss if weight is None else weight * loss) + model.alpha * np.sum(model.coef_**2)


@pytest.mark.parametrize("shape", [(80, 4), (2000, 3)], ids=["tall", "long"])
@every_intercept
@every_weight
@pytest.mark.parametrize("alpha", [0.0, 1e-4, 10.0])
@pytest.mark.parametrize("epsilon", [1.1, 1.35, 2.0])
def test_never_above_scikit_learn_and_at_the_same_point(shape, intercept, weighted, alpha, epsilon):
    X, y, weight = table(shape, weighted)
    y[::11] *= 8
    settings = {"epsilon": epsilon, "alpha": alpha, "fit_intercept": intercept}
    mine = ours.HuberRegressor(**settings).fit(X, y, sample_weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how far it got
        other = theirs.HuberRegressor(**settings, tol=1e-12, max_iter=10_000).fit(X, y, sample_weight=weight)
    height, theirs_height = objective(mine, X, y, weight), objective(other, X, y, weight)
    assert height <= theirs_height * (1 + 1e-14) and theirs_height <= height * (1 + 1e-6)
    assert mine.objective_ * (len(y) if weight is None else weight.sum()) == pytest.approx(height, rel=1e-12)
    assert mine.certificate_.verdict("gap") == "CERTIFIED" and not ours.verify(mine, X, y, weight).refuted
    np.testing.assert_allclose(other.coef_, mine.coef_, atol=2e-4)
    np.testing.assert_allclose([other.intercept_, other.scale_], [mine.intercept_, mine.scale_], atol=2e-3)
    counted = slice(None) if weight is None else weight > 0
    assert np.mean(other.outliers_[counted] == mine.outliers_[counted]) > 0.99
