"""QuantileRegressor and scikit-learn's: never above its objective, the same point where one alone is proved best."""

import numpy as np
import pytest
from sklearn import linear_model as theirs

import infimum as ours

SHAPES = {"tall": (80, 4), "square": (8, 7), "wide": (15, 30), "long": (2000, 3)}
every_shape = pytest.mark.parametrize("shape", SHAPES)
every_intercept = pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
every_weight = pytest.mark.parametrize("weighted", [False, True], ids=["", "weights"])
every_alpha = pytest.mark.parametrize("alpha", [0.0, 0.01, 0.3, 1.0])


def table(shape, weighted):
    rng = np.random.default_rng(sum(shape))
    X = rng.standard_normal(shape) + rng.standard_normal(shape[1])
    y = X[:, 0] - 0.5 * X[:, 1] + 0.2 * X[:, -1] + rng.standard_normal(shape[0])
    weight = rng.uniform(0.2, 3.0, shape[0]) if weighted else None
    if weighted and shape[0] > 20:
        weight[::9] = 0.0
    return X, y, weight


def objective(model, X, y, weight):
    """Σ sᵢ ρ_q(yᵢ − ŷᵢ) / Σ sᵢ + alpha ‖b‖₁, as scikit-learn documents it."""
    r = y - model.predict(X)
    loss = np.maximum(model.quantile * r, (model.quantile - 1) * r)
    return np.average(loss, weights=weight) + model.alpha * np.abs(model.coef_).sum()


@every_shape
@every_intercept
@every_weight
@every_alpha
def test_never_above_scikit_learn_and_at_the_same_point(shape, intercept, weighted, alpha):
    X, y, weight = table(SHAPES[shape], weighted)
    for quantile in (0.05, 0.3, 0.5, 0.9):
        settings = {"quantile": quantile, "alpha": alpha, "fit_intercept": intercept}
        mine = ours.QuantileRegressor(**settings).fit(X, y, sample_weight=weight)
        other = theirs.QuantileRegressor(**settings).fit(X, y, sample_weight=weight)
        height, theirs_height = objective(mine, X, y, weight), objective(other, X, y, weight)
        size = np.average(np.abs(y), weights=weight)
        assert height <= theirs_height + 1e-14 * size, quantile
        assert theirs_height - height <= 1e-6 * size, quantile
        assert mine.objective_ == pytest.approx(height, rel=1e-12, abs=1e-14 * size)
        assert mine.certificate_.verdict("gap") == "CERTIFIED" and not ours.verify(mine, X, y, weight).refuted
        if mine.certificate_.verdict("parameters") == "CERTIFIED":
            np.testing.assert_allclose(other.coef_, mine.coef_, atol=1e-6)
            np.testing.assert_allclose(other.intercept_, mine.intercept_, atol=1e-6)


@pytest.mark.parametrize("quantile", [0.2, 0.5, 0.8])
def test_the_share_of_rows_below_is_the_quantile(quantile):
    """At most n q rows are below and at most n (1 − q) above, since the intercept is free (Koenker & Bassett 1978)."""
    X, y, _ = table((500, 3), False)
    model = ours.QuantileRegressor(quantile=quantile, alpha=0.0).fit(X, y)
    r = y - model.predict(X)
    assert np.sum(r < -1e-9) <= 500 * quantile and np.sum(r > 1e-9) <= 500 * (1 - quantile)
    assert np.sum(np.abs(r) <= 1e-9) == 4
