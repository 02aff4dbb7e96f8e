"""Laws of the multinomial loss, whose prediction is K − 1 numbers a row: those of every loss, row by row."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infimum.losses import loss_named
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial, contrasts, pairs

CLASSES = (2, 3, 7)
every_count = pytest.mark.parametrize("classes", CLASSES)


def drawn(classes, size=4.0, n=60, seed=0):
    """(loss, z, y): scores far apart and near, ties at 0, every class observed."""
    rng = np.random.default_rng([classes, seed])
    z = size * rng.standard_normal((n, classes - 1)) * 10.0 ** rng.uniform(-2, 1, (n, 1))
    z[:3] = 0.0
    return Multinomial(classes), z, rng.permutation(np.arange(n) % classes).astype(float)


def exact(z, y, classes):
    """(ℓ, ∂ℓ/∂z, p) in 60 digits, the floats and the contrasts taken as exact."""
    C = [[mp.mpf(c) for c in row] for row in contrasts(classes).tolist()]
    eta = [mp.fsum(c * mp.mpf(x) for c, x in zip(row, z, strict=True)) for row in C]
    total = mp.fsum(mp.exp(e) for e in eta)
    p = [mp.exp(e) / total for e in eta]
    u = [q - (k == int(y)) for k, q in enumerate(p)]
    return mp.log(total) - eta[int(y)], [mp.fsum(u[k] * C[k][a] for k in range(classes)) for a in range(classes - 1)], p


@every_count
def test_contrasts_are_orthonormal_and_add_up_to_nothing(classes):
    C = contrasts(classes)
    np.testing.assert_allclose(C.T @ C, np.eye(classes - 1), atol=1e-15)
    np.testing.assert_allclose(C.sum(axis=0), 0, atol=1e-15)
    assert pairs(classes).shape == (classes * (classes - 1) // 2, classes - 1)
    np.testing.assert_allclose(np.linalg.norm(pairs(classes), axis=1), np.sqrt(2), rtol=1e-15)


@every_count
def test_gradient_and_curvature_are_the_machines_derivatives(classes):
    torch = pytest.importorskip("torch")
    loss, z, y = drawn(classes)
    t = torch.tensor(z, requires_grad=True)
    target = torch.tensor(y)
    loss.value(t, target).sum().backward()
    np.testing.assert_allclose(loss.gradient(z, y), t.grad.numpy(), rtol=1e-11, atol=1e-14)
    v = np.random.default_rng(1).standard_normal(z.shape)
    t.grad = None
    (loss.gradient(t, target) * torch.tensor(v)).sum().backward()
    np.testing.assert_allclose(loss.curvature(z, y, v), t.grad.numpy(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(np.einsum("nab,nb->na", loss.bend(z, y), v), loss.curvature(z, y, v), atol=1e-13)


@every_count
def test_value_and_gradient_are_as_accurate_as_certificates_take_them_to_be(classes):
    loss, z, y = drawn(classes)
    unit = loss.roundings * 2.0**-53
    values, slopes, terms = loss.value(z, y), loss.gradient(z, y), loss.gradient_terms(z, y)
    off = loss.rounding(z)
    moved = loss.shift(z, y, off) * 1.01 + unit * terms
    with mp.workdps(60):
        for i in range(len(z)):
            height, rise, _ = exact(z[i], y[i], classes)
            within = unit * height + mp.mpf(float(np.abs(slopes[i]) @ off[i])) + mp.mpf(float(loss.drift(off)[i])) ** 2
            assert abs(mp.mpf(float(values[i])) - height) <= within
            assert all(abs(mp.mpf(float(a)) - b) <= c for a, b, c in zip(slopes[i], rise, moved[i], strict=True))


@every_count
def test_fenchel_young_and_the_edge_of_the_domain(classes):
    loss, z, y = drawn(classes, size=1.0)
    u = loss.gradient(z, y)
    tight = loss.value(z, y) + loss.conjugate(u, y) - np.sum(u * z, axis=1)
    np.testing.assert_allclose(tight, 0, atol=1e-12 * (1 + np.abs(z).max()))
    other = loss.gradient(np.roll(z, 5, axis=0), y)
    slack = loss.value(z, y) + loss.conjugate(other, y) - np.sum(other * z, axis=1)
    assert np.all(slack >= -1e-12 * (1 + np.abs(z).max()))
    assert np.all(np.isinf(loss.conjugate(u - 3 * contrasts(classes)[y.astype(int)], y)))


@every_count
def test_curvature_changes_as_slowly_as_directions_say(classes):
    """|D³ℓ[v, v, v]| ≤ (max η̇ − min η̇) D²ℓ[v, v], integrated along v."""
    loss, z, y = drawn(classes, size=1.0)
    v = np.random.default_rng(2).standard_normal(z.shape)
    fastest = np.abs(v @ loss.directions.T).max(axis=1)
    bent = [np.sum(v * loss.curvature(z + h * v, y, v), axis=1) for h in (0.0, 0.01, 0.5, 2.0)]
    for h, later in zip((0.01, 0.5, 2.0), bent[1:], strict=True):
        assert np.all(np.abs(np.log(later / bent[0])) <= h * fastest + 1e-9)
    assert np.all(fastest <= loss.drift(np.abs(v)) * (1 + 1e-12))


@every_count
def test_the_gradient_moves_no_further_than_shift_says(classes):
    loss, z, y = drawn(classes, size=1.0)
    rng = np.random.default_rng(3)
    for size in (1e-6, 1e-2):
        error = size * rng.uniform(0, 1, z.shape)
        bound = loss.shift(z, y, error) * np.exp(2 * loss.drift(error))[:, None]
        for sign in (1.0, -1.0, rng.choice([-1.0, 1.0], z.shape)):
            assert np.all(np.abs(loss.gradient(z + sign * error, y) - loss.gradient(z, y)) <= bound + 1e-15)


@every_count
def test_curvature_is_at_most_its_bound(classes):
    loss, z, y = drawn(classes)
    assert np.linalg.eigvalsh(loss.bend(z, y)).max() <= loss.curvature_bound * (1 + 1e-12)
    tie = np.zeros((1, classes - 1))
    tie[0] = 40 * (contrasts(classes)[0] + contrasts(classes)[1])  # two classes alone, alike
    assert np.linalg.eigvalsh(loss.bend(tie, y[:1])).max() == pytest.approx(0.5, abs=1e-6)


def test_two_classes_are_the_logistic_loss():
    loss, z, y = drawn(2)
    apart = np.sqrt(2) * z[:, 0]
    np.testing.assert_allclose(loss.value(z, y), Logistic().value(apart, y), rtol=1e-13)
    np.testing.assert_allclose(loss.mean(z)[:, 1], Logistic().mean(apart), rtol=1e-13)


@every_count
def test_null_is_the_value_at_the_best_constant(classes):
    loss, _, y = drawn(classes)
    weight = np.random.default_rng(4).uniform(0.1, 1.0, len(y))
    weight /= weight.sum()
    shares = np.array([weight[y == k].sum() for k in range(classes)])
    at = np.tile(loss.constant(shares), (len(y), 1))
    assert weight @ loss.value(at, y) == pytest.approx(loss.null(y, weight), rel=1e-13)
    np.testing.assert_allclose(weight @ loss.gradient(at, y), 0, atol=1e-14)
    assert loss.null(np.zeros(3), np.full(3, 1 / 3)) == 0.0  # one class alone


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 6), st.integers(0, 10**6), st.floats(-300, 300))
def test_finite_convex_and_the_same_whichever_class_comes_first(classes, seed, size):
    loss, z, y = drawn(classes, size=size, n=12, seed=seed)
    value = loss.value(z, y)
    assert np.all(value >= 0) and np.all(np.isfinite(value)) and np.all(np.isfinite(loss.gradient(z, y)))
    other = np.roll(z, 1, axis=0)
    assert np.all(loss.value(0.5 * (z + other), y) <= 0.5 * (value + loss.value(other, y)) * (1 + 1e-12) + 1e-12)
    order = np.random.default_rng(seed).permutation(classes)
    moved = loss.scores(z)[:, order] @ contrasts(classes)
    renamed = np.argsort(order)[y.astype(int)].astype(float)
    np.testing.assert_allclose(loss.value(moved, renamed), value, rtol=1e-10, atol=1e-10 * (1 + np.abs(z).max()))
    assert np.sum(moved**2) == pytest.approx(np.sum(z**2), rel=1e-12)  # the ridge is the same too


def test_declared_and_found_by_its_name():
    assert loss_named("multinomial", 4) == Multinomial(4)
    assert Multinomial(4).takes(np.array([0.0, 3.0])) and not Multinomial(4).takes(np.array([4.0]))
    assert not Multinomial(4).takes(np.array([0.5]))
