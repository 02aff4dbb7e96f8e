"""G(w) = Σᵢ sᵢ ℓ(aᵢᵀw, yᵢ) − [½ log det I(w)]: Newton's method, on all parameters or on some while others are held.

With the bracket this is Firth's (1993) modified score; without it maximum likelihood. Steps go by the QR factors of
√(s ℓ″) A, so that they lose κ(A), not κ(A)², and by the whole Hessian where it is not too dear to form.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.linalg import qr, solve_triangular

from infimum.kernels.compensated import product_of, pull_of
from infimum.losses import Loss
from infimum.models import Params, Rows
from infimum.objective import counted
from infimum.penalties.jeffreys import curvature_of, slope_of
from infimum.solvers import Step

LONGEST = 5.0  # how far a step may move a prediction, beyond the farthest there is
DEAR = 2e9  # n p³ from which the expected information stands in for the Hessian
FLAT = 0.05  # curvature relative to the information, below which a step counts it as this
NEAR = 1e-7  # decrement² from which G is too coarse to judge a step, and the slope judges


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
    z, lost = (counted(part, s) for part in product_of(A, w, np.zeros(len(A)))[:2])
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
    return Place(w, z, value, pull_of(A, u)[0], R)


def newton_step(problem: Likelihood, place: Place) -> tuple[Params, float]:
    """(step (p,), 0 where held; decrement² = gᵀ H⁻¹ g), H the Hessian made positive relative to the information.

    H = Tᵀ S T with TᵀT the expected information of the free parameters: eigenvalues of S that are small or negative,
    as they are far from a minimum, count as |λ|, at least 0.05.
    """
    free, step = problem.moving, np.zeros(len(place.w))
    if not len(free):
        return step, 0.0
    Q, T = qr(place.R[:, free], mode="economic") if problem.firth else (np.eye(len(free)), place.R)
    if len(T) < len(free) or np.min(np.abs(np.diag(T))) <= 1e-14 * np.max(np.abs(np.diag(T))):
        step[free] = -np.linalg.lstsq(T.T @ T, place.slope[free], rcond=1e-13)[0]
        return step, max(-float(place.slope @ step), 0.0)
    half = solve_triangular(T, place.slope[free], trans="T")
    curved = _relative_curvature(problem, place) if problem.firth else None
    bent = half
    if curved is not None:
        values, V = np.linalg.eigh(Q.T @ curved @ Q)
        bent = V @ ((V.T @ half) / np.maximum(np.abs(values), FLAT))
    step[free] = -solve_triangular(T, bent)
    return step, float(half @ bent)


def weakest(problem: Likelihood, place: Place) -> tuple[float, Params]:
    """(λ, v): the least curvature of G relative to the information, 1 without a penalty, and v, one error long.

    λ < 0 is a saddle; where λ is well below 1, as with separated classes, there may be other minima along v.
    """
    free, direction = problem.moving, np.zeros(len(place.w))
    curved = _relative_curvature(problem, place) if problem.firth and len(free) else None
    if curved is None:
        return 1.0, direction
    Q, T = qr(place.R[:, free], mode="economic")
    values, V = np.linalg.eigh(Q.T @ curved @ Q)
    direction[free] = solve_triangular(T, V[:, 0])
    return float(values[0]), direction


def _relative_curvature(problem: Likelihood, place: Place) -> np.ndarray | None:
    """R⁻ᵀ ∇²G R⁻¹ (p, p); None, for the information itself, where it overflows or is dear."""
    n, p = problem.A.shape
    if n * p**3 > DEAR:
        return None
    rows = problem.weight > 0
    B = solve_triangular(place.R, problem.A[rows].T, trans="T").T
    with np.errstate(over="ignore", invalid="ignore"):
        C = np.eye(p) + curvature_of(problem.loss, place.z[rows], problem.weight[rows], B)
    return C if np.all(np.isfinite(C)) else None


@dataclass(frozen=True, eq=False)
class Descent:
    """(place, steps, why it stopped, whether gᵀ H⁻¹ g came within the tolerance)."""

    place: Place
    steps: tuple[Step, ...]
    stopped: str
    reached: bool


def descend(problem: Likelihood, start: Params, tolerance: float = 1e-10, iterations: int = 200) -> Descent:
    """argmin G from a start: Newton steps that at most double the farthest prediction, halved till G falls.

    Near the minimum, where G in float64 no longer tells, a step is kept while it shrinks the decrement² to a quarter;
    the last digits come so. What is left has to be within the tolerance, relative to G where that is above 1.
    """
    place = place_at(problem, start)
    steps: list[Step] = []
    step, square = newton_step(problem, place)
    for k in range(iterations):
        if not math.isfinite(square):
            return Descent(place, tuple(steps), "the information is singular", False)
        if square <= NEAR:
            trial = place_at(problem, place.w + step)
            following = newton_step(problem, trial) if math.isfinite(trial.value) else (step, math.inf)
            if following[1] < 0.25 * square:
                steps.append(Step(k, place.value, square, 1.0))
                place, (step, square) = trial, following
                continue
            if following[1] < square:
                place, square = trial, following[1]
        allowed = tolerance * max(1.0, abs(place.value))
        if square <= min(allowed, NEAR):
            steps.append(Step(k, place.value, square, 0.0))
            found = _off_the_saddle(problem, place)
            if found is None:
                return Descent(place, tuple(steps), "the decrement is within the tolerance", True)
        else:
            length, found = _shortened(problem, place, step, square)
            steps.append(Step(k, place.value, square, length))
        if found is None:
            return Descent(place, tuple(steps), "no step lowers the objective in float64", square <= allowed)
        place, (step, square) = found, newton_step(problem, found)
    return Descent(place, tuple(steps), f"{iterations} iterations were not enough", False)


def lowest(problem: Likelihood, tolerance: float = 1e-10) -> Descent:
    """argmin G over the minima reached from 0 and, where that one is weak, from beyond it: G may have several.

    Weak is a least relative curvature below a half; the other starts are 2 and 5 errors along it on either side, and
    w with the sign of each parameter turned.
    """
    found = descend(problem, np.zeros(problem.A.shape[1]), tolerance)
    if not found.reached:
        return found
    least, direction = weakest(problem, found.place)
    if least >= 0.5:
        return found
    w, steps = found.place.w, found.steps
    turned = [np.where(np.arange(len(w)) == j, -w, w) for j in range(len(w))]
    for start in [*(w + far * direction for far in (-5, -2, 2, 5)), *turned]:
        other = descend(problem, start, tolerance)
        steps += other.steps
        if other.reached and other.place.value < found.place.value - 1e-9 * max(1.0, abs(found.place.value)):
            found = other
    return replace(found, steps=steps)


def _off_the_saddle(problem: Likelihood, place: Place) -> Place | None:
    """A lower place along the most negative curvature; None where there is none, as at a minimum."""
    least, direction = weakest(problem, place)
    if least >= -1e-6:
        return None
    sides = [place_at(problem, place.w + far * direction) for far in (1.0, -1.0, 0.1, -0.1)]
    best = min(sides, key=lambda each: each.value)
    return best if best.value < place.value - 1e-10 * max(1.0, abs(place.value)) else None


def _shortened(problem: Likelihood, place: Place, step: Params, square: float) -> tuple[float, Place | None]:
    """(t, the place at w + t step) with t ≤ 1 the first of halved ones at which G falls enough; None where none is."""
    reach = float(np.abs(problem.A @ step)[problem.weight > 0].max(initial=0.0))
    longest = LONGEST + float(np.abs(place.z).max(initial=0.0))
    length = min(1.0, longest / reach) if reach else 1.0
    while length > 1e-10:
        following = place_at(problem, place.w + length * step)
        if following.value <= place.value - 1e-4 * length * square and following.value < place.value:
            return length, following
        length /= 2
    return 0.0, None
