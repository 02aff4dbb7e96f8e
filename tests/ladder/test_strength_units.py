"""Strengths of the elastic net follow the unit of the target."""

import numpy as np
import pytest

from infimum.ladder.strength import choose_strength, grid_of
from infimum.losses.squared import Squared


def test_the_elastic_net_is_the_same_model_in_another_unit():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 8))
    y = X[:, 0] - X[:, 1] + rng.normal(size=200)
    small, large = grid_of(Squared(), "both", X, y), grid_of(Squared(), "both", X, 1e5 * y)
    np.testing.assert_allclose(large, small * [1e5, 1.0], rtol=1e-9)
    l1, l2 = choose_strength(Squared(), "both", X, y, np.random.default_rng(1))
    assert choose_strength(Squared(), "both", X, 1e5 * y, np.random.default_rng(1)) == pytest.approx((1e5 * l1, l2))
