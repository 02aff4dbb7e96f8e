"""argmin f(X B + 1 b₀ᵀ) + Σ l1 |Bⱼₖ| + ½ l2 Bⱼₖ²: all K scores of the classes, columns taken in as they are wanted.

A number added to all scores of a row changes no loss. So the b₀ are told that add up to 0; and under l1 alone row j of
B may be moved till a median of it is 0: where K is even there may be several such places, see `levelled`.
"""

from dataclasses import dataclass, replace

import numpy as np

from infimum.certificates.certify import Known, certify
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.point import point_at
from infimum.kernels.parts import beside, pull, push
from infimum.models import Params
from infimum.models.scores import LinearScores
from infimum.objective import LikelihoodObjective, counted, weighted
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.newton import STUCK, WITHIN, Descent, descend
from infimum.solvers.polish import polish

FIRST = 50  # columns taken in at first
ROUGHLY = 1e-3  # how well a working set is solved that is to be changed
LACKING = 1e-9  # of the l1 strength: what a column left out may lack
ROUNDS = 100
FINEST = 1e-15  # the tolerance where a duality gap, linear in what slopes lack, is not proved small otherwise
FAR = 64  # powers of two: columns this far from 1 are told in other units
HUGE = 1e300  # a strength beyond which it makes no difference
POLISHED = 3  # times that columns are taken in by the slopes of a polished fit


def scores_newton(
    objective: LikelihoodObjective, start: Params | None = None, *, tolerance: float = 1e-10, iterations: int = 100
) -> Solution:
    """argmin F of `Softmax` scores under an elastic net, w = (B (p, K), b₀ (K,)), with its certificate.

    Proximal Newton steps (Lee, Sun & Saunders 2014) on a working set of columns, then Newton's last digits on the
    entries that are not 0.
    """
    mark = beside(fingerprint_of, objective)
    w, steps, stopped = descend_scores(objective, start, tolerance, iterations)
    if stopped in (WITHIN, STUCK):
        for _ in range(POLISHED):
            w = _polished(objective, w)
            if not _wanting(objective, w, _touched(objective, w)).size:
                break
            w, more, stopped = descend_scores(objective, w, tolerance, iterations)
            steps += more
    known = Known(point_at(objective, w), fingerprint=mark)
    certificate = certify(objective, w, "prox-Newton", len(steps), tolerance, known)
    if stopped in (WITHIN, STUCK) and certificate.verdict("gap") != "CERTIFIED" and tolerance > FINEST:
        return scores_newton(objective, w, tolerance=FINEST, iterations=iterations)
    return Solution(w, certificate, Trace(steps, stopped), known.point.value)


def descend_scores(objective: LikelihoodObjective, start: Params | None, tolerance: float, iterations: int) -> Descent:
    """(w, steps, why it stopped): the minimum without the evidence, from a start or from the best constant."""
    p = objective.model.layout.shapes[0][0]
    w = _null(objective) if start is None else np.array(start, dtype=float)
    steps: tuple[Step, ...] = ()
    stopped, chosen, size = WITHIN, np.zeros(0, dtype=int), FIRST
    within = max(tolerance, ROUGHLY) if p > FIRST else tolerance
    for _ in range(ROUNDS):
        more = _wanting(objective, w, chosen)[:size]
        if not more.size and steps:
            if within == tolerance:
                break
            within = tolerance  # the columns are settled
        kept = np.union1d(_touched(objective, w), more) if p > FIRST else np.arange(p)
        chosen, size = kept if more.size or p <= FIRST else chosen, 2 * size
        part, at = _on(objective, chosen)
        units = _units(part)
        found, further, stopped = descend(units.objective, first := units.into(w[at]), within, iterations)
        if not units.objective.value(found) <= units.objective.value(first) * (1 + 1e-12):
            found = first  # rounding had the better of it
        steps += tuple(replace(step, iteration=len(steps) + step.iteration) for step in further)
        w = w.copy()
        w[at] = units.back(found)
        if stopped not in (WITHIN, STUCK) or p <= FIRST:
            break
    return levelled(objective, w), steps, stopped


def levelled(objective: LikelihoodObjective, w: Params) -> Params:
    """w with Σ b₀ = 0, and each row of B moved to where Σ l1 |Bⱼₖ| + ½ l2 Bⱼₖ² is least.

    Under l1 alone that is where a median is 0. Of an even K a whole interval may serve; then the one of its ends, where
    an entry is 0, is taken that has most zeros, then the least Σ B².

    >>> from infimum.losses.softmax import Softmax
    >>> from infimum.penalties.elastic_net import ElasticNet
    >>> model = LinearScores(np.eye(4), 4, intercept=False)
    >>> F = LikelihoodObjective.of(model, Softmax(4), ElasticNet(l1=0.1), np.arange(4.0))
    >>> levelled(F, np.array([[1.0, 1.0, 2.0, 5.0]] * 4).ravel())[:4].tolist()
    [0.0, 0.0, 1.0, 4.0]
    """
    K, free = objective.loss.outputs, objective.model.layout.free
    W, l1, l2 = (part.reshape(-1, K) for part in (w.copy(), objective.penalty.l1, objective.penalty.l2))
    fixed = ~free.reshape(-1, K)[:, 0]
    for j in np.flatnonzero(fixed & np.any(W != 0, axis=1)):
        W[j] -= _level_of(W[j], float(l1[j, 0]), float(l2[j, 0]))
    W[~fixed] -= W[~fixed].mean(axis=1, keepdims=True)
    return np.asarray(W.ravel())


def _level_of(row: np.ndarray, l1: float, l2: float) -> float:
    """argmin over c of Σ l1 |rowₖ − c| + ½ l2 (rowₖ − c)²: an entry of the row, or where the slope is 0 between two."""
    K, apart = len(row), row[:, None] - row
    slope = np.abs(l1 * np.sign(apart).sum(axis=0) + l2 * apart.sum(axis=0))
    ends = row[slope <= l1 * np.sum(apart == 0, axis=0)]
    if len(ends):
        return float(max(ends, key=lambda by: (np.count_nonzero(row == by), -float(np.sum((row - by) ** 2)))))
    if l2 == 0:
        return 0.0
    ordered = np.sort(row)
    between = row.mean() + l1 * (K - 2 * np.arange(1, K)) / (K * l2)  # with so many entries below
    inside = (ordered[:-1] <= between) & (between <= ordered[1:])
    return float(between[inside][0]) if inside.any() else 0.0


def _null(objective: LikelihoodObjective) -> Params:
    """B = 0 and the logarithms of the shares of the classes; 0 where there is no intercept, or a class without rows."""
    layout, loss = objective.model.layout, objective.loss
    w = np.zeros(layout.size)
    shares = np.array([objective.weight[objective.y == k].sum() for k in range(loss.outputs)])
    if layout.free.any() and np.all(shares > 0):
        w[layout.free] = loss.constant(shares / shares.sum())
    return w


def _touched(objective: LikelihoodObjective, w: Params) -> np.ndarray:
    """Columns with a coefficient that is not 0, or that no l1 holds at 0."""
    layout, K = objective.model.layout, objective.loss.outputs
    inside = ~layout.free
    moved = (w[inside] != 0) | (np.broadcast_to(objective.penalty.l1, w.shape)[inside] == 0)
    return np.flatnonzero(moved.reshape(-1, K).any(axis=1))


def _wanting(objective: LikelihoodObjective, w: Params, chosen: np.ndarray) -> np.ndarray:
    """The columns not chosen whose slope exceeds the l1 strength, the worst first."""
    K, inside = objective.loss.outputs, ~objective.model.layout.free
    A = objective.model.jacobian(w)
    z = counted(push(A, w.reshape(-1, K)), objective.weight)
    u = weighted(objective.weight, objective.loss.gradient(z, objective.y))
    g, steep = pull(A, u).ravel(), pull(np.abs(A), np.abs(u))[: inside.sum() // K].max(axis=1)
    lacks = np.abs(objective.penalty.residual(w, g))[inside].reshape(-1, K).max(axis=1)
    lacks[chosen] = 0.0
    least = LACKING * objective.penalty.l1[inside].reshape(-1, K)[:, 0] + 1e-15 * steep
    worst = np.argsort(-lacks, kind="stable")
    return np.asarray(worst[lacks[worst] > least[worst]])


def _on(objective: LikelihoodObjective, chosen: np.ndarray) -> tuple[LikelihoodObjective, np.ndarray]:
    """F on the chosen columns alone, and where their parameters are in w."""
    model, K, penalty = objective.model, objective.loss.outputs, objective.penalty
    assert isinstance(model, LinearScores)
    columns = np.append(chosen, model.X.shape[1]) if model.intercept else chosen
    at = (columns[:, None] * K + np.arange(K)).ravel()
    if len(chosen) == model.X.shape[1]:
        return objective, at
    parts = (penalty.l1, penalty.l2, penalty.lower, penalty.upper)
    fewer = type(penalty)(*(np.asarray(part)[at] for part in parts))
    part = replace(model, X=np.ascontiguousarray(model.X[:, chosen]), columns=())
    return replace(objective, model=part, penalty=fewer), at


@dataclass(frozen=True)
class _Units:
    """F on the columns (x − c) / 2ᵉ: B becomes 2ᵉ B and b₀ becomes b₀ + cᵀB. c (p,) and e (p,)."""

    objective: LikelihoodObjective
    centre: np.ndarray
    exponent: np.ndarray

    def into(self, w: Params) -> Params:
        W = w.reshape(-1, self.objective.loss.outputs).copy()
        W[len(self.centre) :] += self.centre @ W[: len(self.centre)]
        W[: len(self.centre)] = np.ldexp(W[: len(self.centre)], self.exponent[:, None])
        return np.asarray(W.ravel())

    def back(self, w: Params) -> Params:
        W = w.reshape(-1, self.objective.loss.outputs).copy()
        W[: len(self.centre)] = np.ldexp(W[: len(self.centre)], -self.exponent[:, None])
        W[len(self.centre) :] -= self.centre @ W[: len(self.centre)]
        return np.asarray(W.ravel())


def _units(objective: LikelihoodObjective) -> _Units:
    """Columns less their means, as the intercepts allow: those far from 0 are nearly dependent. Squares that are far
    from 1 underflow: then over the power of two at their largest entry.
    """
    model, penalty, K = objective.model, objective.penalty, objective.loss.outputs
    assert isinstance(model, LinearScores)
    p = model.X.shape[1]
    centre = objective.weight @ model.X if model.intercept else np.zeros(p)
    X = model.X - centre if model.intercept else model.X
    exponent = np.frexp(np.abs(X).max(axis=0, initial=0.0))[1]
    exponent = np.where(np.abs(exponent) > FAR, exponent, 0)
    if exponent.any():
        X = np.ldexp(X, -exponent)
        every = np.append(np.repeat(exponent, K), np.zeros(len(penalty.l1) - p * K, dtype=int))
        with np.errstate(over="ignore"):
            l1, l2 = (np.minimum(np.ldexp(x, -k * every), HUGE) for k, x in ((1, penalty.l1), (2, penalty.l2)))
        penalty = replace(penalty, l1=l1, l2=l2)
    return _Units(replace(objective, model=replace(model, X=X), penalty=penalty), centre, exponent)


def _polished(objective: LikelihoodObjective, w: Params) -> Params:
    """w to its last digits, on the columns that have a coefficient."""
    part, at = _on(objective, _touched(objective, w))
    moved = w.copy()
    moved[at] = polish(part, w[at]).known.point.w
    return levelled(objective, moved)
