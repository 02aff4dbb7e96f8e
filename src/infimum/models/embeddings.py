"""x ↦ h: numbers as waves of themselves, levels as vectors: the layers that a table's columns come through."""

import math
from dataclasses import dataclass
from typing import Any

from array_api_compat import array_namespace, device

from infimum.models.layers import Array, Block, Blocks, Draw, Layer


@dataclass(frozen=True)
class Waves(Layer):
    """h′ⱼ = (xⱼ, cos(2π (xⱼ fⱼ + cⱼ)) Aⱼ + aⱼ) for each column j: numbers as a few learned waves of themselves.

    (n, columns) ↦ (n, columns · (1 + outputs)), `frequencies` waves a column, with weights A (columns, frequencies,
    outputs). Gorishniy, Rubachev & Babenko (2022); with x itself Holzmüller et al. (2024).
    """

    columns: int
    frequencies: int
    outputs: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        p, f, m = self.columns, self.frequencies, self.outputs
        phases = Block("frequency", (p, f), True), Block("phase", (p, f), True)
        return (*phases, Block("weight", (p, f, m)), Block("bias", (p, m), True))

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        f, c, A, a = w
        angle = 2 * math.pi * (h[:, :, None] * f + c)
        wave = array_namespace(h).cos(angle)
        return self._joined(h, _by_column(wave, A) + a), (h, angle, wave)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        (f, _, A, _), (df, dc, dA, da), (h, angle, wave) = w, dw, kept
        turn = -2 * math.pi * array_namespace(h).sin(angle)
        moved = turn * (dh[:, :, None] * f + h[:, :, None] * df + dc)
        return self._joined(dh, _by_column(moved, A) + _by_column(wave, dA) + da)

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        (f, _, A, _), (h, angle, wave) = w, kept
        r = r.reshape(len(r), self.columns, 1 + self.outputs)
        own, waved = r[:, :, 0], r[:, :, 1:]
        xp = array_namespace(h)
        turned = -2 * math.pi * xp.sin(angle) * _by_column(waved, xp.swapaxes(A, 1, 2))
        dA = xp.permute_dims(wave, (1, 2, 0)) @ xp.permute_dims(waved, (1, 0, 2))
        back = own + (turned * f).sum(2) if onward else own
        return back, ((turned * h[:, :, None]).sum(0), turned.sum(0), dA, waved.sum(0))

    def _joined(self, x: Array, waved: Array) -> Array:
        return array_namespace(x).concat([x[:, :, None], waved], axis=2).reshape(len(x), -1)


@dataclass(frozen=True)
class Embedding(Layer):
    """h′ = e_c E: the row of E (levels, width) of the code c of one column, 0 for a code that it has no row for."""

    levels: int
    width: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (Block("weight", (self.levels, self.width)),)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        xp = array_namespace(w[0])
        codes = xp.astype(h == xp.arange(self.levels, dtype=h.dtype, device=device(h)), h.dtype)
        return codes @ w[0], codes

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return kept @ dw[0]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return 0.0 * kept[:, :1], (kept.T @ r,)  # codes do not move


def _by_column(h: Array, A: Array) -> Array:
    """h[:, j] A[j] for every column j: (n, p, f), (p, f, m) ↦ (n, p, m)."""
    xp = array_namespace(h)
    return xp.swapaxes(xp.swapaxes(h, 0, 1) @ A, 0, 1)
