"""Ω(w) = −½ log det I(w), I(w) = Σᵢ sᵢ ℓ″(zᵢ) aᵢaᵢᵀ, z = A w: minus the logarithm of Jeffreys' prior.

Firth (1993): the minimiser of the logistic loss with it has no bias of order 1/n; it is finite though the classes be
separated (Heinze & Schemper 2002; Kosmidis & Firth 2021). All is told in rows bᵢ = W aᵢ, where W I(w) Wᵀ = 1.
"""

import numpy as np
from jaxtyping import Float

from infimum.losses import Loss

Rows = Float[np.ndarray, " n"]


def bends(loss: Loss, z: Rows) -> tuple[Rows, Rows, Rows]:
    """(ℓ″, ℓ‴/ℓ″, ℓ⁗/ℓ″) = (p(1 − p), 1 − 2p, 1 − 6p(1 − p)) of the logistic loss, p = σ(z), (n,) each.

    >>> from infimum.losses.logistic import Logistic
    >>> [float(part[0]) for part in bends(Logistic(), np.zeros(1))]
    [0.25, 0.0, -0.5]
    """
    p, q = np.asarray(loss.mean(z)), np.asarray(loss.mean(-z))
    return p * q, q - p, 1 - 6 * p * q


def slope_of(loss: Loss, z: Rows, leverage: Rows) -> Rows:
    """∂Ω/∂z = −½ ℓ‴/ℓ″ h = (p − ½) h, (n,): leverage h = s ℓ″ ‖b‖², which sums to the number of parameters."""
    return -0.5 * bends(loss, z)[1] * leverage


def curvature_of(loss: Loss, z: Rows, weight: Rows, B: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "p p"]:
    """W ∇²Ω Wᵀ = ½ Mᵀ M − ½ Σ s ℓ⁗ ‖b‖² b bᵀ, where M (p², p) has the columns Σ s ℓ‴ bⱼ b bᵀ.

    Derivatives of log det: ∂ⱼ = tr(I⁻¹ ∂ⱼI), ∂ⱼ∂ₖ = tr(I⁻¹ ∂ⱼ∂ₖI) − tr(I⁻¹ ∂ⱼI I⁻¹ ∂ₖI).
    """
    bend, third, fourth = bends(loss, z)
    d, p = weight * bend, B.shape[1]
    straight = (B * (d * fourth * (B * B).sum(axis=1))[:, None]).T @ B
    M = np.empty((p, p, p))
    for j in range(p):
        M[j] = (B * (d * third * B[:, j])[:, None]).T @ B
    flat = M.reshape(p, -1)
    return np.asarray(0.5 * (flat @ flat.T) - 0.5 * straight)
