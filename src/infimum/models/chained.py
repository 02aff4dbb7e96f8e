"""z = f_L(… f₁(u; w₁) …; w_L): models that are a chain of layers, on inputs u made of their rows.

Passes over many rows go through all layers some rows at a time, so that what they keep stays in the cache.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float

from infimum.models import Model, Params, Rows, chain_rule
from infimum.models.chain_rule import Chain, Grouped, grouped
from infimum.models.layers import Array

TOGETHER = 512  # rows at a time


class Chained(Model, ABC):
    """z = f(w), (n,) or (n, m), of rows X (n, p), layer after layer: what a training by batches works on."""

    X: Array

    @property
    @abstractmethod
    def chain(self) -> Chain:
        """The layers, one after another."""

    @property
    def parts(self) -> tuple[int, ...]:
        """How many blocks each layer with parameters has, in the order of the layout."""
        return tuple(len(layer.blocks) for layer in self.chain if layer.blocks)

    @property
    def widest(self) -> int:
        """The most outputs of a layer."""
        return max(shape[-1] for shape in self.layout.shapes)

    @property
    def inputs(self) -> Float[Array, "n p"]:
        """u, what the first layer sees of the rows: X itself, unless a model says otherwise."""
        return self.X

    @property
    def tiles(self) -> tuple[slice, ...]:
        return tuple(slice(start, start + TOGETHER) for start in range(0, len(self.X), TOGETHER)) or (slice(None),)


class Layered(Chained, ABC):
    """z = f(w) in NumPy, by `chain_rule.py`."""

    def __call__(self, w: Params) -> Rows:
        blocks = self._blocks(w)
        return self._joined([chain_rule.forward(self.chain, blocks, rows)[0] for rows in self._tiled()])

    def push(self, w: Params, v: Params) -> Rows:
        blocks, change, found = self._blocks(w), self._blocks(v), []
        for rows in self._tiled():
            _, kept = chain_rule.forward(self.chain, blocks, rows)
            found.append(chain_rule.push(self.chain, blocks, kept, change, np.zeros_like(rows)))
        return self._joined(found)

    def pull(self, w: Params, u: Rows) -> Params:
        blocks, total = self._blocks(w), np.zeros(len(w))
        for at, rows in zip(self.tiles, self._tiled(), strict=True):
            total += self._pulled(blocks, chain_rule.forward(self.chain, blocks, rows)[1], u[at])
        return total

    def linearised(self, w: Params) -> tuple[Rows, Callable[[Rows], Params]]:
        blocks = self._blocks(w)
        z, kept = chain_rule.forward(self.chain, blocks, self.inputs)
        return self._joined([z]), lambda u: self._pulled(blocks, kept, u)

    def _pulled(self, blocks: Grouped, kept: list[object], u: Rows) -> Params:
        _, gradient = chain_rule.pull(self.chain, blocks, kept, u.reshape(len(u), -1), onward=False)
        return np.concatenate([block.ravel() for own in gradient for block in own])

    def _tiled(self) -> Iterator[Array]:
        inputs = self.inputs
        return (inputs[at] for at in self.tiles)

    def _joined(self, parts: list[Array]) -> Rows:
        z = np.concatenate(parts)
        return z[:, 0] if self.outputs == 1 else z

    def _blocks(self, w: Params) -> Grouped:
        return grouped(self.chain, tuple(self.layout.split(w).values()))
