"""SHA-256 of the cells of a table in one canonical byte form, so that a model can name the data it was fitted to."""

import hashlib
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from infimum.tables import Column, Table


def fingerprint(table: Table, names: Sequence[str]) -> str:
    """ "sha256:" + SHA-256(n, k, then for each name in the given order: name, kind, cells).

    Numbers are little-endian float64 with one NaN and −0 = 0; texts are the levels present, sorted, and int32 codes.
    Other columns, the table's name and the file's format don't matter. Raises TableError on an unknown name.

    >>> table = Table("t", (Column("x", "number", np.array([0.0, np.nan])),))
    >>> fingerprint(table, ["x"]) == fingerprint(Table("u", (Column("x", "number", np.array([-0.0, -np.nan])),)), ["x"])
    True
    """
    digest = hashlib.sha256(b"infimum table 2\n" + struct.pack("<QQ", table.rows, len(names)))
    for name in names:
        for part in canonical_parts(table.column(name)):
            digest.update(part)
    return f"sha256:{digest.hexdigest()}"


def canonical_parts(column: Column) -> Iterator[bytes]:
    """Name behind its length, then by kind: "n" and float64, "t" and microseconds, or "c", levels and codes."""
    yield framed(column.name)
    if column.kind == "number":
        values = np.where(np.isnan(column.values), np.nan, column.values + 0.0)  # −0 + 0 = 0
        yield b"n" + values.astype("<f8").tobytes()
    elif column.kind == "time":
        yield b"t" + column.values.astype("datetime64[us]").astype("<i8").tobytes()
    else:
        codes, levels = column.codes()
        order = sorted(range(len(levels)), key=levels.__getitem__)
        place = np.append(np.argsort(order), -1).astype("<i4")
        yield b"c" + struct.pack("<Q", len(levels)) + b"".join(framed(levels[at]) for at in order)
        yield place[codes].tobytes()


def framed(text: str) -> bytes:
    """UTF-8 behind its length, so that no two lists of texts give the same bytes."""
    data = text.encode()
    return struct.pack("<Q", len(data)) + data
