"""networks.dense, differentiated by torch, and models.perceptron, differentiated by hand, are one function."""

import numpy as np
import pytest

from infimum.models.perceptron import Perceptron

pytest.importorskip("torch")
from infimum.networks.dense import Dense  # noqa: E402 - after the skip


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
@pytest.mark.parametrize("hidden", [(), (1,), (8,), (6, 5), (4, 3, 4)])
@pytest.mark.parametrize("shape", [(30, 7), (1, 2)])
@pytest.mark.parametrize("outputs", [1, 3])
def test_the_verbs_agree(activation, hidden, shape, outputs):
    rng = np.random.default_rng(1)
    X = rng.standard_normal(shape)
    hand, machine = (make(X, hidden, activation, outputs) for make in (Perceptron, Dense))
    p = hand.layout.size
    w, v, u = (rng.standard_normal(size) for size in (p, p, len(X) if outputs == 1 else (len(X), outputs)))
    assert hand.layout == machine.layout and hand.affine is machine.affine
    pairs = [
        (hand(w), machine(w)),
        (hand.push(w, v), machine.push(w, v)),
        (hand.pull(w, u), machine.pull(w, u)),
        *([(hand.jacobian(w), machine.jacobian(w))] if outputs == 1 or not hidden else []),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_the_verbs_agree_where_relu_has_its_kink():
    X, w, u = np.eye(2), np.zeros(9), np.ones(2)
    np.testing.assert_array_equal(Perceptron(X, (2,)).pull(w, u), Dense(X, (2,)).pull(w, u))
