"""What every linear model shares around its fit: scikit-learn's callbacks, and its claims in a notebook."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import get_tags

from infimum import (
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeCV,
)

EVERY = [
    LinearRegression(),
    Ridge(),
    RidgeCV(),
    Lasso(0.1),
    LassoCV(cv=3),
    ElasticNet(0.1),
    ElasticNetCV(cv=3),
    HuberRegressor(),
    QuantileRegressor(),
    LogisticRegression(),
    LogisticRegressionCV(Cs=3, cv=3),
    PoissonRegressor(),
]


def table():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 4))
    return X, X @ [1.0, -2.0, 0.5, 0.0] + rng.standard_normal(80)


def target(model, y):
    """Two classes, counts or numbers, as the model takes them."""
    tags = get_tags(model)
    return (y > 0) * 1 if tags.classifier_tags else np.abs(y).round() if tags.target_tags.positive_only else y


@pytest.mark.parametrize("model", EVERY, ids=str)
def test_callbacks_are_told_of_the_fit(model):
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks since 1.9")
    X, y = table()
    told = []

    class Listener:
        """∅ ↦ the hooks that were called."""

        def setup(self, estimator, context):
            told.append("setup")

        def on_fit_task_begin(self, estimator, context, **details):
            told.append("begin")

        def on_fit_task_end(self, estimator, context, **details):
            told.append(("end", np.ravel(estimator.coef_)[0]))

        def teardown(self, estimator, context):
            told.append("teardown")

    model = clone(model).set_callbacks(Listener()).fit(X, target(model, y))
    assert told == ["setup", "begin", ("end", np.ravel(model.coef_)[0]), "teardown"]
    assert callback is not None


@pytest.mark.parametrize("model", EVERY, ids=str)
def test_a_notebook_shows_the_claims(model):
    X, y = table()
    model = clone(model)
    assert "infimum-claims" not in model._repr_html_()
    page = model.fit(X, target(model, y))._repr_html_()
    claims = model.certificate_.claims
    assert page.count("infimum-claims") >= 1 and "CERTIFIED" in page
    assert all(f"<td>{claim.kind}</td>" in page for claim in claims) and len(claims) >= 2
    assert "sk-container" in page
