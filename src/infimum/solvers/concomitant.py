"""argmin over w and σ ≥ 0 of F(w, σ): Newton's method with σ at its best at every step, and minima at fixed scales."""

import numpy as np

from infimum.certificates.concomitant import Concomitant, State, state_at
from infimum.models import Params, Rows
from infimum.solvers import Step
from infimum.solvers.collapse import collapsed

ITERATIONS = 200
ENOUGH = 1e-15  # of F, by which a step that promises less is of the size of its rounding
LEAST_DAMPING = 1e-13  # of the largest curvature
SMALL = 1e-11  # of the spread of y, below which the scale is taken to go to 0


def minimised(problem: Concomitant) -> tuple[State, list[Step], str]:
    """(state, steps, why it stopped) of argmin F, columns and y centred."""
    spread = float(np.median(np.abs(problem.y))) or float(np.abs(problem.y).max(initial=0.0)) or 1.0
    root = np.sqrt(problem.weight / spread)
    rows = np.vstack([problem.A * root[:, None], np.diag(np.sqrt(problem.ridge))])
    w = np.linalg.lstsq(rows, np.append(problem.y * root, np.zeros(len(problem.ridge))), rcond=None)[0]
    w, steps, converged = descended(problem, w, None, SMALL * spread)
    if not converged:
        w, flat, more = continued(problem, w, spread)
        steps += more
        if flat is not None:
            last = Step(len(steps) + 1, problem.value(flat.w, 0.0), 0.0, 1.0)
            return flat, [*steps, last], "the scale is 0: so many rows lie on one plane"
        w, more, converged = descended(problem, w, None, 0.0)
        steps += more
    stopped = "the step is of the size of its rounding" if converged else "no step descends further"
    scale = problem.loss.scale(problem.residual(w)[0], problem.weight)
    if scale == 0:
        return State(w, 0.0, np.zeros(len(problem.y)), np.ones(len(problem.y), dtype=bool)), steps, stopped
    return state_at(problem, w, scale), steps, stopped


def descended(problem: Concomitant, w: Params, fixed: float | None, least: float) -> tuple[Params, list[Step], bool]:
    """(w, steps, whether the last was of the size of its rounding): Newton at a fixed σ, or for None at its best.

    Stops where σ ≤ least. Steps are damped (Levenberg 1944) while they are too long.
    """
    steps: list[Step] = []
    damping = LEAST_DAMPING
    for k in range(ITERATIONS):
        scale = problem.loss.scale(problem.residual(w)[0], problem.weight) if fixed is None else fixed
        if scale <= least:
            return w, steps, False
        height = problem.value(w, scale)
        r, state = problem.residual(w)[0], state_at(problem, w, scale)
        step, decrement = newton_step(problem, r, problem.slope(w, state.u)[0], scale, fixed is None, damping)
        if decrement <= ENOUGH * height:
            if damping <= LEAST_DAMPING:
                return w, steps, True
            damping = LEAST_DAMPING
            continue
        w, length = _searched(problem, (w, step), fixed, (height, decrement))
        steps.append(Step(k + 1, height, decrement, length))
        if length == 0 and damping >= 1:
            return w, steps, False
        grows = 1e2 if length == 0 else 10.0 if length < 0.2 else 1.0 if length < 1 else 0.1
        damping = min(max(damping * grows, LEAST_DAMPING if grows <= 1 else 1e-8), 1.0)
    return w, steps, False


def continued(problem: Concomitant, w: Params, spread: float) -> tuple[Params, State | None, list[Step]]:
    """(w, state or None, steps): minima at fixed scales, each a fifth of the last (Madsen & Nielsen 1993).

    From a scale that has every row within, down to one that is too small, near which Newton's method starts again, or
    to rows that lie on one plane.
    """
    steps: list[Step] = []
    r = np.abs(problem.residual(w)[0])
    if problem.loss.scale(r, problem.weight) <= SMALL * spread:
        near = r <= 2 * SMALL * spread
        flat = collapsed(problem, w, near, np.zeros(len(r)))
        if flat is not None:
            return w, flat, steps
    scale = float(r.max(initial=0.0)) / problem.loss.epsilon
    while scale > SMALL**1.2 * spread:
        w, more, _ = descended(problem, w, scale, 0.0)
        steps += more
        state = state_at(problem, w, scale)
        if problem.weight @ state.u**2 > 4 * problem.weight.sum():
            return w, None, steps
        flat = collapsed(problem, w, state.inliers, state.u) if scale < 1e-3 * spread else None
        if flat is not None:
            return w, flat, steps
        scale *= 0.2
    return w, None, steps


def newton_step(
    problem: Concomitant, r: Rows, g: Params, scale: float, profiled: bool, damping: float = LEAST_DAMPING
) -> tuple[Params, float]:
    """(step, ½ gᵀH⁻¹g) for the slope −g at residuals r: H the curvature of F, of its minimum over σ if profiled.

    H is that of the rows within εσ, plus damping times that of all rows, which no curvature of F exceeds: at damping 1
    every step descends (Lange, Hunter & Yang 2000).
    """
    most = 2 / scale * (problem.A * problem.weight[:, None]).T @ problem.A + 2 * np.diag(problem.ridge)
    rows = np.abs(r) <= problem.loss.epsilon * scale
    rows = rows if rows.any() else ~rows
    A, weight = problem.A[rows], problem.weight[rows]
    share = np.clip(r[rows] / scale, -problem.loss.epsilon, problem.loss.epsilon)
    H = (A * (2 / scale * weight)[:, None]).T @ A + 2 * np.diag(problem.ridge)
    across, along = A.T @ (2 / scale * weight * share), float(2 / scale * (weight @ share**2))
    if profiled and along > 0:
        H = H - np.outer(across, across) / along
    size = np.sqrt(np.diag(most))
    size[size == 0] = 1.0
    values, V = np.linalg.eigh((H + damping * most) / np.outer(size, size))
    values = np.maximum(values, 1e-15 * len(size))
    turned = V.T @ (g / size)
    return (V @ (turned / values)) / size, 0.5 * float(turned @ (turned / values))


def _searched(
    problem: Concomitant, line: tuple[Params, Params], scale: float | None, known: tuple[float, float]
) -> tuple[Params, float]:
    """(w + t step, t), t = 1, ½, ¼ … till F falls by a tenth of what the slope promises; (w, 0) where none does.

    At a fixed scale, or for None at the best one.
    """
    (w, step), (height, decrement), t = line, known, 1.0
    for _ in range(6):
        trial = w + t * step
        own = problem.loss.scale(problem.residual(trial)[0], problem.weight) if scale is None else scale
        if problem.value(trial, own) <= height - 0.1 * t * decrement:
            return trial, t
        t *= 0.5
    return w, 0.0
