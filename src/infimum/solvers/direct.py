"""(AᵀSA + Λ) w = AᵀS y: least squares and ridge by factorisation, refined to the last digit where it can be."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, qr, solve_triangular, svd

from infimum.certificates.certify import certify
from infimum.certificates.metric import verified_metric
from infimum.certificates.point import point_at
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.polish import polish
from infimum.solvers.refine import Correction, System, refine

Factored = tuple[Params, Correction | None]  # the minimiser, and how it is corrected; None where it can't be
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
    l2 = np.array(np.broadcast_to(np.asarray(penalty.l2, dtype=float), p))
    system, free = System(A, target, objective.weight, l2, objective.model.lost), objective.model.layout.free
    used, w, rounds = method, None, 0
    for used in METHODS if method == "auto" else (method,):
        found = METHODS[used](system, free, method == "auto")
        if found is None:
            continue
        w, correction = found
        if correction is None:
            break
        refined = refine(system, w, correction)
        w, rounds = refined.w, refined.rounds
        if refined.converged or method != "auto":
            break
    if w is not None and correction is None and method == "auto":
        w, rounds = _by_metric(objective, w)
    if w is None:
        raise ValueError(f"method = {method!r} needs independent columns, and these are dependent; use 'svd' or 'auto'")
    certificate = certify(objective, w, f"direct ({used})", 1 + rounds, tolerance)
    gap = certificate.claim("gap")
    step = Step(1, objective.value(w), gap.bound if gap else np.inf, 1.0)
    return Solution(w, certificate, Trace((step,), f"solved by {used}, refined {rounds} times"))


def _by_metric(objective: LikelihoodObjective, w: Params) -> tuple[Params, int]:
    """(w, rounds) refined by H⁻¹ as far as it can be verified, which goes beyond what a factor in float64 tells."""
    start = point_at(objective, w)
    if verified_metric(start) is None:
        return w, 0
    polished = polish(objective, w)
    return polished.known.point.w, polished.rounds


def _cholesky(system: System, free: np.ndarray, cautious: bool) -> Factored | None:
    """By the normal equations of centred, scaled columns; None where the pivots say that too many digits go.

    An intercept is eliminated: (bⱼ, b₀) ↦ b solves the centred equations with bⱼ − cⱼ b₀ / s, c = AᵀS 1, s = Σ sᵢ.
    """
    A, weight, l2 = system.A, system.weight, system.l2
    alone = free.sum() == 1 and not np.any(l2[free]) and bool(np.all(A[:, free] == 1.0))
    rest = ~free if alone else np.ones(A.shape[1], dtype=bool)
    total, c = weight.sum(), weight @ A[:, rest] if alone else np.zeros(A.shape[1])
    B = A[:, rest] - c / total if alone else A
    H = (B * weight[:, None]).T @ B
    H[np.diag_indices(len(H))] += l2[rest]
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

    def correction(f: np.ndarray, g: np.ndarray) -> Params:
        mean = weight @ f / total if alone else 0.0
        lacking = g[~rest].sum() / total
        step = np.empty(A.shape[1])
        step[rest] = scale * cho_solve(factor, scale * (B.T @ (weight * (f - mean)) + g[rest] - c * lacking))
        step[~rest] = mean + lacking - c @ step[rest] / total
        return step

    return correction(system.y, np.zeros(A.shape[1])), correction


def _qr(system: System, free: np.ndarray, cautious: bool) -> Factored | None:
    """By A √S = QR with column pivoting, the ridge stacked below; None where R says that the rank falls short."""
    M, b = _stacked(system)
    size = np.linalg.norm(M, axis=0)
    if not np.all(size > 0) or len(M) < M.shape[1]:
        return None
    Q, R, pivots = qr(M / size, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    if cautious and diagonal[-1] <= 4e-16 * max(M.shape) * diagonal[0]:
        return None
    root, rows = np.sqrt(system.weight), len(system.y)

    def solved(right: np.ndarray) -> Params:
        w = np.empty(M.shape[1])
        w[pivots] = solve_triangular(R, right)
        return w / size

    def correction(f: np.ndarray, g: np.ndarray) -> Params:
        return solved(Q[:rows].T @ (root * f) + solve_triangular(R, (g / size)[pivots], trans="T"))

    return solved(Q.T @ b), correction


def _svd(system: System, free: np.ndarray, cautious: bool) -> Factored:
    """w = V Σ⁺ Uᵀ b: the least-norm minimiser; an intercept's column is taken out first, so that it does not count."""
    A, y, weight, l2 = system.A, system.y, system.weight, system.l2
    if free.sum() == 1 and np.all(A[:, free] == 1.0):
        total = weight.sum()
        centre, mean = weight @ A[:, ~free] / total, weight @ y / total
        inner = System(A[:, ~free] - centre, y - mean, weight, l2[~free])
        b = _svd(inner, free[~free], cautious)[0]
        w = np.empty(A.shape[1])
        w[~free], w[free] = b, mean - centre @ b
        return w, None
    M, b = _stacked(system)
    if not M.size:
        return np.zeros(A.shape[1]), None
    U, singular, Vt = svd(M, full_matrices=False)
    kept = singular > 4e-16 * max(M.shape) * singular[0]
    return np.asarray(Vt[kept].T @ ((U[:, kept].T @ b) / singular[kept])), None


def _stacked(system: System) -> tuple[np.ndarray, np.ndarray]:
    """(√S A with √Λ below, √S y with zeros below): the rows of ridge regression as those of least squares."""
    root, rows = np.sqrt(system.weight), system.l2 > 0
    M = np.vstack([system.A * root[:, None], np.diag(np.sqrt(system.l2))[rows]])
    return M, np.append(system.y * root, np.zeros(int(rows.sum())))


METHODS = {"cholesky": _cholesky, "qr": _qr, "svd": _svd}
