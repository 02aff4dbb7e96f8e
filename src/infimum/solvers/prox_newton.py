"""argmin F(w) by proximal Newton steps from the first start that leads to a proved minimum, polished and certified."""

import math
from dataclasses import replace

from infimum.certificates.certify import Known, certify
from infimum.certificates.claim import Verdict
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.point import point_at
from infimum.kernels.parts import beside
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Trace
from infimum.solvers.approach import approach
from infimum.solvers.held import Held
from infimum.solvers.newton import STUCK, WITHIN, Limits, beginning, descend_holding
from infimum.solvers.polish import polish
from infimum.solvers.starts import from_fewer, from_like_weights, from_softer


def prox_newton(
    objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, iterations: int = 100
) -> Solution:
    """argmin F for a loss with curvature, a model affine in w and any elastic-net penalty with bounds, (p,).

    Stops when the decrement is within tolerance of F(null) − F, then refines to the last digit that float64 gives
    and certifies. Where it does not get there in `iterations`, the certificate says INSUFFICIENT and the trace says
    why. Without a start, many rows are first thinned out, eightfold and again: what a few say of w is near. Where that
    does not end at a proved minimum, it begins again: from the null model, and from softer losses.
    """
    mark = beside(fingerprint_of, objective)
    near, held = _near(objective) if start is None else (start, None)

    def solution(start: Params | None, held: Held | None = None) -> Solution:
        limits = Limits(tolerance, iterations)
        w, steps, stopped = descend_holding(objective, _finite(objective, beginning(objective, start)), held, limits)[0]
        known = _to_the_last_digit(objective, w) if stopped in (WITHIN, STUCK) else Known(point_at(objective, w))
        w, known = known.point.w, replace(known, fingerprint=mark)
        certificate = certify(objective, w, "prox-Newton", len(steps), tolerance, known)
        return Solution(w, certificate, Trace(steps, stopped), known.point.value)

    best = solution(near, held)
    if not _settled(best) and near is not None:
        best = _better(best, solution(None))
    if not _settled(best) and (softer := from_softer(objective, best.params)) is not None:
        best = _better(best, solution(softer))
    return best


def _to_the_last_digit(objective: LikelihoodObjective, w: Params) -> Known:
    near = approach(objective, w)
    return polish(objective, w if near is None else near.w, near=near).known


def _near(objective: LikelihoodObjective) -> tuple[Params | None, Held | None]:
    """Where the minimum may be near, and H there."""
    return from_fewer(objective) or (from_like_weights(objective), None)


def _finite(objective: LikelihoodObjective, w: Params) -> Params:
    """w, or a start where F is finite; raises ValueError where none is found."""
    if math.isfinite(objective.loss.curvature_bound) or math.isfinite(objective.value(w)):
        return w
    softer = from_softer(objective, w)
    if softer is None or not math.isfinite(objective.value(softer)):
        raise ValueError(
            f"the {objective.loss.name} loss is beyond the range of float64 wherever the bounds were tried: "
            "scale the columns down, widen the bounds, or fit an intercept"
        )
    return softer


def _settled(found: Solution) -> bool:
    """Whether the gap is proved small, or that no minimum exists."""
    return any(found.certificate.verdict(kind) == Verdict.CERTIFIED for kind in ("gap", "separation"))


def _better(first: Solution, second: Solution) -> Solution:
    return second if _settled(second) or (second.value or 0.0) < (first.value or 0.0) else first
