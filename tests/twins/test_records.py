"""scan_records against Python's csv reader."""

import csv
import io

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as some

from infimum.kernels.records import NOT_ASCII, ODD, UNCLOSED, UNEVEN, ZERO_BYTE, byte_classes, scan_records


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
