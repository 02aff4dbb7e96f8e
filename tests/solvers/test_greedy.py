"""Greedy starts: units that explain most of the target, weights as repetitions, and lower minima than drawn ones."""

import numpy as np
import pytest

from infimum.estimators.mlp import MLPClassifier, MLPRegressor
from infimum.losses import Squared
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.models.spread import quantile, spread
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers.greedy import greedy, orthogonal_greedy

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 2))
Y = np.abs(X[:, 0]) + np.maximum(X[:, 1] - X[:, 0], 0)


def test_each_unit_is_the_one_that_lowers_least_squares_most():
    H, r = RNG.standard_normal((40, 12)), RNG.standard_normal((40, 2))
    ones, chosen = np.ones((40, 1)), []
    for j in orthogonal_greedy(H, r, ones[:, 0], 5):
        left = []
        for each in range(12):
            A = np.column_stack([ones, H[:, [*chosen, each]]])
            left.append(np.sum((r - A @ np.linalg.lstsq(A, r, rcond=None)[0]) ** 2) + (each in chosen) * 1e9)
        assert j == np.argmin(left)
        chosen.append(j)


def test_candidates_that_say_nothing_new_come_last_and_none_comes_twice():
    H = np.column_stack([np.ones(5), np.arange(5.0), 2 * np.arange(5.0) + 3, np.zeros(5)])
    chosen = orthogonal_greedy(H, np.arange(5.0)[:, None], np.ones(5), 4).tolist()
    assert chosen[0] in (1, 2) and sorted(chosen) == [0, 1, 2, 3]


def test_units_bend_at_evenly_spread_quantiles_of_the_rows():
    for width in (1, 5, 40):
        V, b = spread(X, np.ones(80), width, np.random.default_rng(width))
        below = np.sort((X @ V + b < 0).mean(axis=0))
        np.testing.assert_allclose(np.diff(below), 1 / width, atol=2 / 80 + 1e-12)
        np.testing.assert_allclose((X @ V).std(axis=0), 1.0)
    one = spread(X[:, :1], np.ones(80), 6, RNG)[0]
    assert np.all(one > 0) or np.all(one < 0)
    assert np.all(np.isfinite(spread(np.ones((4, 2)), np.ones(4), 3, RNG)[1]))


def test_a_quantile_counts_weights():
    assert quantile(np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 0.0]), 0.25) == 1.0
    assert quantile(np.arange(10.0), np.ones(10), 0.5) == 4.5


def test_the_last_layer_begins_at_its_minimum_and_hidden_layers_may_be_several():
    for hidden in ((7,), (5, 6)):
        F = LikelihoodObjective.of(Perceptron(X, hidden), Squared(), ElasticNet(l2=1e-3), Y)
        w = greedy(F, np.random.default_rng(1))
        last = hidden[-1] + 1
        before = np.append(w[:-last], np.zeros(last))
        slope, first = (F.gradient(each) + np.broadcast_to(F.penalty.l2, w.shape) * each for each in (w, before))
        assert len(w) == F.model.layout.size
        assert np.abs(slope[-last:]).max() <= 1e-6 * np.abs(first[-last:]).max()


def test_a_start_is_lower_than_a_drawn_one_and_so_is_where_it_leads():
    how = {"solver": "full-batch", "alpha": 1e-6, "max_iter": 40}
    for seed in range(3):
        drawn, chosen = (
            MLPRegressor((8,), init=init, random_state=seed, **how).fit(X, Y) for init in ("random", "greedy")
        )
        assert chosen.loss_curve_[0] < 0.2 * drawn.loss_curve_[0]
        assert chosen.loss_ < drawn.loss_


def test_of_several_starts_the_lowest_is_kept():
    how = {"solver": "full-batch", "alpha": 1e-6, "max_iter": 20}
    one, five = (MLPRegressor((4,), n_init=k, **how).fit(X, Y) for k in (1, 5))
    assert five.loss_ < one.loss_


def test_classes_and_weights():
    y, s = np.digitize(Y, [0.5, 1.5]), RNG.integers(0, 3, 80)
    for classes in (y, y > 0):
        how = {"solver": "full-batch", "init": "greedy", "max_iter": 30, "alpha": 0.01}
        weighted = MLPClassifier((6,), **how).fit(X, classes, s)
        repeated = MLPClassifier((6,), **how).fit(X.repeat(s, axis=0), classes.repeat(s))
        np.testing.assert_array_equal(weighted.params_, repeated.params_)
        assert weighted.score(X, classes, s) > 0.85


def test_what_is_no_start_is_refused():
    for given, words in (({"init": "he"}, "there are: random, greedy"), ({"n_init": 0}, "expected a whole number ≥ 1")):
        with pytest.raises(ValueError, match=words):
            MLPRegressor((2,), **given).fit(X, Y)
    with pytest.raises(ValueError, match="solver = 'full-batch' alone"):
        MLPRegressor((2,), solver="adamw", n_init=2).fit(X, Y)
    F = LikelihoodObjective.of(Linear(X), Squared(), ElasticNet(), Y)
    with pytest.raises(ValueError, match="Linear has no hidden layer"):
        greedy(F, RNG)
