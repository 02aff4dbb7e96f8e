"""G(w) = Σᵢ sᵢ ℓ(aᵢᵀw, yᵢ) − [½ log det I(w)]: Newton's method, on all parameters or on some while others are held.

With the bracket this is Firth's (1993) modified score; without it maximum likelihood. Steps go by the QR factors of
√(s ℓ″) A, so that they lose κ(A), not κ(A)², and by the whole Hessian where it is positive and not too dear to form.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.linalg import LinAlgError, cholesky, qr, solve_triangular

from infimum.kernels.compensated import product_of, pull_of
from infimum.losses import Loss
from infimum.models import Params, Rows
from infimum.objective import counted
from infimum.penalties.jeffreys import curvature_of, slope_of
from infimum.solvers import Step

LONGEST = 5.0  # how far a step may move a prediction
DEAR = 2e9  # n p³ from which the expected information stands in for the Hessian
NEAR = 1e-7  # decrement² from which G is too coarse to judge a step, and the slope judges
ROUNDS = 12


@dataclass(frozen=True, eq=False)
class Likelihood:
    """G(w) of rows A (n, p), targets y and weights s (n,), not normalised; with Firth's penalty or without.

    `free` are the parameters that move, an index; None is all. Columns of A should be of like size.
    """

    loss: Loss
    A: Float[np.ndarray, "n p"]
    y: Rows
    weight: Rows
    firth: bool
    free: np.ndarray | None = None

    @property
    def moving(self) -> np.ndarray:
        """The index of the parameters that move."""
        return np.arange(self.A.shape[1]) if self.free is None else self.free

    def holding(self, *held: int) -> "Likelihood":
        """The same G with these parameters held where they are."""
        return replace(self, free=np.setdiff1d(self.moving, held))


@dataclass(frozen=True, eq=False)
class Place:
    """(w, G, ∇G on all parameters, R) at one w: RᵀR = I(w) on all parameters with Firth's penalty, else on the free."""

    w: Params
    z: Rows
    value: float
    slope: Params
    R: Float[np.ndarray, "q q"]


def place_at(problem: Likelihood, w: Params) -> Place:
    """G and its slope at w, predictions and slope summed in twice the precision; G = ∞ where I(w) is singular."""
    A, s, loss = problem.A, problem.weight, problem.loss
    z, lost = (counted(part, s) for part in product_of(A, w, np.zeros(len(A))))
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        terms = s * loss.value(z, problem.y)
        bend = loss.bend(z, problem.y)
        u = s * (loss.gradient(z, problem.y) + bend * lost)
        rows = A if problem.firth else A[:, problem.moving]
        root = rows * np.sqrt(s * bend)[:, None]
    value = math.fsum(terms) if np.all(np.isfinite(terms)) else math.inf
    q = rows.shape[1]
    if not (math.isfinite(value) and np.all(np.isfinite(root)) and np.all(np.isfinite(u))):
        return Place(w, z, math.inf, np.zeros(len(w)), np.eye(q))
    Q, R = qr(root, mode="economic")
    if problem.firth:
        diagonal = np.abs(np.diag(R))
        if len(root) < q or not np.all(diagonal > 0):
            return Place(w, z, math.inf, np.zeros(len(w)), np.eye(q))
        value -= math.fsum(np.log(diagonal))
        u = u + slope_of(loss, z, (Q * Q).sum(axis=1))
    return Place(w, z, value, pull_of(A, u), R)


def newton_step(problem: Likelihood, place: Place) -> tuple[Params, float]:
    """(step (p,), 0 where held; decrement² = gᵀ H⁻¹ g): Newton's, or Fisher's where the Hessian is not positive."""
    free, step = problem.moving, np.zeros(len(place.w))
    root = place.R
    if problem.firth:
        curved = _curved(problem, place)
        root = (root if curved is None else curved @ root)[:, free]
        root = qr(root, mode="r")[0][: len(free)]
    if not len(free):
        return step, 0.0
    if np.min(np.abs(np.diag(root))) <= 1e-14 * np.max(np.abs(np.diag(root))):
        step[free] = -np.linalg.lstsq(root.T @ root, place.slope[free], rcond=1e-13)[0]
        return step, max(-float(place.slope @ step), 0.0)
    half = solve_triangular(root, place.slope[free], trans="T")
    step[free] = -solve_triangular(root, half)
    return step, float(half @ half)


def _curved(problem: Likelihood, place: Place) -> np.ndarray | None:
    """L with LᵀL = R⁻ᵀ ∇²G R⁻¹; None where that is not positive definite, or dear."""
    n, p = problem.A.shape
    if n * p**3 > DEAR:
        return None
    rows = problem.weight > 0
    B = solve_triangular(place.R, problem.A[rows].T, trans="T").T
    H = np.eye(p) + curvature_of(problem.loss, place.z[rows], problem.weight[rows], B)
    try:
        return np.asarray(cholesky(H)) if np.all(np.isfinite(H)) else None
    except LinAlgError:
        return None


@dataclass(frozen=True, eq=False)
class Descent:
    """(place, steps, why it stopped, whether the slope vanished as far as float64 can tell)."""

    place: Place
    steps: tuple[Step, ...]
    stopped: str
    reached: bool


def descend(problem: Likelihood, start: Params, tolerance: float = 1e-10, iterations: int = 200) -> Descent:
    """argmin G from a start: Newton steps that move no prediction by more than 5, halved till G falls; then to the end.

    Near the minimum, where G in float64 no longer tells, a step is kept while it shrinks the decrement by half.
    """
    place, steps = place_at(problem, start), []
    for k in range(iterations):
        step, square = newton_step(problem, place)
        if not math.isfinite(square):
            return Descent(place, tuple(steps), "the information is singular", False)
        if square <= min(NEAR, tolerance * max(1.0, abs(place.value))):
            refined, rounds = _refined(problem, place, step, square)
            steps.append(Step(k, refined.value, rounds[-1], 1.0))
            return Descent(refined, tuple(steps), "the decrement is within the tolerance", True)
        reach = float(np.abs(problem.A @ step)[problem.weight > 0].max(initial=0.0))
        length = min(1.0, LONGEST / reach) if reach else 1.0
        following = place_at(problem, place.w + length * step)
        while not following.value <= place.value - 1e-4 * length * square and length > 1e-10:
            length /= 2
            following = place_at(problem, place.w + length * step)
        steps.append(Step(k, place.value, square, length))
        if not following.value < place.value:
            return Descent(place, tuple(steps), "no step lowers the objective in float64", square < 1e-6)
        place = following
    return Descent(place, tuple(steps), f"{iterations} iterations were not enough", False)


def _refined(problem: Likelihood, place: Place, step: Params, square: float) -> tuple[Place, list[float]]:
    """(the place after full steps that each shrink the decrement² to a quarter, the decrements²)."""
    seen = [square]
    for _ in range(ROUNDS):
        trial = place_at(problem, place.w + step)
        if not math.isfinite(trial.value):
            break
        following, smaller = newton_step(problem, trial)
        if not smaller < seen[-1]:
            break
        place, step, last = trial, following, seen[-1]
        seen.append(smaller)
        if not smaller < 0.25 * last:
            break
    return place, seen
