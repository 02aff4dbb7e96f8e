"""The chain as it is trained: dropout in its place, products in bfloat16 as exact as their 8 bits."""

import numpy as np
import pytest

from infimum import MLPClassifier, MLPRegressor
from infimum.models import chain_rule
from infimum.models.layers import Affine, Curve, Dropout
from infimum.models.perceptron import dense_chain

torch = pytest.importorskip("torch")
trained = pytest.importorskip("infimum.networks.trained")


def test_dropout_follows_each_activation_and_adds_no_parameter():
    plain = dense_chain(3, (5, 4))
    chain = trained.as_trained(plain, 0.25, "float32")
    assert [type(layer) for layer in chain] == [Affine, Curve, Dropout, Affine, Curve, Dropout, Affine]
    assert chain_rule.layout_of(chain) == chain_rule.layout_of(plain)
    assert trained.as_trained(plain, 0.0, "float32") == plain


def test_only_wide_layers_are_halved_unless_told():
    plain = dense_chain(trained.WIDE // 256, (256, 8))
    wide = trained.Halved if trained.has_tiles() else Affine
    assert [type(layer) for layer in trained.as_trained(plain, 0.0, "auto")] == [wide, Curve, Affine, Curve, Affine]
    told = trained.as_trained(plain, 0.0, "bfloat16")
    assert [type(layer) for layer in told] == [trained.Halved, Curve, trained.Halved, Curve, trained.Halved]


def test_halved_products_are_right_to_eight_bits():
    affine = Affine(40, 30)
    generator = torch.Generator().manual_seed(0)
    w = torch.randn(40, 30, generator=generator), torch.randn(30, generator=generator)
    h, r = torch.randn(64, 40, generator=generator), torch.randn(64, 30, generator=generator)
    half = trained.Halved(affine)
    (z, kept), (exact, whole) = half.forward(w, h), affine.forward(w, h)
    reach = h.abs() @ w[0].abs()
    assert z.dtype == torch.float32 and torch.all((z - exact).abs() <= 3 * 2.0**-8 * reach)
    assert torch.any(z != exact)
    (back, (slope, bias)), (exact_back, (exact_slope, exact_bias)) = half.pull(w, kept, r), affine.pull(w, whole, r)
    assert torch.all((back - exact_back).abs() <= 3 * 2.0**-8 * (r.abs() @ w[0].T.abs()))
    assert torch.all((slope - exact_slope).abs() <= 3 * 2.0**-8 * (h.abs().T @ r.abs()))
    assert torch.equal(bias, exact_bias) and slope.dtype == back.dtype == torch.float32


def noisy(n=2000):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((n, 8))
    return X, np.sin(2 * X[:, 0]) + 0.5 * rng.standard_normal(n)


def test_what_bfloat16_trains_predicts_as_well():
    X, y = noisy()
    fresh, truth = np.random.default_rng(3).standard_normal((500, 8)), lambda X: np.sin(2 * X[:, 0])
    errors = {}
    for precision in ("float32", "bfloat16"):
        model = MLPRegressor((32,), max_iter=40, precision=precision).fit(X, y)
        errors[precision] = float(np.mean((model.predict(fresh) - truth(fresh)) ** 2))
    assert errors["bfloat16"] < 1.2 * errors["float32"] < 0.3


def test_dropout_is_drawn_anew_in_each_step_and_from_the_seed():
    X, y = noisy()
    first, again, other = (MLPRegressor((32,), max_iter=5, dropout=0.4, random_state=s).fit(X, y) for s in (0, 0, 1))
    assert np.array_equal(first.params_, again.params_) and not np.array_equal(first.params_, other.params_)


def test_dropout_keeps_a_wide_network_from_learning_the_noise():
    X, y = noisy(150)
    errors = []
    for share in (0.0, 0.5):
        model = MLPRegressor((256,), max_iter=150, dropout=share, early_stopping=False, alpha=0.0).fit(X, y)
        errors.append(float(np.mean((model.predict(X) - y) ** 2)))
    assert errors[0] < 0.5 * errors[1]  # on the rows themselves: without it the noise is learned


def test_a_classifier_takes_all_of_it_together():
    X, y = noisy()
    told = {"dropout": 0.1, "label_smoothing": 0.1, "class_weight": "balanced", "precision": "bfloat16"}
    model = MLPClassifier((16,), max_iter=20, **told).fit(X, y > 0)
    assert model.score(X, y > 0) > 0.7


@pytest.mark.parametrize("activation", ["silu", "mish"])
def test_a_fused_activation_is_the_layer_written_out(activation):
    h, r = (torch.tensor(np.random.default_rng(k).normal(0, 5, (40, 6))) for k in (0, 1))
    plain, fused = Curve(activation), trained.Fused(activation)
    (value, held), (fast, kept) = plain.forward((), h), fused.forward((), h)
    assert torch.allclose(fast, value, rtol=1e-12, atol=1e-14)
    assert torch.allclose(fused.pull((), kept, r)[0], plain.pull((), held, r)[0], rtol=1e-10, atol=1e-12)
    assert torch.allclose(fused.push((), kept, (), r), plain.push((), held, (), r), rtol=1e-10, atol=1e-12)
    assert trained.Fused(activation) in trained.as_trained((Affine(2, 3), Curve(activation)), 0.0, "float32")
