"""fingerprint: the same cells, the same digest; any other cell, another."""

import hashlib
import math
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from infimum.tables import Column, Table, text_column
from infimum.tables.fingerprint import fingerprint


def table(x=(1.0, math.nan), c=("a", None), name="t"):
    text = text_column("c", c)
    return Table(name, (Column("x", "number", np.array(x)), text))


def test_what_does_not_matter():
    here = fingerprint(table((0.0, math.nan)), ["x", "c"])
    assert here.startswith("sha256:") and len(here) == 71
    other_nan = np.array([0xFFF8000000000123], dtype=np.uint64).view(np.float64)[0]
    assert fingerprint(table((-0.0, other_nan), name="u"), ["x", "c"]) == here
    assert fingerprint(table((0.0, math.nan)).without(["c"]), ["x"]) == fingerprint(table((0.0, math.nan)), ["x"])


def test_what_matters():
    changed = [
        fingerprint(table(), ["x", "c"]),
        fingerprint(table(), ["c", "x"]),
        fingerprint(table(), ["x"]),
        fingerprint(table(x=(np.nextafter(1.0, 2.0), math.nan)), ["x", "c"]),
        fingerprint(table(x=(math.nan, 1.0)), ["x", "c"]),
        fingerprint(table(c=("a", "")), ["x", "c"]),
        fingerprint(table(c=("", "a")), ["x", "c"]),
        fingerprint(table(c=(None, "a")), ["x", "c"]),
    ]
    assert len(set(changed)) == len(changed)


def test_the_bytes_are_pinned():
    """Model files of earlier versions name their data by them."""
    head = b"infimum table 2\n" + struct.pack("<2Q", 2, 2)
    x = struct.pack("<Q", 1) + b"xn" + struct.pack("<d", 1.0) + struct.pack("<Q", 0x7FF8 << 48)
    c = struct.pack("<Q", 1) + b"cc" + struct.pack("<2Q", 1, 2) + b"\xc3\xa9" + struct.pack("<2i", 0, -1)
    digest = hashlib.sha256(head + x + c).hexdigest()
    assert fingerprint(table(c=("é", None)), ["x", "c"]) == f"sha256:{digest}"
    assert digest.startswith("25fb3e06135cd43900bf817f9e1515b846326b3ebfa6e623")


def test_levels_that_no_row_has_and_their_order_do_not_matter():
    plain = fingerprint(table(c=("b", "a")), ["c"])
    ordered = Column("c", "text", np.array([1, 2]), ("z", "b", "a"), ordered=True)
    assert fingerprint(Table("t", (ordered,)), ["c"]) == plain


def test_times_are_their_microseconds():
    def at(*times):
        return fingerprint(Table("t", (Column("d", "time", np.array(times, dtype="datetime64[us]")),)), ["d"])

    assert at("2011-01-01", "NaT") == at("2011-01-01T00:00", "NaT") != at("2011-01-01", "2011-01-01")


CELLS = some.lists(some.text(some.characters(codec="utf-8")) | some.none(), min_size=2, max_size=2)


@given(CELLS, CELLS)
def test_different_texts_differ(a, b):
    same = fingerprint(table(c=a), ["c"]) == fingerprint(table(c=b), ["c"])
    assert same == (a == b)
