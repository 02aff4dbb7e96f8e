"""certificate(w) = {gap, parameters, stationarity, identification, …}: every claim a model allows, at one point."""

import hashlib
import math

import numpy as np

from infimum.certificates.claim import Certificate, Claim, Verdict
from infimum.certificates.decrement import decrement_at
from infimum.certificates.digits import digits_claim
from infimum.certificates.enclosure import Enclosure, enclosure_of
from infimum.certificates.gap import gap_claim
from infimum.certificates.identification import identification_claim
from infimum.certificates.point import Point, point_at
from infimum.certificates.rounding import ceiling
from infimum.certificates.separation import scores_separation_claim, separation_claim
from infimum.certificates.stationarity import network_stationarity, stationarity_claim
from infimum.certificates.zero_counts import zero_counts_claim
from infimum.models import Params
from infimum.objective import LikelihoodObjective

SEPARATIONS = {  # where the loss may have no minimum to attain
    "logistic": separation_claim,
    "multinomial": scores_separation_claim,
    "poisson": zero_counts_claim,
}


def claims_at(objective: LikelihoodObjective, w: Params) -> tuple[Claim, ...]:
    """{gap, parameters, stationarity, identification, separation} at w: bounds where f is affine, else measurements."""
    return evidence_at(objective, w)[0]


def evidence_at(objective: LikelihoodObjective, w: Params) -> tuple[tuple[Claim, ...], Enclosure | None]:
    """(claims, where the minimiser is) at w; the latter is None where no single one was proved."""
    if not objective.model.affine:
        sentence = "no lower bound on the infimum of a non-convex objective is known here"
        gap = Claim("gap", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
        return (gap, network_stationarity(objective, w)), None
    point = point_at(objective, w)
    names, columns = objective.model.layout.entries, objective.model.layout.inputs
    decrement = decrement_at(point)
    gap = gap_claim(point, decrement)
    claims = [
        gap,
        parameters_claim(point, decrement.parameter_bounds(), names),
        stationarity_claim(point),
        identification_claim(point, columns),
    ]
    digits = digits_claim(point, decrement.metric, names)
    claims += [digits] if digits else []
    if objective.loss.name in SEPARATIONS and not math.isfinite(decrement.gap):
        separation = SEPARATIONS[objective.loss.name](point, columns)
        claims += [separation] if separation else []
    return tuple(claims), enclosure_of(point, decrement)


def certify(objective: LikelihoodObjective, w: Params, solver: str, iterations: int, tolerance: float) -> Certificate:
    """certificate(w), with who made it."""
    claims, enclosure = evidence_at(objective, w)
    mark, (n, p) = fingerprint_of(objective), (len(objective.y), len(w))
    return Certificate(claims, n, p, solver, iterations, tolerance, fingerprint=mark, enclosure=enclosure)


def fingerprint_of(objective: LikelihoodObjective) -> str:
    """SHA-256 of J, y and s̃ as little-endian float64, −0 as 0: which data an affine fit is about; '' if f is not."""
    if not objective.model.affine:
        return ""
    digest = hashlib.sha256()
    for array in (objective.model.jacobian(np.zeros(objective.model.layout.size)), objective.y, objective.weight):
        digest.update(np.ascontiguousarray(array + 0.0, dtype="<f8").tobytes())
    return f"sha256:{digest.hexdigest()}"


def parameters_claim(point: Point, bounds: Params | None, names: tuple[str, ...]) -> Claim:
    """|wⱼ − wⱼ*| ≤ √(H⁻¹)ⱼⱼ ‖w − w*‖_H for every j; value and bound are those of the loosest entry."""
    if bounds is None:
        sentence = "no bound on the distance of the parameters from a minimiser: the curvature is not proved positive"
        return Claim("parameters", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    bound = ceiling(float(bounds.max(initial=0.0)))
    worst = int(np.argmax(bounds)) if len(bounds) else 0
    size = float(np.abs(point.w).max(initial=0.0)) or 1.0
    verdict = Verdict.CERTIFIED if bound <= 1e-6 * size else Verdict.INSUFFICIENT
    loosest = f"the loosest is {names[worst]} = {point.w[worst]:.6g}" if len(bounds) else "there is none"
    sentence = f"every parameter is within {bound:.3g} of the minimiser's; {loosest}"
    return Claim("parameters", sentence, float(bounds.max(initial=0.0)), bound, verdict, size)
