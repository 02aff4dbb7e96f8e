"""SHA-256 of the cells of a table in one canonical byte form, so that a model can name the data it was fitted to."""

import hashlib
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from infimum.tables import Column, Table


def fingerprint(table: Table, names: Sequence[str]) -> str:
    """"sha256:" + SHA-256(n, k, then for each name in the given order: name, kind, cells).

    Numbers are little-endian float64 with one NaN and −0 = 0; texts are UTF-8 behind their lengths, −1 for missing.
    Other columns, the table's name and the file's format don't matter. Raises TableError on an unknown name.

    >>> table = Table("t", (Column("x", "number", np.array([0.0, np.nan])),))
    >>> fingerprint(table, ["x"]) == fingerprint(Table("u", (Column("x", "number", np.array([-0.0, -np.nan])),)), ["x"])
    True
    """
    digest = hashlib.sha256(b"infimum table 1\n" + struct.pack("<QQ", table.rows, len(names)))
    for name in names:
        for part in canonical_parts(table.column(name)):
            digest.update(part)
    return f"sha256:{digest.hexdigest()}"


def canonical_parts(column: Column) -> Iterator[bytes]:
    """Name behind its length, "n" or "c", then the cells: numbers as float64, or lengths as int64 and the texts."""
    name = column.name.encode()
    yield struct.pack("<Q", len(name)) + name
    if column.role == "number":
        values = np.where(np.isnan(column.values), np.nan, column.values + 0.0)  # −0 + 0 = 0
        yield b"n" + values.astype("<f8").tobytes()
        return
    texts = [None if value is None else value.encode() for value in column.values]
    lengths = np.array([-1 if value is None else len(value) for value in texts], dtype="<i8")
    yield b"c" + lengths.tobytes() + b"".join(value for value in texts if value is not None)
