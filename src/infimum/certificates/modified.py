"""∇F(w*) = 0 for one w* near w: what can be proved of Firth's F = Σ s̃ᵢ ℓ(zᵢ) − ½ log det I(w) / N, which is not convex.

All is told in v = Wᵀ y, where W H Wᵀ = 1 + E, ‖E‖ ≤ a, H = Aᵀ diag(s̃ ℓ″) A at w, and b = W a. With μ ≤ the least
eigenvalue of W ∇²F Wᵀ, λ ≥ ‖W ∇F‖ and K(r) ≥ the change of W ∇²F Wᵀ per length within ‖y‖ ≤ r,

    K(r) = (1 + a) β e^{βr} + 3 β³ e^{3βr} ((1 + a)/(1 − a))^{3/2} / N,   β = max ‖bᵢ‖.

since |ℓ‴|, |ℓ⁗|, |ℓ⁽⁵⁾| ≤ ℓ″, and D³ log det I = tr(I⁻¹I‴) − 3 tr(I⁻¹I″I⁻¹I′) + 2 tr((I⁻¹I′)³) is in absolute value at
most 6 ρ³, ρ² the largest aᵀI⁻¹a. Where μ > K(r) r, F is strictly convex within r; where λ < (μ − ½ K(r) r) r too, F
rises at that distance in every direction, so that exactly one stationary point is inside, a minimum (after
Kantorovich 1948).
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.linalg import LinAlgError, cholesky

from infimum.certificates.metric import Metric, sharpened_metric, verified_metric
from infimum.certificates.point import Point
from infimum.certificates.rounding import TINY, UNIT, gamma, norm, upward
from infimum.kernels.compensated import pull_of
from infimum.models import Params, Rows
from infimum.penalties.jeffreys import curvature_of, slope_of

WIDER = 8.0  # times what rounding may have done to leverages and curvature, so that a checker's own may be as large
ROUGH = 1e-9  # ‖E‖ beyond which W is sharpened: no leverage is known better
SMALLEST = 1e-290
DEAR = 2e10  # n p³ from which the curvature is not formed, and no minimum is proved
SMALL = 0.01  # relative errors beyond which the sums of squares of them are not negligible


@dataclass(frozen=True, eq=False)
class Modified:
    """(∇F, its error, μ, β, N, metric) of the modified likelihood at a point: what its claims are made of."""

    slope: Params
    slope_error: Params
    least: float
    reach: float
    total: float
    metric: Metric

    @property
    def length(self) -> float:
        """λ ≥ ‖W ∇F‖, the rounding of ∇F included."""
        straight = float(norm(self.metric.W @ self.slope))
        return upward(straight + self.metric.allowance(self.slope, self.slope_error))

    def change(self, r: float) -> float:
        """K(r), rounded up."""
        return changing(self.reach, self.metric.a, self.total, r)

    def radius(self) -> float:
        """r with λ < (μ − ½ K(r) r) r and K(r) r < μ, nearly the smallest; ∞ where none was found."""
        return radius_of(self.length, self.least, self.change)

    def alone(self) -> float:
        """The largest r found with K(r) r < μ: no two stationary points are within it; in units of √(yᵀy)."""
        return largest_below(self.least, self.change)


def changing(reach: float, a: float, total: float, r: float) -> float:
    """K(r) = (1 + a) β e^{βr} + 3 β³ e^{3βr} ((1 + a)/(1 − a))^{3/2} / N, rounded up; ∞ where that overflows.

    >>> changing(1.0, 0.0, 3.0, 0.0) >= 2.0
    True
    """
    if not reach * r < 200:
        return math.inf
    spread = math.sqrt((1 + a) / (1 - a)) ** 3
    second = 3 * reach**3 * math.exp(3 * reach * r) * spread / total
    return upward((1 + a) * reach * math.exp(reach * r) + second)


def radius_of(length: float, least: float, change) -> float:  # type: ignore[no-untyped-def]  # K, a function of r
    """r with λ < (μ − ½ K(r) r) r and K(r) r < μ, nearly the smallest; ∞ where none was found.

    >>> radius_of(0.1, 1.0, lambda r: 0.0) > 0.1
    True
    """
    if not (least > 0 and math.isfinite(length)):
        return math.inf
    r = length / least
    for _ in range(60):
        left = least - 0.5 * change(r) * r
        if not left > 0:
            return math.inf
        following = length / left * (1 + 1e-9) + TINY
        if following <= r:
            return r if change(r) * r < least else math.inf
        r = following * (1 + 1e-9)
    return math.inf


def largest_below(least: float, change) -> float:  # type: ignore[no-untyped-def]  # K, a function of r
    """The largest r with K(r) r < μ, but for a millionth.

    >>> round(largest_below(1.0, lambda r: 2.0), 3)
    0.5
    """
    low, high = 0.0, least / change(0.0)
    for _ in range(40):
        r = 0.5 * (low + high)
        low, high = (r, high) if change(r) * r < least else (low, r)
    return low


def modified_at(point: Point, total: float) -> Modified | None:
    """∇F, μ and β at the point, N = Σ sᵢ; None where H was not proved positive definite, or only just."""
    metric = sharp_metric(point)
    if metric is None:
        return None
    W, a, A = metric.W, metric.a, point.A
    p, counting = A.shape[1], point.objective.weight > 0
    if np.any(point.d[counting] < SMALLEST):
        return None  # no relative error is known of what underflows
    B = A @ W.T
    off = gamma(p + 4) * np.linalg.norm(np.abs(A) @ np.abs(W).T, axis=1)  # ‖computed bᵢ − W aᵢ‖
    size = np.linalg.norm(B, axis=1)
    share = np.divide(off, size, out=np.zeros(len(off)), where=(size > 0) & counting)
    if np.any(counting & (size == 0) & (off > 0)) or not np.all(np.isfinite(size)):
        return None
    narrow = float(share.max(initial=0.0))
    reach = upward(float((size + off)[counting].max(initial=0.0)))
    relative = WIDER * (5 * narrow + 2 * a + 4 * point.d_error + gamma(len(A) + 4 * p + p * p + 40))
    if not relative < SMALL:
        return None
    slope, error = slope_at(point, (size, off), a, total)
    doubt = WIDER * a + 1.2 * reach**2 / total * p * relative * (4 + p * relative)
    least = -math.inf
    if len(A) * p**3 <= DEAR:
        C = np.eye(p) + curvature_of(point.objective.loss, point.z, point.objective.weight, B) / total
        least = least_eigenvalue(C) - doubt
    return Modified(slope, error, least, reach, total, metric)


def sharp_metric(point: Point) -> Metric | None:
    """W with ‖W H Wᵀ − 1‖ ≤ a as small as is to be had: in twice the precision where float64 loses too much."""
    metric = verified_metric(point)
    if metric is not None and metric.a <= ROUGH:
        return metric
    sharp = sharpened_metric((point.A, None), point.d, np.zeros(point.A.shape[1]), point.d_error)
    return metric if sharp is None else sharp


def slope_at(point: Point, lengths: tuple[Rows, Rows], a: float, total: float) -> tuple[Params, Params]:
    """(∇F, error): ∇ of the likelihood + Aᵀ[(p − ½) h] / N, h = s̃ ℓ″ bᵀ(1 + E)⁻¹b; lengths are ‖b‖ and their errors."""
    size, off = lengths
    leverage = point.d * size**2 / total
    extra = slope_of(point.objective.loss, point.z, leverage)
    beyond = (size + off) ** 2 / (1 - a) - size**2
    wrong = 0.5 * (point.d / total * beyond + leverage * (gamma(point.A.shape[1] + 8) + 2 * point.d_error + 32 * UNIT))
    slope = point.g + pull_of(point.A, extra)[0]
    absolute = np.abs(point.A).T
    sums = 2 * gamma(len(size) + 2) ** 2 * (absolute @ np.abs(extra)) + 4 * UNIT * (np.abs(slope) + np.abs(point.g))
    return slope, point.g_error + sums + WIDER * (absolute @ wrong) * (1 + gamma(len(size) + 2)) + TINY


def least_eigenvalue(C: Float[np.ndarray, "p p"]) -> float:
    """μ with C ⪰ μ, proved by a Cholesky factor of C − μ that exists (Rump 2006); −∞ where none does."""
    if not np.all(np.isfinite(C)):
        return -math.inf
    p = len(C)
    guess = float(np.linalg.eigvalsh(C)[0]) * (1 - 1e-6)
    slack = 4 * gamma(p + 4) * float(np.abs(np.diag(C)).sum() + p * abs(guess))
    try:
        cholesky(C - (guess - 2 * slack) * np.eye(p))
    except LinAlgError:
        return -math.inf
    return guess - 4 * slack
