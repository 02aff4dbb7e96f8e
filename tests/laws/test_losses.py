"""Laws of every loss: add one to EVERY_LOSS, with targets from its domain, and all apply to it."""

import math
from importlib.util import find_spec

import mpmath as mp
import numpy as np
import pytest

from infimum.certificates.rounding import ELEMENTARY
from infimum.losses import Loss, loss_named
from infimum.losses.logistic import Logistic
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared


def bernoulli(z, y):
    """(ℓ, its terms of ∂ℓ/∂z) of the logistic loss, with nothing that cancels."""
    return (1 - y) * mp.log1p(mp.exp(z)) + y * mp.log1p(mp.exp(-z)), (1 - y) / (1 + mp.exp(-z)) - y / (1 + mp.exp(z))


def deviance(z, y):
    """(ℓ, ∂ℓ/∂z) of the Poisson loss."""
    return mp.exp(z) - (y + y * (z - mp.log(y)) if y else 0), mp.exp(z) - y


# name → (loss, targets: the edges of its domain and some inside, (ℓ, ∂ℓ/∂z) in many digits)
EVERY_LOSS = {
    "squared": (Squared(), [-1e3, -1.0, 0.0, 0.3, 700.0], lambda z, y: ((z - y) ** 2 / 2, z - y)),
    "logistic": (Logistic(), [0.0, 1.0, 0.3, 1e-9, 0.5], bernoulli),
    "poisson": (Poisson(), [0.0, 1.0, 3.0, 0.3, 700.0], deviance),
}
RANDOM = np.random.default_rng(0)
POINTS = np.concatenate([[0.0, -0.0, 700.0, -700.0, 1e-9, -1e-9, 30.0, -30.0], 3 * RANDOM.standard_normal(40)])

every_loss = pytest.mark.parametrize("name", EVERY_LOSS)


def pairs(name):
    """(loss, z, y): every point with every target, flat."""
    loss, targets, _ = EVERY_LOSS[name]
    z, y = np.meshgrid(POINTS, np.array(targets))
    return loss, z.ravel(), y.ravel()


def derivative(f, z):
    """f′ by automatic differentiation."""
    torch = pytest.importorskip("torch")
    t = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    f(t).sum().backward()
    return t.grad.numpy()


def as_tensor(y):
    import torch

    return torch.tensor(y, dtype=torch.float64)


def inside_of_domain(loss, y):
    """Dual points u at which ℓ* is finite: gradients at some predictions, and the ends of their range."""
    z = np.array([-5.0, -1.0, 0.0, 0.4, 2.0, 6.0])
    return loss.gradient(z, np.full(z.shape, y))


@every_loss
def test_gradient_is_the_machines_derivative_of_value(name):
    loss, z, y = pairs(name)
    exact = derivative(lambda t: loss.value(t, as_tensor(y)), z)
    np.testing.assert_allclose(loss.gradient(z, y), exact, rtol=1e-12, atol=1e-14)


@every_loss
def test_curvature_is_the_machines_derivative_of_gradient(name):
    loss, z, y = pairs(name)
    exact = derivative(lambda t: loss.gradient(t, as_tensor(y)), z)
    np.testing.assert_allclose(loss.curvature(z, y, np.ones(z.shape)), exact, rtol=1e-11, atol=1e-14)


@every_loss
def test_gradient_is_the_difference_quotient_of_value(name):
    loss, z, y = pairs(name)
    near = np.abs(z) < 50
    z, y, step = z[near], y[near], 1e-6
    quotient = (loss.value(z + step, y) - loss.value(z - step, y)) / (2 * step)
    np.testing.assert_allclose(loss.gradient(z, y), quotient, rtol=1e-6, atol=1e-6)


@every_loss
def test_curvature_is_the_difference_quotient_of_gradient(name):
    loss, z, y = pairs(name)
    v, step = np.random.default_rng(1).standard_normal(z.shape), 1e-5
    quotient = (loss.gradient(z + step, y) - loss.gradient(z - step, y)) / (2 * step)
    np.testing.assert_allclose(loss.curvature(z, y, v), quotient * v, rtol=1e-7, atol=1e-7)


@every_loss
def test_value_and_gradient_are_as_accurate_as_certificates_take_them_to_be(name):
    loss, z, y = pairs(name)
    z, y = (np.concatenate(part) for part in zip((z, y), near_the_minimum(loss, y), strict=True))
    exact = EVERY_LOSS[name][2]
    values, slopes, terms = loss.value(z, y), loss.gradient(z, y), loss.gradient_terms(z, y)
    moved = ELEMENTARY * loss.argument_terms(z, y)
    with mp.workdps(60):
        rows = zip(*(x.tolist() for x in (z, y, moved, values, slopes, terms)), strict=True)
        for a, b, off, value, slope, size in rows:
            height, rise = exact(mp.mpf(a), mp.mpf(b))
            assert abs(mp.mpf(slope) - rise) <= ELEMENTARY * mp.mpf(size), (a, b)
            assert off > 0 or abs(mp.mpf(value) - height) <= ELEMENTARY * height, (a, b)
            ends = [exact(mp.mpf(a) + side * mp.mpf(off), mp.mpf(b)) for side in (-1, 1)]  # convex: highest at an end
            least = 0 if ends[0][1] < 0 < ends[1][1] else min(end[0] for end in ends)
            most = max(end[0] for end in ends)
            assert (1 - ELEMENTARY) * least <= mp.mpf(value) <= (1 + ELEMENTARY) * most, (a, b)


def near_the_minimum(loss, y):
    """(z, y) with z near the prediction at which the loss is 0, at every distance: where its terms cancel."""
    inside = np.unique(y[(y != 0) & (y != 1)])
    best = np.array([loss.constant(float(target)) for target in inside if abs(target) < 1e6])
    away = np.concatenate([[0.0], *([size, -size] for size in 10.0 ** np.arange(-17, 1))])
    return (best[:, None] + away).ravel(), np.repeat(inside[np.abs(inside) < 1e6], len(away))


@every_loss
def test_terms_of_the_gradient_bound_it(name):
    loss, z, y = pairs(name)
    assert np.all(np.abs(loss.gradient(z, y)) <= loss.gradient_terms(z, y) * (1 + 1e-15))


@every_loss
def test_value_is_never_negative_and_convex_along_lines(name):
    loss, z, y = pairs(name)
    assert loss.convex and np.all(loss.value(z, y) >= 0)
    other = np.roll(z, 7)
    chord = 0.5 * (loss.value(z, y) + loss.value(other, y))
    assert np.all(loss.value(0.5 * (z + other), y) <= chord * (1 + 1e-12) + 1e-12)


@every_loss
def test_fenchel_young(name):
    """ℓ(z) + ℓ*(u) ≥ u z, with equality at u = ℓ′(z)."""
    loss, targets, _ = EVERY_LOSS[name]
    for y in targets:
        z = POINTS[np.abs(POINTS) < 20]
        target = np.full(z.shape, y)
        u = loss.gradient(z, target)
        tight = loss.value(z, target) + loss.conjugate(u, target) - u * z
        np.testing.assert_allclose(tight, 0, atol=1e-12 * (1 + np.abs(u * z) + loss.value(z, target)).max())
        for fixed in inside_of_domain(loss, y):
            slack = loss.value(z, target) + loss.conjugate(np.full(z.shape, fixed), target) - fixed * z
            assert np.all(slack >= -1e-9 * (1 + y * y))


@every_loss
def test_conjugate_is_the_supremum(name):
    loss, targets, _ = EVERY_LOSS[name]
    for y in targets:
        grid = np.linspace(-40, 40, 16_001)
        values = loss.value(grid, np.full(grid.shape, y))
        for u in inside_of_domain(loss, y):
            supremum = np.max(u * grid - values)
            conjugate = float(loss.conjugate(np.array([u]), np.array([y]))[0])
            assert conjugate == pytest.approx(supremum, rel=1e-5, abs=1e-5)


def test_conjugate_at_the_edge_of_its_domain_and_outside():
    y = np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.25])
    u = np.array([0.0, 1.0, 0.0, -1.0, 1.001, -1.001, 0.9])
    np.testing.assert_array_equal(Logistic().conjugate(u, y), [0, 0, 0, 0, math.inf, math.inf, math.inf])


@every_loss
def test_curvature_changes_as_slowly_as_self_concordance_says(name):
    """|ℓ‴| ≤ M ℓ″, integrated: |log ℓ″(z + h) − log ℓ″(z)| ≤ M |h|."""
    loss, z, y = pairs(name)
    ones = np.ones(z.shape)
    with np.errstate(divide="ignore"):
        for h in (1e-3, 0.1, 1.0, 5.0):
            change = np.log(loss.curvature(z + h, y, ones)) - np.log(loss.curvature(z, y, ones))
            assert np.all(np.abs(change) <= loss.self_concordance * h + 1e-12)


@every_loss
def test_curvature_is_positive_and_reaches_its_bound(name):
    loss, z, y = pairs(name)
    bend = loss.curvature(z, y, np.ones(z.shape))
    assert np.all(bend > 0) and np.all(bend <= loss.curvature_bound)
    if math.isfinite(loss.curvature_bound):
        assert bend.max() == pytest.approx(loss.curvature_bound, rel=1e-12)
    else:
        assert np.isinf(loss.curvature(np.array([800.0]), y[:1], np.ones(1)))


@every_loss
def test_constant_is_the_best_constant_prediction(name):
    loss, targets, _ = EVERY_LOSS[name]
    y, weight = np.array(targets), np.array([1.0, 2.0, 0.5, 3.0, 1.0])
    mean = float(weight @ y / weight.sum())
    slope = weight @ loss.gradient(np.full(y.shape, loss.constant(mean)), y)
    assert abs(slope) <= 1e-12 * float(weight @ np.abs(y) + 1)


def test_constant_of_a_single_class_is_infinite():
    assert (Logistic().constant(0.0), Logistic().constant(1.0)) == (-math.inf, math.inf)
    assert Poisson().constant(0.0) == -math.inf


@every_loss
def test_mean_undoes_the_link_and_zero_gradient_is_at_it(name):
    loss, z, _ = pairs(name)
    near = z[np.abs(z) < 15]
    np.testing.assert_allclose(loss.gradient(near, loss.mean(near)), 0, atol=1e-15)


@every_loss
def test_arrays_and_tensors_pass_through_the_same_lines(name):
    pytest.importorskip("torch")
    loss, z, y = pairs(name)
    u = loss.gradient(np.clip(z, -5, 5), y)
    for method, arguments in [("value", (z, y)), ("gradient", (z, y)), ("conjugate", (u, y)), ("mean", (z,))]:
        by_numpy = getattr(loss, method)(*arguments)
        by_torch = getattr(loss, method)(*map(as_tensor, arguments))
        np.testing.assert_allclose(by_torch.numpy(), by_numpy, rtol=1e-13, atol=1e-14)
    by_torch = loss.curvature(as_tensor(z), as_tensor(y), as_tensor(u)).numpy()
    np.testing.assert_allclose(by_torch, loss.curvature(z, y, u), rtol=1e-13, atol=1e-14)


@every_loss
def test_no_branch_that_is_not_taken_poisons_a_derivative(name):
    loss, z, y = pairs(name)
    if find_spec("torch") is None:
        pytest.skip("automatic differentiation needs torch")
    target = as_tensor(y)
    for f in (
        lambda t: loss.value(t, target),
        lambda t: loss.gradient(t, target),
        loss.mean,
    ):
        assert np.all(np.isfinite(derivative(f, z)))
    u = loss.gradient(np.clip(z, -5, 5), y)
    edges = np.concatenate([u, -y, 1 - y])
    assert np.all(np.isfinite(derivative(lambda t: loss.conjugate(t, as_tensor(np.tile(y, 3))), edges)))


@every_loss
def test_finite_in_the_tails_and_no_argument_is_changed(name):
    """Finite, that is, where the number itself is: else +∞, without a warning (warnings are errors here)."""
    loss, targets, _ = EVERY_LOSS[name]
    z = np.array([1e150, -1e150, 1e5, -1e5, 5e-324, 709.0, -745.0])
    within = np.isfinite(loss.mean(z))
    assert np.all(within) or (name == "poisson" and within.tolist() == [False, True, False, True, True, True, True])
    for y in targets:
        target = np.full(z.shape, y)
        kept = z.copy(), target.copy()
        for answer in (loss.value(z, target), loss.gradient(z, target), loss.curvature(z, target, z / z), loss.mean(z)):
            assert np.all(np.where(within, np.isfinite(answer), answer == math.inf)) and answer.shape == z.shape
        np.testing.assert_array_equal((z, target), kept)


@every_loss
def test_a_loss_is_found_by_its_name_and_declares_itself(name):
    loss = EVERY_LOSS[name][0]
    assert loss_named(name) == loss and isinstance(loss, Loss) and loss.name == name
    assert loss.task in ("regression", "classification", "counts") and loss.smooth and loss.domain
    assert loss.takes(np.array(EVERY_LOSS[name][1]))
    lowest, highest = loss.interval
    for outside in (math.nan, math.inf, -math.inf, np.nextafter(lowest, -math.inf), np.nextafter(highest, math.inf)):
        assert not loss.takes(np.array([0.0, outside]))


def test_an_unknown_name_is_answered_with_those_there_are():
    names = "logistic, multinomial, poisson, softmax, squared"
    with pytest.raises(ValueError, match=f"no loss is called 'hinge'; there are: {names}"):
        loss_named("hinge")
