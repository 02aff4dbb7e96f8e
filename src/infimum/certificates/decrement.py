"""F(w) − F* ≤ [q + (1 − q) log(1 − q)] / ρ²,  ‖w − w*‖_H ≤ −log(1 − q) / ρ,  q = ρ λ < 1: the local-norm bound.

λ² = sᵀH⁻¹s for any s ∈ ∇f + ∂Ω at w, ρ = M max over rows of √(aᵢᵀH⁻¹aᵢ), M the self-concordance of the loss (where a
row has several scores: max over their differences too). Along a direction d, ∇²f(w + td) ⪰ exp(−tρ‖d‖_H) H, so
F(w + d) ≥ F(w) − λ‖d‖_H + [exp(−ρ‖d‖_H) − 1 + ρ‖d‖_H] / ρ²; minimise over ‖d‖_H (after Bach 2010, in the local norm).
For a quadratic loss ρ → 0 and the bound is ½λ². It proves that the minimum is attained.
"""

import math
from dataclasses import dataclass

import numpy as np

from infimum.certificates.metric import Metric, verified_metric
from infimum.certificates.point import Point
from infimum.certificates.rounding import upward
from infimum.kernels.bordered import dense
from infimum.models import Params

NEGLIGIBLE = 1e-7  # of the bound: it is ½λ² (1 + q/3 + …)


@dataclass(frozen=True)
class Decrement:
    """gap = [q + (1 − q) log(1 − q)]/ρ² and radius = −log(1 − q)/ρ; +∞ where q ≥ 1 or H was not proved ≻ 0."""

    gap: float
    estimate: float  # the same without the allowance for rounding
    radius: float
    q: float
    metric: Metric | None

    def parameter_bounds(self) -> Params | None:
        """|wⱼ − wⱼ*| ≤ √(H⁻¹)ⱼⱼ · radius, (p,); None where there is no bound."""
        if self.metric is None or not math.isfinite(self.radius):
            return None
        with np.errstate(over="ignore"):
            bounds = self.metric.deviations() * self.radius * (1 + 1e-15)
        return bounds if np.all(np.isfinite(bounds)) else None


def decrement_at(point: Point, metric: Metric | None = None) -> Decrement:
    """gap ≤ [q + (1 − q) log(1 − q)]/ρ² at the point, rounding included, by its metric if that is known already."""
    metric = verified_metric(point) if metric is None else metric
    if metric is None:
        return Decrement(math.inf, math.inf, math.inf, math.inf, None)
    length, estimate = metric.length(point.s, point.s_error), metric.estimate(point.s)
    rho = _widest(point, metric, length)
    gap, estimated = gap_within(length, rho), gap_within(estimate, rho)
    return Decrement(gap, estimated, radius_within(length, rho), rho * length, metric)


def _widest(point: Point, metric: Metric, length: float) -> float:
    """ρ: an upper bound that is cheap where q = ρλ is nothing beside 1 all the same, else the sharp one."""
    counting, directions = point.objective.weight > 0, point.objective.loss.directions
    rows = point.table if counting.all() else point.A[counting]
    if directions.shape == (1, 1):
        rough = metric.reach(rows) * abs(float(directions[0, 0])) * (1 + 1e-15)
        if rough * length < NEGLIGIBLE:
            return rough
    return metric.widest_row(dense(rows), directions)


def gap_within(length: float, rho: float) -> float:
    """[q + (1 − q) log(1 − q)] / ρ² with q = ρ λ, rounded up; ½ λ² at ρ = 0, +∞ for q ≥ 1.

    >>> gap_within(2.0, 0.0) >= 2.0, gap_within(1.0, 1.0)
    (True, inf)
    """
    q = rho * length
    if not q < 1:
        return math.inf
    if q < 0.05:  # Σ qᵏ/(k(k−1)): nothing cancels; the tail is below q¹⁰/(1−q)
        series = sum(q**k / ((k + 2) * (k + 1)) for k in range(10)) + q**10 / (1 - q)
        return upward(length * length * series)
    return upward((q + (1 - q) * math.log1p(-q)) / rho**2 * (1 + 4e-16 / q**2))


def radius_within(length: float, rho: float) -> float:
    """−log(1 − q) / ρ with q = ρ λ, rounded up: how far w* can be in the local norm; λ at ρ = 0.

    >>> radius_within(2.0, 0.0) >= 2.0
    True
    """
    q = rho * length
    if not q < 1:
        return math.inf
    return upward(length if q < 1e-15 else -math.log1p(-q) / rho, 100) * (1 + q * 1e-15)
