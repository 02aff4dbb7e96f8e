"""∂L/∂w = ∂L/∂z · ∂z/∂h_L · … · ∂h/∂w: one entry of a gradient, layer by layer, in the numbers of a fitted network."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infimum.estimators.rows import rows_of
from infimum.losses import loss_named
from infimum.models import chain_rule
from infimum.models.layers import Affine, Layer
from infimum.models.perceptron import Perceptron

STEP = 6e-6  # of a central difference, times the size of w: the cube root of the unit of rounding
SHOWN = 6  # numbers of a vector, at most
PAIRS = 3  # rows whose products are written out


@dataclass(frozen=True)
class Explanation:
    """∂L/∂w as the sweep makes it: (what, how, ∂L by its input (n, …)) a layer, down to the one that holds w."""

    parameter: str
    value: float
    steps: tuple[tuple[str, str, np.ndarray], ...]
    entering: np.ndarray  # ∂a/∂w of each row, (n,): what the weight multiplies, or 1
    reaching: np.ndarray  # ∂L/∂a of each row, (n,)
    difference: float  # (L(w + t) − L(w − t)) / 2t
    gradient: float

    @property
    def error(self) -> float:
        """|gradient − central difference|, of the larger of both."""
        largest = max(abs(self.gradient), abs(self.difference))
        return abs(self.gradient - self.difference) / largest if largest else 0.0

    def __str__(self) -> str:
        """A line a layer, from the loss back; then the product, and the central difference beside it."""
        wide = max(len(what) for what, _, _ in self.steps)
        how = max(len(by) for _, by, _ in self.steps)
        lines = [f"∂L/∂{self.parameter}, which is {self.value:.6g}, L the mean loss of {_rows(len(self.reaching))}"]
        lines += [f"  {what:<{wide}}  {by:<{how}}  {_told(r)}" for what, by, r in self.steps]
        each = zip(self.entering[:PAIRS], self.reaching[:PAIRS], strict=True)
        product = " + ".join(f"{a:.4g} · {b:.4g}" for a, b in each) + " + …" * (len(self.reaching) > PAIRS)
        lines.append(f"  what it multiplies · what reaches it: {product} = {self.gradient:.9g}")
        return "\n".join([*lines, f"  central difference {self.difference:.9g}: {self.error:.1g} of it apart"])


def explain_gradient(model: Any, X: Any, y: Any, parameter: str) -> Explanation:
    """∂L/∂w = Σᵢ ∂L/∂aᵢ · ∂aᵢ/∂w, L = Σᵢ ℓ(f(xᵢ), yᵢ) / n: a fitted network's derivative by one parameter, explained.

    model is an MLPRegressor, MLPClassifier or MLPPoissonRegressor; X (n, p), y (n,) any rows, one or more; parameter is
    "layer1.weight[3, 0]" or "layer0.bias[2]", layers from 0, as in `coefs_` and `intercepts_`. All of it is in float64,
    by the chain rule written out (`models/chain_rule.py`). Raises ValueError for a parameter that is not there.

    >>> from infimum import MLPRegressor
    >>> X, y = np.linspace(-1, 1, 40)[:, None], np.linspace(-1, 1, 40) ** 2
    >>> model = MLPRegressor((4,), activation="tanh").fit(X, y)
    >>> explain_gradient(model, X[:1], y[:1] + 1, "layer0.weight[0, 2]").error < 1e-6
    True
    """
    check_is_fitted(model)
    if model.problem_["form"] != "network":
        raise ValueError(f"{type(model).__name__} is no network: give an MLPRegressor or MLPClassifier that is fitted")
    X = rows_of(model, X)
    network = Perceptron(X, tuple(model.problem_["hidden"]), model.problem_["activation"], len(model.intercepts_[-1]))
    name, index = _place(network, parameter)
    loss = loss_named(model.problem_["loss"], len(vars(model).get("classes_", (0, 1))))
    target = np.asarray(y) if model.problem_["classes"] is None else np.searchsorted(model.classes_, y)
    target = np.broadcast_to(target, len(X)).astype(float)

    def loss_at(change: float) -> float:
        blocks = {key: block.copy() for key, block in network.layout.split(model.params_).items()}
        blocks[name][index] += change
        w = np.concatenate([block.ravel() for block in blocks.values()])
        return float(np.mean(loss.value(network(w), target)))

    layers = network.chain
    w = chain_rule.grouped(layers, tuple(network.layout.split(model.params_).values()))
    z, kept = chain_rule.forward(layers, w, X)
    u = loss.gradient(z[:, 0] if network.outputs == 1 else z, target).reshape(z.shape) / len(X)
    steps = [("loss", "∂L/∂z = ℓ′(z) / n", u)]
    at = 2 * int(name.removeprefix("layer").partition(".")[0])  # Affine, φ, Affine, …
    for k, gradients, below in chain_rule.backwards(layers, w, kept, u):
        if k == at:
            found = float(gradients[0 if name.endswith("weight") else 1][index])
            break
        steps.append((*_words(layers[k], k), below))
    entering = kept[at][:, index[0]] if name.endswith("weight") else np.ones(len(X))
    reaching, value = steps[-1][2][:, index[-1]], float(network.layout.split(model.params_)[name][index])
    step = STEP * max(abs(value), 1e-3)
    difference = (loss_at(step) - loss_at(-step)) / (2 * step)
    return Explanation(parameter, value, tuple(steps), entering, reaching, difference, found)


def _place(network: Perceptron, parameter: str) -> tuple[str, tuple[int, ...]]:
    """(block, index) of "layer0.weight[1, 2]". Raises ValueError for what is not there, with what is."""
    name, _, inside = parameter.partition("[")
    shapes = dict(zip(network.layout.names, network.layout.shapes, strict=True))
    try:
        index = tuple(int(part) for part in inside.rstrip("]").split(","))
        there = len(index) == len(shapes[name]) and all(
            0 <= i < size for i, size in zip(index, shapes[name], strict=True)
        )
    except (KeyError, ValueError):
        there = False
    if not there:
        known = ", ".join(
            f"{each}[{', '.join(f'0 to {size - 1}' for size in shape)}]" for each, shape in shapes.items()
        )
        raise ValueError(f"parameter = {parameter!r} is none of this network; there are {known}")
    return name, index


def _words(layer: Layer, k: int) -> tuple[str, str]:
    """(what the layer is, how it passes on what reaches it)."""
    if isinstance(layer, Affine):
        return f"layer{k // 2}, {layer.inputs} → {layer.outputs}", "∂L/∂h = ∂L/∂a Wᵀ"
    return f"{layer.activation} of layer{k // 2}", "∂L/∂a = φ′(a) ∂L/∂h"  # type: ignore[attr-defined]


def _told(r: np.ndarray) -> str:
    """The numbers of a vector, or how many there are, how many are 0 and how long it is; of several rows together."""
    if r.size <= SHOWN:
        return "(" + ", ".join(f"{number:.4g}" for number in r.ravel()) + ")"
    zeros = np.count_nonzero(r == 0)
    none = f", {zeros} of them 0" if zeros else ""
    return f"{r.size} numbers{none}, of length {np.linalg.norm(r):.4g}"


def _rows(count: int) -> str:
    return "one row" if count == 1 else f"{count} rows"
