"""f as it is trained: its products and curves in one pass over memory each, dropout, wide layers in bfloat16.

Same parameters, same layout: the chain that predicts is `models/chain_rule.py`'s, in full precision, without any of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from infimum.models.activations import SELU
from infimum.models.chain_rule import Chain
from infimum.models.layers import Affine, Array, Block, Blocks, Curve, Draw, Dropout, Layer, flat

WIDE = {"tiles": 256, "vectors": 512}  # columns of h and of h′ from which bfloat16 pays, by how it is multiplied
THIN = 16  # columns of h′ below which products are faster the other way round, h′ᵀ = Wᵀ hᵀ (measured: MKL, OpenBLAS)
FULL, HALF = torch.float32, torch.bfloat16
Precisions = tuple[torch.dtype, torch.dtype]  # of a product, and of what comes out

aten, functional = torch.ops.aten, torch.nn.functional
PASSES: dict[str, tuple[Callable[[Array], Array], Callable[..., Array]]] = {  # φ(h), and (r, h, φ(h)) ↦ φ′(h) r
    "relu": (torch.relu, lambda r, h, value: aten.threshold_backward(r, value, 0)),
    "tanh": (torch.tanh, lambda r, h, value: aten.tanh_backward(r, value)),
    "selu": (functional.selu, lambda r, h, value: aten.elu_backward(r, SELU[1], SELU[0], 1.0, False, h)),
    "silu": (functional.silu, lambda r, h, value: aten.silu_backward(r, h)),
    "mish": (functional.mish, lambda r, h, value: aten.mish_backward(r, h)),
}


@dataclass(frozen=True)
class Product(Layer):
    """h′ = h W + b, product and sum at once, and (hᵀ r, Σ r) written where the gradient is to be.

    inside is the precision of the products, then that of h′. In bfloat16 (8 bits) each sums in float32; W, b and their
    steps stay float32 (Micikevicius et al. 2018). It has the range of float32, so that no loss needs scaling (Kalamkar
    et al. 2019).
    """

    affine: Affine
    into: Blocks
    inside: torch.dtype = FULL
    then: torch.dtype = FULL

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.affine.blocks

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        rows, weight, bias = h.to(self.inside), w[0].to(self.inside), w[1].to(self.inside)
        if self.affine.outputs < THIN:
            z = torch.addmm(bias[:, None], weight.T, flat(rows).T).T.to(self.then)
        else:
            z = torch.addmm(bias, flat(rows), weight).to(self.then)
        return (z if h.ndim == 2 else z.reshape(*h.shape[:-1], -1)), (rows, weight)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return self.affine.push(w, kept[0].to(dh.dtype), dw, dh)

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        (rows, weight), (slope, level) = kept, self.into
        reaching = r.to(self.inside)
        here, there = flat(rows), flat(reaching)
        if self.affine.outputs < THIN:
            slope.copy_((there.T @ here).T)
        elif self.inside == FULL:
            torch.mm(here.T, there, out=slope)
        else:
            slope.copy_(here.T @ there)
        torch.sum(flat(r), 0, dtype=FULL, out=level)
        return (reaching @ weight.T if onward else r), self.into


@dataclass(frozen=True)
class Fused(Layer):
    """h′ = φ(h), and φ′(h) r, in one pass over memory each, where the array's own way takes several."""

    activation: str

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        value = PASSES[self.activation][0](h)
        return value, (h, value)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return self.pull(w, kept, dh)[0]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return PASSES[self.activation][1](r, *kept), ()

    def steep(self, kept: Any, least: float) -> tuple[Array, ...]:
        return Curve(self.activation).steep(kept, least)


def as_trained(layers: Chain, into: Sequence[Blocks], dropout: float, precision: str) -> Chain:
    """f₁, φ, dropout, f₂, …: products and curves in one pass, dropout after each curve, wide layers in bfloat16.

    into holds the parts of the gradient, by layer. precision "auto" is bfloat16 for layers at least WIDE on both sides
    where the processor multiplies it, else float32.
    """
    least, then = least_halved(precision), FULL
    found: list[Layer] = []
    for layer, own in zip(reversed(layers), reversed(into), strict=True):  # a product knows what the next one takes
        inside = then if isinstance(layer, Curve) else HALF if _narrowest(layer) >= least else FULL
        found += REPLACED.get(type(layer), _as_it_is)(layer, own, (inside, then), dropout)
        then = inside
    return tuple(reversed(found))


def _narrowest(layer: Layer) -> float:
    return min(layer.inputs, layer.outputs) if isinstance(layer, Affine) else -1


def _curve(layer: Any, own: Blocks, precisions: Precisions, dropout: float) -> list[Layer]:
    fused = Fused(layer.activation) if layer.activation in PASSES else layer
    return [Dropout(dropout), fused] if dropout else [fused]  # the last first


def _product(layer: Any, own: Blocks, precisions: Precisions, dropout: float) -> list[Layer]:
    return [Product(layer, own, *precisions)]


def _as_it_is(layer: Layer, own: Blocks, precisions: Precisions, dropout: float) -> list[Layer]:
    return [layer]


REPLACED: dict[type, Callable[[Any, Blocks, Precisions, float], list[Layer]]] = {Curve: _curve, Affine: _product}


def halved(layers: Chain) -> bool:
    """[some hₖ Wₖ of bfloat16]: whether a product of the chain is in it."""
    return any(isinstance(layer, Product) and layer.inside == HALF for layer in layers)


def least_halved(precision: str, wide: Mapping[str, float] = WIDE) -> float:
    """min(in, out) of a layer from which it is in bfloat16: by "float32" never, by "bfloat16" always."""
    automatic = wide.get(multiplied(), float("inf"))
    return {"float32": float("inf"), "bfloat16": 0.0, "auto": automatic}[precision]


def multiplied() -> str:
    """C ← C + A B of bfloat16, by this processor: in "tiles" (AMX), in "vectors" (AVX-512 BF16), or "not at all"."""
    if torch.cpu._is_amx_tile_supported():
        return "tiles"
    return "vectors" if torch.cpu._is_avx512_bf16_supported() else "not at all"
