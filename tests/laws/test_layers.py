"""Every layer: J v = its directional derivative, ⟨J v, u⟩ = ⟨v, Jᵀ u⟩, and torch's automatic derivatives to 1e-12."""

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infimum.models import chain_rule
from infimum.models.activations import ACTIVATIONS
from infimum.models.chain_rule import Beside, Residual, grouped, layout_of
from infimum.models.embeddings import Embedding, Waves
from infimum.models.layers import Affine, Blend, Curve, Dropout, Members, Normalise, Scale
from infimum.models.members import Heads, Mean

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
WIDTH = 6
DEEP = (Affine(WIDTH, 5), Curve("mish"), Affine(5, WIDTH))
CHAINS = {
    "affine": (Affine(WIDTH, 3),),
    **{name: (Affine(WIDTH, 4), Curve(name)) for name in ACTIVATIONS},
    **{f"blend of {name}": (Affine(WIDTH, 4), Blend(name, 4)) for name in ("relu", "selu", "mish")},
    "scale": (Scale(WIDTH), Affine(WIDTH, 2)),
    "members": (Members(3, WIDTH), Affine(WIDTH, 4), Curve("tanh"), Members(3, 4), Affine(4, 1)),
    "one member": (Members(1, WIDTH), Members(1, WIDTH)),
    "heads": (Members(3, WIDTH), Affine(WIDTH, 4), Curve("silu"), Heads(3, 4, 2), Mean()),
    "normalise": (Normalise(WIDTH), Affine(WIDTH, 2), Normalise(2)),
    "dropout": (Affine(WIDTH, 5), Dropout(0.4), Curve("relu"), Affine(5, 2)),
    "residual": (Residual(DEEP), Residual((Normalise(WIDTH), *DEEP)), Affine(WIDTH, 1)),
    "waves": (Waves(WIDTH, 4, 3), Affine(WIDTH * 4, 2)),
    "embedding": (
        Beside(((slice(0, 4), (Waves(4, 2, 1),)), (slice(4, 5), (Embedding(3, 2),)), (slice(5, 6), ()))),
        Members(2, 11),
        Affine(11, 4),
        Curve("silu"),
        Normalise(4),
        Residual((Affine(4, 4), Curve("selu"))),
        Affine(4, 1),
    ),
}
every_chain = pytest.mark.parametrize("name", CHAINS)


class Numbers:
    """shape ↦ the same uniform numbers each time it is asked in the same order."""

    def __init__(self, of=np.asarray):
        self.rng, self.of = np.random.default_rng(7), of

    def __call__(self, shape):
        return self.of(self.rng.random(shape))


def at(name, seed=0, rows=7):
    """(layers, parameters, h): a point where no activation is at its corner; the fifth column holds codes."""
    rng, layers = np.random.default_rng(seed), CHAINS[name]
    layout = layout_of(layers)
    h = rng.standard_normal((rows, WIDTH))
    h[:, 4] = rng.integers(-1, 3, rows)
    return layers, layout, rng.standard_normal(layout.size), h


def blocks(name, w):
    return grouped(CHAINS[name], tuple(layout_of(CHAINS[name]).split(w).values()))


def flat(gradient):
    return [block for own in gradient for block in own]


def predicted(name, w, h):
    return chain_rule.forward(CHAINS[name], blocks(name, w), h, Numbers())


@every_chain
def test_pushing_is_the_derivative_along_a_direction(name):
    layers, layout, w, h = at(name)
    rng, step = np.random.default_rng(1), 1e-6
    v, d = rng.standard_normal(len(w)), rng.standard_normal(h.shape)
    d[:, 4] = 0.0  # codes do not move
    kept = predicted(name, w, h)[1]
    ahead, behind = (predicted(name, w + t * v, h + t * d)[0] for t in (step, -step))
    pushed = chain_rule.push(layers, blocks(name, w), kept, blocks(name, v), d)
    np.testing.assert_allclose(pushed, (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-6)


@every_chain
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 9))
def test_pulling_is_the_transpose_of_pushing(name, seed, rows):
    layers, layout, w, h = at(name, seed, rows)
    z, kept = predicted(name, w, h)
    rng = np.random.default_rng(seed)
    v, d, u = rng.standard_normal(len(w)), rng.standard_normal(h.shape), rng.standard_normal(z.shape)
    pushed = chain_rule.push(layers, blocks(name, w), kept, blocks(name, v), d)
    below, gradient = chain_rule.pull(layers, blocks(name, w), kept, u)
    other = np.sum(below * d) + sum(np.sum(a * b) for a, b in zip(flat(gradient), flat(blocks(name, v)), strict=True))
    terms = np.sum(np.abs(pushed * u)) + 1
    assert np.sum(pushed * u) == pytest.approx(other, abs=1e-11 * terms)
    assert [block.shape for block in flat(gradient)] == list(layout.shapes)


@needs_torch
@every_chain
def test_the_chain_rule_by_hand_is_that_of_torch(name):
    import torch

    layers, layout, w, h = at(name)
    z, kept = predicted(name, w, h)
    u = np.random.default_rng(2).standard_normal(z.shape)
    below, by_hand = chain_rule.pull(layers, blocks(name, w), kept, u)
    leaves = [torch.tensor(block, requires_grad=True) for block in flat(blocks(name, w))]
    rows = torch.tensor(h, requires_grad=True)
    there, _ = chain_rule.forward(layers, grouped(layers, leaves), rows, Numbers(torch.tensor))
    np.testing.assert_allclose(there.detach().numpy(), z, rtol=1e-13, atol=1e-13)
    grads = torch.autograd.grad(there, [rows, *leaves], torch.tensor(u), allow_unused=True)
    for mine, other in zip((below, *flat(by_hand)), grads, strict=True):
        np.testing.assert_allclose(mine, 0 if other is None else other.numpy(), rtol=1e-12, atol=1e-12)


@needs_torch
@every_chain
def test_tensors_go_through_the_same_lines(name):
    import torch

    layers, layout, w, h = at(name)
    z, kept = predicted(name, w, h)
    u = np.random.default_rng(2).standard_normal(z.shape)
    mine = chain_rule.pull(layers, blocks(name, w), kept, u, onward=False)[1]
    leaves = grouped(layers, [torch.tensor(block) for block in flat(blocks(name, w))])
    _, there = chain_rule.forward(layers, leaves, torch.tensor(h), Numbers(torch.tensor))
    other = chain_rule.pull(layers, leaves, there, torch.tensor(u), onward=False)[1]
    for a, b in zip(flat(mine), flat(other), strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_at_their_corner_and_far_off(name):
    a = np.array([0.0, -0.0, 1e-300, 700.0, -700.0])
    value = ACTIVATIONS[name].value(a)
    slope = ACTIVATIONS[name].slope(a, value)
    assert np.all(np.isfinite(value)) and np.all(np.isfinite(slope))
    behind = (value[:2] - ACTIVATIONS[name].value(a[:2] - 1e-7)) / 1e-7  # the slope from the left
    np.testing.assert_allclose(slope[:2], behind, atol=1e-6)


def test_dropout_outside_training_is_nothing_and_keeps_the_mean():
    h = np.ones((20_000, 5))
    assert Dropout(0.3).forward((), h)[0] is h
    dropped = Dropout(0.3).forward((), h, np.random.default_rng(0).random)[0]
    assert dropped.mean() == pytest.approx(1, abs=0.01) and np.mean(dropped == 0) == pytest.approx(0.3, abs=0.01)


def test_a_code_without_a_row_is_zero():
    E = np.arange(6.0).reshape(3, 2)
    codes = np.array([[2.0], [-1.0], [0.0], [7.0]])
    assert Embedding(3, 2).forward((E,), codes)[0].tolist() == [[4, 5], [0, 0], [0, 1], [0, 0]]
