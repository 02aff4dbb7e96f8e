"""What makes an evaluation too kind is reported where it was planted, and not where rows and columns are innocent."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from infimum.tables import Column, Table, text_column
from infimum.tables.leakage.exchangeability import find_drift
from infimum.tables.leakage.suspicions import find_suspicions

SEEDS = st.integers(0, 2**32 - 1)


def number(name: str, values) -> Column:
    return Column(name, "number", np.array(values, dtype=float))


def suspicions(columns):
    table = Table("t", tuple(columns))
    found = find_suspicions(table, "y", [name for name in table.names if name != "y"])
    assert all(each.severity == "warning" for each in found)
    return found


def codes(columns) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.code, each.columns) for each in suspicions(columns)]


@given(SEEDS, st.sampled_from([5, 40, 500]), st.booleans())
@settings(max_examples=40)
def test_none_in_random_tables(seed, rows, classes):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows) if classes else rng.normal(size=rows)
    x = number("x", np.where(rng.random(rows) < 0.4, np.nan, rng.normal(size=rows)))
    c = text_column("c", rng.integers(0, 30, rows).astype(str).tolist())
    assert codes([x, number("few", rng.integers(0, 3, rows)), c, number("y", y)]) == []


def test_missing_cells_that_follow_the_target():
    rng = np.random.default_rng(0)
    claims = np.maximum(rng.poisson(1, 300) - 0.0, 0)
    cause = text_column("cause", [None if at == 0 else ["hail", "fire"][int(at) % 2] for at in claims])
    found = suspicions([cause, number("y", claims)])
    assert found[0].code == "INF111"
    assert found[0].statement == (
        "'cause' is missing in all rows where the target 'y' is 0, and in no other (300 rows): "
        "is it filled in afterwards?"
    )
    amounts = np.where(claims > 0, rng.normal(100, 9, 300), 0)
    assert ("INF111", ("cause",)) in codes([cause, number("y", amounts)])
    assert codes([text_column("cause", ["a", None] * 10), number("y", [1, 0] * 10)]) == []


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("as_text", [True, False])
def test_a_column_that_predicts_almost_alone(classes, as_text):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 15, 600)
    y = (x > 6) ^ (rng.random(600) < 0.005) if classes else x + rng.normal(size=600)
    column = text_column("x", x.astype(str).tolist()) if as_text else number("x", x)
    found = suspicions([column, number("z", rng.normal(size=600)), number("y", y)])
    assert [(each.code, each.columns) for each in found] == [("INF112", ("x",))]
    assert "known before the outcome?" in found[0].statement and found[0].remedy.endswith("--drop x.")


def test_a_fair_predictor_is_not_suspicious():
    rng = np.random.default_rng(1)
    x = rng.normal(size=600)
    assert codes([number("x", x), number("y", x + rng.normal(size=600) / 2)]) == []


def test_repeated_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4, 400)).round(2)
    rows = np.append(np.arange(400), rng.integers(0, 400, 30))
    columns = [number(name, x[rows]) for name, x in zip("abcy", X, strict=True)]
    (found,) = suspicions(columns)
    assert found.code == "INF113"
    assert found.statement.startswith("30 of 430 rows repeat an earlier row in all 4 columns, more than chance")
    assert codes([each.take(np.arange(403)) for each in columns]) == []
    (found,) = suspicions([number("id", rng.permutation(430)), *columns])
    assert "in all 4 columns but 'id', more than" in found.statement


def test_rows_that_coincide_in_a_table_of_few_values():
    rng = np.random.default_rng(0)
    assert codes([number(name, rng.integers(0, 3, 300)) for name in "abcdy"]) == []


def test_groups():
    rng = np.random.default_rng(0)
    person = rng.integers(0, 60, 400)
    names = text_column("person", [f"p{at}" for at in person])
    y = rng.normal(size=60)[person] + rng.normal(size=400)
    assert codes([names, number("y", y)]) == [("INF114", ("person",))]
    assert codes([names, number("y", rng.permutation(y))]) == []
    sick = (rng.random(60) < 0.5)[person] ^ (rng.random(400) < 0.1)
    assert codes([names, number("y", sick)]) == [("INF114", ("person",))]


def test_drift_is_said_with_its_size():
    rng = np.random.default_rng(0)
    order = rng.permutation(1000) // 2
    y = order / 500 + rng.normal(size=1000) / 5
    table = Table("t", (number("y", y),))
    (found,) = find_drift(table, "y", order)
    assert found.code == "INF115" and found.statement.startswith("In time the mean of the target 'y' goes from 0.1")
    assert find_drift(table, "y", np.arange(1000)) == ()
    sold = np.where(rng.random(1000) < np.arange(1000) / 1000, "yes", "no").tolist()
    (found,) = find_drift(Table("t", (text_column("y", sold),)), "y", np.arange(1000))
    assert "In time the share of 'no' in the target 'y' goes from 0.87 " in found.statement


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_a_stationary_series_does_not_drift(memory):
    rng = np.random.default_rng(0)
    series = lfilter([1], [1, -memory], rng.normal(size=(200, 1500)), axis=1)[:, 500:]
    found = [find_drift(Table("t", (number("y", y),)), "y", np.arange(1000)) for y in series]
    assert sum(map(len, found)) <= 2


def test_a_target_without_values_or_with_one():
    x = text_column("x", ["a", None, "b", None])
    assert codes([x, number("y", [np.nan] * 4)]) == []
    assert codes([x, number("y", [1.0] * 4)]) == []
    assert find_drift(Table("t", (number("y", [1.0] * 400),)), "y", np.arange(400)) == ()


def test_numbers_too_large_to_be_squared_are_not_reported():
    rng = np.random.default_rng(0)
    names = text_column("name", rng.integers(0, 25, 300).astype(str).tolist())
    table = Table("t", (names, number("x", rng.normal(size=300)), number("y", rng.normal(size=300) * 1e307)))
    assert find_suspicions(table, "y", ["name", "x"]) == ()
    assert find_drift(table, "y", np.arange(300)) == ()
