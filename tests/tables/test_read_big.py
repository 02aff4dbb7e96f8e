"""A big file, read in one pass, gives the table that the same file gives record by record, or the same error."""

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from infimum.tables import TableError
from infimum.tables.reading import Reading, onepass, scan, unpack
from infimum.tables.reading.delimited import read_delimited
from infimum.tables.reading.read import read_table

CELLS = (
    *("1", "2.5", "-3e2", "007", "0", "00", " 4", "5 ", "", "NA", " NA ", "?", "x", "é", "nan", "-nan", "1,5", "'z'"),
    *('"6"', '"a,b"', '"a\nb"', '"a\r\nb"', '"q""q"', '""', '"NA"', '5" x', '"x"y', '"open', "inf", "1e999", "\r"),
    *(
        "2011-01-02",
        "3/4/2011",
        "True",
        "FALSE",
        "+1",
        ".5",
        "5.",
        "1_0",
        "0x1",
        "\0",
        "12345678901234567890",
        "\t",
        "-0",
        "1e-320",
    ),
)
PLAIN = tuple(cell for cell in CELLS if cell not in ("\0", '"open', '5" x', '"x"y', "inf", "1e999", "\r", "1,5"))


def outcome(data: bytes, reading: Reading):
    try:
        table = read_delimited("t.csv", data, None, reading)
    except TableError as error:
        return str(error)
    return table.reading, [(c.name, c.kind, c.levels, c.values.dtype, c.cells()) for c in table.columns]


def agrees(text: str, sample: int, reading: Reading):
    data = text.encode()
    expected = outcome(data, reading)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpack, "BIG", 0)
        patch.setattr(onepass, "SAMPLE", sample)
        patch.setattr(scan, "PIECE", 1 << 16 if len(text) > 1000 else 16)
        assert outcome(data, reading) == expected


def tables(cells, ragged):
    """Texts of records under a header of two names; now and then a blank line, or a record of another length."""
    record = some.lists(some.sampled_from(cells), min_size=2, max_size=2 + ragged).map(",".join)
    lines = some.lists(some.one_of(record, record, record, some.sampled_from(["", "  "])), min_size=1, max_size=12)
    ends = some.tuples(some.sampled_from(["\n", "\r\n"]), some.booleans())
    return some.builds(lambda rows, end: end[0].join(["a,b", *rows]) + end[0] * end[1], lines, ends)


SLOW = settings(max_examples=150, suppress_health_check=list(HealthCheck))


@SLOW
@given(tables(PLAIN, False), some.integers(5, 60))
@example("a,b\n1,2\n3,4\n5,06\n", 8)
@example("a,b\n1,2\n3,4\n5,x\n", 12)
@example("a,b\n1,2\n3,4\n\n \n5,NA\n\n", 12)
@example('a,b\n1,2\n3,4\n5,"6\n7"\n', 12)
def test_one_pass_is_as_record_by_record(text, sample):
    agrees(text, sample, Reading(delimiter=",", quote='"'))


@SLOW
@given(tables(CELLS, True), some.integers(5, 60), some.sampled_from([None, ("-9", "1")]))
def test_one_pass_refuses_what_record_by_record_is_refused(text, sample, missing):
    agrees(text, sample, Reading(delimiter=",", quote='"', missing=missing))


def test_more_odd_numbers_than_there_is_room_for():
    row = "12345678901234567890123,5e-324\n"
    agrees("a,b\n" + "1,2\n" * 9 + row * 200, 30, Reading(delimiter=",", quote='"'))


@SLOW
@given(some.lists(some.sampled_from(["1", "02", "", " ", "NA", "x", '"1"', '"\n"']), max_size=9), some.integers(2, 30))
def test_a_single_column(rows, sample):
    agrees("\n".join(["a", *rows]), sample, Reading(delimiter=",", quote='"'))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("late", [False, True])
def test_encodings_of_big_files(tmp_path, monkeypatch, encoding, late):
    rows = [f"{n},{'x' if late and n < 900 else 'é'}" for n in range(1000)]
    (tmp_path / "t.csv").write_bytes("\n".join(["n,c", *rows]).encode(encoding))
    monkeypatch.setattr(unpack, "BIG", 1)
    monkeypatch.setattr(onepass, "SAMPLE", 200)
    table = read_table(tmp_path / "t.csv")
    assert table.column("n").values.tolist() == list(range(1000)) and table.reading.encoding == encoding
    assert table.column("c").levels == (("x", "é") if late else ("é",))


def test_a_big_file_is_read_from_its_path(tmp_path, monkeypatch):
    numbers = np.random.default_rng(0).normal(size=(5000, 3))
    lines = [",".join(map(repr, map(float, row))) for row in numbers]
    (tmp_path / "[*].csv").write_text("\n".join(["a,b,c", *lines]))
    monkeypatch.setattr(unpack, "BIG", 1)
    monkeypatch.setattr(onepass, "SAMPLE", 2000)
    monkeypatch.setattr(onepass, "table_of_texts", None)  # not needed: the numbers hold to the end
    table = read_table(tmp_path / "[*].csv")
    assert np.array_equal(np.column_stack([column.values for column in table.columns]), numbers)
    assert all(column.values.flags.writeable for column in table.columns)
