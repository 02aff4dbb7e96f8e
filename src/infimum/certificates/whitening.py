"""W with W AᵀDA Wᵀ = I to the last digit: the root of the covariance, where a factor in float64 would lose digits.

Cholesky's factor of AᵀDA loses as many digits as κ(A)² has; by QR the loss is κ(A). Then E = I − W AᵀDA Wᵀ, computed in
twice the precision, is taken away (`kernels/whiten.py`) till nothing is left: each variance is a sum of squares of
W's entries, so that it has their digits.
"""

import numpy as np
from jaxtyping import Float
from scipy.linalg import qr, solve_triangular

from infimum.certificates.rounding import UNIT

SMALL = 2e5  # n p² that takes milliseconds
WORK = 5e7  # a second or two
ROUNDS = 8
ENOUGH = 2.0**-48  # ‖E‖: beyond, what float64 holds of W is left
APART = 0.5  # ‖E‖ from which the iteration is not trusted to converge


def whitened(
    A: Float[np.ndarray, "n p"], d: np.ndarray, work: float = WORK, lost: np.ndarray | None = None
) -> Float[np.ndarray, "p p"] | None:
    """W (p, p) with ‖W AᵀDA Wᵀ − I‖ < 2⁻⁴⁸ before W is rounded, for d (n,) ≥ 0; None where it was not reached.

    That is where columns depend on each other to working precision, or n p² is beyond `work`. lost (n, p) is what A
    lost to rounding.

    >>> A = np.vander(np.arange(1.0, 12.0), 6)
    >>> W = whitened(A, np.ones(11))
    >>> bool(np.abs(W @ (A.T @ A) @ W.T - np.eye(6)).max() < 1e-5)  # as far as the product in float64 can tell
    True
    """
    n, p = A.shape
    if n < p or n * p**2 > work or d.ndim > 1:
        return None
    from infimum.kernels.whiten import whiten, whitening_lack

    A, d = np.ascontiguousarray(A, dtype=float), np.ascontiguousarray(d, dtype=float)
    size = np.linalg.norm(A * np.sqrt(d)[:, None], axis=0)
    if not (np.all(np.isfinite(size)) and np.all(size > 0)):
        return None
    scale = 2.0 ** -np.round(np.log2(size))  # exact
    R = qr(A * np.sqrt(d)[:, None] * scale, mode="r")[0][:p]
    if not np.all(np.abs(np.diag(R)) > 4 * UNIT * max(n, p) * np.abs(R).max()):
        return None
    W = np.zeros((2, p, p))
    W[0] = solve_triangular(R, np.eye(p), trans="T")
    for _ in range(ROUNDS):
        E = whitening_lack((A * scale, np.zeros((0, 0)) if lost is None else lost * scale), d, W)
        left = float(np.abs(E).sum(axis=1).max())
        if left <= ENOUGH:
            return np.asarray(W[0] * scale)
        if not left <= APART:
            return None
        whiten(W, E)
    return None
