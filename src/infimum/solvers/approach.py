"""w ← w − WᵀW s, s = g + l2 w, with W of H⁻¹ ⪯ WᵀW / (1 − a): Newton's last steps, in float64.

The metric that the certificate needs is found a little early, where F is all but at its minimum already: the steps by
it cost one pass over the rows each, and where they end is as near as gradients in float64 lead. What is left for twice
the precision is then to look once.
"""

from dataclasses import dataclass

import numpy as np

from infimum.certificates.metric import Metric, metric_of
from infimum.certificates.rounding import UNIT
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.solvers.local import Local

MOST = 4  # steps: each squares the distance, till rounding ends it


@dataclass(frozen=True)
class Approached:
    """w, (p,), and W, a of H = Aᵀ diag(d) A + diag(l2), which is that of a point nearby."""

    w: Params
    metric: Metric
    d: np.ndarray  # (n,), these very floats: no error


@np.errstate(over="ignore", invalid="ignore")  # a step too long, where slopes are infinite, is not taken
def approach(objective: LikelihoodObjective, w: Params) -> Approached | None:
    """Steps while they halve √(sᵀWᵀW s), until rounding w alone accounts for it.

    None where F has kinks or bounds or several outputs a row, or where float64 does not verify W.
    """
    if objective.loss.outputs > 1 or not objective.penalty.smooth or objective.model.lost is not None:
        return None
    at = Local.at(objective, objective.model.table(), w, True)
    ridge = np.broadcast_to(np.asarray(objective.penalty.l2, dtype=float), w.shape)
    metric, d = metric_of(at.table, at.d, ridge, 0.0), at.d
    if metric is None:
        return None
    W, slope = metric.W, at.g + ridge * at.w
    size = float(np.linalg.norm(W @ slope))
    for _ in range(MOST):
        following = Local.at(objective, at.table, at.w - W.T @ (W @ slope), True)
        slope = following.g + ridge * following.w
        before, size = size, float(np.linalg.norm(W @ slope))
        if not (size < 0.5 * before and following.value <= at.value * (1 + 1e-12)):
            break
        at = following
        if size <= rounding_of(metric, at.w):
            break
    return Approached(at.w, metric, d)


def rounding_of(metric: Metric, w: Params) -> float:
    """u Σ √Hⱼⱼ |wⱼ|: what rounding w to float64 may add to √(sᵀH⁻¹s)."""
    return UNIT * float(np.sqrt(metric.diagonal) @ np.abs(w))
