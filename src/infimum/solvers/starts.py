"""w₀ = argmin of what is like F and easier: fewer rows, weights more alike, softer losses. Newton's starts."""

import math
from dataclasses import replace

import numpy as np

from infimum.models import Params
from infimum.objective import LikelihoodObjective, counted
from infimum.solvers.held import Held
from infimum.solvers.newton import Limits, beginning, descend, descend_holding

MANY = 1000  # rows, and 20 a parameter: fewer are not thinned out further
UNLIKE = 1e6  # times: weights so unlike are approached from like ones
DRAWN = 0.3  # of p / n: a decrement on drawn rows below which they are no better known
SOFTER = 4.0  # times softer than the next
FAR = 30.0  # |z| from which on rows that are on the wrong side have next to no curvature


def from_fewer(objective: LikelihoodObjective) -> tuple[Params, Held] | None:
    """(argmin F, roughly, on every eighth row, and H there), itself begun on fewer; None where rows are few.

    A ridge of a row's weight keeps parameters that few rows say nothing of from running away. Rows that are drawn
    leave the decrement about p / n away from that of all: nearer than that there is nothing to be had of them.
    """
    p = objective.model.layout.size
    all_count = objective.weight.all()
    n = len(objective.y) if all_count else np.count_nonzero(objective.weight)
    if n < 8 * max(MANY, 20 * p) or not objective.loss.self_concordance:
        return None
    fewer = objective.rows(slice(None, None, 8) if all_count else np.flatnonzero(objective.weight)[::8])
    A, penalty = fewer.model.jacobian(np.zeros(p)), fewer.penalty
    ridge = penalty.l2 + np.repeat(np.einsum("ij,ij->j", A, A) / len(A) ** 2, fewer.loss.outputs)
    fewer = replace(fewer, penalty=replace(penalty, l2=ridge))
    start = (from_fewer(fewer) or (None, None))[0]
    least = 1e4 * DRAWN * p / len(fewer.y) / max(fewer.null_value(), 1e-300)
    found, held = descend_holding(fewer, beginning(fewer, start), None, Limits(1e-2, 25, least))
    return found[0], held.elsewhere()


def from_like_weights(objective: LikelihoodObjective) -> Params | None:
    """argmin F, roughly, with weights s^t, t from 0 towards 1; None where no weight is a million times another.

    Rows of almost no weight have almost no curvature where the others are told apart: Newton's steps go astray there.
    """
    counting = objective.weight[objective.weight > 0]
    if not objective.loss.self_concordance or not counting.max() > UNLIKE * counting.min():
        return None
    w = None
    for share in (0.0, 0.25, 0.5, 0.75):
        weight = np.where(objective.weight > 0, objective.weight, 1.0) ** share * (objective.weight > 0)
        w = descend(replace(objective, weight=weight / weight.sum()), w, 1e-6, 40)[0]
    return w


def from_softer(objective: LikelihoodObjective, w: Params) -> Params | None:
    """argmin F, roughly, of losses t ℓ(z / t), t falling to 1 from where the scores at w are near 1.

    In v = w / t that is F itself with strengths t l2 and bounds / t. Far off, ℓ is made of straight lines, and
    Newton's steps say nothing: so smoothed, each t begins where the one before has curvature (as Nesterov 2005 smooths
    a maximum). None where the scores are small, or where t changes nothing.
    """
    penalty, loss = objective.penalty, objective.loss
    free = not (np.any(penalty.l1) or np.any(penalty.l2) or np.isfinite(penalty.lower).any())
    free = free and not np.isfinite(penalty.upper).any()
    if free or not loss.self_concordance or np.any(objective.origin):
        return None
    size = float(np.abs(counted(objective.model(w), objective.weight)).max(initial=0.0))
    if not FAR < size < math.inf:
        return None
    v, softest = w, math.ceil(math.log(size, SOFTER))
    for k in range(softest, 0, -1):
        t = SOFTER**k
        eased = replace(penalty, l2=t * penalty.l2, lower=penalty.lower / t, upper=penalty.upper / t)
        v = t * descend(replace(objective, penalty=eased), v / t, 1e-6, 40)[0]
    return np.clip(v, penalty.lower, penalty.upper)
