"""BLAKE3(J, y, s̃): the bytes that a fit is about, so that no other table is taken for them.

BLAKE3 (O'Connor, Aumasson, Neves & Wilcox-O'Hearn 2020) is as hard to deceive as SHA-256, at a quarter of its time.
"""

from typing import Protocol

import numpy as np
from blake3 import blake3

from infimum.models import Model, Rows

BLOCK = 2048  # rows hashed at a time


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
    digest, zero = blake3(), np.zeros(data.model.layout.size)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(data.y), BLOCK)]
    for block in blocks:  # of rows, so that none waits for the whole of J to be written
        digest.update(_little(data.model.rows(block).jacobian(zero)))
    for array in (data.y, data.weight):
        for block in blocks:
            digest.update(_little(array[block]))
    return f"blake3:{digest.hexdigest()}"


def _little(array: np.ndarray) -> memoryview:
    """Bytes of little-endian float64, −0 as 0."""
    return np.add(array, 0.0, out=np.empty(array.shape, dtype="<f8")).reshape(-1).view(np.uint8).data
