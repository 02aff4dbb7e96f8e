"""H⁻¹ ⪯ WᵀW / (1 − a): a verified upper bound on the inverse of the Hessian H = Aᵀ D A + diag(l2).

With m outputs a row, D is a matrix (m, m) a row and H = Σᵢ (aᵢ aᵢᵀ) ⊗ Dᵢ.

W is the inverse of a Cholesky factor, as computed; nothing is assumed of it. With a ≥ ‖W H Wᵀ − I‖₂, rounding
included, W H Wᵀ ⪰ (1 − a) I gives the bound (Rump 2010, §10: verification by an approximate inverse). a ≥ 1 means
that H was not proved positive definite.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from infimum.certificates.point import Point
from infimum.certificates.rounding import UNIT, gamma
from infimum.certificates.whitening import SMALL, whitened
from infimum.models import Params

BLOCK = 1024  # rows summed by one matrix product: keeps γ small for many rows
SMALLEST = 1e-250  # a diagonal below this may have lost digits to underflow
WIDEST = 32  # columns of a problem that is looked at in twice the precision: the checker does it in rationals
MOST_DOUBT = 0.02  # a above this counts as not proved: the checker, which factors otherwise, has to get below 0.05


@dataclass(frozen=True)
class Metric:
    """W with H⁻¹ ⪯ WᵀW / (1 − a), a < 1: lengths in the local norm, each rounded up."""

    W: Float[np.ndarray, "p p"]
    a: float

    def length(self, s: Params, s_error: Params) -> float:
        """√(sᵀH⁻¹s), an upper bound over all s within s_error of the given one."""
        length = float(np.linalg.norm(self.W @ s)) + self.allowance(s, s_error)
        return length / float(np.sqrt(1 - self.a)) * (1 + gamma(len(s) + 8))

    def estimate(self, s: Params) -> float:
        """√(sᵀH⁻¹s), estimated: no allowance for rounding."""
        return float(np.linalg.norm(self.W @ s))

    def allowance(self, s: Params, s_error: Params) -> float:
        """Σⱼ (s_error + γ|s|)ⱼ √(WᵀW)ⱼⱼ: what rounding can add to the length of s, whichever factor W is used."""
        return float((s_error + gamma(len(s) + 2) * np.abs(s)) @ np.linalg.norm(self.W, axis=0))

    def widest_row(self, A: Float[np.ndarray, "n P"], directions: Float[np.ndarray, "q m"]) -> float:
        """ρ = max over rows and directions Δ of √(vᵀH⁻¹v), v = aᵢ ⊗ Δ, an upper bound; 0 without directions."""
        largest, (P, m), p = 0.0, (A.shape[1], directions.shape[1]), len(self.W)
        parts = np.ascontiguousarray(self.W.reshape(-1, m))
        whole = float(np.linalg.norm(parts)) * (1 + gamma(p * P * m + 8))
        for direction in directions:
            V = (parts @ direction).reshape(p, P)  # V aᵢ = W (aᵢ ⊗ Δ)
            if p > P:  # ‖V a‖ = ‖R a‖ for V = QR, but for Householder's rounding (Higham 2002, Theorem 19.4)
                doubt, V = 10 * gamma(P * p) * whole * float(np.linalg.norm(direction)), np.linalg.qr(V, mode="r")
                reach = np.abs(V)
            else:
                doubt, reach = 0.0, (np.abs(parts) @ np.abs(direction)).reshape(p, P)
            for start in range(0, len(A), BLOCK):
                rows = A[start : start + BLOCK]
                size = np.abs(rows)
                rounding = gamma(m + P + 4) * np.linalg.norm(size @ reach.T, axis=1)
                lengths = np.linalg.norm(rows @ V.T, axis=1) + rounding + doubt * np.linalg.norm(size, axis=1)
                largest = max(largest, float(lengths.max(initial=0.0)))
        return largest / float(np.sqrt(1 - self.a)) * (1 + gamma(P + 8))

    def deviations(self) -> Params:
        """√(H⁻¹)ⱼⱼ, upper bounds, (p,)."""
        return np.linalg.norm(self.W, axis=0) / np.sqrt(1 - self.a) * (1 + gamma(len(self.W) + 8))


def gram(A: Float[np.ndarray, "n P"], d: np.ndarray) -> Float[np.ndarray, "p p"]:
    """AᵀDA, summed over blocks of rows; Σᵢ (aᵢ aᵢᵀ) ⊗ dᵢ where each dᵢ is a matrix (m, m)."""
    if d.ndim == 3:
        return _gram_of_outputs(A, d)
    total = np.zeros((A.shape[1], A.shape[1]))
    root = np.sqrt(d)
    for start in range(0, len(A), BLOCK):
        rows = A[start : start + BLOCK] * root[start : start + BLOCK, None]
        total += rows.T @ rows
    return total


def hessian(A: Float[np.ndarray, "n P"], d: np.ndarray, chosen: np.ndarray) -> Float[np.ndarray, "q q"]:
    """The rows and columns of AᵀDA for the chosen parameters, an index or a mask."""
    return gram(A[:, chosen], d) if d.ndim == 1 else gram(A, d)[chosen][:, chosen]


def _gram_of_outputs(A: Float[np.ndarray, "n P"], d: Float[np.ndarray, "n m m"]) -> Float[np.ndarray, "p p"]:
    P, m = A.shape[1], d.shape[1]
    total = np.zeros((P, m, P, m))
    for start in range(0, len(A), BLOCK):
        rows, bends = A[start : start + BLOCK], d[start : start + BLOCK]
        columns, bends = np.ascontiguousarray(rows.T), np.ascontiguousarray(bends.transpose(1, 2, 0))
        for a in range(m):
            bent = columns * bends[a, : a + 1, None, :]  # (a + 1, P, rows)
            total[:, a, :, : a + 1] += (bent.reshape(-1, len(rows)) @ rows).reshape(a + 1, P, P).transpose(1, 2, 0)
    for a in range(m):
        total[:, :a, :, a] = total[:, a, :, :a].transpose(0, 2, 1)
    return total.reshape(P * m, P * m)


def verified_metric(point: Point, ridge: Params | None = None) -> Metric | None:
    """W, a < 1: H⁻¹ ⪯ WᵀW/(1 − a), H = Aᵀ diag(d) A + diag(ridge) (default: the ridge, l2); None where not proved.

    Where float64 does not suffice, small problems of least squares are looked at in twice the precision.
    """
    ridge = np.asarray(point.penalty.l2, dtype=float) if ridge is None else ridge
    n, P = point.A.shape
    d, m = point.d, 1 if point.d.ndim == 1 else point.d.shape[1]
    if not np.all(np.isfinite(d)):
        return None  # the loss overflows
    curved = np.count_nonzero(d.reshape(n, -1).any(axis=1))
    free = np.count_nonzero(ridge == 0)
    if 4 * n + 1000 < P or (curved < P and free > n * m):
        return None  # singular by counting, or too wide to be worth forming
    H = gram(point.A, d)
    H[np.diag_indices(len(H))] += ridge
    inside = 0 if d.ndim == 1 else 8 + m * (m + 1) // 2  # roundings of each dᵢ
    lost = point.objective.model.lost
    inside += 0 if lost is None else 4  # of the entries of A
    found = _verified(H, min(n, BLOCK) + n // BLOCK + 8 + inside, point.d_error)
    if found is None and point.objective.loss.name == "squared":
        return _sharpened((point.A, lost), d, ridge, point.d_error)
    return found


def _sharpened(
    jacobian: tuple[np.ndarray, np.ndarray | None], d: np.ndarray, ridge: Params, d_error: float
) -> Metric | None:
    """Verify the W of `whitened`, rounded to float64, in twice the precision: H with a condition number up to 1/u²."""
    A, lost = jacobian
    (n, p), kept = A.shape, np.flatnonzero(ridge)
    if d.ndim > 1 or p > WIDEST:
        return None
    rows, spread = np.vstack([A, np.eye(p)[kept]]), np.append(d, ridge[kept])
    beside = None if lost is None else np.vstack([lost, np.zeros((len(kept), p))])
    W = whitened(rows, spread, SMALL, beside)
    if W is None:
        return None
    from infimum.kernels.whiten import whitening_lack

    pair = np.ascontiguousarray(rows), np.zeros((0, 0)) if beside is None else beside
    E = whitening_lack(pair, spread, np.stack([W, np.zeros_like(W)]))
    reach = np.abs(W) @ np.sqrt((rows**2 * spread[:, None]).sum(axis=0)) * (1 + gamma(n + p + 8))
    rounding = 16 * (n + 3 * p + 8) * UNIT**2 * float(reach @ reach)
    a = (float(np.abs(E).sum(axis=1).max()) * (1 + gamma(p + 4)) + rounding) * (1 + gamma(4))
    a = (a + d_error * (1 + a)) * (1 + gamma(8))
    return Metric(W, a) if a <= MOST_DOUBT else None


def _verified(H: Float[np.ndarray, "p p"], roundings: int, d_error: float) -> Metric | None:
    """Verify W = L⁻¹ S for the scaled matrix S H S = L Lᵀ (S powers of two: exact)."""
    p = len(H)
    diagonal = np.diag(H)
    if not (np.all(np.isfinite(H)) and np.all(diagonal > SMALLEST)):
        return None
    scale = 2.0 ** -np.round(0.5 * np.log2(diagonal))
    scaled = H * scale * scale[:, None]
    try:
        inverse = solve_triangular(cholesky(scaled, lower=True), np.eye(p), lower=True)
    except (LinAlgError, ValueError):
        return None
    residual = np.abs(inverse @ scaled @ inverse.T - np.eye(p))
    # |H_jk| ≤ √(H_jj H_kk): this bounds |W| |H| |W|ᵀ and the rounding of H alike
    reach = np.abs(inverse) @ np.sqrt(np.diag(scaled))
    rounding = (gamma(roundings) + 2 * gamma(p + 2)) * float(reach @ reach) * 1.01
    a = (float(residual.sum(axis=1).max(initial=0.0)) + rounding) * (1 + gamma(p + 4))
    a = (a + d_error * (1 + a)) * (1 + gamma(8))
    return Metric(inverse * scale, a) if a <= MOST_DOUBT else None
