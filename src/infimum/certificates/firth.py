"""certificate(w) of Firth's F: a minimum near w, proved to be alone nearby; no gap, since F is not convex."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from infimum.certificates.claim import Certificate, Claim, Verdict
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.identification import identification_claim
from infimum.certificates.modified import Modified, modified_at
from infimum.certificates.point import Point, point_at
from infimum.certificates.rounding import ceiling, norm
from infimum.models import Params
from infimum.models.linear import Linear
from infimum.objective import LikelihoodObjective

NO_GAP = (
    "no lower bound on the infimum is known: the penalty −½ log det of the information is not convex in the "
    "coefficients; that a minimum is near is told below"
)
ENOUGH = 1e-6  # of the largest parameter: the bar for CERTIFIED


def scales_of(A: Float[np.ndarray, "n p"], weight: np.ndarray) -> Params:
    """2ᵏ, (p,), with 2ᵏ ≈ max |aᵢⱼ| over rows that count; 1 for a column of zeros: A / 2ᵏ is exact.

    >>> scales_of(np.array([[3.0, 1e-150]]), np.ones(1))[0]
    np.float64(4.0)
    """
    largest = np.abs(A[weight > 0]).max(axis=0, initial=0.0)
    return np.asarray(2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0))))


def scaled_point(objective: LikelihoodObjective, w: Params, scales: Params) -> Point:
    """(A / 2ᵏ, 2ᵏ w): the same predictions from columns of like size, z and all that follows from it."""
    A = objective.model.jacobian(w) / scales
    spared = type(objective.penalty)()
    model = Linear(np.ascontiguousarray(A), False, objective.model.layout.inputs)
    return point_at(replace(objective, model=model, penalty=spared), w * scales)


@dataclass(frozen=True, eq=False)
class FirthEvidence:
    """(certificate, bounds (p,), W (p, p), a): |w − w*| ≤ bounds, and W H Wᵀ ≈ 1; the latter None where not proved."""

    certificate: Certificate
    bounds: Params | None
    W: np.ndarray | None
    a: float


def firth_evidence(
    objective: LikelihoodObjective, w: Params, total: float, how: tuple[str, int, float]
) -> FirthEvidence:
    """{gap, parameters, stationarity, identification} at w, N = Σ sᵢ; how = (solver, iterations, tolerance).

    The objective is the likelihood alone. Bounds hold in the units of its columns.
    """
    names = objective.model.layout.inputs
    scales = scales_of(objective.model.jacobian(w), objective.weight)
    point = scaled_point(objective, w, scales)
    modified = modified_at(point, total)
    bounds = None if modified is None else bounds_of(modified, scales)
    claims = (
        Claim("gap", NO_GAP, math.inf, math.inf, Verdict.UNAVAILABLE),
        parameters_claim(modified, bounds, w, names),
        stationarity_claim(modified, point, scales),
        rank_claim(objective, point),
    )
    certificate = Certificate(claims, len(objective.y), len(w), *how, fingerprint=fingerprint_of(objective))
    if modified is None:
        return FirthEvidence(certificate, None, None, math.inf)
    return FirthEvidence(certificate, bounds, modified.metric.W / scales, modified.metric.a)


def rank_claim(objective: LikelihoodObjective, point: Point) -> Claim:
    """rank A = p, proved on columns of like size; a relation is told of the columns as they were given."""
    names = objective.model.layout.inputs
    scaled = identification_claim(point, names)
    if scaled.value == scaled.bound:
        return scaled
    given = identification_claim(point_at(objective, np.zeros(len(point.w))), names)
    return scaled if given.value == given.bound else given


def bounds_of(modified: Modified, scales: Params) -> Params | None:
    """|wⱼ − wⱼ*| ≤ √(WᵀW)ⱼⱼ r / 2ᵏ, (p,); None where no minimum was proved to be near."""
    r = modified.radius()
    return norm(modified.metric.W, 0) * r * (1 + 1e-12) / scales if math.isfinite(r) else None


def parameters_claim(modified: Modified | None, bounds: Params | None, w: Params, names: tuple[str, ...]) -> Claim:
    """|wⱼ − wⱼ*| ≤ bound for every j, w* the one stationary point within a stated distance; a minimum."""
    if modified is None or bounds is None:
        why = (
            "the information is not proved positive definite"
            if modified is None
            else "rounding, or the size of the table, leaves it open"
        )
        sentence = f"that a minimum is near is not proved: {why}"
        return Claim("parameters", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    largest = float(bounds.max(initial=0.0))
    bound, worst = ceiling(largest), int(np.argmax(bounds))
    size = float(np.abs(w).max(initial=0.0)) or 1.0
    apart = modified.alone() * math.sqrt(modified.total)
    sentence = (
        f"every parameter is within {bound:.3g} of a minimum of the penalised loss; the loosest is {names[worst]} = "
        f"{w[worst]:.6g}; no other minimum is within {rounded_down(apart)} standard errors of it"
    )
    verdict = Verdict.CERTIFIED if bound <= ENOUGH * size else Verdict.INSUFFICIENT
    return Claim("parameters", sentence, largest, bound, verdict, size)


def rounded_down(x: float) -> str:
    """x > 0 to two digits, rounded down.

    >>> rounded_down(0.2399), rounded_down(12.9)
    ('0.23', '12')
    """
    unit = 10.0 ** (math.floor(math.log10(x)) - 1)
    return f"{float(f'{math.floor(x / unit) * unit:.2g}'):g}"


def stationarity_claim(modified: Modified | None, point: Point, scales: Params) -> Claim:
    """maxⱼ |∂F/∂wⱼ| ≤ bound, the modified score per row, rounding included: REPORTED."""
    if modified is None:
        sentence = "the slope of the penalised loss is not known: the information is not proved positive definite"
        return Claim("stationarity", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    value = float(np.max(np.abs(modified.slope) * scales, initial=0.0))
    bound = ceiling(float(np.max((np.abs(modified.slope) + modified.slope_error) * scales, initial=0.0)))
    scale = float(np.max((np.abs(point.A).T @ np.abs(point.u)) * scales, initial=0.0))
    sentence = f"no entry of the modified score, a row, exceeds {bound:.3g}"
    return Claim("stationarity", sentence, value, bound, Verdict.REPORTED, scale)
