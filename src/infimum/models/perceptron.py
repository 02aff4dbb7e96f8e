"""z = h_L W_L + b_L,  h_{k+1} = φ(h_k W_k + b_k),  h₀ = x: the multilayer perceptron, in NumPy.

It predicts and is checked without torch, its derivatives by the chain rule written out (`chain_rule.py`); the same
lines on tensors, differentiated automatically, are `networks.dense`.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.models import Params, chain_rule
from infimum.models.activations import ACTIVATIONS
from infimum.models.chain_rule import Chain, layout_of
from infimum.models.chained import Layered
from infimum.models.layers import Affine, Curve
from infimum.models.layout import Layout

Matrix = Float[np.ndarray, "n k"]
RECTIFIERS = ("relu", "silu", "mish")  # of which about half of what comes in comes out


def dense_chain(inputs: int, hidden: tuple[int, ...], activation: str = "relu", outputs: int = 1) -> Chain:
    """(Affine, φ, Affine, …, φ, Affine): `hidden` units a layer, and no φ after the last."""
    widths = (inputs, *hidden, outputs)
    pairs = zip(widths[:-1], widths[1:], strict=True)
    return tuple(layer for into, out in pairs for layer in (Affine(into, out), Curve(activation)))[:-1]


def dense_layout(inputs: int, hidden: tuple[int, ...], outputs: int = 1) -> Layout:
    """(layer0.weight (in, out), layer0.bias (out,), …, those of the last layer); biases are intercepts.

    With no hidden layer the flat vector is (coefficients, intercept), as that of a linear model of so many outputs.

    >>> dense_layout(3, (2,)).shapes
    ((3, 2), (2,), (2, 1), (1,))
    """
    return layout_of(dense_chain(inputs, hidden, outputs=outputs))


def initial(layout: Layout, rng: np.random.Generator, activation: str = "relu") -> Params:
    """W ~ N(0, 2/in) before relu, silu or mish, N(0, 1/in) before selu, N(0, 2/(in + out)) else; b = 0, (p,).

    A start where nothing vanishes or blows up: He et al. (2015); Klambauer et al. (2017); Glorot & Bengio (2010), whose
    rule the last layer takes too: no activation follows it.

    >>> import numpy as np
    >>> initial(dense_layout(3, (2,)), np.random.default_rng(0)).shape
    (11,)
    """
    blocks = []
    for shape, bias in zip(layout.shapes, layout.intercepts, strict=True):
        into, out = (0, shape[0]) if bias else shape
        last = len(blocks) >= len(layout.shapes) - 2
        variance = 0.0 if bias else 2 / (into + out)
        if not bias and not last and activation in (*RECTIFIERS, "selu"):
            variance = (2 if activation in RECTIFIERS else 1) / into
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
class Perceptron(Layered):
    """z = φ(… φ(x W₀ + b₀) …) W_L + b_L for each row x of X (n, p), with `hidden` units a layer and φ = activation.

    activation: "relu", "tanh", "selu", "silu", "mish" or "identity". z is (n,), or (n, m) for m > 1 outputs.
    Affine in the parameters exactly when there is no hidden layer.
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
    def chain(self) -> Chain:
        """The layers, one after another."""
        return dense_chain(self.X.shape[1], self.hidden, self.activation, self.outputs)

    @property
    def layout(self) -> Layout:
        return layout_of(self.chain)

    @property
    def affine(self) -> bool:
        return not self.hidden

    def jacobian(self, w: Params) -> Matrix:
        if not self.hidden:
            return np.column_stack([self.X, np.ones(len(self.X))])  # of every output
        if self.outputs > 1:
            raise ValueError(f"a jacobian of {self.outputs} outputs a row is not formed: use push and pull")
        chain, blocks = self.chain, self._blocks(w)
        _, kept = chain_rule.forward(chain, blocks, self.X)
        reaching, found = np.ones((len(self.X), 1)), []  # `pull` with u = 1, but no sum over the rows
        for k in reversed(range(len(chain))):
            if k % 2:
                reaching = chain[k].pull((), kept[k], reaching)[0]
                continue
            found += [reaching, (kept[k][:, :, None] * reaching[:, None, :]).reshape(len(self.X), -1)]
            reaching = reaching @ blocks[k][0].T
        return np.concatenate(found[::-1], axis=1)

    def rows(self, index: Any) -> "Perceptron":
        return replace(self, X=self.X[index])
