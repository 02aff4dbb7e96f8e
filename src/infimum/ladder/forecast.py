"""z = f(ŵ) row by row: the same bits for a row alone as among a million, which matrix products do not promise.

A product of matrices adds in an order that depends on their shapes; here each row's sum runs over the features in their
order, one after the other.
"""

from typing import Any

import numpy as np

from infimum.kernels.ordered import ordered_product
from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.models.activations import ACTIVATIONS
from infimum.models.splines import Basis
from infimum.models.tabular import Recipe, Tabular

TOGETHER = 1024  # rows at a time: they stay in the cache


def forecast(fit: dict[str, Any], params: np.ndarray, X: np.ndarray, outputs: int = 1) -> np.ndarray:
    """z (n,) or (n, m) of the rows X (n, P) under a fit as a model file describes it: form, recipe, basis; parameters.

    >>> fit = {"form": "linear", "recipe": None, "features": None, "basis": None}
    >>> forecast(fit, np.array([2.0, 1.0]), np.array([[3.0], [0.5]])).tolist()
    [7.0, 2.0]
    """
    X = X[:, :0] if fit["form"] == "constant" else X
    X = X if fit["features"] is None else X[:, fit["features"]]
    basis = Basis.from_json(fit["basis"]) if fit["basis"] else None
    recipe = Recipe.from_json(fit["recipe"]) if fit["recipe"] else None
    z = np.empty((len(X), outputs))
    for start in range(0, len(X), TOGETHER):
        rows = X[start : start + TOGETHER]
        if recipe:
            z[start : start + TOGETHER] = _of_members(recipe, params, rows, outputs)
        else:
            z[start : start + TOGETHER] = _linear(params, rows if basis is None else basis(rows), outputs)
    return z[:, 0] if outputs == 1 else z


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


def _linear(params: np.ndarray, X: np.ndarray, outputs: int) -> np.ndarray:
    W = params.reshape(X.shape[1] + 1, outputs)
    z = np.repeat(W[None, -1], len(X), axis=0)
    for j in range(X.shape[1]):
        z += X[:, j, None] * W[j]
    return z


def _of_members(recipe: Recipe, params: np.ndarray, X: np.ndarray, outputs: int) -> np.ndarray:
    """`models.tabular.Tabular`, every sum in its order."""
    *blocks, head, level = Tabular(X, recipe, outputs).layout.split(params).values()
    phi, k, q = ACTIVATIONS[recipe.activation].value, recipe.members, len(recipe.numbers)
    h = recipe.inputs(X)
    if q:
        frequency, phase, weight, bias, *blocks = blocks
        waved = np.repeat(bias[None], len(h), axis=0)
        waves = np.cos(2 * np.pi * (h[:, :q, None] * frequency + phase))
        for f in range(recipe.frequencies):
            waved += waves[:, :, f, None] * weight[:, f]
        numbers = np.concatenate([h[:, :q, None], waved], axis=2).reshape(len(h), -1)
        h = np.concatenate([numbers, h[:, q:]], axis=1)
    signs, *blocks = blocks
    h = (signs * h[:, None, :]).reshape(len(h) * k, -1)
    for W, b in zip(blocks[::2], blocks[1::2], strict=True):
        h = phi(ordered_product(h, np.ascontiguousarray(W), b))
    each = np.ascontiguousarray(h.reshape(-1, k, h.shape[1]).swapaxes(0, 1))
    z = np.zeros((len(X), outputs))
    for m in range(k):
        z += ordered_product(each[m], np.ascontiguousarray(head[m]), level[m])
    return z / k
