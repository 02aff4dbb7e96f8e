"""Pooling adjacent violators against its closed form: v_i = max over starts of the min over ends of weighted means."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from infimum.kernels.pooling import pool_adjacent_violators


def largest_of_smallest(y, weight):
    """v_i = max_{a ≤ i} min_{b ≥ i} mean of y_a … y_b, O(n³)."""

    def mean(a, b):
        return float(weight[a : b + 1] @ y[a : b + 1]) / float(weight[a : b + 1].sum())

    n = len(y)
    return [max(min(mean(a, b) for b in range(i, n)) for a in range(i + 1)) for i in range(n)]


@given(some.lists(some.tuples(some.integers(-4, 4), some.integers(1, 5)), min_size=1, max_size=14))
def test_pooling_is_its_twin(rows):
    y, weight = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    kept = y.copy(), weight.copy()
    np.testing.assert_allclose(pool_adjacent_violators(y, weight), largest_of_smallest(y, weight), atol=1e-12)
    np.testing.assert_array_equal((y, weight), kept)


def test_counts_give_exact_shares():
    y = np.array([1.0, 0.0, 0.0] * 7)
    np.testing.assert_array_equal(pool_adjacent_violators(y, np.ones(21)), np.full(21, 7 / 21))
