"""fingerprint: the same cells, the same digest; any other cell, another."""

import hashlib
import math
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from infimum.tables import Column, Table
from infimum.tables.fingerprint import fingerprint


def table(x=(1.0, math.nan), c=("a", None), name="t"):
    text = Column("c", "category", np.array(c, dtype=object))
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
    head = b"infimum table 1\n" + struct.pack("<2Q", 2, 2)
    x = struct.pack("<Q", 1) + b"xn" + struct.pack("<d", 1.0) + struct.pack("<Q", 0x7FF8 << 48)
    c = struct.pack("<Q", 1) + b"cc" + struct.pack("<2q", 2, -1) + b"\xc3\xa9"
    digest = hashlib.sha256(head + x + c).hexdigest()
    assert fingerprint(table(c=("é", None)), ["x", "c"]) == f"sha256:{digest}"
    assert digest.startswith("c2a225a5fc2d24d63c86f294dabd3b720e71c479d833d792")


CELLS = some.lists(some.text(some.characters(codec="utf-8")) | some.none(), min_size=2, max_size=2)


@given(CELLS, CELLS)
def test_different_texts_differ(a, b):
    same = fingerprint(table(c=a), ["c"]) == fingerprint(table(c=b), ["c"])
    assert same == (a == b)
