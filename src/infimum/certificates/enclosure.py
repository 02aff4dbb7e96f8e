"""|wⱼ − wⱼ*| ≤ boundⱼ and H⁻¹ ⪯ WᵀW / (1 − a): where the minimiser is, and how the objective bends there."""

from dataclasses import dataclass

from infimum.certificates.decrement import Decrement
from infimum.certificates.digits import distances
from infimum.certificates.metric import Metric
from infimum.certificates.point import Point
from infimum.models import Params


@dataclass(frozen=True, eq=False)
class Enclosure:
    """H⁻¹ ⪯ WᵀW / (1 − a) at a point, and bounds (p,) ≥ |w − w*|, each parameter's distance from the minimiser's."""

    metric: Metric
    bounds: Params


def enclosure_of(point: Point, decrement: Decrement) -> Enclosure | None:
    """|w − w*| ≤ √(H⁻¹)ⱼⱼ ‖w − w*‖_H, or entry by entry where the objective is quadratic; None where not proved."""
    bounds = decrement.parameter_bounds()
    if decrement.metric is None or bounds is None:
        return None
    if not point.objective.loss.self_concordance and point.penalty.smooth and point.outputs == 1:
        off, beside = distances(point, decrement.metric)
        bounds = off + beside
    return Enclosure(decrement.metric, bounds)
