"""Newton's last steps in float64 end where rounding does, and what is proved there holds whatever they did."""

from dataclasses import replace

import numpy as np
import pytest

from infimum.certificates.metric import carried, verified_metric
from infimum.certificates.point import point_at
from infimum.losses import Logistic, Multinomial, Poisson
from infimum.models.linear import Linear
from infimum.models.scores import LinearScores
from infimum.objective import LikelihoodObjective
from infimum.penalties import ElasticNet
from infimum.solvers.approach import approach, rounding_of
from infimum.solvers.newton import descend
from infimum.solvers.polish import polish


def problem(loss, l2=0.01, l1=0.0, shift=0.0, n=300, p=4):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((n, p)) + shift
    y = np.arange(n) % 3.0 if loss.outputs > 1 else rng.poisson(np.exp(0.4 * (X[:, 0] - shift))) * 1.0
    y = np.minimum(y, 1.0) if isinstance(loss, Logistic) else y
    model = LinearScores(X, outputs=loss.outputs) if loss.outputs > 1 else Linear(X, intercept=True)
    return LikelihoodObjective.of(model, loss, ElasticNet(l1=l1, l2=l2), y)


def distance(F, w):
    """√(sᵀH⁻¹s), s in twice the precision."""
    point = point_at(F, w)
    H = (point.A * point.d[:, None]).T @ point.A + np.diag(np.broadcast_to(F.penalty.l2, w.shape))
    return float(np.sqrt(max(point.s @ np.linalg.solve(H, point.s), 0.0)))


@pytest.mark.parametrize("loss", [Logistic(), Poisson()])
@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_the_steps_end_where_rounding_does(loss, l2):
    F = problem(loss, l2)
    rough = descend(F, None, 1e-4, 50)[0]
    near = approach(F, rough)
    assert distance(F, rough) > 1e-9
    assert distance(F, near.w) <= 4 * rounding_of(near.metric, near.w)
    assert F.value(near.w) <= F.value(rough)


@pytest.mark.parametrize("F", [problem(Logistic(), l1=0.01), problem(Multinomial(3))])
def test_kinks_and_several_outputs_are_left_to_others(F):
    assert approach(F, np.zeros(F.model.layout.size)) is None


def test_dependent_columns_without_a_ridge_have_no_metric_to_go_by():
    F = problem(Logistic(), 0.0)
    X = np.column_stack([F.model.X, F.model.X[:, 0] + F.model.X[:, 1]])
    F = LikelihoodObjective.of(Linear(X, intercept=True), F.loss, ElasticNet(), F.y)
    assert approach(F, np.zeros(6)) is None


def test_steps_that_lead_nowhere_are_not_taken():
    F = problem(Logistic(), 0.0)
    away = np.array([0.0, 0.0, 0.0, 0.0, 9.0])  # Newton's step from there leads far to the other side
    near = approach(F, away)
    assert near is None or np.array_equal(near.w, away) or F.value(near.w) <= F.value(away)


def test_slopes_beyond_float64_end_the_steps_without_a_warning():
    F = problem(Poisson(), 0.01)
    for far in (40.0, 300.0, 800.0):
        w = np.append(np.zeros(4), far)
        near = approach(F, w)
        assert near is None or F.value(near.w) <= F.value(w)


@pytest.mark.parametrize("shift", [0.0, 1e3])
def test_a_metric_from_nearby_is_carried_over_or_given_up(shift):
    F = problem(Logistic(), 0.01, shift=shift)
    near = approach(F, descend(F, None, 1e-10, 50)[0])
    known = polish(F, near.w, near=near).known
    assert distance(F, known.point.w) <= rounding_of(near.metric, near.w)
    assert known.metric is not None and near.metric.a <= known.metric.a < 1e-5
    s, own = known.point.s, verified_metric(known.point)
    assert known.metric.length(s, 0 * s) >= own.estimate(s) * (1 - 1e-9)
    bent = replace(near, d=near.d * np.where(np.arange(len(near.d)) == 7, 1.01, 1.0))  # of another place
    assert carried(bent.metric, bent.d, 0.0, known.point) is None
    assert polish(F, near.w, near=bent).known.metric is None
