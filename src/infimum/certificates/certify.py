"""certificate(w) = {gap, parameters, stationarity, identification, …}: every claim a model allows, at one point."""

import math
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from infimum.certificates.claim import Certificate, Claim, Verdict
from infimum.certificates.decrement import decrement_at
from infimum.certificates.digits import digits_claim
from infimum.certificates.enclosure import Enclosure, enclosure_of
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.gap import gap_claim
from infimum.certificates.identification import identification_claim
from infimum.certificates.metric import Metric
from infimum.certificates.point import Point, point_at
from infimum.certificates.rounding import ceiling
from infimum.certificates.scores import scores_claims
from infimum.certificates.separation import scores_separation_claim, separation_claim
from infimum.certificates.stationarity import network_stationarity, stationarity_claim
from infimum.certificates.zero_counts import zero_counts_claim
from infimum.kernels.parts import beside
from infimum.models import Params
from infimum.objective import LikelihoodObjective, Slope

SEPARATIONS = {  # where the loss may have no minimum to attain
    "logistic": separation_claim,
    "multinomial": scores_separation_claim,
    "poisson": zero_counts_claim,
}


def claims_at(objective: LikelihoodObjective, w: Params) -> tuple[Claim, ...]:
    """{gap, parameters, stationarity, identification, separation} at w: bounds where f is affine, else measurements."""
    return evidence_at(objective, w)[0]


@dataclass(frozen=True)
class Known:
    """(A, z, u, g, s) at w, W with H⁻¹ ⪯ WᵀW / (1 − a), the fingerprint of the data: what a solver knows already."""

    point: Point
    metric: Metric | None = None
    fingerprint: Future[str] | None = None  # on its way


def evidence_at(
    objective: LikelihoodObjective, w: Params, known: Known | Slope | None = None
) -> tuple[tuple[Claim, ...], Enclosure | None]:
    """(claims, where the minimiser is) at w; the latter is None where no single one was proved."""
    if not objective.model.affine:
        sentence = "no lower bound on the infimum of a non-convex objective is known here"
        gap = Claim("gap", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
        slope = known if isinstance(known, Slope) else objective.slope(w)
        return (gap, network_stationarity(objective, w, slope)), None
    known = known if isinstance(known, Known) else Known(point_at(objective, w))
    point = known.point
    names, columns = objective.model.layout.entries, objective.model.layout.inputs
    if objective.loss.name == "softmax":
        return scores_claims(point, columns), None
    decrement = decrement_at(point, known.metric)
    gap = gap_claim(point, decrement)
    claims = [
        gap,
        parameters_claim(point, decrement.parameter_bounds(), names),
        stationarity_claim(point),
        identification_claim(point, columns, decrement.metric),
    ]
    digits = digits_claim(point, decrement.metric, names)
    claims += [digits] if digits else []
    attained = gap.method == "local norm" and math.isfinite(gap.bound)  # if only on columns that are independent
    if objective.loss.name in SEPARATIONS and not attained:
        separation = SEPARATIONS[objective.loss.name](point, columns)
        claims += [separation] if separation else []
    return tuple(claims), enclosure_of(point, decrement)


def certify(
    objective: LikelihoodObjective,
    w: Params,
    solver: str,
    iterations: int,
    tolerance: float,
    known: Known | Slope | None = None,
) -> Certificate:
    """certificate(w), with who made it; from what the solver knows of w already, if it has got so far."""
    mark = known.fingerprint if isinstance(known, Known) else None
    mark = mark or beside(fingerprint_of, objective)
    claims, enclosure = evidence_at(objective, w, known)
    n, p = len(objective.y), len(w)
    return Certificate(claims, n, p, solver, iterations, tolerance, fingerprint=mark.result(), enclosure=enclosure)


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
