"""f as it is trained: dropout after each activation, and the products of wide layers in bfloat16.

Same parameters, same layout: the chain that predicts is `models/chain_rule.py`'s, in full precision, without either.
"""

from dataclasses import dataclass
from typing import Any

import torch

from infimum.models.chain_rule import Chain
from infimum.models.layers import Affine, Array, Block, Blocks, Curve, Draw, Dropout, Layer, flat

WIDE = 128 * 256  # entries of W from which bfloat16 pays where the processor has tiles for it


@dataclass(frozen=True)
class Halved(Layer):
    """h′ = h W + b, each product of two bfloat16 (8 bits) summed in float32; W, b and their steps stay float32.

    Micikevicius et al. (2018); bfloat16 has the range of float32, so that no loss needs scaling (Kalamkar et al. 2019).
    """

    affine: Affine

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.affine.blocks

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        half, weight = h.bfloat16(), w[0].bfloat16()
        z = (half @ weight).float()
        z += w[1]
        return z, (half, weight)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return self.affine.push(w, kept[0].float(), dw, dh)

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        (half, weight), reaching = kept, r.bfloat16()
        back = (reaching @ weight.T).float() if onward else r
        return back, ((flat(half).T @ flat(reaching)).float(), flat(r).sum(0))


@dataclass(frozen=True)
class Fused(Layer):
    """h′ = φ(h), silu or mish, and φ′(h) r, in one pass over memory each, where the array's own way takes several."""

    activation: str

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        value = getattr(torch.nn.functional, self.activation)(h)
        return value, (h, value)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return self.pull(w, kept, dh)[0]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return getattr(torch.ops.aten, f"{self.activation}_backward")(r, kept[0]), ()


def as_trained(layers: Chain, dropout: float, precision: str) -> Chain:
    """f₁, φ, dropout, f₂, …: with dropout after each activation, and wide layers halved where `precision` says so.

    "auto" is bfloat16 for layers of WIDE weights, where the processor multiplies it in tiles (AMX), else float32.
    """
    least = {"float32": None, "bfloat16": 0, "auto": WIDE if has_tiles() else None}[precision]
    found: list[Layer] = []
    for layer in layers:
        wide = least is not None and isinstance(layer, Affine) and layer.inputs * layer.outputs >= least
        fused = isinstance(layer, Curve) and layer.activation in ("silu", "mish")
        found.append(
            Halved(layer) if wide and isinstance(layer, Affine) else Fused(layer.activation) if fused else layer
        )
        if dropout and isinstance(layer, Curve):
            found.append(Dropout(dropout))
    return tuple(found)


def has_tiles() -> bool:
    """C ← C + A B, A and B tiles of bfloat16: whether this processor has an instruction for it (Intel's AMX)."""
    return bool(torch.cpu._is_amx_tile_supported())
