"""w ← w + t (v − w),  v = argmin of the quadratic model gᵀ(v − w) + ½ (v − w)ᵀ H (v − w) + Ω(v): proximal Newton.

Lee, Sun & Saunders (2014). The inner problem is coordinate descent on the Gram matrix, or one Cholesky where Ω is
smooth; wide problems keep a working set of columns, grown by the worst violations of optimality (after Massias,
Gramfort & Salmon 2018).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.linalg import lstsq

from infimum.certificates.certify import Known, certify, fingerprint_of
from infimum.certificates.metric import gram, hessian
from infimum.certificates.point import point_at
from infimum.kernels.coordinate import coordinate_descent
from infimum.kernels.parts import beside, pull, push
from infimum.models import Params
from infimum.objective import LikelihoodObjective, counted, weighted
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.conjugate import conjugate_step
from infimum.solvers.faces import Bounded, lowest_face
from infimum.solvers.polish import inverse_of, polish, regular_inverse_of

NARROW = 500  # columns up to which the whole Gram matrix is formed
PASSES = 2000
SHORT = 1e-4  # of the decrement at which H was factored: there H is as good as new
MANY = 2000  # rows, and 20 a parameter: fewer are not thinned out further
SMALL = 60  # parameters up to which the Hessian is looked at, or of several outputs formed, in every step
DEAR = 1e8  # n p² up to which nearly singular steps are taken by the rows
UNLIKE = 1e6  # times: weights so unlike are approached from like ones
LOST = 1e-3  # of a Newton step: a shorter one says that the quadratic model is none of F
SOFTER = (1e-9, 1e-6, 1e-4, 1e-2, 1.0)
FACES = 20  # Newton steps on a face, where coordinate descent creeps
WITHIN = "the decrement is within the tolerance"
STUCK = "no step lowers the objective in float64"


@dataclass(frozen=True)
class Quadratic:
    """gᵀ(v − w) + ½ (v − w)ᵀ AᵀDA (v − w), g = Aᵀu: the smooth part around w, D = diag(d), d (n,) or blocks (n, m, m)."""

    A: Float[np.ndarray, "n P"]
    d: np.ndarray
    w: Params
    g: Params
    u: np.ndarray

    def gradient(self, v: Params) -> Params:
        """g + AᵀDA (v − w), (p,)."""
        return np.asarray(self.g + self.A.T @ (self.d * (self.A @ (v - self.w))))


@dataclass(frozen=True)
class Local:
    """F(w), u = s̃ ℓ′(z) and d = s̃ ℓ″(z), z = A w + c, at one w."""

    w: Params
    value: float
    u: np.ndarray
    d: np.ndarray  # 0 where it was not asked for

    @classmethod
    def at(cls, objective: LikelihoodObjective, A: np.ndarray, w: Params, curved: bool) -> "Local":
        """One pass over the rows; F is +∞ where the loss overflows."""
        loss, weight, y = objective.loss, objective.weight, objective.y
        with np.errstate(over="ignore", invalid="ignore"):
            z = counted(
                push(A, w.reshape(A.shape[1], loss.outputs)).reshape(objective.origin.shape) + objective.origin, weight
            )
            if curved and loss.outputs == 1:
                terms, slope, bend = loss.jet(z, y)
            else:
                terms, slope = loss.value(z, y), loss.gradient(z, y)
                bend = loss.bend(z, y) if curved else np.zeros(z.shape)
            value = float(weight @ terms) + objective.penalty.value(w)
            value = math.inf if math.isnan(value) else value
            return cls(w, value, weighted(weight, slope), weighted(weight, bend))


def prox_newton(
    objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, iterations: int = 100
) -> Solution:
    """argmin F for a loss with curvature, a model affine in w and any elastic-net penalty with bounds, (p,).

    Stops when the decrement is within tolerance of F(null) − F, then refines to the last digit that float64 gives
    and certifies. Where it does not get there in `iterations`, the certificate says INSUFFICIENT and the trace says
    why. Without a start, many rows are first thinned out, eightfold and again: what a few say of w is near.
    """
    mark = beside(fingerprint_of, objective)
    near = start
    if start is None:
        near = _from_fewer(objective)
        near = _from_like_weights(objective) if near is None else near
    w, steps, stopped = descend(objective, beginning(objective, near), tolerance, iterations)
    if stopped != WITHIN and start is None and near is not None:
        w, steps, stopped = descend(objective, None, tolerance, iterations)
    known = polish(objective, w).known if stopped in (WITHIN, STUCK) else Known(point_at(objective, w))
    w, known = known.point.w, replace(known, fingerprint=mark)
    certificate, value = certify(objective, w, "prox-Newton", len(steps), tolerance, known), known.point.value
    return Solution(w, certificate, Trace(steps, stopped), value)


def _from_fewer(objective: LikelihoodObjective) -> Params | None:
    """argmin F, roughly, on every eighth row, itself begun on fewer; None where rows are few.

    A ridge of a row's weight keeps parameters that few rows say nothing of from running away.
    """
    n, p = len(objective.y), objective.model.layout.size
    if n < 8 * max(MANY, 20 * p) or not objective.loss.self_concordance:
        return None
    fewer = objective.rows(np.arange(0, n, 8))
    A, penalty = fewer.model.jacobian(np.zeros(p)), fewer.penalty
    ridge = penalty.l2 + np.repeat(np.einsum("ij,ij->j", A, A) / len(A) ** 2, fewer.loss.outputs)
    fewer = replace(fewer, penalty=replace(penalty, l2=ridge))
    return descend(fewer, beginning(fewer, _from_fewer(fewer)), 1e-2, 25)[0]


def _from_like_weights(objective: LikelihoodObjective) -> Params | None:
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


def descend(
    objective: LikelihoodObjective, start: Params | None, tolerance: float, iterations: int, least: float = 1e-6
) -> tuple[Params, tuple[Step, ...], str]:
    """(w, steps, why it stopped): the iterations without the evidence; all that model selection asks for inside.

    They set out from a start that is within the bounds, from `beginning` where none is given. The tolerance is relative
    to the gain F(null) − F, or to the share `least` of F(null) where the gain is less.
    """
    p, penalty = objective.model.layout.size, objective.penalty
    A = objective.model.jacobian(np.zeros(p))
    scale = max(objective.null_value(), 1e-300)
    conjugate = conjugate_step(objective) if objective.loss.outputs > 1 and penalty.smooth and p > SMALL else None
    steps: list[Step] = []
    at = Local.at(objective, A, beginning(objective, None) if start is None else start, conjugate is None)
    held = Held(penalty)
    for k in range(iterations):
        w, value = at.w, at.value
        g = pull(A, at.u).ravel()
        if conjugate:
            v = conjugate(w, g)
        elif penalty.smooth:
            v, held = held.step(A, at, g)
        else:
            v = _minimise_model(Quadratic(A, at.d, w, g, at.u), penalty, tolerance * scale)
        decrease = float(g @ (v - w)) + penalty.value(v) - penalty.value(w)  # ≤ −dᵀHd: the slope of F along v − w
        if -decrease <= tolerance * 1e-2 * max(scale - value, least * scale):
            steps.append(Step(k, value, max(-decrease, 0.0), 0.0))
            if conjugate or np.linalg.norm(v - w) <= np.linalg.norm(w):
                return v, tuple(steps), WITHIN
            # rows far off have no curvature, and H without theirs is nearly singular: what it promises is not all
            others = Local.at(objective, A, v, True), *_softened_steps(objective, A, at, tolerance)
            at = min((at, *others), key=lambda local: local.value)
            if not value - at.value > tolerance * max(scale - value, least * scale):
                return at.w, tuple(steps), WITHIN
            continue
        length, following = 1.0, Local.at(objective, A, v, conjugate is None)
        while not following.value <= value + 1e-4 * length * decrease and length > 1e-10:
            length /= 2
            following = Local.at(objective, A, w + length * (v - w), conjugate is None)
        if length < LOST and conjugate is None:
            softened = _softened_steps(objective, A, at, tolerance)
            following = min((following, *softened), key=lambda local: local.value)
        steps.append(Step(k, value, -decrease, length))
        if not following.value < value:
            small = -decrease < 1e-9 * scale
            return w, tuple(steps), WITHIN if small else STUCK
        at = following
        if at.value <= 1e-14 * scale:
            return at.w, tuple(steps), "the objective is at 0, its lowest possible value"
    remedy = "raise them, or add a ridge penalty if no minimum exists"
    return at.w, tuple(steps), f"{iterations} iterations were not enough: {remedy}"


def _softened_steps(
    objective: LikelihoodObjective, A: np.ndarray, at: Local, tolerance: float
) -> Iterator[Local]:
    """Steps of the model with D + t sup ℓ″, t to 1, where it majorises F: rows that are far off have no curvature.

    Levenberg (1944); Böhning & Lindsay (1988). None where ℓ″ has no bound.
    """
    loss, penalty, g = objective.loss, objective.penalty, pull(A, at.u).ravel()
    unit = np.eye(loss.outputs) if loss.outputs > 1 else np.array(1.0)
    most = weighted(objective.weight, np.broadcast_to(loss.curvature_bound * unit, at.d.shape))
    for share in SOFTER if math.isfinite(loss.curvature_bound) else ():
        soft = replace(at, d=at.d + share * most)
        if penalty.smooth:
            v = Held(penalty).step(A, soft, g)[0]
        else:
            v = _minimise_model(Quadratic(A, soft.d, at.w, g, at.u), penalty, tolerance * max(objective.null_value(), 1e-300))
        yield Local.at(objective, A, v, True)


def beginning(objective: LikelihoodObjective, start: Params | None) -> Params:
    """argmin F over {start, 0, the null model} where ℓ″ has no bound: Newton steps from far off are short; else start.

    The start is 0 where none is given; each is moved inside the bounds of the penalty.
    """
    loss, penalty, layout = objective.loss, objective.penalty, objective.model.layout
    zero = np.zeros(layout.size)
    first = np.clip(zero if start is None else np.array(start, dtype=float), penalty.lower, penalty.upper)
    if math.isfinite(loss.curvature_bound):
        return first
    mean = float(objective.weight @ objective.y)
    constant = loss.constant(mean) if layout.free.sum() == 1 else 0.0
    null = np.where(layout.free, constant if math.isfinite(constant) else 0.0, zero)
    others = (np.clip(w, penalty.lower, penalty.upper) for w in (null, zero))
    return min((*others, *([] if start is None else [first])), key=objective.value)


@dataclass(frozen=True)
class Held:
    """v = w − H⁻¹ (g + l2 w), H = AᵀDA + diag(l2) as it was when last factored: again only where it has changed much.

    The decrement says how much: near a minimum it falls with the square of itself, or with its product with the one at
    which H was factored, and the second costs a pass over the rows instead of the many of AᵀDA.
    """

    penalty: ElasticNet
    inverse: Callable[[Params], Params] | None = None
    decrement: float = 0.0  # sᵀH⁻¹s where H was factored

    def step(self, A: np.ndarray, at: Local, g: Params) -> tuple[Params, "Held"]:
        """v, and what to hold on to."""
        ridge = np.broadcast_to(np.asarray(self.penalty.l2, dtype=float), at.w.shape)
        slope = g + ridge * at.w
        if self.inverse is not None:
            step = self.inverse(slope)
            if 0 <= slope @ step <= SHORT * self.decrement:
                return at.w - step, self
        H = gram(A, at.d) + np.diag(ridge)
        inverse = regular_inverse_of(H)
        if inverse is None and at.d.ndim == 1 and len(A) * len(H) ** 2 <= DEAR:
            return at.w - _step_of_rows(A, at, ridge), Held(self.penalty)
        inverse = inverse or inverse_of(H)
        step = inverse(slope)
        return at.w - step, Held(self.penalty, inverse, float(slope @ step))


def _step_of_rows(A: np.ndarray, at: Local, ridge: Params) -> Params:
    """H⁻¹ (g + l2 w) as least squares on the rows √D A, which has half the digits to lose that H = AᵀDA has."""
    root, kept = np.sqrt(at.d), np.flatnonzero(ridge)
    M = np.vstack([A * root[:, None], np.diag(np.sqrt(ridge))[kept]])
    right = np.append(np.divide(at.u, root, out=np.zeros(len(root)), where=root > 0), (np.sqrt(ridge) * at.w)[kept])
    largest = np.abs(M).max(axis=0, initial=0.0)
    size = 2.0 ** np.round(np.log2(np.where(largest > 0, largest, 1.0)))
    return np.where(largest > 0, lstsq(M / size, right, cond=1e-15)[0] / size, 0.0)


def _minimise_model(model: Quadratic, penalty: ElasticNet, tolerance: float) -> Params:
    """v = argmin gᵀ(v − w) + ½ (v − w)ᵀ AᵀDA (v − w) + Ω(v), Ω with kinks or bounds."""
    if len(model.w) <= NARROW or model.d.ndim > 1:
        return _on_columns(model, np.arange(len(model.w)), penalty, tolerance)
    return _working_sets(model, penalty, tolerance)


def _working_sets(model: Quadratic, penalty: ElasticNet, tolerance: float) -> Params:
    """The same minimum through growing sets of columns: solve on the set, check all columns, add the worst."""
    v, chosen = model.w.copy(), np.flatnonzero((model.w != 0) | (np.asarray(penalty.l1) == 0))
    size = max(50, len(chosen))
    for _ in range(100):
        violation = np.abs(penalty.residual(v, model.gradient(v)))
        violation[chosen] = 0.0
        worst = np.argsort(-violation, kind="stable")[:size]
        worst = worst[violation[worst] > 1e-13 * max(1.0, float(np.abs(model.g).max()))]
        if not len(worst) and len(chosen):
            return v
        chosen = np.sort(np.concatenate([chosen, worst]))
        v = _on_columns(model, chosen, penalty, tolerance)
        size *= 2
    return v


def _on_columns(model: Quadratic, chosen: np.ndarray, penalty: ElasticNet, tolerance: float) -> Params:
    """v, moved from w only in `chosen`, by the coordinate kernel."""
    whole = (penalty.l1, penalty.l2, penalty.lower, penalty.upper)
    spread = (np.broadcast_to(np.asarray(part, dtype=float), model.w.shape) for part in whole)
    parts = np.stack([part[chosen] for part in spread])
    l2 = parts[1]
    H, g, v = hessian(model.A, model.d, chosen), model.g[chosen], model.w.copy()
    stop = 1e-4 * tolerance + 1e-30
    w, part = model.w[chosen], v[chosen]
    for _ in range(FACES):
        part, passes = coordinate_descent(H, g + H @ (part - w), part, parts, stop, PASSES)
        by_rows = model.d.ndim == 1 and len(model.A) * len(chosen) ** 2 <= DEAR
        unsure = passes == PASSES or (len(chosen) <= SMALL and regular_inverse_of(H + np.diag(l2)) is None)
        if by_rows and unsure:
            part = lowest_face(_rows_of(model, chosen, parts), part)
        if by_rows or passes < PASSES:
            break
        part = _along_face(H, g + H @ (part - w) + l2 * part, part, parts)
    v[chosen] = part
    return v


def _rows_of(model: Quadratic, chosen: np.ndarray, parts: np.ndarray) -> Bounded:
    """The same minimum over the chosen columns, the others as they are, by the rows √D A."""
    l1, l2, lower, upper = parts
    root, kept, A = np.sqrt(model.d), np.flatnonzero(l2), model.A[:, chosen]
    M = np.vstack([A * root[:, None], np.diag(np.sqrt(l2))[kept]])
    lean = np.divide(model.u, root, out=np.zeros(len(root)), where=root > 0)
    return Bounded(M, np.append(root * (A @ model.w[chosen]) - lean, np.zeros(len(kept))), l1, lower, upper)


def _along_face(H: np.ndarray, slope: Params, v: Params, parts: np.ndarray) -> Params:
    """v + t Δ, Δ the Newton step on the face of the signs and bounds of v, t ≤ 1 as far as neither changes: F falls.

    parts are (l1, l2, lower, upper), H = AᵀDA; t as far as the first entry reaches 0 under l1, or its bound.

    Coordinate descent finds the signs soon and then creeps where columns are nearly dependent; this does not.
    """
    l1, l2, lower, upper = parts
    free = np.flatnonzero(((v != 0) | (l1 == 0)) & (v > lower) & (v < upper))
    if not len(free):
        return v
    own = H[np.ix_(free, free)] + np.diag(l2[free])
    step = -inverse_of(own)(slope[free] + l1[free] * np.sign(v[free]))
    here, end = v[free], v[free] + step
    stop = np.clip(end, lower[free], upper[free])
    stop[(l1[free] > 0) & (np.sign(stop) != np.sign(here))] = 0.0
    turning = stop != end
    shares = (stop[turning] - here[turning]) / step[turning]
    share = np.min(shares, initial=1.0)
    moved = v.copy()
    moved[free] += share * step
    reached = free[turning][shares <= share * (1 + 1e-12)]
    moved[reached] = stop[turning][shares <= share * (1 + 1e-12)]
    return np.clip(moved, lower, upper)
