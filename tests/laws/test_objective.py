"""Laws of the one equation: derivatives by differences, and sample weights that mean what they say."""

import numpy as np
import pytest

from infimum.losses.logistic import Logistic
from infimum.losses.poisson import Poisson
from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet

LOSSES = {"squared": Squared(), "logistic": Logistic(), "poisson": Poisson()}
MODELS = {
    "linear": Linear,
    "linear without intercept": lambda X: Linear(X, intercept=False),
    "perceptron": lambda X: Perceptron(X, (3,), "tanh"),
}
every_loss = pytest.mark.parametrize("loss", LOSSES)
every_model = pytest.mark.parametrize("model", MODELS)


def drawn(loss, model, weights="random", n=9):
    """(objective, w, v): weights "random", with two zeros, or None."""
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((n, 3)), rng.standard_normal(n)
    y = {"squared": y, "logistic": (y > 0).astype(float), "poisson": np.round(np.exp(y))}[loss]
    weight = rng.uniform(0.5, 2, n) if weights else None
    if weights:
        weight[[1, 4]] = 0.0
    penalty = ElasticNet(l1=0.1, l2=0.2)
    F = LikelihoodObjective.of(MODELS[model](X), LOSSES[loss], penalty, y, weight)
    p = F.model.layout.size
    return F, rng.standard_normal(p), rng.standard_normal(p)


def smooth(F, w):
    """f(w) = F(w) − Ω(w)."""
    return F.value(w) - F.penalty.value(w)


@every_loss
@every_model
@pytest.mark.parametrize("weights", ["random", None])
def test_gradient_is_the_difference_quotient_of_the_smooth_part(loss, model, weights):
    F, w, v = drawn(loss, model, weights)
    step = 1e-6
    quotient = (smooth(F, w + step * v) - smooth(F, w - step * v)) / (2 * step)
    assert F.gradient(w) @ v == pytest.approx(quotient, rel=1e-7, abs=1e-9)


@every_loss
@pytest.mark.parametrize("model", ["linear", "linear without intercept"])
def test_curvature_is_the_difference_quotient_of_the_gradient(loss, model):
    F, w, v = drawn(loss, model)
    step = 1e-5
    quotient = (F.gradient(w + step * v) - F.gradient(w - step * v)) / (2 * step)
    np.testing.assert_allclose(F.curvature(w, v), quotient, rtol=1e-7, atol=1e-9)


@every_loss
@every_model
def test_curvature_is_symmetric_and_not_negative(loss, model):
    F, w, v = drawn(loss, model)
    other = np.roll(v, 1)
    assert other @ F.curvature(w, v) == pytest.approx(v @ F.curvature(w, other), rel=1e-10)
    assert v @ F.curvature(w, v) >= 0


@every_loss
@every_model
def test_rows_of_weight_zero_are_as_if_removed(loss, model):
    F, w, v = drawn(loss, model)
    kept = F.rows(F.weight > 0)
    assert F.value(w) == pytest.approx(kept.value(w), rel=1e-14)
    np.testing.assert_allclose(F.gradient(w), kept.gradient(w), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(F.curvature(w, v), kept.curvature(w, v), rtol=1e-12, atol=1e-14)
    assert F.null_value() == pytest.approx(kept.null_value(), rel=1e-14)


@every_loss
@every_model
def test_weights_count_like_repetitions(loss, model):
    F, w, v = drawn(loss, model, None)
    counts = np.array([1, 3, 0, 2, 1, 1, 4, 0, 2])
    weighted = LikelihoodObjective.of(F.model, F.loss, F.penalty, F.y, counts)
    repeated = F.rows(np.repeat(np.arange(len(counts)), counts))
    assert weighted.value(w) == pytest.approx(repeated.value(w), rel=1e-14)
    np.testing.assert_allclose(weighted.gradient(w), repeated.gradient(w), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(weighted.curvature(w, v), repeated.curvature(w, v), rtol=1e-12, atol=1e-14)


@every_loss
@every_model
def test_only_the_proportions_of_weights_count(loss, model):
    F, w, _ = drawn(loss, model)
    for factor in (1e-6, 3.0, 1e9):
        scaled = LikelihoodObjective.of(F.model, F.loss, F.penalty, F.y, factor * F.weight)
        assert scaled.value(w) == pytest.approx(F.value(w), rel=1e-14)


@every_loss
def test_null_value_is_that_of_the_best_constant(loss):
    F, _, _ = drawn(loss, "linear")
    constants = np.linspace(-3, 3, 6001)
    values = [F.value(np.array([0.0, 0.0, 0.0, c])) for c in constants]
    assert F.null_value() <= min(values) and F.null_value() == pytest.approx(min(values), abs=1e-6)
    bare, _, _ = drawn(loss, "linear without intercept")
    assert bare.null_value() == pytest.approx(bare.value(np.zeros(3)), rel=1e-15)


def test_null_value_of_a_single_class_is_zero():
    F = LikelihoodObjective.of(Linear(np.eye(2)), Logistic(), ElasticNet(), np.ones(2))
    assert F.null_value() == 0


def test_where_the_loss_overflows_the_objective_is_infinite_and_rows_of_weight_zero_do_not_count():
    F = LikelihoodObjective.of(Linear(np.array([[1.0], [1e6]])), Poisson(), ElasticNet(), np.ones(2), [1.0, 0.0])
    w = np.array([1.0, 0.0])
    assert F.value(w) == pytest.approx(np.e - 2, rel=1e-15) and np.isfinite(F.gradient(w)).all()
    assert np.isfinite(F.curvature(w, w)).all()
    assert LikelihoodObjective.of(F.model, F.loss, F.penalty, F.y).value(w) == np.inf
    assert F.value(np.array([np.nan, 0.0])) == np.inf


@pytest.mark.parametrize("y", [-1.0, np.nan, np.inf])
def test_targets_outside_of_the_domain_are_refused(y):
    with pytest.raises(ValueError, match="the poisson loss takes finite numbers ≥ 0"):
        LikelihoodObjective.of(Linear(np.eye(2)), Poisson(), ElasticNet(), np.array([1.0, y]))


@every_loss
@every_model
def test_intercepts_are_free_and_nothing_is_changed(loss, model):
    F, w, v = drawn(loss, model)
    free = F.model.layout.free
    assert not np.any(F.penalty.l1[free]) and np.all(F.penalty.l1[~free] == 0.1)
    kept = w.copy(), F.y.copy(), F.weight.copy()
    F.value(w), F.gradient(w), F.curvature(w, v)
    for now, before in zip((w, F.y, F.weight), kept, strict=True):
        np.testing.assert_array_equal(now, before)
