"""H⁻¹ ⪯ WᵀW / (1 − a): a verified upper bound on the inverse of the Hessian H = Aᵀ D A + diag(l2).

With m outputs a row, D is a matrix (m, m) a row and H = Σᵢ (aᵢ aᵢᵀ) ⊗ Dᵢ.

W is the inverse of a Cholesky factor, as computed; nothing is assumed of it. With a ≥ ‖W H Wᵀ − I‖₂, rounding
included, W H Wᵀ ⪰ (1 − a) I gives the bound (Rump 2010, §10: verification by an approximate inverse). a ≥ 1 means
that H was not proved positive definite.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from infimum.certificates.point import Point
from infimum.certificates.rounding import UNIT, gamma, norm
from infimum.certificates.whitening import SMALL, whitened
from infimum.kernels.bordered import Table, dense, written
from infimum.kernels.compensated import reach_of
from infimum.kernels.parts import PARTS, over_rows
from infimum.models import Params

BLOCK = 1024  # rows summed by one matrix product: keeps γ small for many rows
SMALLEST = 1e-250  # a diagonal below this may have lost digits to underflow
WIDEST = 32  # columns of a problem that is looked at in twice the precision: the checker does it in rationals
ALIKE = 1e-11  # a beyond which H is formed again, unless it was known no better before
ROUGHLY = 1e-6  # the same where a penalty is: no standard errors are read from W then
MOST_DOUBT = 0.02  # a above this counts as not proved: the checker, which factors otherwise, has to get below 0.05


@dataclass(frozen=True)
class Metric:
    """W with H⁻¹ ⪯ WᵀW / (1 − a), a < 1: lengths in the local norm, each rounded up."""

    W: Float[np.ndarray, "p p"]
    a: float
    diagonal: Params  # of H, as computed

    def length(self, s: Params, s_error: Params) -> float:
        """√(sᵀH⁻¹s), an upper bound over all s within s_error of the given one."""
        length = float(norm(self.W @ s)) + self.allowance(s, s_error)
        return length / float(np.sqrt(1 - self.a)) * (1 + gamma(len(s) + 8))

    def estimate(self, s: Params) -> float:
        """√(sᵀH⁻¹s), estimated: no allowance for rounding."""
        return float(norm(self.W @ s))

    def allowance(self, s: Params, s_error: Params) -> float:
        """Σⱼ (s_error + γ|s|)ⱼ √(WᵀW)ⱼⱼ: what rounding can add to the length of s, whichever factor W is used."""
        return float((s_error + gamma(len(s) + 2) * np.abs(s)) @ norm(self.W, 0))

    def reach(self, A: Table) -> float:
        """max over rows of Σⱼ |aᵢⱼ| √(WᵀW)ⱼⱼ ≥ max √(aᵢᵀ WᵀW aᵢ): `widest_row` for one direction, in a single pass."""
        found = reach_of(A, norm(self.W, 0))
        return float(found / np.sqrt(1 - self.a)) * (1 + gamma(2 * A.shape[1] + len(self.W) + 16))

    def widest_row(self, A: Float[np.ndarray, "n P"], directions: Float[np.ndarray, "q m"]) -> float:
        """ρ = max over rows and directions Δ of √(vᵀH⁻¹v), v = aᵢ ⊗ Δ, an upper bound; 0 without directions."""
        largest, (P, m), p = 0.0, (A.shape[1], directions.shape[1]), len(self.W)
        parts = np.ascontiguousarray(self.W.reshape(-1, m))
        whole = float(norm(parts)) * (1 + gamma(p * P * m + 8))
        for direction in directions:
            V = (parts @ direction).reshape(p, P)  # V aᵢ = W (aᵢ ⊗ Δ)
            if p > P:  # ‖V a‖ = ‖R a‖ for V = QR, but for Householder's rounding (Higham 2002, Theorem 19.4)
                doubt, V = 10 * gamma(P * p) * whole * float(np.linalg.norm(direction)), np.linalg.qr(V, mode="r")
                reach = np.abs(V)
            else:
                doubt, reach = 0.0, (np.abs(parts) @ np.abs(direction)).reshape(p, P)
            # ‖reach |a|‖ ≤ Σⱼ |aⱼ| ‖reachⱼ‖, and the length of a for a doubt about V: both are linear in |a|
            columns = gamma(m + P + 4) * norm(reach, 0) * (1 + gamma(p + 4)) + doubt
            for start in range(0, len(A), BLOCK):
                rows = A[start : start + BLOCK]
                lengths = np.linalg.norm(rows @ V.T, axis=1) + np.abs(rows) @ columns
                largest = max(largest, float(lengths.max(initial=0.0)))
        return largest / float(np.sqrt(1 - self.a)) * (1 + gamma(P + 8))

    def proves(self, ridge: Params) -> bool:
        """H − diag(ridge) ≻ 0 too: W diag(ridge) Wᵀ ≺ (1 − a) I, as a Cholesky factor shows (Rump 2006, Lemma 2.1)."""
        p = len(self.W)
        E = (self.W * ridge) @ self.W.T
        reach = np.abs(self.W) @ np.sqrt(ridge)  # |W| diag(ridge) |W|ᵀ ≤ reach reachᵀ entry by entry
        rounding = 8 * gamma(p + 8) * (float(reach @ reach) + p)
        try:
            cholesky((1 - self.a - rounding) * np.eye(p) - E)
        except (LinAlgError, ValueError):
            return False
        return True

    def deviations(self) -> Params:
        """√(H⁻¹)ⱼⱼ, upper bounds, (p,)."""
        return norm(self.W, 0) / np.sqrt(1 - self.a) * (1 + gamma(len(self.W) + 8))


def gram(A: Table, d: np.ndarray) -> Float[np.ndarray, "p p"]:
    """AᵀDA, summed over blocks of rows; Σᵢ (aᵢ aᵢᵀ) ⊗ dᵢ where each dᵢ is a matrix (m, m)."""
    if d.ndim == 3:
        return _gram_of_outputs(dense(A), d)
    root, X = np.sqrt(d)[:, None], written(A)
    p = X.shape[1]

    def part(first: int, last: int) -> np.ndarray:
        total, held = np.zeros((A.shape[1], A.shape[1])), np.empty((min(BLOCK, last - first), A.shape[1]))
        for start in range(first, last, BLOCK):
            stop = min(start + BLOCK, last)
            rows = held[: stop - start]
            np.multiply(X[start:stop], root[start:stop], out=rows[:, :p])
            rows[:, p:] = root[start:stop]
            total += rows.T @ rows
        return total

    return np.asarray(sum(over_rows(part, *A.shape)))


def hessian(A: Float[np.ndarray, "n P"], d: np.ndarray, chosen: np.ndarray) -> Float[np.ndarray, "q q"]:
    """The rows and columns of AᵀDA for the chosen parameters, an index or a mask."""
    if chosen.dtype == bool and chosen.all():
        return gram(A, d)
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

    Where float64 does not suffice, small problems of one output a row are looked at in twice the precision.
    """
    ridge = np.asarray(point.penalty.l2, dtype=float) if ridge is None else ridge
    n, P = point.table.shape
    d, m = point.d, 1 if point.d.ndim == 1 else point.d.shape[1]
    curved = np.count_nonzero(d.reshape(n, -1).any(axis=1))
    free = np.count_nonzero(ridge == 0)
    if 4 * n + 1000 < P or (curved < P and free > n * m):
        return None  # singular by counting, or too wide to be worth forming
    if not np.all(np.isfinite(d)):
        return None  # the loss overflows
    lost = point.objective.model.lost
    found = metric_of(point.table, d, ridge, point.d_error, 0 if lost is None else 4)  # roundings of the entries of A
    if found is None and m == 1:
        return sharpened_metric((point.A, lost), d, np.broadcast_to(ridge, P), point.d_error)
    return found


def metric_of(table: Table, d: np.ndarray, ridge: Params, d_error: float, inside: int = 0) -> Metric | None:
    """W, a < 1 of H = Aᵀ diag(d) A + diag(ridge), d (n,) or (n, m, m) off by d_error; None where float64 has too few.

    inside counts roundings of each aᵢ aᵢᵀ dᵢ before it is formed.
    """
    n, m = len(d), 1 if d.ndim == 1 else d.shape[1]
    H = gram(table, d)
    H[np.diag_indices(len(H))] += ridge
    inside += 0 if d.ndim == 1 else 8 + m * (m + 1) // 2  # roundings of each dᵢ
    roundings = min(n, BLOCK) + n // BLOCK + 2 * PARTS + 8 + inside
    found = _verified(H, roundings, d_error)
    if found is None and not _within_range(H) and d.ndim == 1:
        found = _in_other_units(dense(table), d, np.broadcast_to(ridge, len(H)), roundings, d_error)
    return found


def _within_range(H: Float[np.ndarray, "p p"]) -> bool:
    """Whether no entry of H may have lost digits to underflow, or overflowed."""
    return bool(np.all(np.isfinite(H)) and np.all(np.diag(H) > SMALLEST))


def _in_other_units(
    A: Float[np.ndarray, "n p"], d: np.ndarray, ridge: Params, roundings: int, d_error: float
) -> Metric | None:
    """The metric from columns over powers of two, 2ᵏ near their largest entry; None where that is not exact."""
    exponents = np.frexp(np.abs(A).max(axis=0, initial=0.0))[1]
    scaled, strengths = np.ldexp(A, -exponents), np.ldexp(ridge, -2 * exponents)
    if not np.array_equal(np.ldexp(scaled, exponents), A) or not np.all(np.isfinite(strengths)):
        return None
    H = gram(np.ascontiguousarray(scaled), d)
    H[np.diag_indices(len(H))] += strengths
    found = _verified(H, roundings, d_error)
    if found is None:
        return None
    W = np.ldexp(found.W, -exponents)
    return replace(found, W=W, diagonal=np.ldexp(found.diagonal, 2 * exponents)) if np.all(np.isfinite(W)) else None


def carried(metric: Metric, d: np.ndarray, d_error: float, after: Point) -> Metric | None:
    """H′⁻¹ ⪯ WᵀW / (1 − a′): the metric of one d at a point where H is nearly the same; None where it is not.

    With r ≤ d′ᵢ/dᵢ ≤ R over the rows, min(r, 1) H ⪯ H′ ⪯ max(R, 1) H, the ridge being that of both.
    """
    if d is after.d:
        return metric
    bent = d > 0
    if np.any(after.d[~bent] > 0):
        return None
    ratio = after.d[bent] / d[bent]
    doubt = 1 + 2 * (d_error + after.d_error) + gamma(8)
    least, most = float(ratio.min(initial=1.0)) / doubt, float(ratio.max(initial=1.0)) * doubt
    a = max(1 - least * (1 - metric.a), most * (1 + metric.a) - 1) * (1 + gamma(8)) + gamma(8)
    enough = ROUGHLY if np.any(after.penalty.l1) or np.any(after.penalty.l2) else ALIKE
    return replace(metric, a=a) if a <= max(2 * metric.a, enough) else None


def sharpened_metric(
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
    return Metric(W, a, (rows**2 * spread[:, None]).sum(axis=0)) if a <= MOST_DOUBT else None


def _verified(H: Float[np.ndarray, "p p"], roundings: int, d_error: float) -> Metric | None:
    """Verify W = L⁻¹ S for the scaled matrix S H S = L Lᵀ (S powers of two: exact)."""
    p = len(H)
    diagonal = np.diag(H)
    if not _within_range(H):
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
    return Metric(inverse * scale, a, diagonal) if a <= MOST_DOUBT else None
