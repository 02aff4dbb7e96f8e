"""Whether classes or counts are separated where no claim says so: the claim was left out.

Directions that are at hand are tried in rational arithmetic: the parameters themselves, which go along one when there
is no minimum, each column, and the one that a linear program finds, its entries rounded. A separation along others is
not noticed here.
"""

from collections.abc import Iterator

import numpy as np
from scipy.optimize import linprog

from infimum.losses.multinomial import contrasts
from infimum.verify.answers import Answer, refuted
from infimum.verify.restated import Restated
from infimum.verify.separation import falls_along, pinned

SEPARABLE = ("logistic", "poisson", "multinomial")
MOST = 2e5  # numbers in A beyond which no program is tried
PLACES = 6


def check_unsaid(problem: Restated, subject: str) -> list[Answer]:
    """[] or one refutation: no minimum is attained, and no claim says so. Of losses that may have none to attain."""
    for direction in _directions(problem):
        if not _perhaps(problem, direction):
            continue
        _, falls, penalised = falls_along(problem, {"direction": direction})
        if falls and not penalised and min(falls) >= 0 < max(falls):
            note = "the claim is missing: no minimum is attained, since the loss falls for ever along a direction"
            return [refuted("separation", subject, None, None, note)]
    return []


def _perhaps(problem: Restated, d: np.ndarray) -> bool:
    """Whether no row rises by more than rounding along d: only then is it worth the rational numbers."""
    rows = problem.weight > 0
    A, y = problem.A[rows], problem.y[rows]
    way, noise = A @ d, 1e-9 * (np.abs(A) @ np.abs(d))
    if d.ndim > 1:
        own = np.take_along_axis(way, y.astype(int)[:, None], axis=1)
        return bool(np.any(d) and np.all(own - way >= -noise - noise.max(axis=1, keepdims=True)))
    if problem.loss.task == "counts":
        return bool(np.any(d) and np.all(np.where(y > 0, np.abs(way), way) <= noise))
    return bool(np.any(d) and np.all(np.where(y == 1, -way, np.where(y == 0, way, np.abs(way))) <= noise))


def _directions(problem: Restated) -> Iterator[np.ndarray]:
    """d (p,), 0 on what is penalised; of several classes D (P, K) of the scores."""
    movable = ~pinned(problem)
    if problem.loss.outputs > 1:
        K = problem.loss.outputs + 1
        if movable.all():
            scores = problem.w.reshape(-1, problem.loss.outputs) @ contrasts(K).T
            yield scores - scores[:, :1]
        return
    if not movable.any():
        return
    yield np.where(movable, problem.w, 0.0)
    for j in np.flatnonzero(movable).tolist():
        for sign in (1.0, -1.0):
            d = np.zeros(len(problem.w))
            d[j] = sign
            yield d
    found = _program(problem, movable) if problem.A.size <= MOST else None
    if found is not None:
        yield found


def _program(problem: Restated, movable: np.ndarray) -> np.ndarray | None:
    """argmax Σ fallᵢ over falls ≥ 0, |dⱼ| ≤ 1 in units of the columns, its entries rounded; None if that fails."""
    rows = problem.weight > 0
    A, y = problem.A[rows][:, movable], problem.y[rows]
    size = 2.0 ** np.round(np.log2(np.maximum(np.abs(A).max(axis=0, initial=0.0), 1e-300)))
    counts = problem.loss.task == "counts"
    still = (y > 0) if counts else (y != 0) & (y != 1)
    if still.all():
        return None
    falls = (A / size) * np.where((y > 0) & (not counts), 1.0, -1.0)[:, None]
    fixed = falls[still] if still.any() else None
    found = linprog(
        -falls[~still].sum(axis=0),
        A_ub=-falls[~still],
        b_ub=np.zeros(int((~still).sum())),
        A_eq=fixed,
        b_eq=None if fixed is None else np.zeros(len(fixed)),
        bounds=(-1, 1),
    )
    if not found.success:
        return None
    d = np.zeros(len(problem.w))
    d[movable] = np.round(found.x, PLACES) / size
    return d
