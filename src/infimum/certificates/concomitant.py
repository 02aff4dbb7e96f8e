"""F(w, σ) = Σᵢ s̃ᵢ ℓ(rᵢ, σ) + Σⱼ ridgeⱼ wⱼ², r = y − A w, ℓ Huber's loss with its scale: the gap by duality.

With R = diag(ridge) the dual (Owen 2007) is D(u) = Σ s̃ᵢuᵢyᵢ − ¼ (Aᵀs̃u)ᵀ R⁻¹ (Aᵀs̃u) over |u| ≤ 2ε, Σ s̃ᵢuᵢ² ≤ 4 Σ s̃ᵢ, and
(Aᵀs̃u)ⱼ = 0 where ridgeⱼ = 0. If Aᵀs̃u = 2R (w + v), F − D is a sum of terms that are 0 at the minimum:

    Σᵢ s̃ᵢ [σH(rᵢ/σ) − uᵢrᵢ + σuᵢ²/4] + σ Σᵢ s̃ᵢ (1 − uᵢ²/4) + vᵀR v,   the first at most σ (rᵢ/σ − uᵢ/2)².

Such a u is near any û: for H = κ A_IᵀS A_I + 2R over the rows I within their bounds, g = Aᵀs̃û − 2Rw and v = H⁻¹g,
u_I = û_I − κ A_I v satisfies it exactly, with |v|_H = |g|_{H⁻¹}, which a verified inverse bounds. Shrunk by 1 − δ it
is feasible. κ = 2/σ is the curvature itself.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from infimum.certificates.metric import Metric, verified_metric
from infimum.certificates.point import Point, point_at
from infimum.certificates.polyhedral import exponent_of
from infimum.certificates.rounding import TINY, UNIT, gamma
from infimum.kernels.compensated import product_of, products_lost, pull_of
from infimum.losses.huber import Huber
from infimum.losses.squared import Squared
from infimum.models import Params, Rows
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet

ROUNDINGS = 4  # of each weight s / Σ s and strength alpha / Σ s, in units of rounding


@dataclass(frozen=True, eq=False)
class Concomitant:
    """F(w, σ) = Σᵢ s̃ᵢ ℓ(rᵢ, σ) + Σⱼ ridgeⱼ wⱼ²: A (N, p), y, s̃ (N,) > 0, ridge (p,), the intercept's column last.

    All is in units that are powers of two: parameters of the problem as given are wⱼ · 2^`shift`ⱼ, σ and F times
    2^`unit`. rows (N,) are the rows of the data that have a weight.
    """

    A: Float[np.ndarray, "N p"]
    y: Rows
    weight: Rows
    ridge: Params
    loss: Huber
    intercept: bool
    rows: Int[np.ndarray, " N"]
    shift: Int[np.ndarray, " p"]
    unit: int

    @classmethod
    def of(cls, data: tuple[np.ndarray, Rows, Rows], loss: Huber, ridge: Params, intercept: bool) -> "Concomitant":
        """F of data = (A (n, p), y (n,), s̃ (n,) = s / Σ s) on the rows of s̃ > 0."""
        A, y, weight = data
        rows = np.flatnonzero(weight > 0)
        A, y, weight = A[rows], y[rows], weight[rows]
        columns = np.array([exponent_of(column) for column in A.T], dtype=int)
        unit = exponent_of(y)
        strength = np.ldexp(ridge, unit - 2 * columns)
        if not np.array_equal(np.ldexp(strength, 2 * columns - unit), ridge) or not np.all(np.isfinite(strength)):
            columns, unit, strength = 0 * columns, 0, ridge
        A, y = np.ascontiguousarray(np.ldexp(A, -columns)), np.ldexp(y, -unit)
        return cls(A, y, weight, strength, loss, intercept, rows, unit - columns, unit)

    def residual(self, w: Params) -> tuple[Rows, Rows]:
        """(r, error): y − A w rounded once, and how far that is from exact, (N,) each."""
        high, low, _ = product_of(self.A, -w, self.y)
        size = np.abs(self.y) + np.abs(self.A) @ np.abs(w)
        return high + low, UNIT * np.abs(high) + 4 * gamma(self.A.shape[1] + 2) ** 2 * size + TINY

    def value(self, w: Params, scale: float) -> float:
        """F(w, σ)."""
        r = self.residual(w)[0]
        return math.fsum(self.weight * self.loss.value(r, scale)) + math.fsum(self.ridge * w**2)

    def above(self, w: Params, scale: float) -> float:
        """F(w, σ), rounded up."""
        r, error = self.residual(w)
        terms = self.weight * (self.loss.value(r, scale) * (1 + 16 * UNIT) + 2 * self.loss.epsilon * error)
        return (math.fsum(terms) + math.fsum(self.ridge * w**2)) * (1 + 16 * UNIT) + TINY

    def without(self, dropped: Bool[np.ndarray, " p"]) -> "Concomitant":
        """F on the other columns alone; the dropped ones have no penalty."""
        keep = ~dropped
        A, intercept = np.ascontiguousarray(self.A[:, keep]), bool(self.intercept and keep[-1])
        return replace(self, A=A, ridge=self.ridge[keep], shift=self.shift[keep], intercept=intercept)

    def slope(self, w: Params, u: Rows) -> tuple[Params, Params]:
        """(g, error) of g = Aᵀ s̃u − 2 R w, (p,) each; in twice the working precision, but for its last rounding."""
        high, low = self.weight * u, products_lost(self.weight, u)
        pull, terms, _ = pull_of(self.A, high, low)
        own = 2 * self.ridge * w
        error = 4 * UNIT * (np.abs(pull) + np.abs(own)) + 8 * gamma(len(u) + 2) ** 2 * terms + TINY
        return pull - own, error


@dataclass(frozen=True, eq=False)
class State:
    """(w, σ, u, I): parameters, scale, dual point (N,), and the rows (N,) within their bounds, the inliers."""

    w: Params
    scale: float
    u: Rows
    inliers: Bool[np.ndarray, " N"]


def state_at(problem: Concomitant, w: Params, scale: float) -> State:
    """(w, σ, clip(2r/σ), |r| ≤ εσ) for σ > 0."""
    r = problem.residual(w)[0]
    inliers = np.abs(r) <= problem.loss.epsilon * scale
    u = np.where(inliers, problem.loss.slope(r, scale), np.copysign(2 * problem.loss.epsilon, r))
    return State(w, scale, u, inliers)


def metric_of(problem: Concomitant, columns: np.ndarray, bend: Rows, ridge: Params) -> Metric | None:
    """W with H⁻¹ ⪯ WᵀW / (1 − a), H = Cᵀ diag(bend) C + diag(ridge), columns C (N, q), verified; else None."""
    plain = LikelihoodObjective(Linear(columns, False), Squared(), ElasticNet(), problem.y, problem.weight)
    point: Point = replace(point_at(plain, np.zeros(columns.shape[1])), d=bend, d_error=8 * UNIT)
    return verified_metric(point, ridge)


def duality_gap(problem: Concomitant, state: State) -> float:
    """F(w, σ) − D(u) ≥ F(w, σ) − inf F, rounded up, by the exact dual point near the state's; +∞ without a metric."""
    scale, inliers, u = state.scale, state.inliers, state.u
    kappa = 2 / scale if scale > 0 else 2.0
    bend = np.where(inliers, kappa * problem.weight, 0.0)
    metric = metric_of(problem, problem.A, bend, 2 * problem.ridge)
    if metric is None or not np.all(np.isfinite(u)):
        return math.inf
    length = metric.length(*problem.slope(state.w, u))
    most, moved = 2 * problem.loss.epsilon, math.sqrt(kappa) * length * (1 + 8 * UNIT)
    apart = kappa * length * _row_lengths(metric, problem.A[inliers]) * (1 + 8 * UNIT)
    reach = float(np.max(np.abs(u[inliers]) + apart, initial=0.0)) * (1 + 2 * UNIT)
    total, square = math.fsum(problem.weight), math.fsum(problem.weight * u**2)
    largest = (math.sqrt(square) * (1 + 8 * UNIT) + moved) ** 2 * (1 + 8 * UNIT)
    share = max(0.0, 1 - most / reach if reach > most else 0.0)
    share = max(share, 1 - math.sqrt(4 * total / largest) if largest > 4 * total else 0.0) + 8 * UNIT
    if not share < 0.5:
        return math.inf
    least = max(math.sqrt(square) * (1 - 8 * UNIT) - moved, 0.0) ** 2 * (1 - share) ** 2 * (1 - 8 * UNIT)
    slack = scale * max(total * (1 + 4 * UNIT) - least / 4, 0.0)
    pulled = 2 * share**2 * math.fsum(problem.ridge * state.w**2) + length**2
    rows = _row_terms(problem, state, share) + (1.5 * length**2 if scale > 0 else 0.0)
    above = problem.above(state.w, scale)
    return (rows + slack + pulled) * (1 + gamma(len(u) + 16)) + 2 * ROUNDINGS * UNIT * above + TINY


def _row_lengths(metric: Metric, A: Float[np.ndarray, "k p"]) -> Rows:
    """√(aᵢᵀH⁻¹aᵢ) of every row, rounded up, (k,)."""
    size = np.linalg.norm(np.abs(A) @ np.abs(metric.W).T, axis=1)
    lengths = np.linalg.norm(A @ metric.W.T, axis=1) + gamma(A.shape[1] + 4) * size
    return np.asarray(lengths / math.sqrt(1 - metric.a) * (1 + gamma(A.shape[1] + 8)))


def _row_terms(problem: Concomitant, state: State, share: float) -> float:
    """Σᵢ s̃ᵢ [σH(rᵢ/σ) − uᵢrᵢ + σuᵢ²/4] for u shrunk by 1 − share, without what moving û costs: rounded up."""
    r, error = problem.residual(state.w)
    most, scale, inliers, u = 2 * problem.loss.epsilon, state.scale, state.inliers, state.u
    wide = np.abs(r) + error
    wrong = (np.sign(r) != np.sign(u)) | (np.abs(r) <= error) | (np.abs(u) < most)
    out = np.where(wrong, 2 * most, most * share) * wide
    if scale == 0:
        return float(problem.weight @ np.where(inliers, 2 * most * wide, out)) * (1 + 16 * UNIT)
    near = out + 2 * (error**2 / scale + scale * (share * most / 2) ** 2)
    apart = np.abs(r / scale - u / 2) + 4 * UNIT * np.abs(u) + error / scale
    inside = 3 * scale * (apart**2 + (share * u / 2) ** 2)
    return float(problem.weight @ np.where(inliers, inside, near)) * (1 + 16 * UNIT)
