"""scan_records against Python's csv reader."""

import csv
import io

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as some

from infimum.kernels.records import (
    NOT_ASCII,
    ODD,
    UNCLOSED,
    UNEVEN,
    ZERO_BYTE,
    byte_classes,
    count_plain_records,
    scan_records,
)


def scanned(text: str, width: int):
    zeros, blanks = np.zeros(width, dtype=np.int64), np.zeros(99, dtype=np.int64)
    data = np.frombuffer(b"#" + text.encode(), dtype=np.uint8)
    records, blank, flags = scan_records(data, 1, byte_classes(ord(","), ord('"')), zeros, blanks)
    return records, blanks[:blank].tolist(), flags, zeros.tolist()


PIECES = ["1", "02", " 03", "00.5", "x", "é", ",", ",", "\n", "\n", '"a,b"', '"04"', '""', '"a""\n"', " ", "\r\n"]


@given(some.lists(some.sampled_from(PIECES), max_size=30).map("".join), some.integers(1, 4))
@example('a,b\n"",', 2)
def test_records_as_the_csv_reader_sees_them(text, width):
    found, blanks, flags, zeros = scanned(text, width)
    if flags & ODD:
        return
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\r\n", "\n")), strict=True))
    except csv.Error:
        assert flags & (UNEVEN | UNCLOSED)
        return
    blank = [at for at, row in enumerate(rows) if len(row) <= 1 and not "".join(row).strip()]
    uneven = [at for at, row in enumerate(rows) if at not in blank and len(row) != width]
    if flags & UNEVEN:
        assert found == uneven[0]
    else:
        assert not uneven and found == len(rows) and blanks == blank
        starts = [[field.lstrip(" ")[:2] for field in row] for at, row in enumerate(rows) if at not in blank]
        assert zeros == [sum(row[at][:1] == "0" and row[at][1:].isdigit() for row in starts) for at in range(width)]
    assert bool(flags & NOT_ASCII) <= ("é" in text)


def test_flags():
    assert scanned('a,"b\n', 2)[2] == UNCLOSED
    assert scanned('a,"b"c\n', 2)[2] == scanned('a,b"\n', 2)[2] == scanned("a\rc,b\n", 2)[2] == ODD
    assert scanned("a,\0\n", 2)[2] == scanned('a,"\0"\n', 2)[2] == ZERO_BYTE
    assert scanned("a,é", 2)[2] == NOT_ASCII
    assert scanned("a\n\n \n", 2)[:3] == (0, [], UNEVEN)


PLAINER = ["1", "0", "-0.5", "x", "203", ",", ",", ",", "\n", "longer than a word", "é", "02", " ", '"', "\0", "\r"]


@given(some.lists(some.sampled_from(PLAINER), max_size=40).map("".join), some.integers(2, 4))
@example("1,2\n" * 9 + "1,0", 2)
@example("1234567,\n" + "12345,0\n", 2)
@example("1,23456,0" + "2\n", 3)
def test_plain_records_are_counted_the_same(text, width):
    data = np.frombuffer(text.encode() + b"\n", dtype=np.uint8)
    words, tail = data[: len(data) // 8 * 8].view(np.uint64), data[len(data) // 8 * 8 :]
    plain = count_plain_records(words, tail, ord(","), ord('"'), width)
    found, blanks, flags, zeros = scanned(text + "\n", width)
    sound = not (flags or blanks or any(zeros) or '"' in text or "\r" in text)
    spaced = any(field.startswith(" ") for line in text.split("\n") for field in line.split(","))
    assert plain == (found if sound and not spaced else -1)
