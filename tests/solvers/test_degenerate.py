"""Dependent columns, separated classes, and tables of one row: right, or said."""

import numpy as np
import pytest

from infimum import Logistic, Poisson, Squared, minimise
from infimum.models.linear import Linear
from infimum.penalties import ElasticNet


def dependent(seed=0, n=30):
    """Columns a, b, total = a + b, half = a / 2; multiples of 1/8, so that the relations hold exactly."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-40, 40, n) / 8, rng.integers(-40, 40, n) / 8
    return np.column_stack([a, b, a + b, a / 2]), a - b + rng.standard_normal(n)


@pytest.mark.parametrize("intercept", [True, False])
def test_dependent_least_squares_has_least_norm_and_names_the_relations(intercept):
    X, y = dependent()
    solution = minimise(Squared(), ElasticNet(), Linear(X, intercept), y)
    centred, target = (X - X.mean(0), y - y.mean()) if intercept else (X, y)
    expected = np.linalg.pinv(centred) @ target
    np.testing.assert_allclose(solution.params[:4], expected, rtol=1e-10, atol=1e-12)
    claim = solution.certificate.claim("identification")
    assert claim.verdict == "CERTIFIED" and claim.method == "relations"
    assert (claim.value, claim.bound) == ((3, 5) if intercept else (2, 4))
    assert "do not determine 2 of" in claim.statement and "exactly" in claim.statement
    A = np.column_stack([X, np.ones(30)]) if intercept else X
    np.testing.assert_array_equal(A @ claim.witness["relations"].T, 0)
    assert solution.certificate.verdict("gap") == "CERTIFIED"
    assert solution.certificate.verdict("parameters") == "UNAVAILABLE"


def test_the_relation_is_named_in_words():
    X, y = dependent()
    statement = minimise(Squared(), ElasticNet(), X[:, :3], y).certificate.claim("identification").statement
    assert any(relation in statement for relation in ("x2 = x0 + x1", "x0 = - x1 + x2", "x1 = - x0 + x2")), statement


def test_a_column_that_repeats_the_intercept_is_named():
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.standard_normal(20), np.full(20, 3.0)])
    solution = minimise(Squared(), ElasticNet(), X, rng.standard_normal(20))
    statement = solution.certificate.claim("identification").statement
    assert "x1 = 3 intercept" in statement or "intercept = 0.333333 x1" in statement
    assert solution.certificate.verdict("gap") == "CERTIFIED"


def test_dependence_that_rounding_hides_is_reported_not_certified():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((40, 3))
    X[:, 2] = 0.1 * X[:, 0] + 0.7 * X[:, 1]
    claim = minimise(Squared(), ElasticNet(), X, rng.standard_normal(40)).certificate.claim("identification")
    assert claim.verdict == "REPORTED" and "to working precision" in claim.statement


def test_independent_columns_are_proved_so():
    rng = np.random.default_rng(3)
    claim = minimise(Squared(), ElasticNet(), rng.standard_normal((40, 3)), rng.standard_normal(40)).certificate
    assert claim.verdict("identification") == "CERTIFIED" and claim.verdict("parameters") == "CERTIFIED"


def test_dependent_logistic_is_certified():
    X, eta = dependent(4, 200)
    y = (eta > 3 * np.random.default_rng(5).logistic(size=200)).astype(float)
    certificate = minimise(Logistic(), ElasticNet(), X, y).certificate
    assert certificate.verdict("gap") == "CERTIFIED" and certificate.claim("separation") is None
    assert "do not determine 2 of 5" in certificate.claim("identification").statement


def test_dependent_columns_under_ridge_are_determined_by_it():
    X, y = dependent()
    certificate = minimise(Squared(), ElasticNet(l2=0.1), X, y).certificate
    assert certificate.verdict("gap") == certificate.verdict("parameters") == "CERTIFIED"
    assert certificate.claim("identification").statement.endswith("; the penalty decides among them")


def test_a_penalty_on_one_of_two_dependent_columns_does_not_decide():
    X, y = dependent()
    strengths = np.array([0.0, 0.0, 0.1, 0.0, 0.0])
    claim = minimise(Squared(), ElasticNet(l2=strengths), X, y).certificate.claim("identification")
    assert "do not determine 2 of 5" in claim.statement and "penalty" not in claim.statement


SIDES = np.array([-2.0, -1.0, 1.0, 2.0])


def separation(X, y, **options):
    return minimise(Logistic(), ElasticNet(**options), X, np.asarray(y, dtype=float)).certificate.claim("separation")


def test_complete_separation_is_named_with_its_direction():
    claim = separation(np.column_stack([SIDES, [1.0, -1.0, -1.0, 1.0]]), [0, 0, 1, 1])
    assert claim.verdict == "CERTIFIED" and "completely separated" in claim.statement
    assert "x0 → +∞" in claim.statement and "ridge" in claim.statement
    assert claim.bound > 0


def test_partial_separation_is_told_from_complete():
    indicator = np.array([1.0, 1, 1, 0, 0, 0, 0, 0, 0])
    other = np.array([1.0, 2, 3, 1, 2, 3, 4, 5, 6])
    claim = separation(np.column_stack([indicator, other]), [1, 1, 1, 0, 1, 0, 0, 1, 1])
    assert "partly separated" in claim.statement and "x0 → +∞" in claim.statement
    assert claim.bound == 0 < claim.value


@pytest.mark.parametrize("y", [[0, 1, 0, 1], [1, 0, 1, 0], [0.2, 0.2, 0.8, 0.8]])
def test_overlapping_classes_are_not_separated(y):
    assert separation(SIDES[:, None], y) is None


def test_a_penalty_ends_separation():
    certificate = minimise(Logistic(), ElasticNet(l2=1e-3), SIDES[:, None], np.array([0.0, 0, 1, 1])).certificate
    assert certificate.claim("separation") is None and certificate.verdict("gap") == "CERTIFIED"


def test_rows_of_weight_zero_do_not_hide_separation():
    X = np.append(SIDES, 5.0)[:, None]
    solution = minimise(Logistic(), ElasticNet(), X, np.array([0.0, 0, 1, 1, 0]), weight=[1, 1, 1, 1, 0])
    assert "completely separated" in solution.certificate.claim("separation").statement


def test_a_single_class_is_separated_by_the_intercept():
    claim = separation(SIDES[:, None], [1, 1, 1, 1])
    assert claim is not None and "completely separated" in claim.statement


@pytest.mark.parametrize("loss", [Squared(), Logistic(), Poisson()])
@pytest.mark.parametrize("penalty", [ElasticNet(), ElasticNet(l1=0.1), ElasticNet(l2=0.1), ElasticNet(lower=0.0)])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("n", [1, 2])
def test_one_and_two_rows(loss, penalty, intercept, n):
    X, y = np.array([[1.0, 2.0], [3.0, 1.0]])[:n], np.array([1.0, 0.0])[:n]
    solution = minimise(loss, penalty, Linear(X, intercept), y)
    assert np.all(np.isfinite(solution.params)) and len(solution.params) == 2 + intercept
    assert solution.certificate.claim("gap").bound >= 0


@pytest.mark.parametrize("loss", [Squared(), Logistic(), Poisson()])
def test_no_columns_at_all(loss):
    y = np.array([0.0, 1.0, 1.0])
    solution = minimise(loss, ElasticNet(l2=1.0), np.zeros((3, 0)), y)
    assert loss.mean(solution.params)[0] == pytest.approx(2 / 3, rel=1e-12)
    assert solution.certificate.verdict("gap") == "CERTIFIED"


@pytest.mark.parametrize("apart", [1e-2, 1e-3, 1e-4])
def test_a_lasso_on_nearly_dependent_columns_reaches_its_minimum(apart):
    """Coordinate descent alone needs about 1 / apart² passes here."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=(400, 1))
    X = common + apart * rng.normal(size=(400, 8))
    y = X @ rng.normal(size=8) + 0.1 * rng.normal(size=400)
    solution = minimise(Squared(), ElasticNet(l1=1e-6 * apart), X, y)
    gap = solution.certificate.claim("gap")
    assert gap.verdict == "CERTIFIED" and gap.bound <= 1e-10 * gap.scale
