"""ℓ* in many digits: what duality subtracts has to be as exact as its certificate takes it to be."""

import math

import mpmath as mp
import numpy as np

from infimum.certificates.rounding import ELEMENTARY
from infimum.losses.poisson import Poisson
from tests.laws.test_losses import EVERY_LOSS, POINTS, every_loss

LARGE_AND_SMALL = [1e-30, 1e-300, 1e15]  # targets of counts only


@every_loss
def test_the_conjugate_is_as_accurate_as_certificates_take_it_to_be(name):
    """Within its own rounding, and that of its argument: 4 u (|u| + |y|) times the slope, as in the dual bound."""
    loss, targets, exact = EVERY_LOSS[name]
    z = np.concatenate([POINTS[np.abs(POINTS) < 40], [-700.0]])
    for y in [*targets, *(LARGE_AND_SMALL if name == "poisson" else [])]:
        target = np.full(z.shape, y)
        u = loss.gradient(z, target) * (1 - 2.0**-49)
        computed, slope = loss.conjugate(u, target), loss.conjugate_slope(u, target)
        with mp.workdps(60):
            for v, value, steep in zip(u.tolist(), computed.tolist(), slope.tolist(), strict=True):
                true = conjugate_in_many_digits(name, mp.mpf(v), mp.mpf(y))
                allowed = ELEMENTARY * abs(true) + 4 * 2.0**-53 * (abs(v) + abs(y)) * steep
                assert abs(mp.mpf(value) - true) <= allowed, (v, y)


def conjugate_in_many_digits(name, u, y):
    """ℓ*(u, y) by its formula."""
    p = u + y
    if name == "squared":
        return u * u / 2 + u * y
    x_log_x = [x * mp.log(x) if x else mp.mpf(0) for x in (p, y)]
    return x_log_x[0] + ((1 - p) * mp.log1p(-p) if name == "logistic" else -x_log_x[1] - u)


def test_conjugate_of_counts_at_the_edge_of_its_domain_and_outside():
    y = np.array([0.0, 2.0, 2.0, 0.0, 5.0])
    u = np.array([0.0, -2.0, np.nextafter(-2.0, -3), -5e-324, 0.0])
    exact = [0.0, 2 - 2 * math.log(2), math.inf, math.inf, 0.0]
    np.testing.assert_allclose(Poisson().conjugate(u, y), exact, rtol=1e-15)
