"""z = f(ŵ) row by row: the same bits for a row alone as among a million, which matrix products do not promise.

A product of matrices adds in an order that depends on their shapes; here each row's sum runs over the features in their
order, one after the other.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.models.activations import ACTIVATIONS
from infimum.models.perceptron import dense_layout
from infimum.models.splines import Basis

TOGETHER = 4096  # rows at a time: they stay in the cache


def forecast(fit: dict[str, Any], params: np.ndarray, X: np.ndarray, outputs: int = 1) -> np.ndarray:
    """z (n,) or (n, m) of the rows X (n, P) under a fit as a model file describes it: form, hidden, basis; parameters.

    >>> fit = {"form": "linear", "hidden": [], "features": None, "basis": None}
    >>> forecast(fit, np.array([2.0, 1.0]), np.array([[3.0], [0.5]])).tolist()
    [7.0, 2.0]
    """
    X = X[:, :0] if fit["form"] == "constant" else X
    X = X if fit["features"] is None else X[:, fit["features"]]
    basis = Basis.from_json(fit["basis"]) if fit["basis"] else None
    inputs = X.shape[1] if basis is None else basis.features
    layers = layers_of(params, inputs, tuple(fit["hidden"]), outputs)
    z = np.empty((len(X), outputs))
    for start in range(0, len(X), TOGETHER):
        rows = X[start : start + TOGETHER]
        z[start : start + TOGETHER] = _through(layers, rows if basis is None else basis(rows))
    return z[:, 0] if outputs == 1 else z


def layers_of(
    params: np.ndarray, inputs: int, hidden: Sequence[int], outputs: int = 1
) -> list[tuple[np.ndarray, np.ndarray]]:
    """[(W (in, out), b (out,)) of each layer]; a linear model is one layer, whose parameters are (in + 1, out)."""
    if not hidden:
        whole = params.reshape(inputs + 1, outputs)
        return [(whole[:-1], whole[-1])]
    blocks = list(dense_layout(inputs, tuple(hidden), outputs).split(params).values())
    return list(zip(blocks[::2], blocks[1::2], strict=True))


def shares(z: np.ndarray) -> np.ndarray:
    """p = softmax(C z) (n, K) of contrasts z (n, K − 1), each row's sums in the same order whatever the other rows.

    >>> shares(np.zeros((1, 2))).round(3).tolist()
    [[0.333, 0.333, 0.333]]
    """
    C = contrasts(z.shape[1] + 1)
    eta = np.zeros((len(z), len(C)))
    for a in range(z.shape[1]):
        eta += z[:, a, None] * C[:, a]
    e = np.exp(eta - eta.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def probabilities(z: np.ndarray, loss: Loss) -> np.ndarray:
    """p (n, K) of the classes from z (n,) of two or (n, K − 1) of several, row by row.

    >>> from infimum.losses import Logistic
    >>> probabilities(np.zeros(1), Logistic()).tolist()
    [[0.5, 0.5]]
    """
    return np.column_stack([loss.mean(-z), loss.mean(z)]) if z.ndim == 1 else shares(z)


def _through(layers: list[tuple[np.ndarray, np.ndarray]], X: np.ndarray) -> np.ndarray:
    h = X
    for at, (W, b) in enumerate(layers):
        z = np.repeat(b[None, :], len(h), axis=0)
        for j in range(W.shape[0]):
            z += h[:, j, None] * W[j]
        h = ACTIVATIONS["relu"].value(z) if at < len(layers) - 1 else z
    return h
