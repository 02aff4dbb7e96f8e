"""Every estimator on every hard problem: what is claimed holds against the exact answer, or a finding says why not."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

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
    verify,
)
from tests.estimators.exact.judge import complaints, fitted
from tests.estimators.exact.problems import hard_problems

ESTIMATORS = {
    "least squares": (LinearRegression(), "numbers"),
    "least squares without an intercept": (LinearRegression(fit_intercept=False), "numbers"),
    "least squares, w ≥ 0": (LinearRegression(positive=True), "numbers"),
    "a cubic": (LinearRegression(degree=3), "numbers"),
    "ridge": (Ridge(), "numbers"),
    "a weak ridge": (Ridge(1e-8), "numbers"),
    "RidgeCV": (RidgeCV(), "numbers"),
    "lasso": (Lasso(0.1), "numbers"),
    "a weak lasso": (Lasso(1e-6), "numbers"),
    "LassoCV": (LassoCV(cv=2, alphas=10), "numbers"),
    "elastic net": (ElasticNet(0.1), "numbers"),
    "ElasticNetCV": (ElasticNetCV(cv=2, alphas=10), "numbers"),
    "the median": (QuantileRegressor(alpha=0.0), "numbers"),
    "a quantile, l1": (QuantileRegressor(quantile=0.3, alpha=0.1), "numbers"),
    "Huber": (HuberRegressor(), "numbers"),
    "Huber without a penalty": (HuberRegressor(alpha=0.0), "numbers"),
    "logistic": (LogisticRegression(), "two"),
    "logistic without a penalty": (LogisticRegression(C=np.inf), "two"),
    "logistic, l1": (LogisticRegression(l1_ratio=1.0), "two"),
    "Firth": (LogisticRegression(penalty="firth"), "two"),
    "multinomial": (LogisticRegression(), "three"),
    "multinomial without a penalty": (LogisticRegression(C=np.inf), "three"),
    "multinomial, l1": (LogisticRegression(l1_ratio=1.0), "three"),
    "multinomial, elastic net": (LogisticRegression(C=100.0, l1_ratio=0.5), "three"),
    "LogisticRegressionCV": (LogisticRegressionCV(cv=2, Cs=4), "two"),
    "LogisticRegressionCV of three": (LogisticRegressionCV(cv=2, Cs=4), "three"),
    "Poisson": (PoissonRegressor(), "counts"),
    "Poisson without a penalty": (PoissonRegressor(alpha=0.0), "counts"),
    "Poisson, l1": (PoissonRegressor(alpha=0.1, l1_ratio=1.0), "counts"),
}
REFUSALS = {  # what a refusal says ↦ the problems that may be refused so
    "squares overflow: use other units": ("a target times 1e150",),
    "is beyond 1e+150: use other units": ("all columns times an eighth of 1e150", "columns times 1e-150 and 1e150 / 8"),
    "of all of X is below 1e-150: use other units": ("all columns times 1e-150", "columns times 1e-150 and 1e150 / 8"),
    "squares of numbers below 1e-150 underflow": (
        "columns too small to square", "columns of denormals", "a target times 1e-150", "all columns times 1e-150",
    ),
    "holds only one class": ("one row", "a constant target", "a target of zeros", "every other row of weight 0"),
    "expected rows of every class; choose another cv": None,
    "holds out no row of weight > 0: choose another cv": ("every other row of weight 0",),
    "of weight > 0; leaving one out takes two or more": ("one row",),
    "Cannot have number of splits n_splits=2 greater": ("one row",),
    "n_splits=2 cannot be greater than the number of members": None,
}  # fmt: skip
SEED = 0
PROBLEMS = hard_problems(SEED)


def refused(problem, refusal):
    """Whether the refusal is one that such a problem may meet."""
    return any(part in refusal and (where is None or problem in where) for part, where in REFUSALS.items())


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_estimator_is_right_to_what_it_claims_or_says_why_not(problem):
    hard, wrong, answered = PROBLEMS[problem], [], 0
    for name, (estimator, kind) in ESTIMATORS.items():
        X = hard.X[:, :1] if name == "a cubic" else hard.X
        y = hard.target(kind, SEED)
        model, refusal, warned = fitted(clone(estimator), X, y, hard.weight)
        if model is None:
            wrong += [] if refused(problem, refusal) else [f"{name}: refused: {refusal}"]
            continue
        answered += 1
        if not (np.all(np.isfinite(model.coef_)) and np.all(np.isfinite(model.intercept_))):
            wrong.append(f"{name}: parameters that are not finite")
            continue
        wrong += [f"{name}: {complaint}" for complaint in complaints(model, X, y, hard.weight, warned)]
        checked = verify(model, X, y, hard.weight)
        wrong += [f"{name}: {part.kind}: {part.note}" for part in checked.answers if part.verdict == "REFUTED"]
    assert not wrong, "\n".join(wrong)
    assert answered or problem in ("columns too small to square", "columns of denormals")


@pytest.mark.parametrize("name", ["least squares", "lasso", "the median", "Huber", "logistic", "Poisson"])
def test_the_judge_finds_what_is_tampered_with(name):
    """Coefficients that moved, bounds that shrank, verdicts that were bettered."""
    estimator, kind = ESTIMATORS[name]
    hard = PROBLEMS["condition 1e0"]
    X, y = hard.X, hard.target(kind, SEED)

    def judged(change=None):
        model = fitted(clone(estimator), X, y, None)[0]
        if change is not None:
            change(model)
        return complaints(model, X, y, None, False)

    def move(model):
        moved = model.coef_ * (1 + 1e-3)
        vars(model).update(coef_=moved)
        if "params_" in vars(model):
            vars(model).update(params_=np.append(np.ravel(moved), model.intercept_))

    def shrink(kind):
        def change(model):
            claims = model.certificate_.claims
            smaller = (replace(c, bound=math.ulp(0.0), value=math.ulp(0.0)) if c.kind == kind else c for c in claims)
            vars(model).update(certificate_=replace(model.certificate_, claims=tuple(smaller)))

        return change

    assert judged() == []
    assert any(found.startswith(("gap", "wrong by")) for found in judged(move))
    assert any(found.startswith("parameters") for found in judged(shrink("parameters")))


def test_a_failure_that_is_not_told_is_found():
    """scikit-learn's lasso, stopped far from the minimum, with the claims of a fit that is near."""
    hard = PROBLEMS["condition 1e0"]
    X, y = hard.X, hard.target("numbers", SEED)
    model = fitted(clone(ESTIMATORS["lasso"][0]), X, y, None)[0]
    model.coef_, model.params_ = 0 * model.coef_, np.append(0 * model.coef_, y.mean())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert any("wrong by" in found for found in complaints(model, X, y, None, False))
