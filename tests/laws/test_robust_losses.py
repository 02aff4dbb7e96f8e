"""Laws of the losses that are no `Loss`: the pinball loss has a kink, and Huber's shares a scale among rows."""

import math

import numpy as np
import pytest

from infimum.losses.huber import Huber
from infimum.losses.pinball import Pinball

Z = np.array([0.0, -0.0, 700.0, -700.0, 1e-9, -1e-9, 0.3, 2.0, -5.0, 1e150])
EPSILONS = [1.0, 1.35, 2.0, 10.0]


@pytest.mark.parametrize("q", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("y", [0.0, -3.0, 0.3])
def test_pinball_is_convex_and_tight_with_its_conjugate(q, y):
    loss, target = Pinball(q), np.full(Z.shape, y)
    low, high = loss.slopes(Z, target)
    assert np.all(loss.value(Z, target) >= 0) and np.all(low <= high) and np.all((low == high) == (y != Z))
    for u in (low, high):
        tight = loss.value(Z, target) + loss.conjugate(u, target) - u * Z
        assert np.all(np.abs(tight) <= 1e-15 * (np.abs(Z) + abs(y)))
        for z in Z:
            line = loss.value(Z, target) + u * (z - Z)
            assert np.all(loss.value(np.full(Z.shape, z), target) >= line - 1e-15 * (abs(z) + np.abs(Z) + abs(y)))
    assert loss.conjugate(np.array([-q - 1e-9, 1 - q + 1e-9]), target[:2]).tolist() == [math.inf, math.inf]


@pytest.mark.parametrize("q", [0.1, 0.5, 0.75])
def test_the_constant_of_the_pinball_loss_is_the_best(q):
    rng = np.random.default_rng(0)
    for _ in range(50):
        n = int(rng.integers(1, 12))
        y, weight = np.round(rng.standard_normal(n), 1), rng.integers(0, 4, n) + 0.0
        weight[0] += 1
        loss = Pinball(q)
        heights = [weight @ loss.value(np.full(n, c), y) for c in y]
        assert weight @ loss.value(np.full(n, loss.constant(y, weight)), y) == pytest.approx(min(heights), rel=1e-12)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_huber_is_the_maximum_of_its_dual_and_its_slope_the_derivative(epsilon):
    loss, r = Huber(epsilon), np.array([0.0, 1e-8, -0.4, 3.0, -100.0, 1e150])
    for scale in (0.5, 1.0, 30.0):
        u = loss.slope(r, scale)
        value = loss.value(r, scale)
        np.testing.assert_allclose(value, u * r + scale * (1 - u**2 / 4), rtol=1e-13, atol=1e-13)
        for other in np.linspace(-2 * epsilon, 2 * epsilon, 41):
            assert np.all(value >= other * r + scale * (1 - other**2 / 4) - 1e-12 * (1 + np.abs(r)))
        near = r[:5]
        quotient = (loss.value(near + 1e-6, scale) - loss.value(near - 1e-6, scale)) / 2e-6
        np.testing.assert_allclose(loss.slope(near, scale), quotient, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(loss.value(r, 0.0), 2 * epsilon * np.abs(r))


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_the_scale_of_huber_is_the_best(epsilon):
    rng = np.random.default_rng(1)
    for trial in range(100):
        n = int(rng.integers(1, 30))
        r, weight = rng.standard_t(1, n) * 10.0 ** rng.uniform(-3, 3), rng.uniform(0, 1, n) + 1e-3
        r[: n // 2 * (trial % 2)] = 0.0
        loss = Huber(epsilon)
        scale = loss.scale(r, weight)
        grid = np.append(0.0, np.geomspace(1e-12, 2, 300) * (np.abs(r).max() + 1e-300))
        least = min(weight @ loss.value(r, other) for other in grid)
        assert weight @ loss.value(r, scale) <= least * (1 + 1e-12)


def test_parameters_outside_of_their_range_are_refused():
    for q in (0.0, 1.0, -0.5, math.nan):
        with pytest.raises(ValueError, match="expected a number between 0 and 1"):
            Pinball(q)
    for epsilon in (0.99, math.inf, math.nan):
        with pytest.raises(ValueError, match="expected a number from 1 on"):
            Huber(epsilon)
