"""scan_records against Python's csv reader and float, count_bytes against bytes.count."""

import csv
import io
import math
import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as some

from infimum.kernels.records import (
    NO_NUMBERS,
    NOT_ASCII,
    ODD,
    UNCLOSED,
    UNEVEN,
    ZERO_BYTE,
    byte_classes,
    count_bytes,
    scan_records,
)

TOKENS = np.array([list(b"NA\0"), list(b"n/a")], dtype=np.uint8)
FIRST = 5  # number of the first record, as in a later piece of a file


def scanned(text: str, width: int, numbers: tuple[int, ...] = ()):
    """(records, numbers of the blank ones, flags, values by record, {(column, record): odd field})."""
    places = np.full(width, -1)
    places[list(numbers)] = np.arange(len(numbers))
    data = np.frombuffer(b"#" + text.encode() + b"\n", dtype=np.uint8)
    values, odd = np.zeros((len(numbers), FIRST + len(text) + 1)), np.zeros((99, 4), dtype=np.int64)
    blanks, classes = np.zeros(99, dtype=np.int64), byte_classes(ord(","), ord('"'))
    bounds = (1, len(data), FIRST)
    records, odds, blank, flags = scan_records(data, bounds, classes, places, TOKENS, (values, odd, blanks))
    strange = {
        (numbers[place], record - FIRST): bytes(data[start:stop]).decode()
        for place, record, start, stop in odd[:odds].tolist()
    }
    return records, (blanks[:blank] - FIRST).tolist(), flags, values[:, FIRST : FIRST + records].T.tolist(), strange


PIECES = ["1", "02", " 03", "00.5", "x", "é", ",", ",", "\n", "\n", '"a,b"', '"04"', '""', '"a""\n"', " ", "\r\n"]


@given(some.lists(some.sampled_from(PIECES), max_size=30).map("".join), some.integers(1, 4))
@example('a,b\n"",', 2)
def test_records_as_the_csv_reader_sees_them(text, width):
    found, blanks, flags, _, _ = scanned(text, width)
    if flags & ODD:
        return
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\r\n", "\n") + "\n"), strict=True))
    except csv.Error:
        assert flags & (UNEVEN | UNCLOSED)
        return
    blank = [at for at, row in enumerate(rows) if len(row) <= 1 and not "".join(row).strip()]
    uneven = [at for at, row in enumerate(rows) if at not in blank and len(row) != width]
    if flags & UNEVEN:
        assert found == uneven[0]
    else:
        assert not uneven and found == len(rows) and blanks == blank
    assert bool(flags & NOT_ASCII) <= ("é" in text)


FIELDS = [
    "1",
    "-2.5",
    "+3",
    ".5",
    "6.",
    "7e-3",
    "12345678901234567",
    "0",
    "-0",
    "0.001",
    "",
    "NA",
    "n/a",
    " NA ",
    '"8"',
]
STRANGE = [
    "x",
    "1x",
    "NAN",
    "n",
    '"9,"',
    "1e",
    "--1",
    "\t4",
    "123456789012345678901",
    '"NA"',
    " 5 ",
    '" 6 "',
    '""',
    "é",
]


@given(some.lists(some.tuples(*[some.sampled_from([*FIELDS, *FIELDS, *STRANGE])] * 2), min_size=1, max_size=9))
@example([("1234567", "")])
def test_numbers_as_python_reads_them(rows):
    for end in ("\n", "\r\n"):
        found, blanks, flags, values, strange = scanned(end.join(map(",".join, rows)), 2, (1, 0))
        assert found == len(rows) and not blanks and not flags & ~NOT_ASCII
        for record, row in enumerate(rows):
            for column, text in enumerate(row):
                value, bare = values[record][1 - column], text.strip(' "')
                if (column, record) in strange:
                    assert (
                        strange[column, record].rstrip() == text.rstrip() and math.isnan(value) and text not in FIELDS
                    )
                elif bare in ("", "NA", "n/a"):
                    assert math.isnan(value)
                else:
                    assert value == float(bare) and math.copysign(1, value) == math.copysign(1, float(bare))


def test_codes_and_infinite_numbers_are_no_numbers():
    for text in ("02134", '"007"', " 05", "1e999", "-00"):
        number = not re.match(r'[" ]*0\d|.*999', text)
        assert scanned(f"1\n{text}", 1, (0,))[2] == (0 if number else NO_NUMBERS)
        assert scanned(f"1\n{text}", 1)[2] == 0


def test_flags():
    assert scanned('a,"b\n', 2)[2] == UNCLOSED
    assert scanned('a,"b"c\n', 2)[2] == scanned('a,b"\n', 2)[2] == scanned("a\rc,b\n", 2)[2] == ODD
    assert scanned("a,\0\n", 2)[2] == scanned('a,"\0"\n', 2)[2] == scanned("1,\0\n", 2, (1,))[2] == ZERO_BYTE
    assert scanned("a,é", 2)[2] == scanned("a,é", 2, (1,))[2] == NOT_ASCII
    assert scanned("a\n\n \n", 2)[:3] == (0, [], UNEVEN)
    assert scanned("1,2,3", 2, (0, 1))[2] == scanned("1,2\n1", 2, (0, 1))[2] == UNEVEN


@given(some.binary(max_size=80), some.integers(0, 255), some.integers(0, 255))
@example(b"\x80\x81\x01\x00\xff\x7f\x80\x00", 0, 128)
@example(b"\n" * 16_000, 10, 34)
def test_bytes_are_counted(data, one, two):
    words = np.frombuffer(data[: len(data) // 8 * 8], dtype=np.uint64)
    assert count_bytes(words, one, two) == (words.tobytes().count(one), words.tobytes().count(two))
