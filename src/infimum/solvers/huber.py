"""argmin Σᵢ s̃ᵢ (σ + σ H(rᵢ/σ)) + Σⱼ ridgeⱼ wⱼ² over w and σ ≥ 0: Huber regression with its scale, and its proof."""

import time
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.linalg import qr, solve_triangular

from infimum.certificates.claim import Certificate
from infimum.certificates.concomitant import Concomitant, State, state_at
from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.huber import Fit, HuberObjective, huber_claims
from infimum.certificates.identification import dropped_columns
from infimum.certificates.quantile import relations_of
from infimum.models import Params
from infimum.solvers import Solution, Trace
from infimum.solvers.collapse import collapsed
from infimum.solvers.concomitant import minimised, newton_step

ROUNDS = 6
APART = 1e-4  # of the largest pivot of columns of size 1: they need no turning


@dataclass(frozen=True, eq=False)
class Centred:
    """w = T v + (0, …, 0, middle): the problem in v, its columns less their medians, of a size near 1."""

    problem: Concomitant
    T: Float[np.ndarray, "p p"]
    middle: float

    def params(self, v: Params) -> Params:
        """w of v."""
        w = self.T @ v
        if self.problem.intercept:
            w[-1] += self.middle
        return np.asarray(w)


def centred(problem: Concomitant) -> Centred:
    """The problem in v; w = v where there is no intercept, but for units."""
    A, y, p, middle = problem.A.copy(), problem.y, problem.A.shape[1], 0.0
    T = np.eye(p)
    if problem.intercept:
        medians, middle = np.median(A[:, :-1], axis=0), float(np.median(y))
        A[:, :-1] -= medians
        T[-1, :-1] = -medians
    size = np.abs(A).max(axis=0, initial=0.0)
    size = 2.0 ** np.round(np.log2(np.where(size > 0, size, 1.0)))
    inner = replace(problem, A=np.ascontiguousarray(A / size), y=y - middle, ridge=problem.ridge / size**2)
    return Centred(inner, T / size, middle)


def turned(data: Centred) -> Centred:
    """The problem in v with A = Q R, v ← R v, where columns are nearly dependent and have no ridge; else as it is."""
    A = data.problem.A
    if np.any(data.problem.ridge) or len(A) < A.shape[1]:
        return data
    Q, R = qr(A, mode="economic")
    diagonal = np.abs(np.diag(R))
    if diagonal.min(initial=1.0) > APART * diagonal.max(initial=0.0) or diagonal.min(initial=1.0) == 0:
        return data
    T = solve_triangular(R, data.T.T, trans="T").T
    return Centred(replace(data.problem, A=np.ascontiguousarray(Q)), T, data.middle)


def huber_regression(objective: HuberObjective) -> Solution:
    """argmin F: params is (b, b₀, σ). Newton's method on (w, σ), then refinement with more exact residuals.

    Where more than a share 1 − 1/ε² of the weight lies on a plane the scale goes to 0, and the plane is solved for.
    Columns that depend on others and have no penalty get the coefficient 0.
    """
    begun = time.perf_counter()
    problem, p = objective.concomitant(), objective.model.layout.size
    relations, exact, kept = np.zeros((0, p)), False, np.ones(p, dtype=bool)
    if not np.all(np.asarray(objective.ridge)[~objective.model.layout.free] > 0) and not _independent(problem):
        relations, exact = relations_of(objective.columns())
        kept[dropped_columns(relations)] = False
        problem = problem.without(~kept)
    data = turned(centred(problem))
    found, steps, stopped = minimised(data.problem)
    fit = Fit(problem, kept, refined(problem, data, found), relations, exact)
    claims = huber_claims(objective, fit)
    params = np.append(fit.params(), fit.scale())
    seconds, mark = time.perf_counter() - begun, fingerprint_of(objective)
    count = max(len(steps), 1)
    certificate = Certificate(claims, len(objective.y), p + 1, "newton", count, 0.0, seconds, mark)
    return Solution(params, certificate, Trace(tuple(steps), stopped))


def _independent(problem: Concomitant) -> bool:
    """rank A = p to working precision, columns centred where there is an intercept."""
    A = centred(problem).problem.A
    if len(A) < A.shape[1] or not np.all(np.any(A != 0, axis=0)):
        return False
    singular = np.linalg.svd(A / np.linalg.norm(A, axis=0), compute_uv=False)
    return bool(np.all(singular > 1e-13 * max(A.shape) ** 0.5 * singular[:1].sum()))


def refined(problem: Concomitant, data: Centred, found: State) -> State:
    """(w, σ, u, I) of argmin F, after Newton steps that are kept while the slope shrinks in the metric of F."""
    w = data.params(found.w)
    if found.scale == 0:
        flat = collapsed(problem, w, found.inliers, found.u)
        return State(w, 0.0, found.u, found.inliers) if flat is None else flat
    scale = problem.loss.scale(problem.residual(w)[0], problem.weight)
    if scale == 0:
        return State(w, found.scale, found.u, found.inliers)
    step, size = _step(problem, data, w, scale)
    for _ in range(ROUNDS):
        trial = w + step
        other = problem.loss.scale(problem.residual(trial)[0], problem.weight)
        if not other > 0:
            break
        following, smaller = _step(problem, data, trial, other)
        if not smaller < size:
            break
        w, scale, step, size = trial, other, following, smaller
    return state_at(problem, w, scale)


def _step(problem: Concomitant, data: Centred, w: Params, scale: float) -> tuple[Params, float]:
    """Newton's step in w, and what it promises, by the slope at w itself and the curvature in v."""
    r, state = problem.residual(w)[0], state_at(problem, w, scale)
    step, decrement = newton_step(data.problem, r, data.T.T @ problem.slope(w, state.u)[0], scale, True)
    return data.T @ step, decrement
