"""V = φ/N WᵀW: what `summary` prints from is that of the fit, or it is refuted."""

import warnings
from dataclasses import replace

import numpy as np
import pandas
import pytest
from sklearn.base import clone

from infimum import LinearRegression, LogisticRegression, PoissonRegressor, verify
from infimum.estimators.shell import CertificateWarning

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, 1.0]
ETA = (X - X.mean(axis=0)) / X.std(axis=0) @ [0.5, -0.4, 0.2]
FITS = {
    "least squares": (LinearRegression(), ETA + RNG.standard_normal(120)),
    "no intercept": (LinearRegression(fit_intercept=False), ETA + RNG.standard_normal(120)),
    "a cubic": (LinearRegression(degree=3), ETA + RNG.standard_normal(120)),
    "two classes": (LogisticRegression(C=np.inf), ETA + RNG.logistic(size=120) > 0),
    "three classes": (LogisticRegression(C=np.inf), np.digitize(ETA + RNG.logistic(size=120), [-0.7, 0.7])),
    "Firth": (LogisticRegression(penalty="firth"), ETA + RNG.logistic(size=120) > 0),
    "counts": (PoissonRegressor(alpha=0.0), RNG.poisson(np.exp(ETA + 1)).astype(float)),
}
CHANGES = {
    "W": lambda told: told.W / 10,
    "params": lambda told: told.params + 1,
    "rows": lambda told: told.rows - 1,
    "total": lambda told: told.total * 2,
    "mean_loss": lambda told: told.mean_loss * 1.001,
    "null_loss": lambda told: told.null_loss * 1.001,
    "best": lambda told: told.best + 0.001,
    "intercept": lambda told: not told.intercept,
    "outputs": lambda told: told.outputs + 1,
    "loss": lambda told: "Poisson",
    "names": lambda told: told.names[:-1],
}


@pytest.fixture(scope="module", params=[(name, named) for name in FITS for named in (False, True)], ids=str)
def fit(request):
    name, named = request.param
    model, y = clone(FITS[name][0]), FITS[name][1]
    rows, weight = X[:, :1] if name == "a cubic" else X, np.arange(120) % 4 * 1.0
    rows = pandas.DataFrame(rows, columns=["height", "weight", "age"][: rows.shape[1]]) if named else rows
    with warnings.catch_warnings():
        warnings.simplefilter("error", CertificateWarning)
        model.fit(rows, y, sample_weight=weight)
    return model, rows, y, weight


def test_what_is_of_the_fit_is_not_refuted(fit):
    model, *data = fit
    found = verify(model, *data)
    assert not found.refuted and sum(answer.kind == "information" for answer in found.answers) == 4


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_is_refuted(fit, name):
    model, *data = fit
    honest = model.information_
    model.information_ = replace(honest, **{name: CHANGES[name](honest)})
    try:
        wrong = [answer for answer in verify(model, *data).answers if answer.verdict == "REFUTED"]
    finally:
        model.information_ = honest
    assert [answer.kind for answer in wrong] == ["information"]


def test_columns_of_a_covariance_that_change_places_are_refuted():
    model, y = LinearRegression(), FITS["least squares"][1]
    model.fit(X, y)
    model.information_ = replace(model.information_, W=model.information_.W[:, ::-1])
    assert verify(model, X, y).refuted


@pytest.mark.parametrize("factor", [1e-3, 1e3])
@pytest.mark.parametrize("name", ["least squares", "two classes", "counts"])
def test_bounds_that_do_not_follow_are_refuted(name, factor):
    model, y = FITS[name]
    model.fit(X, y)
    model.information_ = replace(model.information_, bound=factor * model.information_.bound)
    notes = [answer.note for answer in verify(model, X, y).answers if answer.verdict == "REFUTED"]
    assert len(notes) == 1 and notes[0].startswith("the bound of parameter 0 is not what follows")
