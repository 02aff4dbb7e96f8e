"""The chain as it is trained: dropout in its place, products in bfloat16 as exact as their 8 bits."""

import numpy as np
import pytest

from infimum import MLPClassifier, MLPRegressor
from infimum.models import chain_rule
from infimum.models.layers import Affine, Curve, Dropout
from infimum.models.perceptron import dense_chain

torch = pytest.importorskip("torch")
trained = pytest.importorskip("infimum.networks.trained")


def trained_chain(plain, dropout, precision):
    into = [torch.zeros(block.shape) for layer in plain for block in layer.blocks]
    return trained.as_trained(plain, chain_rule.grouped(plain, into), dropout, precision)


def test_dropout_follows_each_activation_and_adds_no_parameter():
    plain = dense_chain(3, (5, 4))
    chain = trained_chain(plain, 0.25, "float32")
    each = [trained.Product, trained.Fused, Dropout]
    assert [type(layer) for layer in chain] == [*each, *each, trained.Product]
    assert chain_rule.layout_of(chain) == chain_rule.layout_of(plain)
    without = trained_chain(plain, 0.0, "float32")
    assert not any(isinstance(layer, Dropout) for layer in without)


@pytest.mark.parametrize(("precision", "halved"), [("auto", None), ("bfloat16", (1, 1, 1)), ("float32", (0, 0, 0))])
@pytest.mark.parametrize("multiplied", ["tiles", "vectors", "not at all"])
def test_only_layers_wide_on_both_sides_are_halved_unless_told(precision, halved, multiplied, monkeypatch):
    monkeypatch.setattr(trained, "multiplied", lambda: multiplied)
    wide = trained.WIDE.get(multiplied, 1024)
    products = trained_chain(dense_chain(wide, (wide, wide - 1)), 0.0, precision)[::2]
    halved = halved or (int(multiplied in trained.WIDE), 0, 0)
    assert [layer.inside == torch.bfloat16 for layer in products] == [bool(each) for each in halved]
    assert [layer.then for layer in products] == [*(layer.inside for layer in products[1:]), torch.float32]


def test_halved_products_are_right_to_eight_bits():
    affine = Affine(40, 30)
    generator = torch.Generator().manual_seed(0)
    w = torch.randn(40, 30, generator=generator), torch.randn(30, generator=generator)
    h, r = torch.randn(64, 40, generator=generator), torch.randn(64, 30, generator=generator)
    into = torch.zeros(40, 30), torch.zeros(30)
    half = trained.Product(affine, into, torch.bfloat16)
    (z, kept), (exact, whole) = half.forward(w, h), affine.forward(w, h)
    reach = h.abs() @ w[0].abs()
    assert z.dtype == torch.float32 and torch.all((z - exact).abs() <= 3 * 2.0**-8 * reach)
    assert torch.any(z != exact)
    (back, (slope, bias)), (exact_back, (exact_slope, exact_bias)) = half.pull(w, kept, r), affine.pull(w, whole, r)
    assert torch.all((back - exact_back).abs() <= 3 * 2.0**-8 * (r.abs() @ w[0].T.abs()))
    assert torch.all((slope - exact_slope).abs() <= 3 * 2.0**-8 * (h.abs().T @ r.abs()))
    assert torch.equal(bias, exact_bias) and slope.dtype == torch.float32 and back.dtype == torch.bfloat16
    assert slope is into[0] and bias is into[1]


@pytest.mark.parametrize("shape", [(64, 40), (16, 4, 40)])
def test_a_product_is_the_affine_layer_its_gradient_in_place(shape):
    affine, into = Affine(40, 30), (torch.full((40, 30), 9.0), torch.full((30,), 9.0))
    generator = torch.Generator().manual_seed(0)
    w = torch.randn(40, 30, generator=generator), torch.randn(30, generator=generator)
    h, r = (torch.randn(*shape[:-1], width, generator=generator) for width in (40, 30))
    product = trained.Product(affine, into)
    (z, kept), (exact, whole) = product.forward(w, h), affine.forward(w, h)
    assert torch.allclose(z, exact, rtol=1e-5, atol=1e-5) and z.shape == exact.shape
    assert torch.allclose(product.push(w, kept, w, h), affine.push(w, whole, w, h), rtol=1e-5, atol=1e-5)
    (back, found), (exact_back, gradient) = product.pull(w, kept, r), affine.pull(w, whole, r)
    assert torch.allclose(back, exact_back, rtol=1e-5, atol=1e-5)
    assert all(mine is place for mine, place in zip(found, into, strict=True))
    assert all(torch.allclose(mine, theirs, rtol=1e-5, atol=1e-4) for mine, theirs in zip(into, gradient, strict=True))


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


@pytest.mark.parametrize("activation", sorted(trained.PASSES))
def test_a_fused_activation_is_the_layer_written_out(activation):
    h, r = (torch.tensor(np.random.default_rng(k).normal(0, 5, (40, 6))) for k in (0, 1))
    plain, fused = Curve(activation), trained.Fused(activation)
    (value, held), (fast, kept) = plain.forward((), h), fused.forward((), h)
    assert torch.allclose(fast, value, rtol=1e-12, atol=1e-14)
    assert torch.allclose(fused.pull((), kept, r)[0], plain.pull((), held, r)[0], rtol=1e-10, atol=1e-12)
    assert torch.allclose(fused.push((), kept, (), r), plain.push((), held, (), r), rtol=1e-10, atol=1e-12)
    assert trained.Fused(activation) in trained_chain((Affine(2, 3), Curve(activation)), 0.0, "float32")
