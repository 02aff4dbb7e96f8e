"""φ(a) and φ′(a), entry by entry: what makes a network more than a linear model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_torch_array

Array = Any  # a NumPy array or a torch tensor: every φ takes both

SELU = 1.0507009873554805, 1.6732632423543772  # λ, α: mean 0 and variance 1 are kept (Klambauer et al. 2017)


@dataclass(frozen=True)
class Activation:
    """φ(a), and φ′(a) given a and φ(a); where φ has a corner, at 0, the slope from the left."""

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]


def sigmoid(a: Array) -> Array:
    """σ(a) = 1 / (1 + e⁻ᵃ) = ½ (1 + tanh(a / 2)), which does not overflow.

    >>> import numpy as np
    >>> sigmoid(np.array([0.0, 1e9])).tolist()
    [0.5, 1.0]
    """
    return 0.5 * (1 + array_namespace(a).tanh(0.5 * a))


def _relu(a: Array) -> Array:
    return array_namespace(a).relu(a) if is_torch_array(a) else np.maximum(a, 0.0)  # torch's maximum has slope ½ at 0


def _relu_slope(a: Array, h: Array) -> Array:
    return h.sign() if is_torch_array(h) else np.sign(h)


def _selu(a: Array) -> Array:
    scale, below = SELU
    xp = array_namespace(a)
    return scale * xp.where(a > 0, a, below * xp.expm1(a * (a < 0)))


def _mish(a: Array) -> Array:
    xp = array_namespace(a)
    return a * xp.tanh(xp.logaddexp(a, xp.zeros_like(a)))


def _mish_slope(a: Array, h: Array) -> Array:
    xp = array_namespace(a)
    t = xp.tanh(xp.logaddexp(a, xp.zeros_like(a)))
    return t + a * (1 - t * t) * sigmoid(a)


def _silu_slope(a: Array, h: Array) -> Array:
    s = sigmoid(a)
    return s * (1 + a * (1 - s))


ACTIVATIONS = {
    "identity": Activation(lambda a: a, lambda a, h: array_namespace(a).ones_like(a)),
    "relu": Activation(_relu, _relu_slope),  # Nair & Hinton (2010)
    "tanh": Activation(lambda a: array_namespace(a).tanh(a), lambda a, h: 1 - h * h),
    "selu": Activation(_selu, lambda a, h: array_namespace(a).where(a > 0, SELU[0] + 0 * h, h + SELU[0] * SELU[1])),
    "silu": Activation(lambda a: a * sigmoid(a), _silu_slope),  # Elfwing, Uchibe & Doya (2018)
    "mish": Activation(_mish, _mish_slope),  # Misra (2020)
}
