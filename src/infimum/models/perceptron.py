"""z = h_L W_L + b_L,  h_{k+1} = φ(h_k W_k + b_k),  h₀ = x: the multilayer perceptron, its derivatives written out.

Two sweeps are all there is. Forward mode carries a change v of the parameters along with the prediction, J v. Reverse
mode carries a residual u back, Jᵀ u: at each layer, what reaches its output makes the gradient of its weights, and
through W and φ′ reaches the layer below (backpropagation: Rumelhart, Hinton & Williams 1986). NumPy alone: it predicts
and is checked without torch, and it is the twin of `networks.dense`, which differentiates automatically.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Model, Params, Rows
from infimum.models.layout import Layout

Matrix = Float[np.ndarray, "n k"]
Layers = list[tuple[np.ndarray, np.ndarray]]  # (W, b) of each layer: (in, out), (out,)


@dataclass(frozen=True)
class Activation:
    """φ(a) and φ′(a), entry by entry; φ′ of relu at 0 is 0."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


ACTIVATIONS = {
    "identity": Activation(lambda a: a, np.ones_like),
    "relu": Activation(lambda a: np.maximum(a, 0.0), lambda a: (a > 0).astype(float)),
    "tanh": Activation(np.tanh, lambda a: 1 - np.tanh(a) ** 2),
}


def dense_layout(inputs: int, hidden: tuple[int, ...], outputs: int = 1) -> Layout:
    """(layer0.weight (in, out), layer0.bias (out,), …, those of the last layer); biases are intercepts.

    With no hidden layer the flat vector is (coefficients, intercept), as that of a linear model of so many outputs.

    >>> dense_layout(3, (2,)).shapes
    ((3, 2), (2,), (2, 1), (1,))
    """
    widths = (inputs, *hidden, outputs)
    pairs = list(zip(widths[1:], widths[:-1], strict=True))
    return Layout(
        tuple(f"layer{k}.{part}" for k in range(len(pairs)) for part in ("weight", "bias")),
        tuple(shape for out, into in pairs for shape in ((into, out), (out,))),
        tuple(part for _ in pairs for part in (False, True)),
    )


def initial(layout: Layout, rng: np.random.Generator, activation: str = "relu") -> Params:
    """W ~ N(0, 2/in) before relu, N(0, 2/(in + out)) else; b = 0: a start where nothing vanishes or blows up, (p,).

    He et al. (2015); Glorot & Bengio (2010), whose rule the last layer takes too: no activation follows it.

    >>> import numpy as np
    >>> initial(dense_layout(3, (2,)), np.random.default_rng(0)).shape
    (11,)
    """
    blocks = []
    for shape, bias in zip(layout.shapes, layout.intercepts, strict=True):
        into, out = (0, shape[0]) if bias else shape
        last = len(blocks) >= len(layout.shapes) - 2
        variance = 0.0 if bias else 2 / into if activation == "relu" and not last else 2 / (into + out)
        blocks.append(np.sqrt(variance) * rng.standard_normal(int(np.prod(shape))))
    return np.concatenate(blocks)


def check_architecture(hidden: tuple[int, ...], activation: str) -> None:
    """hidden = (h₁, h₂, …), each a whole number ≥ 1, and an activation by name.

    Raises ValueError for any other.
    """
    if not all(isinstance(width, int | np.integer) and width >= 1 for width in hidden):
        raise ValueError(f"hidden = {hidden!r}; expected whole numbers ≥ 1, one a hidden layer, or () for none")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation = {activation!r}; there are: {', '.join(sorted(ACTIVATIONS))}")


@dataclass(frozen=True)
class Perceptron(Model):
    """z = φ(… φ(x W₀ + b₀) …) W_L + b_L for each row x of X (n, p), with `hidden` units a layer and φ = activation.

    activation: "relu", "tanh" or "identity". z is (n,), or (n, m) for m > 1 outputs. Affine in the parameters exactly
    when there is no hidden layer.
    Raises ValueError for a width below 1 or an unknown activation.

    >>> import numpy as np
    >>> Perceptron(np.array([[1.0, 2.0]]), hidden=(1,))(np.array([3.0, 4.0, 5.0, 2.0, 1.0]))
    array([33.])
    """

    X: Matrix
    hidden: tuple[int, ...] = ()
    activation: str = "relu"
    outputs: int = 1

    def __post_init__(self) -> None:
        check_architecture(self.hidden, self.activation)

    @property
    def layout(self) -> Layout:
        return dense_layout(self.X.shape[1], self.hidden, self.outputs)

    @property
    def affine(self) -> bool:
        return not self.hidden

    def __call__(self, w: Params) -> Rows:
        return self._shaped(self._forward(self._layers(w))[1][-1])

    def push(self, w: Params, v: Params) -> Rows:
        layers = self._layers(w)
        inputs, sums = self._forward(layers)
        change = np.zeros_like(inputs[0])  # of h_k: x does not change
        for k, (dW, db) in enumerate(self._layers(v)):
            moved = change @ layers[k][0] + inputs[k] @ dW + db  # product rule: d(h W) = dh W + h dW
            change = self._slope(sums[k]) * moved  # chain rule through φ
        return self._shaped(moved)

    def pull(self, w: Params, u: Rows) -> Params:
        layers = self._layers(w)
        inputs, sums = self._forward(layers)
        reaching, blocks = u.reshape(len(u), -1), []  # ∂/∂(output of layer k), (n, out)
        for k in reversed(range(len(layers))):
            blocks += [reaching.sum(axis=0), (inputs[k].T @ reaching).ravel()]  # ∂/∂b = Σ r,  ∂/∂W = Σ hᵀ r
            if k:
                reaching = (reaching @ layers[k][0].T) * self._slope(sums[k - 1])  # through Wᵀ, then through φ
        return np.concatenate(blocks[::-1])

    def jacobian(self, w: Params) -> Matrix:
        if not self.hidden:
            return np.column_stack([self.X, np.ones(len(self.X))])  # of every output
        if self.outputs > 1:
            raise ValueError(f"a jacobian of {self.outputs} outputs a row is not formed: use push and pull")
        layers = self._layers(w)
        inputs, sums = self._forward(layers)
        reaching, blocks = np.ones((len(self.X), 1)), []  # `pull` with u = 1, but no sum over the rows
        for k in reversed(range(len(layers))):
            blocks += [reaching, (inputs[k][:, :, None] * reaching[:, None, :]).reshape(len(self.X), -1)]
            if k:
                reaching = (reaching @ layers[k][0].T) * self._slope(sums[k - 1])
        return np.concatenate(blocks[::-1], axis=1)

    def rows(self, index: Any) -> "Perceptron":
        return replace(self, X=self.X[index])

    def _shaped(self, z: Matrix) -> Rows:
        return z[:, 0] if self.outputs == 1 else z

    def _layers(self, w: Params) -> Layers:
        blocks = list(self.layout.split(w).values())
        return list(zip(blocks[::2], blocks[1::2], strict=True))

    def _forward(self, layers: Layers) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """(h₀, h₁, …), (h₀W₀ + b₀, h₁W₁ + b₁, …): what enters each layer, and what leaves it before φ."""
        inputs, sums = [self.X], []
        for W, b in layers:
            sums.append(inputs[-1] @ W + b)
            inputs.append(ACTIVATIONS[self.activation].value(sums[-1]))
        return inputs[:-1], sums

    def _slope(self, a: np.ndarray) -> np.ndarray:
        return ACTIVATIONS[self.activation].slope(a)
