"""read_table: which cells there are, what becomes a number, a time and a text; what is stated is taken as told."""

import bz2
import gzip
import io
import lzma
import struct
import sys

import numpy as np
import polars
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as some

from infimum.tables import TableError
from infimum.tables.reading import MISSING, Reading
from infimum.tables.reading.delimited import read_delimited
from infimum.tables.reading.read import read_table


def cells(path, reading=None):
    return {column.name: (column.kind, column.cells()) for column in read_table(path, reading).columns}


def test_numbers_texts_booleans_and_dates(written):
    found = cells(written("n,t,b,d\n1,x,True,2011-01-01\n2.5e0,1,FALSE,2011-01-02\n"))
    assert found == {
        "n": ("number", ["1", "2.5"]),
        "t": ("text", ["x", "1"]),
        "b": ("text", ["true", "false"]),
        "d": ("time", ["2011-01-01", "2011-01-02"]),
    }


@pytest.mark.parametrize("token", [*MISSING, " NA ", '"?"'])
def test_missing_tokens(written, token):
    found = cells(written(f"n,t\n1,a\n{token},b\n3,{token}\n"))
    assert found == {"n": ("number", ["1", None, "3"]), "t": ("text", ["a", "b", None])}


def test_a_column_without_any_value_is_a_number(written):
    assert cells(written("a,b\n,1\nNA,2\n"))["a"] == ("number", [None, None])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(written, delimiter, end):
    lines = ["first name,n", "x,1", "y,2"]
    text = end.join(line.replace(",", delimiter) for line in lines) + end
    assert cells(written(text)) == {"first name": ("text", ["x", "y"]), "n": ("number", ["1", "2"])}


def test_decimal_commas_do_not_mislead_the_delimiter(written):
    assert cells(written("a;b\n1,5;2\n2,5;3\n")) == {"a": ("number", ["1.5", "2.5"]), "b": ("number", ["2", "3"])}


def test_quotation_marks_hold_delimiters_and_line_ends(written):
    text = 'a,b\n"x, ""q""",1\n"two\nlines",2\n'
    assert cells(written(text))["a"] == ("text", ['x, "q"', "two\nlines"])
    assert cells(written("a,b\n'x, y',1\n'z',2\n"))["a"] == ("text", ["x, y", "z"])
    assert cells(written("a,b\nit's,1\n'z,2\n"))["a"] == ("text", ["it's", "'z"])


def test_tab_byte_order_mark_and_blank_lines(written):
    assert cells(written("a\tb\n1\tx,y\n", "t.tsv"))["b"] == ("text", ["x,y"])
    assert list(cells(written(b"\xef\xbb\xbfa,b\n1,2\n"))) == ["a", "b"]
    assert cells(written("\na,b\n1,2\n\n3,\n   \n\n"))["a"] == ("number", ["1", "3"])
    assert cells(written("a\n1\n\n3\n\n\n"))["a"] == ("number", ["1", None, "3"])


PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.ZstdCompressor().compress}


@pytest.mark.parametrize("ending", PACK)
def test_packed(written, ending):
    assert cells(written(PACK[ending](b"a\n1\n2\n"), "any")) == {"a": ("number", ["1", "2"])}
    with pytest.raises(TableError, match="cut short or damaged"):
        read_table(written(PACK[ending](b"a,b\n" + bytes(range(48, 58)) * 999)[:-9]))


def test_two_zstandard_frames_are_one_file(written):
    assert cells(written(PACK["zst"](b"a\n1\n") + PACK["zst"](b"2\n")))["a"] == ("number", ["1", "2"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(written, encoding):
    table = read_table(written("café,n\nété,1\nnaïve,2\n".encode(encoding)))
    assert table.column("café").cells() == ["été", "naïve"] and table.reading.encoding == encoding
    assert read_table(written("é\nх\n".encode("cp1251", "replace")), Reading(encoding="cp1251")).names == ("?",)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "read"),
    [
        ("a;b\n1,5;x\n2;y\n", ",", "", ["1.5", "2"]),
        ("a;b\n1.234,5;x\n2;y\n", ",", ".", ["1234.5", "2"]),
        ('a;b\n"1,234,567.5";x\n2;y\n', ".", ",", ["1234567.5", "2"]),
        ("a;b\n1 234,5;x\n2;y\n", ",", " ", ["1234.5", "2"]),
        ("a;b\n1'234.5;x\n2;y\n", ".", "'", ["1234.5", "2"]),
        ("a;b\n1,234;x\n12,345;y\n", ".", ",", ["1234", "12345"]),
        ("a;b\n1.234;x\n12.345;y\n", ".", "", ["1.234", "12.345"]),
        ("a;b\n0,234;x\n12,345;y\n", ",", "", ["0.234", "12.345"]),
    ],
)
def test_decimal_and_thousands_marks(written, text, decimal, thousands, read):
    table = read_table(written(text))
    assert (table.reading.decimal, table.reading.thousands) == (decimal, thousands)
    assert table.column("a").cells() == read and table.column("a").kind == "number"


def test_codes_with_zeros_in_front_stay_text(written):
    found = cells(written("zip,n,half\n02134,0.5,0.5\n2134,1,00.5\n"))
    assert found["zip"] == ("text", ["02134", "2134"]) and found["half"] == ("number", ["0.5", "0.5"])


def test_what_is_stated_is_taken_as_told(written):
    path = written("a;b\n007;1,5\n12;2\n")
    told = Reading(delimiter=";", decimal=",", kinds={"a": "number", "b": "text", "absent": "text"})
    assert cells(path, told) == {"a": ("number", ["7", "12"]), "b": ("text", ["1,5", "2"])}
    assert cells(written("a\n-9\n3\n"), Reading(missing=("-9",)))["a"] == ("number", [None, "3"])
    with pytest.raises(TableError, match=r"'a' was to hold numbers, but 'x' in row 2 .*; 2 such"):
        read_table(written("a\n1\nx\nx\n"), Reading(kinds={"a": "number"}))
    with pytest.raises(TableError, match="',' was stated as the delimiter, but the header does not hold it: state ';'"):
        read_table(written("a;b\n1;2\n"), Reading(delimiter=","))


STATED = [
    Reading(decimal="x"),
    Reading(thousands="x"),
    Reading(decimal=",", thousands=","),
    Reading(delimiter=";;"),
    Reading(delimiter="a"),
    Reading(quote="é"),
    Reading(delimiter="|", quote="|"),
    Reading(kinds={"a": "date"}),
    Reading(encoding="utf-99"),
    Reading(encoding="hex"),
    Reading(kinds={"a": "time"}, dates={"a": "%Q"}),
]


@pytest.mark.parametrize("reading", STATED, ids=str)
def test_a_convention_that_is_none_is_refused(written, reading):
    with pytest.raises(TableError):
        read_table(written("a,b\n1,2\n"), reading)


def test_a_few_texts_among_numbers_are_refused(written):
    lines = [str(n) for n in range(50)]
    lines[7] = "12 kg"
    path = written("\n".join(["m", *lines]))
    with pytest.raises(TableError, match=r"holds numbers, but 1 cell\(s\) that are none, the first '12 kg' in row 8"):
        read_table(path)
    assert cells(path, Reading(kinds={"m": "text"}))["m"][1][7] == "12 kg"
    assert cells(path, Reading(missing=("12 kg",)))["m"] == ("number", [*lines[:7], None, *lines[8:]])
    assert cells(written("\n".join(["m", *lines[:20]])))["m"][0] == "text"  # few numbers: perhaps a category
    assert cells(written("\n".join(["m", *(f"0{n}" for n in range(50)), "7A"])))["m"][0] == "text"


@given(some.lists(some.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_decimals_are_read_to_the_nearest_float(numbers):
    lines = "\n".join(f"{number!r},{number:.25f}" for number in numbers)
    table = read_delimited("t.csv", f"a,b\n{lines}".encode(), None, Reading())
    bits = struct.pack(f"{len(numbers)}d", *numbers)
    assert struct.pack(f"{len(numbers)}d", *table.column("a").values) == bits
    assert table.column("b").values.tolist() == [float(f"{number:.25f}") for number in numbers]


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(b"a\n1\n"))))
    table = read_table("-")
    assert table.name == "standard input" and table.column("a").values.tolist() == [1.0]
    with pytest.raises(TableError, match="standard input is empty"):
        read_table("-")


def test_the_reading_of_a_file_reads_a_single_row_of_it_the_same(written):
    text = "c;n;t;b;u\n007;1.234,5;31.12.2011;True;x\n12;2;1.2.2012 07:30;FALSE;TRUE\nNA;;;;\n"
    table = read_table(written(text))
    assert [column.kind for column in table.columns] == ["text", "number", "time", "text", "text"]
    known = table.reading
    later = Reading(
        decimal=known.decimal, thousands=known.thousands, missing=known.missing, kinds=known.kinds, dates=known.dates
    )
    head, *lines = text.splitlines()
    for row, line in enumerate(lines):
        again = read_table(written(f"{head}\n{line}\n"), later)
        for column, other in zip(table.columns, again.columns, strict=True):
            assert other.kind == column.kind and other.cells() == [column.cells()[row]]
    assert Reading.from_json(known.to_json()) == known


def test_the_cells_are_writable_arrays_of_their_types(written):
    table = read_table(written("n,t,d\n1,x,2011-01-01\n2,y,2011-01-02\n"))
    assert [str(column.values.dtype) for column in table.columns] == ["float64", "int32", "datetime64[us]"]
    assert np.array_equal(table.column("t").values, [0, 1])


def test_parquet_and_arrow(tmp_path):
    frame = polars.DataFrame(
        {
            "i": [1, None, 3],
            "b": [True, None, False],
            "t": ["x", "NA", " y "],
            "d": polars.Series(["2011-01-01", None, "2011-01-03"]).str.to_date(),
            "e": polars.Series([None, None, None]),
            "s": ["1", "2", "?"],
            "o": polars.Series(["low", "high", None], dtype=polars.Enum(["low", "mid", "high"])),
            "c": polars.Series(["1", "2", None], dtype=polars.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "t")
    frame.write_ipc(tmp_path / "u")
    frame.write_ipc_stream(tmp_path / "v")
    for name in "tuv":
        assert cells(tmp_path / name) == {
            "i": ("number", ["1", None, "3"]),
            "b": ("text", ["true", None, "false"]),
            "t": ("text", ["x", None, "y"]),
            "d": ("time", ["2011-01-01", None, "2011-01-03"]),
            "e": ("number", [None, None, None]),
            "s": ("number", ["1", "2", None]),
            "o": ("text", ["low", "high", None]),
            "c": ("text", ["1", "2", None]),
        }
        column = read_table(tmp_path / name).column("o")
        assert column.ordered and column.levels == ("low", "mid", "high")
        whole = (tmp_path / name).read_bytes()
        for cut in (20, len(whole) // 2, len(whole) - 20):
            (tmp_path / "cut").write_bytes(whole[:cut])
            with pytest.raises(TableError, match="cut short or damaged"):
                read_table(tmp_path / "cut")
    told = Reading(kinds={"i": "text", "d": "text", "c": "number", "o": "text"})
    found = cells(tmp_path / "t", told)
    assert found["i"] == ("text", ["1", None, "3"]) and found["c"] == ("number", ["1", "2", None])
    assert found["d"] == ("text", ["2011-01-01", None, "2011-01-03"])


def test_json_lines(written):
    text = '{"a": 1, "b": "x", "c": "02134", "d": true}\n\n{"d": null, "a": 2.5e0, "b": "?", "e": "2011-01-01T07:30Z"}'
    assert cells(written(text)) == {
        "a": ("number", ["1", "2.5"]),
        "b": ("text", ["x", None]),
        "c": ("text", ["02134", None]),
        "d": ("text", ["true", None]),
        "e": ("time", [None, "2011-01-01 07:30:00"]),
    }
