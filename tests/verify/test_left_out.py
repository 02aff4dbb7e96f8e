"""Scores of rows left out, by singular values, against fits without each row; choices that are none are refuted."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from infimum import LassoCV, LogisticRegressionCV, RidgeCV, verify
from infimum.verify.left_out import scores_left_out

ALPHAS = (0.01, 1.0, 100.0)


def table(n=40, p=4, t=1, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + 2
    return X, X @ rng.standard_normal((p, t)) + 3 * rng.standard_normal((n, t)), rng.integers(0, 3, n) * 1.0


@pytest.mark.parametrize("shape", [(25, 3), (12, 11), (10, 15)])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_scores_are_those_of_fits_without_each_row(shape, intercept, weighted):
    X, Y, weight = table(*shape)
    y, given = Y[:, 0], weight if weighted else None
    found = scores_left_out(X, y, given, np.array(ALPHAS), intercept)[0]
    for alpha, score in zip(ALPHAS, found, strict=True):
        errors = []
        for i in range(len(y)):
            rest = np.arange(len(y)) != i
            model = Ridge(alpha, fit_intercept=intercept, solver="svd")
            model.fit(X[rest], y[rest], sample_weight=None if given is None else given[rest])
            errors.append((1.0 if given is None else given[i]) * (y[i] - model.predict(X[i : i + 1])[0]) ** 2)
        assert score == pytest.approx(-np.mean(errors), rel=1e-6)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("targets", [1, 3])
def test_a_strength_that_was_not_the_best_is_refuted(targets, weighted):
    X, Y, weight = table(t=targets)
    Y, given = Y[:, 0] if targets == 1 else Y, weight if weighted else None
    chosen = RidgeCV(ALPHAS).fit(X, Y, sample_weight=given)
    assert not verify(chosen, X, Y, given).refuted
    for alpha in ALPHAS:
        posed = RidgeCV((alpha,)).fit(X, Y, sample_weight=given)
        assert not verify(posed, X, Y, given).refuted
        posed.alphas = ALPHAS
        assert verify(posed, X, Y, given).refuted == (alpha != chosen.alpha_)
        posed.alphas = (0.5, 3.0)
        assert verify(posed, X, Y, given).refuted


@pytest.mark.parametrize("model", [RidgeCV(), LassoCV(cv=3, alphas=5), LogisticRegressionCV(Cs=3, cv=3)], ids=str)
def test_a_choice_that_is_not_said_is_refuted(model):
    X, Y, _ = table()
    y = Y[:, 0] > np.median(Y) if isinstance(model, LogisticRegressionCV) else Y[:, 0]
    model.fit(X, y)
    assert not verify(model, X, y).refuted
    model.problem_ = {key: value for key, value in model.problem_.items() if key != "chosen"}
    assert verify(model, X, y).refuted


def test_a_score_that_cannot_be_derived_again_is_not_said_to_be():
    rng = np.random.default_rng(0)
    X = np.round(rng.lognormal(0, 1, (40, 300)) * 1e4)
    y = rng.standard_normal(40)
    found = verify(RidgeCV().fit(X, y), X, y)
    assert not found.refuted
    assert any("are not re-derived, for 1 − h has few digits" in answer.note for answer in found.answers)
