"""read_table: what becomes a number and what a category, and one clear sentence for each file it can't read."""

import gzip
import struct

import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as some

from infimum.tables import TableError
from infimum.tables.delimited import frame_of_texts
from infimum.tables.read import read_table


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes, name: str = "t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def cells(path):
    return {column.name: (column.role, column.values.tolist()) for column in read_table(path).columns}


def test_numbers_texts_booleans_and_dates(written):
    found = cells(written("n,t,b,d\n1,x,True,2011-01-01\n2.5e0,1,FALSE,2011-01-02\n"))
    assert found == {
        "n": ("number", [1.0, 2.5]),
        "t": ("category", ["x", "1"]),
        "b": ("category", ["true", "false"]),
        "d": ("category", ["2011-01-01", "2011-01-02"]),
    }


@pytest.mark.parametrize("token", ["", "NA", "N/A", "NaN", "nan", "null", "None", "?", "-", " NA ", '"?"'])
def test_missing_tokens(written, token):
    found = cells(written(f"n,t\n1,a\n{token},b\n3,{token}\n"))
    np.testing.assert_array_equal(found["n"][1], [1.0, np.nan, 3.0])
    assert found["t"] == ("category", ["a", "b", None])


def test_a_column_without_any_value_is_a_number(written):
    role, values = cells(written("a,b\n,1\nNA,2\n"))["a"]
    assert role == "number" and np.isnan(values).all()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(written, delimiter, end):
    lines = ["first name,n", "x,1", "y,2"]
    text = end.join(line.replace(",", delimiter) for line in lines) + end
    assert cells(written(text)) == {"first name": ("category", ["x", "y"]), "n": ("number", [1.0, 2.0])}


def test_decimal_commas_do_not_mislead_the_delimiter(written):
    assert cells(written("a;b\n1,5;2\n2,5;3\n"))["b"] == ("number", [2.0, 3.0])


def test_quotation_marks_hold_delimiters_and_line_ends(written):
    text = 'a,b\n"x, ""q""",1\n"two\nlines",2\n'
    assert cells(written(text))["a"] == ("category", ['x, "q"', "two\nlines"])


def test_tsv_byte_order_mark_blank_lines_and_gzip(written):
    assert cells(written("a\tb\n1\tx,y\n", "t.tsv"))["b"] == ("category", ["x,y"])
    assert list(cells(written(b"\xef\xbb\xbfa,b\n1,2\n"))) == ["a", "b"]
    assert cells(written("\na,b\n1,2\n\n3,\n   \n\n"))["a"] == ("number", [1.0, 3.0])
    assert cells(written(gzip.compress(b"a\n1\n2\n"), "t.csv.gz")) == {"a": ("number", [1.0, 2.0])}


def test_parquet(tmp_path):
    frame = polars.DataFrame(
        {
            "i": [1, None, 3],
            "b": [True, None, False],
            "t": ["x", "NA", " y "],
            "d": polars.Series(["2011-01-01", None, "2011-01-03"]).str.to_date(),
            "e": polars.Series([None, None, None]),
            "s": ["1", "2", "?"],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    found = cells(tmp_path / "t.parquet")
    np.testing.assert_array_equal(found["i"][1], [1.0, np.nan, 3.0])
    assert found["b"] == ("category", ["true", None, "false"])
    assert found["t"] == ("category", ["x", None, "y"])
    assert found["d"] == ("category", ["2011-01-01", None, "2011-01-03"])
    assert found["e"][0] == found["s"][0] == "number"


@given(some.lists(some.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_decimals_are_read_to_the_nearest_float(numbers):
    lines = "\n".join(f"{number!r},{number:.25f}" for number in numbers)
    frame = frame_of_texts("t.csv", f"a,b\n{lines}".encode()).cast(polars.Float64)
    bits = struct.pack(f"{len(numbers)}d", *numbers)
    assert struct.pack(f"{len(numbers)}d", *frame["a"]) == bits
    assert frame["b"].to_list() == [float(f"{number:.25f}") for number in numbers]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "t.csv is empty"),
        (b"\n \n", "t.csv is empty"),
        (b"a,b\n", "a header and no rows"),
        (b"a,b\n\n\n", "a header and no rows"),
        (b"PK\x03\x04\0\0", "binary data or UTF-16.*save the spreadsheet as CSV"),
        (bytes(range(256)), "binary data"),
        (b"a\nx\n\xe9t\xe9\n", r"not UTF-8 text \(see line 3\)"),
        (b"a,b,a\n1,2,3\n", "names must differ, but 'a' is repeated"),
        (b"a,,c\n1,2,3\n", "column 2 has an empty name"),
        (b",b\n1,2\n", "column 1 has an empty name"),
        (b"a,b\n1,2\n3\n", r"line 3: 1 field\(s\), where the header has 2"),
        (b"a,b\n1,2\n3,4,5\n", r"line 3: 3 field\(s\), where the header has 2"),
        (b'a,b\n1,"2\n3,4\n', "quotation mark"),
        (b"a,b\n1,2\n3,inf\n-inf,5\n6,-inf\n", r"column 'a' is infinite or beyond 1.8e308 in row 3 .*1 such"),
        (b"a\n1e999\n", "column 'a' is infinite or beyond 1.8e308 in row 1"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 999)[:-9], "gzip file that is cut short or damaged"),
        (gzip.compress(b"a,b\n1,2\n")[:12] + b"junk junk junk junk", "gzip file that is cut short or damaged"),
        (b"PAR1 and then something else", "Parquet file that is cut short or damaged"),
    ],
)
def test_files_that_are_no_tables(written, content, said):
    with pytest.raises(TableError, match=said):
        read_table(written(content))


def test_no_file_a_folder_and_unfit_parquet(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(TableError, match="is a folder"):
        read_table(tmp_path)
    polars.DataFrame({"a": [[1, 2]]}).write_parquet(tmp_path / "list.parquet")
    with pytest.raises(TableError, match="column 'a' holds List"):
        read_table(tmp_path / "list.parquet")
    polars.DataFrame({"a": [1.0, float("inf")]}).write_parquet(tmp_path / "inf.parquet")
    with pytest.raises(TableError, match="row 2"):
        read_table(tmp_path / "inf.parquet")
    polars.DataFrame({"a": [1.0] * 99}).write_parquet(tmp_path / "short.parquet")
    (tmp_path / "short.parquet").write_bytes((tmp_path / "short.parquet").read_bytes()[:-20])
    with pytest.raises(TableError, match="cut short"):
        read_table(tmp_path / "short.parquet")
    polars.DataFrame({"a": polars.Series([], dtype=polars.Float64)}).write_parquet(tmp_path / "none.parquet")
    with pytest.raises(TableError, match="no rows"):
        read_table(tmp_path / "none.parquet")
