"""(AᵀSA + Λ) w = AᵀS y: least squares and ridge by factorisation, refined until the residual is that of rounding."""

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, qr, solve_triangular, svd

from infimum.certificates.certify import certify
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.polish import polish

WELL_CONDITIONED = 1e-4  # smallest pivot of the scaled Cholesky factor trusted: a condition number below about 1e8


def least_squares(
    objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, method: str = "auto"
) -> Solution:
    """argmin ½ Σ s̃ᵢ (aᵢᵀw + cᵢ − yᵢ)² + ½ Σ l2ⱼ wⱼ², for a model affine in w and no l1 or bounds.

    method: "cholesky" (centred, scaled Gram matrix), "qr" (column pivoting), "svd" (least norm where the rank falls
    short), or "auto": the first of these that the condition number allows (Björck 1996, ch. 2). `start` is not
    needed: no iteration depends on it. Raises ValueError for another loss, penalty or method.
    """
    penalty = objective.penalty
    if objective.loss.name != "squared" or not penalty.smooth:
        raise ValueError("least_squares takes the squared loss with no l1 strength and no bounds; use prox_newton")
    if method not in ("auto", *METHODS):
        raise ValueError(f"method = {method!r}; there are: auto, {', '.join(METHODS)}")
    p = objective.model.layout.size
    A = objective.model.jacobian(np.zeros(p))
    target = objective.y - objective.model(np.zeros(p))
    parts = A, target, objective.weight, np.asarray(penalty.l2, dtype=float), objective.model.layout.free
    used, w = method, None
    for used in METHODS if method == "auto" else (method,):
        w = METHODS[used](*parts, method == "auto")
        if w is not None:
            break
    if w is None:
        raise ValueError(f"method = {method!r} needs independent columns, and these are dependent; use 'svd' or 'auto'")
    rounds = 0
    if used != "svd":
        polished = polish(objective, w)
        w, rounds = polished.point.w, polished.rounds
    certificate = certify(objective, w, f"direct ({used})", 1 + rounds, tolerance)
    gap = certificate.claim("gap")
    step = Step(1, objective.value(w), gap.bound if gap else np.inf, 1.0)
    return Solution(w, certificate, Trace((step,), f"solved by {used}, refined {rounds} times"))


def _cholesky(A: Any, y: Any, weight: Any, l2: Any, free: Any, cautious: bool) -> Params | None:
    """w from the normal equations of centred, scaled columns; None where the pivots say that too many digits go."""
    centre = (
        weight @ A if free.sum() == 1 and not np.any(l2[free]) and np.all(A[:, free] == 1.0) else np.zeros(A.shape[1])
    )
    total = weight.sum()
    mean = weight @ y / total if centre.any() else 0.0
    B = A[:, ~free] - (centre / total)[~free] if centre.any() else A
    H = (B * weight[:, None]).T @ B
    strength = l2[~free] if centre.any() else l2
    H[np.diag_indices(len(H))] += strength
    diagonal = np.diag(H)
    if not np.all(diagonal > 0):
        return None
    scale = 1 / np.sqrt(diagonal)
    try:
        factor = cho_factor(H * scale * scale[:, None], lower=True)
    except (LinAlgError, ValueError):
        return None
    if cautious and np.min(np.abs(np.diag(factor[0])), initial=1.0) < WELL_CONDITIONED:
        return None
    b = scale * cho_solve(factor, scale * (B.T @ (weight * (y - mean))))
    if not centre.any():
        return np.asarray(b)
    w = np.empty(A.shape[1])
    w[~free] = b
    w[free] = mean - (centre / total)[~free] @ b
    return w


def _qr(A: Any, y: Any, weight: Any, l2: Any, free: Any, cautious: bool) -> Params | None:
    """w from A √S = QR with column pivoting, the ridge stacked below; None where R says that the rank falls short."""
    M, b = _stacked(A, y, weight, l2)
    size = np.linalg.norm(M, axis=0)
    if not np.all(size > 0) or len(M) < M.shape[1]:
        return None
    Q, R, pivots = qr(M / size, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    if cautious and diagonal[-1] <= 4e-16 * max(M.shape) * diagonal[0]:
        return None
    w = np.empty(A.shape[1])
    w[pivots] = solve_triangular(R, Q.T @ b)
    return w / size


def _svd(A: Any, y: Any, weight: Any, l2: Any, free: Any, cautious: bool) -> Params:
    """w = V Σ⁺ Uᵀ b: the least-norm minimiser; an intercept's column is taken out first, so that it does not count."""
    if free.sum() == 1 and np.all(A[:, free] == 1.0):
        total = weight.sum()
        centre, mean = weight @ A[:, ~free] / total, weight @ y / total
        b = _svd(A[:, ~free] - centre, y - mean, weight, l2[~free], free[~free], cautious)
        w = np.empty(A.shape[1])
        w[~free], w[free] = b, mean - centre @ b
        return w
    M, b = _stacked(A, y, weight, l2)
    if not M.size:
        return np.zeros(A.shape[1])
    U, singular, Vt = svd(M, full_matrices=False)
    kept = singular > 4e-16 * max(M.shape) * singular[0]
    return np.asarray(Vt[kept].T @ ((U[:, kept].T @ b) / singular[kept]))


def _stacked(A: Any, y: Any, weight: Any, l2: Any) -> tuple[np.ndarray, np.ndarray]:
    root = np.sqrt(weight)
    rows = l2 > 0
    M = np.vstack([A * root[:, None], np.diag(np.sqrt(l2))[rows]])
    return M, np.append(y * root, np.zeros(int(rows.sum())))


METHODS = {"cholesky": _cholesky, "qr": _qr, "svd": _svd}
