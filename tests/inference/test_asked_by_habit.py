"""What a user of other libraries asks by habit is answered rightly, or refused with what to do; never wrongly."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infimum import (
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    collinearity,
    infer,
    likelihood_ratio,
    verify,
)

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 3))
Y = X @ [1.0, -2.0, 0.5] + RNG.standard_normal(80)


def fit(columns, y, **given):
    return LinearRegression(**given).fit(X[:, columns], y)


def test_models_of_other_targets_or_rows_are_not_compared():
    larger = fit([0, 1, 2], Y)
    for smaller in (fit([0], 2 * Y), fit([0], np.abs(Y)), LinearRegression().fit(X[:40, :1], Y[:40])):
        with pytest.raises(ValueError, match="other losses, rows, weights or targets"):
            likelihood_ratio(smaller, larger)
    two, other = (LogisticRegression(C=np.inf).fit(X[:, :k], bar < Y) for k, bar in ((1, 1.0), (3, 0.0)))
    with pytest.raises(ValueError, match="other losses, rows, weights or targets"):
        likelihood_ratio(two, other)
    assert likelihood_ratio(fit([0], Y), larger).p_value < 1e-6
    assert likelihood_ratio(fit([0], Y, fit_intercept=False), larger).p_value < 1e-6


def test_the_target_is_not_taken_for_weights():
    model = fit([0, 1, 2], Y)
    with pytest.raises(TypeError):
        collinearity(model, X, Y)
    assert collinearity(model, X, sample_weight=np.ones(80))[0].factor == collinearity(model, X)[0].factor


@pytest.mark.parametrize("missing", [np.nan, None])
def test_rows_without_a_label_are_no_cluster_of_their_own(missing):
    labels = np.array([f"g{k % 9}" for k in range(80)], dtype=object)
    labels[[3, 5]] = missing
    with pytest.raises(ValueError, match="groups: 2 of 80 labels are missing, the first in row 3; label each row"):
        infer(fit([0, 1, 2], Y), X, Y, groups=labels)


def test_groups_alone_mean_clusters_and_labels_of_several_kinds_are_told_apart():
    model, labels = fit([0, 1, 2], Y), np.arange(80) % 9
    told = infer(model, X, Y, groups=labels).standard_errors
    assert np.array_equal(told, infer(model, X, Y, groups=labels, covariance="clustered").standard_errors)
    mixed = np.array([k if k % 2 else f"g{k}" for k in labels.tolist()], dtype=object)
    np.testing.assert_allclose(infer(model, X, Y, groups=mixed).standard_errors, told, rtol=1e-12)


def test_exposures_as_weights_have_robust_errors_by_a_label_a_row():
    e = RNG.uniform(0.1, 10, 80)
    counts = RNG.poisson(e * np.exp(0.3 * X[:, 0])).astype(float)
    model = PoissonRegressor(alpha=0.0).fit(X, counts / e, sample_weight=e)
    A = np.column_stack([X, np.ones(80)])
    mean = e * np.exp(A @ np.append(model.coef_, model.intercept_))
    inverse = np.linalg.inv((A.T * mean) @ A)
    between = (A.T * (counts - mean) ** 2) @ A
    share = 80 / 79 * (e.sum() - 1) / (e.sum() - 4)
    expected = np.sqrt(share * np.diag(inverse @ between @ inverse))
    told = infer(model, X, counts / e, sample_weight=e, groups=np.arange(80))
    np.testing.assert_allclose(told.standard_errors, expected, rtol=1e-10)


def test_a_target_that_does_not_vary_has_no_errors():
    for level in (0.0, 1.0, 1e9):
        text = str(fit([0, 1, 2], np.full(80, level)).summary())
        assert "no standard errors: the target does not vary" in text and "nan" not in text
    assert "p of F" in str(fit([0, 1, 2], 1e9 + Y).summary())


def test_weights_that_are_no_counts_are_told_what_they_count():
    model = LinearRegression().fit(X, Y, sample_weight=np.full(80, 1 / 80))
    assert "80 rows whose weights, which count as repetitions, add up to 1, and 4 parameters" in str(model.summary())


def test_summaries_say_what_is_modelled_and_what_class_weights_do():
    labels = np.where(Y + RNG.logistic(size=80) > 0, "strong", "weak")
    two = LogisticRegression(C=np.inf).fit(X, labels)
    assert str(two.summary()).startswith("LogisticRegression, log-odds of weak: objective F = ")
    assert "class_weight counts" not in str(two.summary())
    heavy = LogisticRegression(C=np.inf, class_weight={"strong": 2.0}).fit(X, labels)
    assert "class_weight counts as repetitions too" in str(heavy.summary())
    three = LogisticRegression().fit(X, np.digitize(Y, [-1.0, 1.0]))
    assert "scores of the classes, which add up to 0" in str(three.summary())
    assert "logarithm of the expected count" in str(PoissonRegressor().fit(X, np.round(np.exp(X[:, 0]))).summary())


@pytest.mark.parametrize(
    ("model", "cure"), [(Ridge(), "alpha=0"), (Lasso(), "alpha=0"), (LogisticRegression(), "C=np.inf")]
)
def test_why_there_are_no_errors_names_the_parameter(model, cure):
    y = Y > 0 if isinstance(model, LogisticRegression) else Y
    text = str(model.fit(X, y).summary())
    assert (
        "it was fitted with a penalty, which pulls the coefficients" in text
        and f"fit without a penalty ({cure}" in text
    )
    assert "on other rows than those that chose" in str(LassoCV().fit(X, Y).summary())


@pytest.mark.parametrize("level", ["a", None, True, 1.5])
def test_a_level_that_is_none_is_refused(level):
    for model in (fit([0], Y), Ridge().fit(X, Y)):
        with pytest.raises(ValueError, match="level = .*; expected a number between 0 and 1"):
            model.summary(level=level)


def test_the_penalties_of_scikit_learn_are_told_in_other_words():
    for penalty in ("l1", "l2", None):
        with pytest.raises(ValueError, match="l2 is what l1_ratio=0 is, l1 is l1_ratio=1, and C=np.inf is no penalty"):
            LogisticRegression(penalty=penalty).fit(X, Y > 0)


def test_verify_says_what_is_other_than_in_the_fit():
    model = Ridge().fit(X, Y)
    (answer,) = verify(model, X[:50], Y[:50]).answers
    assert answer.verdict == "REFUTED" and "50 rows of weight 1 are not those of the fit" in answer.note
    with pytest.raises(
        ValueError, match="Pipeline carries no certificate: verify its last step, on what the steps before"
    ):
        verify(make_pipeline(StandardScaler(), Ridge()).fit(X, Y), X, Y)
