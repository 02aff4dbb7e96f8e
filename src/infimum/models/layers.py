"""h ↦ f(h; w): the layers that networks are made of, each with its two linear maps.

A layer is a small model: it predicts, h′ = f(h; w); it pushes a change of its input and parameters forward,
dh′ = ∂f/∂h dh + ∂f/∂w dw; and it pulls what reaches its output back, r ↦ ((∂f/∂h)ᵀ r, (∂f/∂w)ᵀ r). All are written out
by hand, in array-API style: NumPy arrays and torch tensors pass through the same lines. h is (n, width), or
(n, members, width) below `Members`. Put one after another by `chain_rule.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from array_api_compat import array_namespace

from infimum.models.activations import ACTIVATIONS

Array = Any  # a NumPy array or a torch tensor: the layers take both
Blocks = tuple[Array, ...]  # the parameters of one layer, or what reaches them
Draw = Callable[[tuple[int, ...]], Array]  # shape ↦ numbers uniform on [0, 1)


@dataclass(frozen=True)
class Block:
    """w = (…, block, …): a parameter of a layer, by name and shape; intercept where no penalty touches it."""

    name: str
    shape: tuple[int, ...]
    intercept: bool = False


class Layer(ABC):
    """h′ = f(h; w), with what it kept for the two linear maps."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The parameters w: none, unless a layer says otherwise."""
        return ()

    @property
    def random(self) -> bool:
        """Whether a training draws numbers for it."""
        return False

    def steep(self, kept: Any, least: float) -> tuple[Array, ...]:
        """(|φ′| ≥ least, (n, units)) of each activation in it."""
        return ()

    @abstractmethod
    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        """(h′, what `push` and `pull` are to know). draw gives the random numbers of a training; None outside one."""

    @abstractmethod
    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        """dh′ = ∂f/∂h dh + ∂f/∂w dw."""

    @abstractmethod
    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        """((∂f/∂h)ᵀ r, (∂f/∂w)ᵀ r); the first may be anything where it is not to go onward."""


@dataclass(frozen=True)
class Affine(Layer):
    """h′ = h W + b, W (inputs, outputs)."""

    inputs: int
    outputs: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        return Block("weight", (self.inputs, self.outputs)), Block("bias", (self.outputs,), True)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        z = h @ w[0]
        z += w[1]
        return z, h

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return dh @ w[0] + kept @ dw[0] + dw[1]  # product rule: d(h W) = dh W + h dW

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        h, reaching = flat(kept), flat(r)
        return (r @ w[0].T if onward else r), (h.T @ reaching, reaching.sum(0))


@dataclass(frozen=True)
class Curve(Layer):
    """h′ = φ(h), φ the activation of that name."""

    activation: str

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        value = ACTIVATIONS[self.activation].value(h)
        return value, (h, value)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return ACTIVATIONS[self.activation].slope(*kept) * dh  # chain rule through φ

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return ACTIVATIONS[self.activation].slope(*kept) * r, ()  # a diagonal is its own transpose

    def steep(self, kept: Any, least: float) -> tuple[Array, ...]:
        return (abs(ACTIVATIONS[self.activation].slope(*kept)) >= least,)


@dataclass(frozen=True)
class Blend(Layer):
    """h′ = h + α ∘ (φ(h) − h): how much each unit bends is learned, α = 0 not at all (Holzmüller et al. 2024)."""

    activation: str
    width: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (Block("alpha", (self.width,), True),)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        value = ACTIVATIONS[self.activation].value(h)
        return h + w[0] * (value - h), (h, value)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        h, value = kept
        return self._slope(w, kept) * dh + dw[0] * (value - h)

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        h, value = kept
        return self._slope(w, kept) * r, (flat(r * (value - h)).sum(0),)

    def _slope(self, w: Blocks, kept: Any) -> Array:
        return 1 + w[0] * (ACTIVATIONS[self.activation].slope(*kept) - 1)


@dataclass(frozen=True)
class Scale(Layer):
    """h′ = s ∘ h: how much each column counts is learned."""

    width: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (Block("scale", (self.width,), True),)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        return w[0] * h, h

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return w[0] * dh + dw[0] * kept

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return w[0] * r, (flat(r * kept).sum(0),)


@dataclass(frozen=True)
class Members(Layer):
    """h′ₘ = sₘ ∘ h for each member m: one network, seen by k members through scales of their own (Gorishniy 2024).

    (n, width) ↦ (n, k, width), and (n, k, width) ↦ the same: the rows of all members go through one product.
    """

    members: int
    width: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (Block("scale", (self.members, self.width), True),)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        each = h[:, None, :] if h.ndim == 2 else h
        return w[0] * each, (each, h.ndim)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return w[0] * (dh[:, None, :] if dh.ndim == 2 else dh) + dw[0] * kept[0]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        back, (each, dimensions) = w[0] * r, kept
        return back.sum(1) if dimensions == 2 else back, ((r * each).sum(0),)


@dataclass(frozen=True)
class Normalise(Layer):
    """h′ = g ∘ (h − mean h) / √(var h + ε) + c, mean and variance over the units of a row (Ba, Kiros & Hinton 2016)."""

    width: int
    room: float = 1e-5

    @property
    def blocks(self) -> tuple[Block, ...]:
        return Block("gain", (self.width,), True), Block("shift", (self.width,), True)

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        centred = h - _mean(h)
        size = (_mean(centred * centred) + self.room) ** 0.5
        unit = centred / size
        return w[0] * unit + w[1], (unit, size)

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        unit, _ = kept
        return w[0] * self._across(kept, dh) + dw[0] * unit + dw[1]

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return self._across(kept, w[0] * r), (flat(r * kept[0]).sum(0), flat(r).sum(0))

    def _across(self, kept: Any, d: Array) -> Array:
        """(I − 11ᵀ/m − uuᵀ/m) d / size: a projection, so the same both ways."""
        unit, size = kept
        return (d - _mean(d) - unit * _mean(unit * d)) / size


@dataclass(frozen=True)
class Dropout(Layer):
    """h′ = h ∘ m / (1 − share), mᵢⱼ = 0 with that probability while training, else h (Srivastava et al. 2014)."""

    share: float

    @property
    def random(self) -> bool:
        return self.share > 0

    def forward(self, w: Blocks, h: Array, draw: Draw | None = None) -> tuple[Array, Any]:
        if draw is None or self.share == 0:
            return h, 1.0
        shape = tuple(h.shape) if h.ndim == 2 else (len(h), 1, h.shape[-1])  # the members of a row share theirs
        mask = array_namespace(h).astype(draw(shape) >= self.share, h.dtype) / (1 - self.share)
        return h * mask, mask

    def push(self, w: Blocks, kept: Any, dw: Blocks, dh: Array) -> Array:
        return dh * kept

    def pull(self, w: Blocks, kept: Any, r: Array, onward: bool = True) -> tuple[Array, Blocks]:
        return r * kept, ()


def flat(h: Array) -> Array:
    """(n, …, width) ↦ (rows, width)."""
    return h if h.ndim == 2 else h.reshape(-1, h.shape[-1])


def _mean(h: Array) -> Array:
    return h.sum(-1, keepdims=True) / h.shape[-1]
