"""gap ≥ F(w) − inf F: the best of the bounds that apply (local norm, duality, and inf F ≥ 0), as a claim."""

import math

import numpy as np

from infimum.certificates.circulation import scores_duality_gap
from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.decrement import Decrement, decrement_at
from infimum.certificates.duality import duality_gap
from infimum.certificates.identification import counted_out, independent_part
from infimum.certificates.point import Point, objective_above
from infimum.certificates.rounding import ceiling

GAP_TOLERANCE = 1e-8  # of F(null) − F*: the bar for CERTIFIED
Candidate = tuple[float, float, str, dict[str, np.ndarray]]  # bound, estimate, method, witness


def gap_claim(point: Point, decrement: Decrement | None = None, tolerance: float = GAP_TOLERANCE) -> Claim:
    """F(w) − inf F ≤ bound: the smallest of the local-norm bound, the duality gap and F(w) itself (ℓ, Ω ≥ 0).

    The scale is F(null) − F(w) ≤ F(null) − inf F, or F(null) where the fit is the null model.
    CERTIFIED: bound ≤ tolerance · scale.
    """
    decrement = decrement_at(point) if decrement is None else decrement
    witness: dict[str, np.ndarray] = {}
    if decrement.metric is None and (reduced := independent_part(point)) is not None:
        decrement = decrement_at(reduced[0])
        if counted_out(point):  # the claim of identification has no need of the relations then
            witness = {"relations": reduced[1]}
    candidates: list[Candidate] = [(decrement.gap, decrement.estimate, "local norm", witness)]
    scale = gap_scale(point)
    if not decrement.gap <= tolerance * scale:
        dual = scores_duality_gap(point) if point.objective.loss.name == "softmax" else duality_gap(point)
        candidates.append((dual.gap, dual.gap, "duality", {"dual": dual.u} if math.isfinite(dual.gap) else {}))
        above = objective_above(point)
        candidates.append((above, above, "F ≥ 0", {}))
    bound, estimate, method, witness = min(candidates, key=lambda candidate: candidate[0])
    bound = ceiling(bound)
    proved = bound <= tolerance * scale and math.isfinite(scale)
    verdict = Verdict.CERTIFIED if proved else Verdict.INSUFFICIENT
    statement = gap_statement(point, bound, scale)
    return Claim("gap", statement, min(estimate, bound), bound, verdict, scale, method, witness)


def gap_scale(point: Point) -> float:
    """F(null) − F(w), what the fit gains over the best constant; F(null) where it gains less than 1e-6 of that.

    Where the target does not vary and F(null) is 0, F of a mean that is off by a millionth.
    """
    objective = point.objective
    null = objective.null_value()
    gain = null - point.value
    nothing = objective.model.layout.free.any() or not np.any(objective.y[objective.weight > 0])  # F(null) is 0 then
    still = objective.loss.of_constant(objective.y, objective.weight) if nothing else 0.0
    return max(gain, still) if gain > 1e-6 * null else max(null, still, math.ulp(0.0))


def gap_statement(point: Point, bound: float, scale: float) -> str:
    """gap in units, relative to F(null) − inf F, and as 2n·gap on the χ² scale: one sentence."""
    loss, value = point.objective.loss, point.value
    unit = "nats" if loss.dispersion else "squared units of the target"
    above = f"the mean loss plus penalty is at most {bound:.3g} {unit} above its infimum"
    sentence = f"{above}, {bound / scale:.2g} of what the fit gains over the null model"
    variance = loss.dispersion or 2 * value
    if not math.isfinite(bound) or variance <= 1e-12 * scale:
        return sentence
    sampling = 2 * int((point.objective.weight > 0).sum()) * bound / variance
    limit = "(below 0.01, no direction is off by a tenth of its standard error)"
    return f"{sentence}; against sampling, 2n·gap = {sampling:.2g} {limit}"
