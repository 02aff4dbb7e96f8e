"""z = f_L(… f₂(f₁(x; w₁); w₂) …; w_L), and ∂z/∂w by the chain rule: reverse mode, written out.

Forward, each layer keeps what its derivative will need. Backward, what reaches the output of a layer, r = ∂ℓ/∂h′,
makes the gradient of its own parameters, (∂f/∂w)ᵀ r, and goes on to the layer below as (∂f/∂h)ᵀ r (Linnainmaa 1970;
Rumelhart, Hinton & Williams 1986). One sweep, as dear as two or three predictions, gives the derivative by every
parameter. `Residual` and `Beside` put chains inside layers, by the same two functions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from array_api_compat import array_namespace

from infimum.models.layers import Array, Block, Blocks, Draw, Layer
from infimum.models.layout import Layout

Chain = tuple[Layer, ...]
Grouped = tuple[Blocks, ...]  # the parameters of each layer of a chain


def layout_of(layers: Chain) -> Layout:
    """(layer0.weight, layer0.bias, …): the parameters of all layers, those without any left out of the count.

    >>> from infimum.models.layers import Affine, Curve
    >>> layout_of((Affine(3, 2), Curve("relu"), Affine(2, 1))).names
    ('layer0.weight', 'layer0.bias', 'layer1.weight', 'layer1.bias')
    """
    own = [layer.blocks for layer in layers if layer.blocks]
    found = [(f"layer{k}.{block.name}", block) for k, blocks in enumerate(own) for block in blocks]
    names = tuple(name for name, _ in found)
    return Layout(names, tuple(block.shape for _, block in found), tuple(block.intercept for _, block in found))


def grouped(layers: Chain, blocks: Sequence[Array]) -> Grouped:
    """((block, …) of f₁, (block, …) of f₂, …): whose parameters each block is."""
    counts = [len(layer.blocks) for layer in layers]
    ends = list(accumulate(counts))
    return tuple(tuple(blocks[end - count : end]) for end, count in zip(ends, counts, strict=True))


def forward(layers: Chain, w: Grouped, h: Array, draw: Draw | None = None) -> tuple[Array, list[Any]]:
    """(z, what each layer kept): h ← f_k(h; w_k), from the first to the last."""
    kept = []
    for layer, own in zip(layers, w, strict=True):
        h, held = layer.forward(own, h, draw)
        kept.append(held)
    return h, kept


def push(layers: Chain, w: Grouped, kept: list[Any], dw: Grouped, dh: Array) -> Array:
    """dz = J dw: dh ← ∂f_k/∂h dh + ∂f_k/∂w dw_k, from the first to the last."""
    for layer, own, held, change in zip(layers, w, kept, dw, strict=True):
        dh = layer.push(own, held, change, dh)
    return dh


def pull(layers: Chain, w: Grouped, kept: list[Any], r: Array, onward: bool = True) -> tuple[Array, Grouped]:
    """((∂z/∂h)ᵀ r, Jᵀ r): r ← (∂f_k/∂h)ᵀ r, from the last to the first, each layer's gradient on the way.

    Where it is not to go onward the first layer need not pass anything on, and what is returned for it is nothing.
    """
    found: list[Blocks] = []
    for _, gradient, below in backwards(layers, w, kept, r, onward):
        found.append(gradient)
        r = below
    return r, tuple(reversed(found))


def backwards(
    layers: Chain, w: Grouped, kept: list[Any], r: Array, onward: bool = True
) -> Iterator[tuple[int, Blocks, Array]]:
    """(k, (∂f_k/∂w)ᵀ r, (∂f_k/∂h)ᵀ r) from the last layer to the first, r what reaches its output: the sweep itself."""
    for k in reversed(range(len(layers))):
        r, gradient = layers[k].pull(w[k], kept[k], r, onward or k > 0)
        yield k, gradient, r


@dataclass(frozen=True)
class Residual(Layer):
    """h′ = h + g(h), g a chain that keeps the width: what reaches the output reaches the input too (He et al. 2016)."""

    layers: Chain

    @property
    def blocks(self) -> tuple[Block, ...]:
        return _inside(self.layers)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        g, kept = forward(self.layers, grouped(self.layers, w), h, draw)
        return h + g, kept

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return dh + push(self.layers, grouped(self.layers, w), kept, grouped(self.layers, dw), dh)

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        back, gradient = pull(self.layers, grouped(self.layers, w), kept, r, onward)
        return (r + back if onward else r), tuple(chain.from_iterable(gradient))


@dataclass(frozen=True)
class Beside(Layer):
    """h′ = (g₁(h[columns₁]), g₂(h[columns₂]), …): chains side by side, each on a slice of the columns."""

    parts: tuple[tuple[slice, Chain], ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for k, (_, layers) in enumerate(self.parts) for block in _inside(layers, f"part{k}."))

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        found = [forward(layers, own, h[:, at], draw) for (at, layers), own in self._each(w)]
        out = [z for z, _ in found]
        return array_namespace(h).concat(out, axis=1), ([kept for _, kept in found], [z.shape[1] for z in out], h)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        inner = zip(self._each(w), self._each(dw), kept[0], strict=True)
        found = [push(layers, own, each, change, dh[:, at]) for ((at, layers), own), (_, change), each in inner]
        return array_namespace(dh).concat(found, axis=1)

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        (inside, widths, h), start = kept, 0
        back, gradient = array_namespace(h).zeros_like(h), []
        for ((at, layers), own), each, width in zip(self._each(w), inside, widths, strict=True):
            below, found = pull(layers, own, each, r[:, start : start + width], onward)
            if onward:
                back[:, at] += below
            gradient += chain.from_iterable(found)
            start += width
        return back, tuple(gradient)

    def _each(self, blocks: Blocks) -> Iterator[tuple[tuple[slice, Chain], Grouped]]:
        start = 0
        for at, layers in self.parts:
            stop = start + sum(len(layer.blocks) for layer in layers)
            yield (at, layers), grouped(layers, blocks[start:stop])
            start = stop


def _inside(layers: Chain, part: str = "") -> tuple[Block, ...]:
    """The parameters of a chain inside a layer, numbered."""
    layout = layout_of(layers)
    found = zip(layout.names, layout.shapes, layout.intercepts, strict=True)
    return tuple(Block(f"{part}{name}", shape, intercept) for name, shape, intercept in found)
