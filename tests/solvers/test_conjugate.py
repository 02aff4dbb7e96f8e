"""Newton's step for many outputs, by conjugate gradients, beside the Hessian written out and solved."""

import numpy as np
import pytest

from infimum.losses.multinomial import Multinomial
from infimum.models.scores import LinearScores
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import conjugate


def problem(l2, rng, classes=5, n=80, p=6):
    X, y = rng.normal(size=(n, p)), np.arange(n) % classes
    model = LinearScores(X, outputs=classes - 1)
    spared = np.append(np.full(p * (classes - 1), l2), np.zeros(classes - 1))
    return LikelihoodObjective.of(model, Multinomial(classes), ElasticNet(l2=spared), y.astype(float))


@pytest.mark.parametrize("far", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("l2", [1e-6, 1e-2])
def test_the_step_is_newtons(monkeypatch, far, l2):
    """Also far from the minimum, where some classes are all but certain in most rows."""
    rng = np.random.default_rng(3)
    F = problem(l2, rng)
    w = far * rng.normal(size=F.model.layout.size)
    g = F.gradient(w)
    slope = g + F.penalty.l2 * w
    A, m = F.model.jacobian(w), F.loss.outputs
    bend = F.weight[:, None, None] * F.loss.bend(F.model(w), F.y)
    H = np.einsum("np,nab,nq->paqb", A, bend, A).reshape(A.shape[1] * m, -1) + np.diag(F.penalty.l2)
    monkeypatch.setattr(conjugate, "EXACTNESS", 1e-12)
    monkeypatch.setattr(conjugate, "STEPS", 2000)
    found = conjugate.conjugate_step(F)(w, g)
    np.testing.assert_allclose(H @ (w - found), slope, atol=1e-9 * np.abs(slope).max())


def test_a_step_to_its_usual_exactness_lowers_the_objective():
    rng = np.random.default_rng(4)
    F = problem(1e-3, rng)
    w = np.zeros(F.model.layout.size)
    step = conjugate.conjugate_step(F)(w, F.gradient(w))
    assert F.value(step) < F.value(w) - 0.4 * F.gradient(w) @ (w - step)
