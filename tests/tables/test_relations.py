"""Planted relations among the columns are named, in any order and under any name; measurements are left alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infimum.tables import Column, Table, text_column
from infimum.tables.leakage.circuits import circuits
from infimum.tables.leakage.relations import find_relations

SEEDS = st.integers(0, 2**32 - 1)


def number(name: str, values) -> Column:
    return Column(name, "number", np.array(values, dtype=float))


def text(name: str, values) -> Column:
    return text_column(name, [str(value) for value in values])


def relations(columns):
    table = Table("t", tuple(columns))
    found = find_relations(table, table.names)
    assert all(each.severity == "note" for each in found)
    return found


def said(columns) -> list[str]:
    return [found.statement for found in relations(columns)]


def as_set(found) -> set[tuple[str, str, frozenset[str]]]:
    return {(each.code, each.columns[0], frozenset(each.columns)) for each in found}


@given(SEEDS, st.integers(2, 10), st.sampled_from([15, 60, 400]))
def test_none_in_random_tables(seed, k, rows):
    rng = np.random.default_rng(seed)
    draws = [
        lambda name: number(name, rng.normal(size=rows)),
        lambda name: number(name, rng.integers(0, 4, rows)),
        lambda name: text(name, rng.choice(["a", "b", "c"], rows, p=[0.9, 0.08, 0.02])),
        lambda name: number(name, np.where(rng.random(rows) < 0.3, np.nan, rng.integers(0, 9, rows))),
    ]
    assert relations([draws[at % 4](f"x{at}") for at in range(k)]) == ()


@given(SEEDS)
def test_correlated_measurements_are_not_relations(seed):
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(300, 3)) @ rng.normal(size=(3, 6))).round(3)
    X += rng.integers(-1, 2, X.shape) / 1000
    assert relations([number(f"x{at}", x) for at, x in enumerate(X.T)]) == ()


def test_recodings_keep_the_number():
    code = np.random.default_rng(0).integers(1, 4, 100)
    word = text("class", np.array(["", "First", "Second", "Third"])[code])
    found = relations([word, number("pclass", code), text("roman", np.array(["", "I", "II", "III"])[code])])
    assert [each.columns for each in found] == [("pclass", "roman"), ("pclass", "class")]
    assert found[1].statement == (
        "'class' and 'pclass' say the same, one to one, in all 100 rows: First = 1, Second = 2, Third = 3."
    )
    assert found[1].remedy == "One of them is enough: --drop class."


def test_the_kept_column_is_there_wherever_the_other_is():
    code = np.random.default_rng(0).integers(1, 4, 100)
    full, some, other = text("full", code), number("some", code), number("other", code)
    some.values[:30], other.values[70:] = np.nan, np.nan
    assert as_set(relations([some, full])) == set()  # 'some' is a number, but lacks what 'full' has
    assert {each.code for each in relations([some, other])} == {"INF123"}  # equal, but neither can be set aside
    longer = text_column("longer", [None if row < 30 else f"class {at}" for row, at in enumerate(code)])
    assert as_set(relations([longer, some])) == {("INF121", "some", frozenset({"longer", "some"}))}
    assert as_set(relations([longer, full])) == {("INF121", "full", frozenset({"longer", "full"}))}


def test_equal_columns():
    x = np.random.default_rng(0).normal(size=50)
    (found,) = relations([number("a", x), number("b", x)])
    assert found.statement == "'b' and 'a' are equal in all 50 rows."
    assert relations([number("a", x[:6]), number("b", x[:6])]) == ()


def test_a_function_of_a_number_is_not_its_duplicate():
    x = np.random.default_rng(0).integers(0, 9, 300)
    assert [(each.code, each.columns) for each in relations([number("x", x), number("square", x**2)])] == [
        ("INF122", ("square", "x"))
    ]


def test_one_determinant_before_two_and_no_circles():
    rng = np.random.default_rng(0)
    sex, age = rng.integers(0, 2, 900), rng.integers(0, 80, 900)
    who = np.where(age < 16, "child", np.where(sex == 1, "man", "woman"))
    columns = [number("sex", sex), number("age", age), text("who", who), text("adult male", who == "man")]
    found = relations(columns)
    assert {each.columns for each in found} == {("who", "sex", "age"), ("adult male", "who")}
    said = "'adult male' follows from 'who': rows alike in it are alike in 'adult male' too (3 levels in 900 rows)."
    assert found[1].statement == said
    day, holiday = rng.integers(0, 7, 3000), rng.random(3000) < 0.05
    works = (day < 5) & ~holiday
    found = relations([text("works", works), number("day", day), number("holiday", holiday & (day < 5))])
    assert [each.columns[0] for each in found] == ["works"]


def test_a_missing_cell_is_a_level_of_its_own():
    rng = np.random.default_rng(0)
    kind, size = rng.integers(0, 4, 400), rng.integers(0, 50, 400).astype(float)
    where = text_column("where", [None if at == 0 else "yes" for at in kind])
    (found,) = relations([number("kind", kind), where, number("size", size)])
    assert found.columns == ("where", "kind")


def test_sparse_pairs_determine_nothing():
    """22 hulls, each in 14 rows: two of their measures name most of them, and so seem to determine the third."""
    hull = np.repeat(np.arange(22), 14)
    rng = np.random.default_rng(1)
    columns = [number(f"x{at}", rng.integers(0, 10, 22)[hull]) for at in range(4)]
    assert {len(each.columns) for each in relations(columns)} <= {2}


def test_totals_stand_on_the_left():
    a, b, c = np.random.default_rng(0).integers(0, 99, (3, 80))
    columns = [number("a", a), number("all", a + b + c), number("b", b), number("c", c)]
    assert said(columns) == ["'all' = 'a' + 'b' + 'c', exactly, in all 80 rows."]
    shares = [number("a", a), number("b", b), number("rest", 200 - a - b)]
    assert said(shares) == ["'a' + 'b' + 'rest' = 200, exactly, in all 80 rows."]


@pytest.mark.parametrize(
    "formula, expected",
    [
        (lambda a, b: a + 2 * b, "'x' = 'a' + 2 'b', exactly, in all 80 rows."),
        (lambda a, b: 1.8 * a + 32, "'x' = 1.8 'a' + 32, exactly, in all 80 rows."),
        (lambda a, b: (a + b) / 3, "'x' = 1/3 'a' + 1/3 'b', exactly, in all 80 rows."),
        (lambda a, b: 0.45359237 * a, "'x' = 0.45359237 'a', exactly, in all 80 rows."),
        (lambda a, b: np.pi * a + b - 0.5, "'x' = 3.14159265 'a' + 'b' − 0.5, to 9 digits, in all 80 rows."),
    ],
)
def test_coefficients_are_rational_where_they_can_be(formula, expected):
    a, b = np.random.default_rng(0).integers(100, 1000, (2, 80)).astype(float)
    (found,) = said([number("a", a), number("b", b), number("x", formula(a, b))])
    assert found == expected


def test_relations_with_missing_cells():
    a, b, c = np.random.default_rng(0).integers(0, 99, (3, 200)).astype(float)
    total, gap = a + b, np.random.default_rng(1).random(200) < 0.8
    total[gap], c[:40] = np.nan, np.nan
    columns = [number("a", a), number("b", b), number("c", c), number("total", total)]
    rows = int((~gap).sum())
    assert said(columns) == [f"'total' = 'a' + 'b', exactly, in all {rows} rows (of 200) in which no cell is missing."]


@given(SEEDS)
def test_nothing_depends_on_names_or_order(seed):
    rng = np.random.default_rng(seed)
    a, b, c, d = rng.integers(0, 90, (4, 300))
    kind = rng.integers(0, 5, 300)
    columns = [number("a", a), number("b", b), number("c", c), number("d", d), number("a + b", a + b)]
    columns += [number("c − d", c - d), text("kind", kind), text("longer", kind + 1000), text("even", kind % 2)]
    first = as_set(relations(columns))
    assert len(first) == 4
    new = {column.name: f"v{rank}" for rank, column in zip(rng.permutation(len(columns)), columns, strict=True)}
    shuffled = [Column(new[c.name], c.kind, c.values, c.levels) for c in columns]
    rng.shuffle(shuffled)
    again = {(code, frozenset(names)) for code, _, names in as_set(relations(shuffled))}
    assert again == {(code, frozenset(new[name] for name in names)) for code, _, names in first}


@given(SEEDS, st.integers(1, 4))
def test_circuits_are_sparse_and_span_all_relations(seed, relations):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 8))
    for _ in range(relations):
        pick = rng.choice(X.shape[1], 2, replace=False)
        X = np.column_stack([X, X[:, pick] @ rng.integers(1, 4, 2)])
    found = circuits(X)
    assert len(found) == relations
    ranks = [(np.linalg.matrix_rank(X[:, support]), len(support)) for support in found]
    assert all(rank == size - 1 for rank, size in ranks)
    assert max(map(len, found)) <= 2**relations + 1
