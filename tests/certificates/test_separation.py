"""Separation: there or not, complete or partial, along which columns; against a linear program for every single row."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import infimum
from infimum import LogisticRegression
from infimum.certificates.recession import Cone, independent_columns, recession_direction
from infimum.estimators.shell import CertificateWarning

pytestmark = pytest.mark.filterwarnings("ignore::infimum.estimators.shell.CertificateWarning")


def told_apart(cone):
    """For each margin, whether any direction of the cone has it above 0: one linear program a margin."""
    rows = cone.rows(np.arange(len(cone.A) * (cone.classes - 1)))
    size = np.abs(rows).max(axis=0)
    rows = rows / np.where(size > 0, size, 1.0)
    found = []
    for row in rows:
        best = linprog(-row, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
        found.append(-best.fun > 1e-7)
    return np.array(found)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("seed", range(40))
def test_every_row_that_can_be_told_apart_is(seed, classes):
    """Whole-number designs, separated or not, with dependent columns: the direction has the largest set of margins."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(4, 14)), int(rng.integers(1, 5))
    A = np.column_stack([rng.integers(-2, 3, (n, p)), np.ones(n)]).astype(float)
    if seed % 3 == 0:
        A = np.column_stack([A, A[:, 0] + A[:, -1]])
    cone = Cone(A, rng.integers(0, classes, n), classes)
    found, apart = recession_direction(cone, rng.standard_normal(A.shape[1] * (classes - 1))), told_apart(cone)
    assert (found is None) == (not apart.any())
    if found is not None:
        margins = cone.exact_margins(found)
        exact = [
            sum(Fraction(a) * x for a, x in zip(r, found, strict=True))
            for r in cone.rows(np.arange(len(margins))).tolist()
        ]
        assert min(exact) >= 0 and [m > 0 for m in exact] == apart.tolist() == [m > 0 for m in margins]


def test_margins_are_those_of_the_rows():
    rng = np.random.default_rng(0)
    cone = Cone(rng.standard_normal((7, 3)), rng.integers(0, 4, 7), 4)
    d, rows = rng.standard_normal(9), cone.rows(np.arange(21))
    counting = rng.random(21) < 0.5
    np.testing.assert_allclose(cone.margins(d), rows @ d, atol=1e-14)
    np.testing.assert_allclose(cone.total(counting), rows[counting].sum(axis=0), atol=1e-14)


def test_columns_that_depend_on_others_are_left_out_constants_first_to_stay():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 2))
    A = np.column_stack([X, X @ [1.0, -2.0], np.zeros(20), np.ones(20), X[:, 0] + 3])
    assert independent_columns(A).tolist() == [0, 1, 4]


def table(n=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 4))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X[:, 0]))).astype(int), rng


def statement(X, y, **parameters):
    model = LogisticRegression(C=np.inf, **parameters).fit(X, y)
    claim = model.certificate_.claim("separation")
    checked = infimum.verify(model, X, y)
    assert all(answer.verdict != "REFUTED" for answer in checked.answers), checked
    return model, "" if claim is None else claim.statement


def test_no_separation_is_proved_by_the_bound():
    model, told = statement(*table()[:2])
    assert told == "" and model.certificate_.claim("gap").method == "local norm"


def test_near_separation_is_none():
    X, _, _ = table()
    y = (X[:, 1] > 0).astype(int)
    y[np.argsort(np.abs(X[:, 1]))[3]] ^= 1  # one row on the other side, by a hair
    model, told = statement(X[:, [1]], y)
    assert told == "" and model.certificate_.claim("gap").holds(1e-8)


def test_complete_separation_names_the_column():
    X, _, _ = table()
    _, told = statement(X, (X[:, 2] > 0.5).astype(int))
    assert "completely separated along x2 → +∞" in told


def test_partial_separation_names_the_indicator_alone():
    X, y, rng = table()
    rare = np.zeros(200)
    rare[:5], y[:5] = 1, 0
    _, told = statement(np.column_stack([X, rare]), y)
    assert "partly separated along x4 → −∞;" in told


def test_a_combination_of_columns_is_named():
    """x0 − x1 is 0 but on four rows, which are all of one class: neither column separates alone."""
    X, y, rng = table()
    X[:, 1] = X[:, 0]
    X[:4, 1], y[:4] = X[:4, 0] + [1.0, 0.5, 2.0, 0.25], 1
    _, told = statement(X, y)
    assert "partly separated along" in told and "x1 → +∞" in told and "x0 → −∞" in told and "x2" not in told


def test_a_combination_with_thirds_is_exact():
    """3 x1 = x0 but on three rows: no direction of simple floats is orthogonal to the others, a rational one is."""
    X, y, rng = table()
    X[:, 0] = np.round(X[:, 0] * 1024) / 1024
    X[:, 1] = X[:, 0] * 3
    X[:3, 1], y[:3] = X[:3, 1] + 1, 0
    _, told = statement(X, y)
    assert "partly separated along" in told and "x1 → −∞" in told


def test_dependent_columns_are_not_blamed():
    X, y, rng = table()
    rare = np.zeros(200)
    rare[:5], y[:5] = 1, 1
    _, told = statement(np.column_stack([X, X[:, 3] + X[:, 2], rare, X[:, 0]]), y)
    assert "partly separated along x5 → +∞;" in told


def test_three_classes():
    X, _, rng = table()
    y = np.digitize(X[:, 0], [-0.5, 0.5])
    rare = np.zeros(200)
    some = rng.integers(0, 3, 200)
    rare[:6], some[:6] = 1, 2
    assert "completely separated" in statement(X[:, [0]], y)[1]
    _, told = statement(np.column_stack([X, rare]), some)
    assert (
        "partly separated along x4 for 2 → +∞" in told or "partly separated along x4 for" in told and "x3" not in told
    )
    assert statement(X, rng.integers(0, 3, 200))[1] == ""


def test_a_penalty_leaves_no_separation():
    X = table()[0]
    model = LogisticRegression(C=1.0).fit(X, (X[:, 2] > 0.5).astype(int))
    assert model.certificate_.claim("separation") is None and model.certificate_.claim("gap").holds(1e-8)


def test_the_warning_says_so():
    X = table()[0]
    with pytest.warns(
        CertificateWarning, match="no minimum is attained: the classes are completely separated along x2"
    ):
        LogisticRegression(C=np.inf).fit(X, (X[:, 2] > 0.5).astype(int))


def test_scales_and_offsets_do_not_hide_it():
    X, y, rng = table()
    rare = np.zeros(200)
    rare[:5], y[:5] = 1, 0
    X = np.column_stack([X * [1e-9, 1e9, 1.0, 1e4], rare * 1e-6]) + [0, 1e6, 50.0, 0, 3.0]
    _, told = statement(X, y)
    assert "partly separated along" in told and "x4 → −∞" in told and "x2" not in told
