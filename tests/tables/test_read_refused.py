"""read_table on what is no table: one clear sentence for each."""

import os
import stat
from pathlib import Path

import polars
import pytest

from infimum.tables import TableError
from infimum.tables.reading.read import read_table


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "t.csv is empty"),
        (b"\n \n", "t.csv is empty"),
        (b"a,b\n", "a header and no rows"),
        (b"a,b\n\n\n", "a header and no rows"),
        (b"PK\x03\x04\0\0", "binary data and no text: save the table in it as CSV"),
        (bytes(range(256)), "binary data"),
        (b"a\n\x81\xe9\n", "line 2: bytes that are no text in UTF-8 nor Windows-1252"),
        ("a\né\n".encode() + b"\xe9t\xe9\n", "mixes encodings, UTF-8 in line 2 and another in line 3"),
        ("a\né\n".encode() + b"x\xc3", "line 3: the file ends within a character"),
        (b"a,b,a\n1,2,3\n", "names must differ, but 'a' is repeated"),
        (b"a,,c\n1,2,3\n", "column 2 has an empty name"),
        (b",b\n1,2\n", "column 1 has an empty name"),
        (b"a,b\n1,2\n3\n", r"line 3: 1 field\(s\), where the header has 2"),
        (b"a,b\n1,2\n3,4,5\n", r"line 3: 3 field\(s\), where the header has 2"),
        (b'a,b\n1,"2\n3,4\n', "quotation mark"),
        (b'a,b\n1,"2"x\n3,4\n', "line 2: .*quotation mark"),
        (b"a,b\n1,2\n3,inf\n-inf,5\n6,-inf\n", r"column 'a' is infinite or beyond 1.8e308 in row 3 .*1 such"),
        (b"a\n1e999\n", "column 'a' is infinite or beyond 1.8e308 in row 1"),
        (b"PAR1 and then something else", "Parquet file that is cut short or damaged"),
        (b"ARROW1 and then something else", "Arrow file that is cut short or damaged"),
        (b"\xff\xff\xff\xff and then something else", "Arrow file that is cut short or damaged"),
    ],
)
def test_files_that_are_no_tables(written, content, said):
    with pytest.raises(TableError, match=said):
        read_table(written(content))


def test_what_is_no_file(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(TableError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(TableError, match="can't be read"):
        read_table("a\0b")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TableError, match="is a pipe or device"):
        read_table(tmp_path / "pipe")
    (tmp_path / "locked.csv").touch(stat.S_IWUSR)
    if not os.access(tmp_path / "locked.csv", os.R_OK):
        with pytest.raises(TableError, match="can't be read"):
            read_table(tmp_path / "locked.csv")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": [[1, 2]]}, "column 'a' holds List"),
        ({"a": [1.0, float("inf")]}, "row 2"),
        ({"a": polars.Series([], dtype=polars.Float64)}, "no rows"),
        ({" ": [1]}, "column 1 has an empty name"),
    ],
)
def test_unfit_parquet(tmp_path, columns, said):
    polars.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(TableError, match=said):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}\n{"a": }\n', "line 2: no JSON"),
        ('{"a": 1}\n3\n', "line 2: a text, where an object was expected|line 2: a value"),
        ('[{"a": 1}]', "line 1: a list, where an object was expected"),
        ('{"a": {"b": 1}}', "line 1: 'a' holds an object"),
        ('{"a": [1]}', "line 1: 'a' holds a list"),
        ('{"a": 1, "a": 2}', "line 1: .*twice"),
        ('{"a": 1, " a": 2}', "line 1: .*twice"),
        ('{"": 1}', "column 1 has an empty name"),
        ("{}\n", "holds no cells"),
        ('{"a": Infinity}', "row 1"),
        ("[" * 100_000, "line 1: no JSON"),
        ('{"a": 1}\n{"a": 2', "line 2: no JSON"),
    ],
)
def test_json_that_is_no_table(written, text, said):
    with pytest.raises(TableError, match=said):
        read_table(written(text))


def test_an_arrow_file_that_ends_the_process_that_reads_it():
    """Flipped bytes of a length: polars asks for petabytes, and aborts (a file of benchmarks/broken_files.py)."""
    with pytest.raises(TableError, match="damaged.arrow is an Arrow file that is cut short or damaged: copy it again"):
        read_table(Path(__file__).parent / "damaged.arrow")
