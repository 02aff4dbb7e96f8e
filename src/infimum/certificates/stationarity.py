"""‖s‖∞, s ∈ ∇f(w) + ∂Ω(w) the smallest subgradient: zero exactly at a stationary point; defined for every model."""

import math

import numpy as np

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.point import Point
from infimum.certificates.rounding import ceiling, gamma
from infimum.models import Params
from infimum.objective import LikelihoodObjective, Slope


def stationarity_claim(point: Point) -> Claim:
    """maxⱼ |sⱼ| ≤ bound at an affine model, rounding included: REPORTED, since what it is worth the gap says."""
    if not np.all(np.isfinite(point.s_error)):
        sentence = "the loss overflows float64 at these parameters: its gradient is not known"
        return Claim("stationarity", sentence, math.inf, math.inf, Verdict.REPORTED, math.inf)
    value = float(np.max(np.abs(point.s), initial=0.0))
    bound = ceiling(float(np.max(np.abs(point.s) + point.s_error, initial=0.0)))
    scale = float(np.max(point.steep, initial=0.0))
    return Claim("stationarity", _statement(bound, scale), value, bound, Verdict.REPORTED, scale)


def network_stationarity(objective: LikelihoodObjective, w: Params, slope: Slope) -> Claim:
    """maxⱼ |sⱼ| at any model, from its slope; the bound allows for the rounding of the sums, to first order."""
    s = objective.penalty.residual(w, slope.g)
    value, scale = float(np.max(np.abs(s), initial=0.0)), float(np.abs(slope.u).sum())
    bound = ceiling(value + gamma(len(objective.y) + 1000) * scale)
    gradient = "the gradient of the objective, on all rows in evaluation mode,"
    sentence = f"no entry of {gradient} exceeds {bound:.3g}; a minimum has 0"
    return Claim("stationarity", sentence, value, bound, Verdict.REPORTED, scale)


def _statement(bound: float, scale: float) -> str:
    relative = f"{bound / scale:.2g} of the slope if no row cancelled another" if scale else "every residual is zero"
    return f"no entry of the gradient (with the penalty's best subgradient) exceeds {bound:.3g}, {relative}"
