"""Laws of the loss of K scores a row: the multinomial loss of their contrasts; shifts of a row change nothing."""

import mpmath as mp
import numpy as np
import pytest

from infimum.losses import loss_named
from infimum.losses.multinomial import Multinomial, contrasts
from infimum.losses.softmax import Softmax, differences

every_count = pytest.mark.parametrize("classes", (2, 3, 7))


def drawn(classes, size=4.0, n=60):
    """(loss, η, y): scores far apart and near, ties at 0, every class observed."""
    rng = np.random.default_rng(classes)
    eta = size * rng.standard_normal((n, classes)) * 10.0 ** rng.uniform(-2, 1, (n, 1))
    eta[:3] = 0.0
    return Softmax(classes), eta, rng.permutation(np.arange(n) % classes).astype(float)


@every_count
def test_it_is_the_multinomial_loss_of_the_contrasts(classes):
    loss, eta, y = drawn(classes)
    C, other = contrasts(classes), Multinomial(classes)
    z = eta @ C
    np.testing.assert_allclose(loss.value(eta, y), other.value(z, y), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(loss.gradient(eta, y) @ C, other.gradient(z, y), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(C.T @ loss.bend(eta, y) @ C, other.bend(z, y), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(loss.mean(eta), other.mean(z), rtol=1e-11)
    weight = np.random.default_rng(0).uniform(0.1, 1, len(y))
    assert loss.null(y, weight) == other.null(y, weight)
    assert loss_named("softmax", classes) == loss and loss.outputs == classes


@every_count
def test_a_shift_of_a_row_changes_nothing(classes):
    loss, eta, y = drawn(classes)
    np.testing.assert_allclose(loss.value(eta + 3.0, y), loss.value(eta, y), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(loss.gradient(eta, y).sum(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(loss.bend(eta, y).sum(axis=1), 0, atol=1e-15)


@every_count
def test_curvature_is_the_derivative_of_the_gradient(classes):
    loss, eta, y = drawn(classes, size=1.0)
    v = np.random.default_rng(1).standard_normal(eta.shape)
    step = 1e-6
    moved = (loss.gradient(eta + step * v, y) - loss.gradient(eta - step * v, y)) / (2 * step)
    np.testing.assert_allclose(loss.curvature(eta, y, v), moved, atol=1e-8)
    np.testing.assert_allclose(np.einsum("nab,nb->na", loss.bend(eta, y), v), loss.curvature(eta, y, v), atol=1e-13)


@every_count
def test_fenchel_and_young_are_tight_at_the_gradient_and_hold_elsewhere(classes):
    loss, eta, y = drawn(classes, size=1.0)
    u = loss.gradient(eta, y)
    np.testing.assert_allclose(loss.value(eta, y) + loss.conjugate(u, y), (u * eta).sum(axis=1), atol=1e-13)
    other = loss.gradient(np.roll(eta, 1, axis=0), y)
    assert np.all(loss.value(eta, y) + loss.conjugate(other, y) - (other * eta).sum(axis=1) >= -1e-13)
    assert np.all(np.isinf(loss.conjugate(u + 0.1, y))) and np.all(np.isinf(loss.conjugate(3 * np.abs(u) + 1, y)))


@every_count
def test_value_and_gradient_are_as_accurate_as_certificates_take_them_to_be(classes):
    loss, eta, y = drawn(classes, size=30.0)
    unit = 2.0**-53
    off = loss.rounding(eta)
    shift, value, slope = loss.shift(eta, y, off), loss.value(eta, y), loss.gradient(eta, y)
    with mp.workdps(60):
        for i, row in enumerate(eta.tolist()):
            e = [mp.exp(mp.mpf(x)) for x in row]
            total, own = mp.fsum(e), int(y[i])
            exact = mp.log(total) - mp.mpf(row[own])
            allowed = loss.roundings * unit * value[i] + float(np.abs(slope[i]) @ off[i]) + 0.5 * float(off[i] @ off[i])
            assert abs(exact - mp.mpf(float(value[i]))) <= 1.01 * allowed + 1e-300
            for k in range(classes):
                exact = -mp.fsum(e[other] for other in range(classes) if other != own) if k == own else e[k]
                exact /= total
                allowed = loss.roundings * unit * abs(slope[i, k]) + 1.01 * shift[i, k]
                assert abs(exact - mp.mpf(float(slope[i, k]))) <= allowed + 1e-300


def test_the_constant_has_the_shares_asked_for():
    eta = Softmax(3).constant(np.array([0.2, 0.3, 0.5]))
    np.testing.assert_allclose(Softmax(3).mean(eta[None])[0], [0.2, 0.3, 0.5], rtol=1e-14)
    assert abs(eta.sum()) < 1e-15
    assert differences(4).shape == (6, 4) and not differences(4).sum(axis=1).any()
    assert Softmax(4).takes(np.array([0.0, 3.0])) and not Softmax(4).takes(np.array([4.0, 0.5]))


@every_count
def test_the_root_of_the_curvature_has_no_null_direction_but_the_shift(classes):
    loss, eta, y = drawn(classes)
    G, r = loss.root(eta, y)
    np.testing.assert_allclose(np.einsum("nba,nbc->nac", G, G), loss.bend(eta, y), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(np.einsum("nba,nb->na", G, r), loss.gradient(eta, y), rtol=1e-12, atol=1e-15)
