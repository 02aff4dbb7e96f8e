"""What a training takes of a loss, shares y and ℓ with ∂ℓ/∂z in one pass, is the loss; smoothing is a mixture."""

import numpy as np
import pytest

from infimum.losses.logistic import Logistic
from infimum.losses.multinomial import Multinomial
from infimum.losses.poisson import Poisson
from infimum.losses.softmax import Softmax
from infimum.losses.squared import Squared

LOSSES = {
    "squared": Squared(),
    "logistic": Logistic(),
    "poisson": Poisson(),
    "four": Multinomial(4),
    "scores": Softmax(4),
}
SIZES = [0.0, 1.0, 30.0]
every_loss = pytest.mark.parametrize("name", LOSSES)


def drawn(loss, size):
    rng = np.random.default_rng(0)
    z = size * rng.standard_normal((50, loss.outputs) if loss.outputs > 1 else 50)
    y = rng.integers(0, 4 if loss.outputs > 1 else 2, 50).astype(float)
    return z, y


@every_loss
@pytest.mark.parametrize("size", SIZES)
def test_the_one_pass_is_the_value_and_the_gradient(name, size):
    loss = LOSSES[name]
    z, y = drawn(loss, size)
    value, gradient = loss.value_and_gradient(z, loss.shares(y))
    np.testing.assert_allclose(value, loss.value(z, y), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(gradient, loss.gradient(z, y), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["logistic", "four", "scores"])
@pytest.mark.parametrize("size", SIZES)
def test_smoothed_labels_are_a_mixture_of_all_classes(name, size):
    loss = LOSSES[name]
    z, y = drawn(loss, size)
    classes = 2 if loss.outputs == 1 else 4
    found = loss.value_and_gradient(z, loss.shares(y, 0.1))
    for part, of in zip(found, (loss.value, loss.gradient), strict=True):
        others = sum(of(z, np.full(50, float(k))) for k in range(classes)) / classes
        np.testing.assert_allclose(part, 0.9 * of(z, y) + 0.1 * others, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["squared", "poisson"])
def test_what_is_no_class_is_not_smoothed(name):
    with pytest.raises(ValueError, match=rf"label_smoothing = 0.1; the {name} loss has no classes: leave it at 0"):
        LOSSES[name].shares(np.ones(3), 0.1)
