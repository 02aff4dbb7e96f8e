"""BLAKE3(J, y, s̃): the bytes that a fit is about, so that no other table is taken for them.

BLAKE3 (O'Connor, Aumasson, Neves & Wilcox-O'Hearn 2020) is as hard to deceive as SHA-256, at a quarter of its time.
"""

from typing import Protocol

import numpy as np
from blake3 import blake3

from infimum.kernels.bordered import written
from infimum.models import Model, Rows

BLOCK = 8192  # rows hashed at a time


class Data(Protocol):
    """(model, y, s̃): what an objective is about."""

    @property
    def model(self) -> Model: ...

    @property
    def y(self) -> Rows: ...

    @property
    def weight(self) -> Rows: ...


def fingerprint_of(data: Data) -> str:
    """BLAKE3 of J, y and s̃ as little-endian float64, −0 as 0: which data an affine fit is about; '' if f is not."""
    if not data.model.affine:
        return ""
    digest, table = blake3(), data.model.table()
    X = written(table)
    held = np.empty((min(BLOCK, len(X)), table.shape[1]), dtype="<f8")
    for start in range(0, len(X), BLOCK):  # of rows, so that none waits for the whole of J to be written
        some = X[start : start + BLOCK]
        rows = held[: len(some)]
        np.add(some, 0.0, out=rows[:, : X.shape[1]])
        rows[:, X.shape[1] :] = 1.0
        digest.update(rows.reshape(-1).view(np.uint8).data)
    for array in (data.y, data.weight):
        digest.update(np.add(array, 0.0, out=np.empty(array.shape, dtype="<f8")).view(np.uint8).data)
    return f"blake3:{digest.hexdigest()}"
