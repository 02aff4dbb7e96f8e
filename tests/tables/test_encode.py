"""Encoder: exact means, the stated treatment of the rare, the missing and the unseen, and the way back to raw units."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.categories import CategoryCode, category_code
from infimum.tables.codes import LARGEST, number_code
from infimum.tables.encode import Encoder, fit_encoder

MODERATE = some.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-100)


def number(name, *values):
    return Column(name, "number", np.array(values, dtype=float))


def category(name, *values):
    return text_column(name, values)


@some.composite
def tables(draw):
    n = draw(some.integers(1, 30))
    columns = []
    for each in range(draw(some.integers(1, 4))):
        if draw(some.booleans()):
            values = draw(some.lists(MODERATE | some.just(math.nan) | some.integers(0, 2), min_size=n, max_size=n))
            columns.append(number(f"x{each}", *values))
        else:
            values = draw(some.lists(some.sampled_from(["a", "b", "c", "d", "e", None]), min_size=n, max_size=n))
            columns.append(category(f"c{each}", *values))
    return Table("t", tuple(columns))


def cells_of(column):
    return column.cells() if column.kind == "text" else column.values.tolist()


def raw_prediction(encoder, terms, intercept, table):
    """Σ terms + b, read cell by cell as a person would from the printed equation."""
    rows = [intercept] * table.rows
    codes = {code.name: code for code in encoder.codes}
    for term in terms:
        for row, value in enumerate(cells_of(table.column(term.column))):
            code = codes[term.column]
            if term.level is None:
                rows[row] += term.coefficient * (term.fill if math.isnan(value) else value)
            elif code.kind == "number":
                rows[row] += term.coefficient * math.isnan(value)
            else:
                level = "(missing)" if value is None else value
                level = "(rare)" if level in code.rare else level
                known = level in (code.reference, *code.levels)
                level = level if known else "(rare)" if code.rare else code.reference
                rows[row] += term.coefficient * (level == term.level)
    return np.array(rows)


@given(tables(), tables(), some.randoms(use_true_random=False))
def test_the_equation_in_raw_units_predicts_the_same(table, other, random):
    encoder = fit_encoder(table, table.names)
    w = np.array([random.uniform(-2, 2) for _ in encoder.names])
    terms, intercept = encoder.units(w, 0.5)
    assert tuple(term.name for term in terms) == encoder.names
    for seen in [table, *([other] if other.names == table.names else [])]:
        X = encoder.encode(seen)
        assert X.shape == (seen.rows, len(encoder.names)) and X.dtype == np.float64 and np.isfinite(X).all()
        size = 1 + sum(abs(term.coefficient) for term in terms) * 1e6  # the raw terms cancel, and round
        raw = raw_prediction(encoder, terms, intercept, seen)
        np.testing.assert_allclose(raw, X @ w + 0.5, rtol=0, atol=1e-14 * size * (1 + len(encoder.names)))


@given(tables())
def test_features_of_the_training_rows_are_standardised_numbers_and_indicators(table):
    encoder = fit_encoder(table, table.names)
    X = encoder.encode(table)
    numbers = {code.name for code in encoder.codes if code.kind == "number"}
    for name, x in zip(encoder.names, X.T, strict=True):
        if name in numbers:
            present = ~table.column(name).missing
            spread = np.abs(table.column(name).values[present]).max() / encoder.codes[encoder.columns.index(name)].scale
            assert abs(x.mean()) < 1e-14 * (1 + spread)
            np.testing.assert_allclose(np.mean(x[present] ** 2), 1, rtol=1e-13 * (1 + spread))
            assert (x[~present] == 0).all()
        else:
            assert set(x.tolist()) <= {0.0, 1.0} and x.any() and (name.endswith("missing") or not x.all())


@given(tables())
def test_json_keeps_every_bit(table):
    encoder = fit_encoder(table, table.names)
    assert Encoder.from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


@given(some.lists(some.floats(-1e150, 1e150).filter(lambda x: x == 0 or abs(x) > 1e-100), min_size=1, max_size=50))
def test_sums_are_correctly_rounded(values):
    code = number_code(number("x", *values, math.nan))
    if len({value + 0.0 for value in values}) == 1:
        assert (code.mean, code.scale) == (values[0], 0.0)
        return
    assert code.mean == float(sum(map(Fraction, values))) / len(values)
    away = [value - code.mean for value in values]
    exact = sum(Fraction(each) ** 2 for each in away) / len(values)
    root = Fraction(code.scale)
    assert abs(root * root - exact) <= exact * Fraction(1, 2**50)


def test_the_order_of_the_rows_changes_no_bit():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(1000) * 10.0 ** rng.integers(-8, 8, 1000)
    assert number_code(number("x", *x)) == number_code(number("x", *rng.permutation(x)))


def test_equal_tiny_and_huge_numbers():
    assert number_code(number("x", *[0.1] * 7)).scale == 0
    assert number_code(number("x", 0.0, 2e-149)).scale == pytest.approx(1e-149, rel=1e-15)
    for spread in (1e-150, 1e-200, 5e-324):
        with pytest.raises(TableError, match="'x' varies by less than 1e-150"):
            number_code(number("x", 0.0, spread))
    assert number_code(number("x", -LARGEST, LARGEST)).scale == LARGEST
    with pytest.raises(TableError, match="'x' holds numbers beyond 1e.150"):
        number_code(number("x", 1e151, 0))
    with pytest.raises(TableError, match="'x' holds numbers beyond 1e.150"):
        fit_encoder(Table("t", (number("x", 1, 2),)), ["x"]).encode(Table("n", (number("x", 1.7e308),)))


def test_missing_numbers_are_the_mean_and_marked():
    encoder = fit_encoder(Table("t", (number("x", 1, 3, math.nan), number("z", 5, 5, math.nan))), ["x", "z"])
    assert encoder.names == ("x", "x is missing", "z is missing")
    new = Table("n", (number("z", 9, math.nan), number("x", math.nan, 5)))
    assert encoder.encode(new).tolist() == [[0, 1, 0], [3, 0, 1]]
    unmarked = fit_encoder(Table("t", (number("x", 1, 3),)), ["x"])
    assert unmarked.encode(Table("n", (number("x", math.nan),))).tolist() == [[0]]


def test_levels_by_frequency_then_name_the_rare_together():
    column = category("c", *["b"] * 7, *["a"] * 7, *["z"] * 9, *["p", "p", "q", "q", "q"], *[None] * 6)
    assert category_code(column) == CategoryCode("c", ("a", "b", "(missing)", "(rare)"), "z", ("p", "q"))
    assert category_code(category("c", *["a"] * 7, *["z"] * 5)) == CategoryCode("c", ("z",), "a", ())
    assert category_code(category("c", *["a"] * 7, *["z"] * 4)) == CategoryCode("c", (), "a", ("z",))  # too few to tell
    assert category_code(category("c", *["a"] * 7, "y", *["z"] * 2)) == CategoryCode("c", (), "a", ("y", "z"))
    assert category_code(category("c", "a", "b", "c")) == CategoryCode("c", ("b", "c"), "a", ())


def test_unseen_levels_are_rare_or_the_reference():
    new = Table("n", (category("c", "new", None, "q", "a"),))
    pooled = Encoder((CategoryCode("c", ("a", "(rare)"), "z", ("p", "q")),))
    assert pooled.encode(new).tolist() == [[0, 1], [0, 1], [0, 1], [1, 0]]
    first = Encoder((CategoryCode("c", ("a",), "(rare)", ("p", "q")),))
    assert first.encode(new).tolist() == [[0], [0], [0], [1]]
    plain = Encoder((CategoryCode("c", ("a",), "z", ()),))
    assert plain.encode(new).tolist() == [[0], [0], [0], [1]]


def test_only_the_given_rows_are_learned_from():
    table = Table("t", (number("x", 0, 2, 100), category("c", "a", "a", "b")))
    encoder = fit_encoder(table, ["x", "c"], np.array([0, 1]))
    assert encoder.names == ("x",)
    assert encoder.encode(table).tolist() == [[-1], [1], [99]]


def test_a_column_read_as_the_other_kind():
    numbers_as_text = fit_encoder(Table("t", (number("x", 1, 3),)), ["x"])
    assert numbers_as_text.encode(Table("n", (category("x", "3", None),))).tolist() == [[1], [0]]
    text_as_numbers = Encoder((CategoryCode("c", ("1", "(missing)"), "x", ()),))
    assert text_as_numbers.encode(Table("n", (number("c", 1.0, math.nan),))).tolist() == [[1, 0], [0, 1]]


def test_errors_name_the_column_the_row_and_how_many():
    table = Table("train.csv", (number("x", 1, 3), number("z", 1, 2)))
    encoder = fit_encoder(table, ["x", "z"])
    with pytest.raises(TableError, match="new.csv lacks 'z', which the model was fitted with"):
        encoder.encode(Table("new.csv", (number("x", 1),)))
    with pytest.raises(TableError, match=r"column 'x' must hold numbers, .*row 2 holds 'abc' \(2 such row\(s\)\)"):
        encoder.encode(Table("new.csv", (category("x", "1", "abc", "d"), number("z", 1, 2, 3))))
    with pytest.raises(TableError, match="expected 2 coefficients"):
        encoder.units(np.zeros(3), 0.0)
    with pytest.raises(TableError, match="no rows to learn"):
        fit_encoder(table, ["x"], np.array([], dtype=int))
    with pytest.raises(TableError, match="train.csv has no column 'y'"):
        fit_encoder(table, ["y"])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"codes": 3},
        {"codes": [{"kind": "date", "name": "d"}]},
        {"codes": [{"kind": "number", "name": "x", "mean": "?", "scale": 1.0, "missing": False}]},
        {"codes": [{"kind": "number", "name": "x", "mean": 0.0, "scale": -1.0, "missing": False}]},
        {"codes": [{"kind": "category", "name": "c", "levels": [1], "reference": "a", "rare": []}]},
    ],
)
def test_documents_that_are_no_encoders(document):
    with pytest.raises(TableError, match="no encoder written by infimum"):
        Encoder.from_json(document)


def times(name, *values):
    return Column(name, "time", np.array(values, dtype="datetime64[us]"))


def test_a_date_is_a_trend_and_three_cycles():
    column = times("d", "2011-01-03T06:00", "2011-02-01", "2012-03-04T12:00", "2012-03-05T18:00", "NaT")
    encoder = fit_encoder(Table("t", (column,)), ["d"])
    waves = [f"{wave} {cycle} of d" for cycle in ("month", "weekday", "minute of the day") for wave in ("sin", "cos")]
    assert encoder.names == ("days of d since 2011-01-03", "year of d", *waves, "d is missing")
    X = encoder.encode(Table("t", (column,)))
    np.testing.assert_allclose(X[:4, :2].mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose((X[:4, :2] ** 2).mean(axis=0), 1, rtol=1e-14)
    quarter = 2 * math.pi / 12
    np.testing.assert_allclose(X[:4, 2], np.sin([0, quarter, 2 * quarter, 2 * quarter]), atol=1e-15)
    np.testing.assert_allclose(X[:4, 5], np.cos(2 * math.pi * np.array([0, 1, 6, 0]) / 7), atol=1e-15)  # a Monday first
    np.testing.assert_allclose(X[:4, 6], np.sin(2 * math.pi * np.array([0.25, 0, 0.5, 0.75])), atol=1e-15)
    assert X[4].tolist() == [0.0] * 8 + [1.0] and (X[:4, 8] == 0).all()


@given(some.lists(some.datetimes(), min_size=2, max_size=20), some.randoms(use_true_random=False))
def test_a_date_in_raw_units_predicts_the_same(dates, random):
    column = Column("d", "time", np.array([*dates, None], dtype="datetime64[us]"))
    encoder = fit_encoder(Table("t", (column,)), ["d"])
    w = np.array([random.uniform(-2, 2) for _ in encoder.names])
    terms, intercept = encoder.units(w, 0.5)
    z = encoder.encode(Table("t", (column,))) @ w + 0.5
    raw = np.full(len(z), intercept)
    for term, x in zip(terms, encoder.encode(Table("t", (column,))).T, strict=True):
        if term.name.startswith("days of"):
            days = (column.values - np.datetime64(term.name.split("since ")[1])) / np.timedelta64(1, "D")
            x = np.where(column.missing, term.fill, days)
        elif term.name.startswith("year of"):
            x = np.array([each.year for each in dates] + [term.fill])
        raw += term.coefficient * x
    size = sum(abs(term.coefficient) * (abs(term.fill or 0.0) + 1) for term in terms)
    np.testing.assert_allclose(raw, z, rtol=0, atol=1e-9 + 1e-14 * size)


def test_a_date_column_must_hold_dates():
    encoder = fit_encoder(Table("t", (times("d", "2011-01-01", "2011-03-01"),)), ["d"])
    with pytest.raises(TableError, match="column 'd' must hold dates, as in the data of the fit; it holds texts"):
        encoder.encode(Table("n", (category("d", "soon"),)))
    assert encoder.encode(Table("n", (category("d", None),))).tolist() == [[0.0]]


def test_the_steps_of_an_ordered_category():
    levels = ("low", "mid", "high", "top")
    at = np.array([0] * 6 + [1] * 5 + [2] * 7 + [3] * 2 + [-1])
    encoder = fit_encoder(Table("t", (Column("c", "text", at, levels, ordered=True),)), ["c"])
    assert encoder.names == ("c ≥ mid", "c ≥ high", "c is missing")  # the top level has too few rows for a step
    new = Table("n", (category("c", "top", "mid", None, "never seen"),))
    assert encoder.encode(new).tolist() == [[1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert encoder.codes[0].unseen(new.columns[0]) == 1
    terms, _ = encoder.units(np.array([1.0, 2.0, 3.0]), 0.0)
    assert [(term.level, term.reference) for term in terms] == [
        ("≥ mid", "low"),
        ("≥ high", "mid"),
        ("(missing)", None),
    ]
    assert Encoder.from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


def test_unseen_levels_are_counted():
    encoder = fit_encoder(Table("t", (category("c", *["a"] * 6, *["b"] * 6, "p", "q"),)), ["c"])
    assert encoder.codes[0].unseen(category("c", "new", None, "q", "a", "new")) == 2
