"""h′ₘ = hₘ Wₘ + bₘ, z = mean over m of hₘ: the last layers of members that share the layers before.

They run over (n, members, width), as `layers.Members` made it.
"""

from dataclasses import dataclass
from typing import Any

from array_api_compat import array_namespace

from infimum.models.layers import Array, Block, Blocks, Draw, Layer


@dataclass(frozen=True)
class Heads(Layer):
    """h′ₘ = hₘ Wₘ + bₘ: an affine map for each member, W (members, inputs, outputs)."""

    members: int
    inputs: int
    outputs: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        weight = Block("weight", (self.members, self.inputs, self.outputs))
        return weight, Block("bias", (self.members, self.outputs), True)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        return _each(h, w[0]) + w[1], h

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return _each(dh, w[0]) + _each(kept, dw[0]) + dw[1]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        xp = array_namespace(r)
        dW = xp.permute_dims(kept, (1, 2, 0)) @ xp.permute_dims(r, (1, 0, 2))
        return (_each(r, xp.swapaxes(w[0], 1, 2)) if onward else r), (dW, r.sum(0))


@dataclass(frozen=True)
class Mean(Layer):
    """z = Σₘ hₘ / k: the members predict together."""

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        return h.sum(1) / h.shape[1], h

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return dh.sum(1) / dh.shape[1]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        xp = array_namespace(r)
        return xp.broadcast_to(r[:, None, :] / kept.shape[1], (len(r), kept.shape[1], r.shape[1])), ()


def _each(h: Array, W: Array) -> Array:
    """hₘ Wₘ of every member: (n, k, a), (k, a, b) ↦ (n, k, b)."""
    xp = array_namespace(h)
    return xp.swapaxes(xp.swapaxes(h, 0, 1) @ W, 0, 1)
