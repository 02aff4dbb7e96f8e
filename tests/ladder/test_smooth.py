"""Strengths of curves by leaving out rows: exact for least squares, close elsewhere; which products are looked at."""

import numpy as np
import pytest

from infimum.ladder.smooth import Strengths, along, choose_strengths, left_out, minimum, strongest_pairs
from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.squared import Squared
from infimum.models.scores import linear_in
from infimum.models.splines import fit_basis
from infimum.objective import LikelihoodObjective
from infimum.solvers.newton import descend

STRENGTHS = Strengths(1e-2, 1e-3)


def made(n=80, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, np.sin(2 * X[:, 0]) + 0.3 * rng.normal(size=n)


@pytest.mark.parametrize(("loss", "near"), [(Squared(), 1e-8), (Logistic(), 1e-2)])
def test_the_loss_left_out_is_that_of_fits_without_each_row(loss, near):
    X, y = made()
    y = y if loss.task == "regression" else (y > 0).astype(float)
    basis = fit_basis(X, [0, 1])
    B = basis(X)
    alone = np.empty(len(y))
    for i in range(len(y)):
        others = np.arange(len(y)) != i
        penalty = STRENGTHS.penalty(basis)
        model, n = linear_in(B[others], 1), len(y)
        # the other rows keep the weight 1/n that they have among all
        scaled = type(penalty)(l2=penalty.l2 * n / (n - 1))
        w, _, _ = descend(LikelihoodObjective.of(model, loss, scaled, y[others]), None, 1e-12, 100)
        alone[i] = loss.value(linear_in(B[i : i + 1], 1)(w), y[i : i + 1])[0]
    objective, _ = minimum(loss, basis, B, y, STRENGTHS, None)
    w, _, _ = descend(objective, None, 1e-12, 100)
    assert left_out((objective, w))[0] == pytest.approx(alone, rel=10 * near, abs=near)
    assert left_out((objective, w))[0].sum() == pytest.approx(alone.sum(), rel=near)


@pytest.mark.parametrize("loss", [Squared(), Logistic(), Multinomial(3)], ids=lambda loss: loss.name)
def test_a_wave_is_left_rough_and_a_line_is_made_straight(loss):
    X, _ = made(600)
    rng = np.random.default_rng(1)
    found = {}
    for name, signal in (("wave", 3 * np.sin(3 * X[:, 0])), ("line", X[:, 0])):
        y = signal + 0.5 * rng.normal(size=600)
        if loss.task == "classification":
            y = np.digitize(y, np.quantile(y, np.linspace(0, 1, loss.outputs + 2)[1:-1])).astype(float)
        found[name] = choose_strengths(loss, fit_basis(X, [0, 1]), X, y, np.random.default_rng(0))
    assert 100 * found["wave"].roughness < found["line"].roughness


def test_a_path_is_judged_by_the_rows_that_count_at_most_so_much():
    table = np.array([[1.0, 1.0, 1.0, 100.0], [2.0, 2.0, 2.0, 0.0]])
    path = [Strengths(1.0, 0.0), Strengths(0.0, 0.0)]

    def evaluate(strengths, start):
        return table[path.index(strengths)], start

    assert along(evaluate, path, np.inf) == path[1]
    assert along(evaluate, path, 2.0) == path[0]  # 100 counts as twice the mean of 1, 1, 1 and 0
    table[0, 0] = np.nan
    assert along(evaluate, path, 2.0) == along(evaluate, path, np.inf) == path[1]


def test_the_planted_product_is_found_and_none_in_noise():
    rng = np.random.default_rng(2)
    X = np.column_stack([rng.normal(size=(1000, 4)), rng.integers(0, 2, 1000)])
    basis = fit_basis(X, range(4))
    mains = X[:, 0] + np.sin(X[:, 1])
    for signal, pairs in ((X[:, 1] * X[:, 4], ((1, 4),)), (0.0, ())):
        y = mains + signal + 0.5 * rng.normal(size=1000)
        objective, w = minimum(Squared(), basis, basis(X), y, Strengths(1e-4, 1e-4), None)
        assert strongest_pairs(objective, w, basis)[:1] == pairs


def test_a_product_on_few_rows_is_left_alone():
    rng = np.random.default_rng(2)
    X = np.zeros((1000, 2))
    X[:20] = 1.0
    X[20:500, 0] = X[500:900, 1] = 1.0
    basis = fit_basis(X, [])
    y = 5 * X[:, 0] * X[:, 1] + 0.1 * rng.normal(size=1000)
    objective, w = minimum(Squared(), basis, basis(X), y, Strengths(1e-4, 1e-4), None)
    assert strongest_pairs(objective, w, basis) == ()


def test_many_rows_choose_about_what_few_of_them_do_and_it_is_carried_to_all():
    X, y = made(25_000)
    few = choose_strengths(Squared(), fit_basis(X[:10_000], [0, 1]), X[:10_000], y[:10_000], np.random.default_rng(0))
    many = choose_strengths(Squared(), fit_basis(X, [0, 1]), X, y, np.random.default_rng(0))
    assert many.roughness == pytest.approx(few.roughness * 0.4, rel=10)
    assert many.roughness < few.roughness
