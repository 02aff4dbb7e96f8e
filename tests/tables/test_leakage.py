"""Planted leaks are found, whatever the names and the order of the columns; models and coincidences are not leaks."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infimum.tables import Column, Table, text_column
from infimum.tables.leakage.leaks import find_leaks

SEEDS = st.integers(0, 2**32 - 1)


def number(name: str, values) -> Column:
    return Column(name, "number", np.array(values, dtype=float))


def leaks(columns, target: str = "y") -> set[tuple[str, frozenset[str]]]:
    table = Table("t", tuple(columns))
    found = find_leaks(table, target, [name for name in table.names if name != target])
    assert all(each.severity == "excluded" for each in found)
    return {(each.code, frozenset(each.columns)) for each in found}


def noise(rng: np.random.Generator, rows: int, k: int) -> list[Column]:
    """Numbers with and without repeats, and texts."""
    kinds = [
        lambda name: number(name, rng.normal(size=rows)),
        lambda name: number(name, rng.integers(0, 5, rows)),
        lambda name: number(name, rng.integers(0, 1000, rows) / 10),
        lambda name: text_column(name, rng.choice(["a", "b", "c"], rows).tolist()),
    ]
    return [kinds[at % 4](f"noise{at}") for at in range(k)]


@given(SEEDS, st.integers(1, 12), st.sampled_from([20, 60, 300]), st.sampled_from(["normal", "count", "class"]))
def test_none_in_random_tables(seed, k, rows, kind):
    rng = np.random.default_rng(seed)
    y = {"normal": rng.normal(size=rows), "count": rng.poisson(2, rows), "class": rng.integers(0, 2, rows)}[kind]
    assert leaks([*noise(rng, rows, k), number("y", y)]) == set()


@given(SEEDS, st.sampled_from([1.0, 0.1, 1e-3, 1e6]))
def test_a_function_of_one_number_is_a_model(seed, unit):
    rng = np.random.default_rng(seed)
    x = rng.integers(-500, 500, 200) * unit
    for y in (2 * x + 1, -x, x**2):
        assert leaks([number("x", x), *noise(rng, 200, 4), number("y", y)]) == set()


@given(SEEDS, st.sampled_from([1e-12, 1e-6, 0.1]))
def test_a_sum_with_noise_is_a_model(seed, noise_level):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 300))
    y = a + b + noise_level * rng.normal(size=300)
    assert leaks([number("a", a), number("b", b), number("y", y)]) == set()


def test_a_sum_with_other_coefficients_or_a_constant_is_a_model():
    a, b = np.random.default_rng(0).integers(0, 99, (2, 300))
    for y in (2 * a + b, a + b + 1, (a + b) / 2, 3 * a - b):
        assert leaks([number("a", a), number("b", b), number("y", y)]) == set()


@given(SEEDS, st.integers(2, 6), st.booleans(), st.booleans())
def test_planted_sums_are_found_among_other_columns(seed, terms, decimals, with_copies):
    """Also where other columns repeat, depend on each other, or lack cells."""
    rng = np.random.default_rng(seed)
    parts = rng.integers(0, 100, (terms, 250)) / (10 if decimals else 1)
    signs = rng.choice([-1, 1], terms)
    y = sum(sign * part for sign, part in zip(signs, parts, strict=True))
    others = noise(rng, 250, 12)
    others[0].values[rng.random(250) < 0.3] = np.nan
    others += [number("sum of others", others[1].values + others[2].values), number("again", others[2].values)]
    columns = [number(f"part{at}", part) for at, part in enumerate(parts)]
    columns[0].values[::9] = np.nan
    planted = {f"part{at}" for at in range(terms)}
    copies = [number("copy", columns[1].values)] if with_copies else []
    table = [*columns, *others, *copies, number("y", y)]
    rng.shuffle(table)
    found = leaks(table)
    expected = {("INF102", frozenset(planted))}
    if with_copies:
        expected.add(("INF102", frozenset(planted - {"part1"} | {"copy"})))
    assert found == expected


def test_all_shortest_sums_are_found_then_longer_ones():
    a, b, c, d, e = np.random.default_rng(0).integers(0, 99, (5, 200))
    columns = {"a": a, "b": b, "c": c, "a − c": a - c, "d": d, "e": e, "rest": a + b - d - e}
    found = leaks([*(number(name, x) for name, x in columns.items()), number("y", a + b)])
    assert found == {("INF102", frozenset(names)) for names in (["a", "b"], ["rest", "d", "e"])}


def test_a_part_of_a_total_is_a_sum_too():
    part, other = np.random.default_rng(0).integers(0, 99, (2, 60))
    table = Table("t", (number("total", part + other), number("other", other), number("y", part)))
    (found,) = find_leaks(table, "y", ["other", "total"])
    assert found.statement == "The target 'y' = 'total' − 'other', exactly, in all 60 rows."
    assert found.remedy == "Leave them out: --drop total --drop other."


@pytest.mark.parametrize("levels", [2, 3, 7])
@pytest.mark.parametrize("kind", ["text", "number", "time"])
def test_recodings_of_classes_are_found_in_every_kind_of_column(levels, kind):
    rng = np.random.default_rng(levels)
    y = rng.integers(0, levels, 200)
    code = rng.permutation(levels)[y]
    days = np.datetime64("2020-01-01", "us") + code.astype("timedelta64[D]")
    column = {"text": text_column("x", [f"level {at}" for at in code]), "number": number("x", code),
              "time": Column("x", "time", days)}[kind]  # fmt: skip
    target = text_column("y", [f"class {at}" for at in y])
    assert leaks([column, *noise(rng, 200, 4), target]) == {("INF101", frozenset({"x"}))}
    if kind == "text":
        assert leaks([column, number("y", y)]) == {("INF101", frozenset({"x"}))}


def test_a_finer_or_coarser_column_is_no_recoding():
    y = np.random.default_rng(0).integers(0, 3, 300)
    finer = text_column("finer", [f"{at} {row % 2}" for row, at in enumerate(y)])
    coarser = text_column("coarser", (y == 0).astype(str).tolist())
    assert leaks([finer, coarser, text_column("y", y.astype(str).tolist())]) == set()


def test_rows_without_a_value_count_neither_for_nor_against():
    y = np.random.default_rng(0).integers(0, 2, 300)
    cells = [None if row % 3 else ["no", "yes"][at] for row, at in enumerate(y)]
    table = Table("t", (text_column("x", cells), number("y", y)))
    (found,) = find_leaks(table, "y", ["x"])
    assert found.statement == (
        "'x' says the same as the target 'y', one to one, in all 100 rows (of 300) in which no cell is missing: "
        "no = 0, yes = 1."
    )
    present = text_column("x", [None if at else "no" for at in y])
    assert leaks([present, number("y", y)]) == set()


def test_small_coincidences_are_not_certain():
    y = np.arange(20) % 2
    assert leaks([number("x", y), text_column("z", y.astype(str).tolist()), number("y", y)]) == set()
    rare = (np.arange(5000) < 3).astype(float)
    assert leaks([number("x", rare), number("y", rare)]) == set()
    few = np.arange(5.0)
    assert leaks([number("a", few), number("b", 2 * few**2), number("y", few + 2 * few**2)]) == set()


def test_a_toy_of_sixty_rows():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 30, (2, 60))
    target = number("y", a + b)
    columns = [number("a", a), number("b", b), number("same", a + b), *noise(rng, 60, 3), target]
    assert leaks(columns) == {("INF101", frozenset({"same"})), ("INF102", frozenset({"a", "b"}))}
    sold = np.arange(60) % 2
    sales = [text_column("sold", sold.astype(str).tolist()), number("y", sold)]
    assert leaks(sales) == {("INF101", frozenset({"sold"}))}


def test_a_hundred_columns():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 3, (100, 2000)).astype(float)
    X[:, rng.random(2000) < 0.4] *= rng.integers(1, 50)
    columns = [number(f"x{at}", x) for at, x in enumerate(X)]
    for planted in ([3, 50], [10, 20, 90], [0, 30, 60, 80, 99]):
        assert leaks([*columns, number("y", X[planted].sum(axis=0))]) == {
            ("INF102", frozenset(f"x{at}" for at in planted))
        }


def test_nothing_depends_on_names_or_order():
    rng = np.random.default_rng(5)
    columns = noise(rng, 200, 8)
    y = columns[1].values + columns[2].values
    columns += [text_column("word", [f"{value:.3f}" for value in y]), number("same", y), number("y", y)]
    first = leaks(columns)
    assert len(first) == 3
    new = {name: f"v{at}" for at, name in enumerate(rng.permutation([c.name for c in columns]))}
    shuffled = [Column(new[c.name], c.kind, c.values, c.levels) for c in columns]
    rng.shuffle(shuffled)
    assert leaks(shuffled, new["y"]) == {(code, frozenset(new[n] for n in names)) for code, names in first}


def test_every_pair_and_triple_of_ten_columns():
    X = np.random.default_rng(1).integers(0, 50, (10, 80)).astype(float)
    columns = [number(f"x{at}", x) for at, x in enumerate(X)]
    for size in (2, 3):
        for planted in list(combinations(range(10), size))[::7]:
            found = leaks([*columns, number("y", X[list(planted)].sum(axis=0))])
            assert found == {("INF102", frozenset(f"x{at}" for at in planted))}
