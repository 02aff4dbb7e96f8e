"""p ↦ c(p), close to P(y = 1 | p): probabilities made to mean what they say, on rows the model has not seen.

Temperature scaling has one parameter and keeps the order of classes; isotonic calibration has as many as the rows ask
for and keeps the order of rows. How well probabilities are calibrated is measured in `reliability.py`.
"""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

LARGEST = 1e150
SPREAD = 2.0  # of log β before any row is seen: most scores are within a factor of 50 of what they should be
CLOSE = 1e-9  # of the gap of a posterior mode, in rows
NOISE = 1e-14  # rounding of F′, where no |difference of scores| exceeds 1


@dataclass(frozen=True)
class Temperature:
    """p_k = exp(β z_k) / Σⱼ exp(β zⱼ), β = 1/T ≥ 0, with mean log-loss(β) − min over β ≥ 0 ≤ gap.

    `attained` is False where every row's own class has the highest score: the infimum then lies at β = ∞, and β is a
    posterior's mode, gap that of its objective (`temperature_scaling`). β = 0: scores that say nothing of the classes.
    """

    inverse: float
    gap: float
    attained: bool = True

    def scores(self, z: np.ndarray) -> np.ndarray:
        """β z: log-odds (n,) or scores (n, K), for the logistic function or the softmax."""
        return self.inverse * np.asarray(z, dtype=float)


def temperature_scaling(z: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Temperature:
    """β = argmin_{β ≥ 0} Σ sᵢ (log Σₖ exp(β zᵢₖ) − β zᵢ,yᵢ) / Σ s: one convex problem in one number, by Newton.

    z is (n, K), or (n,) log-odds of class 1 of two; y (n,) codes 0 … K − 1; weight (n,) ≥ 0 or None. Guo, Pleiss, Sun &
    Weinberger (2017). Where every own class has the highest score no minimum is attained; β is then the mode of the
    posterior with log β ~ N(0, 2²): β = argmin mean log-loss(β) + (log β)² / 8n, n the rows of some weight.
    Raises ValueError for shapes, codes or values that do not fit.

    >>> temperature_scaling(np.array([2.0, 2.0, 2.0, -2.0]), np.array([1, 1, 0, 0])).inverse  # ½ log 3
    0.5493
    """
    difference, share = _differences(z, y, weight)
    scale = float(np.abs(difference).max(initial=0.0))
    if scale == 0:
        return Temperature(1.0, 0.0)
    if not np.any(difference[share > 0] > 0):
        theta, gap = _posterior_mode(difference[share > 0], share[share > 0])
        return Temperature(math.exp(theta), gap, attained=False)
    d = difference / scale

    def slopes(beta: float) -> tuple[float, float]:
        e = np.exp(beta * d - (beta * d).max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        mean = (p * d).sum(axis=1)
        return math.fsum(share * mean), math.fsum(share * (p * (d - mean[:, None]) ** 2).sum(axis=1))

    beta, gap = _nonnegative_root(slopes)
    return Temperature(beta / scale, gap)


def _posterior_mode(d: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    """(θ, gap): θ = log β of the least G(θ) = L(e^θ) + θ² / 2σ²n, L the mean log-loss, all differences d (n, K) ≤ 0.

    L falls, so θ ≥ 0, and the prior alone is above G(0) from σ √(2n L(1)) on. Between a and b L is above its tangent at
    e^b, and θ² above its own at a; their sum is concave in θ: its lower end bounds G, and intervals are halved till all
    bounds are within the gap of the lowest G (branch and bound).
    """
    unit = 1 / (2 * SPREAD**2 * len(d))

    def at(theta: float) -> tuple[float, float, float, float]:
        spread = logsumexp(math.exp(theta) * d, axis=1)
        slope = (np.exp(math.exp(theta) * d - spread[:, None]) * d).sum(axis=1)
        loss = float(share @ spread)
        return theta, loss, float(share @ slope), loss + unit * theta**2

    def bound(low: tuple[float, ...], high: tuple[float, ...]) -> float:
        (a, _, _, _), (b, loss, slope, _) = low, high
        ends = loss + slope * (math.exp(a) - math.exp(b)) + unit * a**2, loss + unit * (2 * a * b - a**2)
        return min(ends)

    first = at(0.0)
    largest = -float(d.min())
    last = at(min(SPREAD * math.sqrt(2 * len(d) * first[1]), math.log(LARGEST**2 / largest)))  # β d stays a number
    best = min(first, last, key=lambda each: each[3])
    waiting = [(bound(first, last), first, last)]
    for _ in range(2000):
        lowest, low, high = waiting[0]
        if best[3] - lowest <= CLOSE / len(d):
            break
        middle = at((low[0] + high[0]) / 2)
        best = min(best, middle, key=lambda each: each[3])
        heapq.heapreplace(waiting, (bound(low, middle), low, middle))
        heapq.heappush(waiting, (bound(middle, high), middle, high))
    return best[0], max(best[3] - waiting[0][0], 0.0) + NOISE * best[3]


def _differences(z: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """(zᵢₖ − zᵢ,yᵢ, s / Σ s), (n, K) and (n,): the loss is a function of differences, so nothing cancels."""
    z, y = np.asarray(z, dtype=float), np.asarray(y)
    z = np.column_stack([np.zeros(len(z)), z]) if z.ndim == 1 else z
    if z.ndim != 2 or y.shape != (len(z),) or not len(z):
        raise ValueError(f"z has shape {z.shape} and y {y.shape}; expected (n,) or (n, K), and (n,), n ≥ 1")
    if not np.all(np.abs(z) <= LARGEST):
        raise ValueError(f"z holds values that are not finite or beyond {LARGEST:g}; expected log-odds or scores")
    if not np.all((y >= 0) & (y < z.shape[1]) & (y == np.floor(y))):
        raise ValueError(f"y holds other values than the codes 0 … {z.shape[1] - 1} of the {z.shape[1]} classes of z")
    share = _shares(weight, len(z))
    return z - z[np.arange(len(z)), y.astype(int)][:, None], share


def _shares(weight: np.ndarray | None, n: int) -> np.ndarray:
    weight = np.ones(n) if weight is None else np.asarray(weight, dtype=float)
    if weight.shape != (n,) or not np.all(weight >= 0) or not 0 < weight.sum() < math.inf:
        raise ValueError(f"weight has shape {weight.shape}; expected ({n},), finite, ≥ 0 and some > 0")
    return weight / weight.sum()


def _nonnegative_root(slopes: Callable[[float], tuple[float, float]]) -> tuple[float, float]:
    """(β, gap) with F′(β) = 0, or (0, 0) where F′(0) ≥ 0: Newton, kept inside a bracket of the root by halving.

    gap ≥ F(β) − min F: by convexity at most |F′(β)| times the width of an interval on whose ends F′ has both signs,
    each beyond the rounding of F′.
    """
    if slopes(0.0)[0] >= 0:
        return 0.0, 0.0
    low, high, beta = 0.0, math.inf, 1.0
    for _ in range(300):
        slope, curvature = slopes(beta)
        low, high = (beta, high) if slope <= 0 else (low, beta)
        newton = beta - slope / curvature if curvature > 0 else math.nan
        halved = 2 * beta if math.isinf(high) else (low + high) / 2
        following = newton if low < newton < high else halved
        if slope == 0 or abs(newton - beta) <= 2**-52 * beta or high - low <= 2**-51 * beta:
            break
        beta = following
    for width in (1e-12, 1e-9, 1e-6, 1e-3, 0.5):
        if slopes(beta * (1 - width))[0] <= -NOISE and slopes(beta * (1 + width))[0] >= NOISE:
            return beta, (abs(slopes(beta)[0]) + NOISE) * width * beta
    return beta, math.inf


@dataclass(frozen=True, eq=False)
class Isotonic:
    """x ↦ v(x), nondecreasing: `value` (b,) at the points `x` (b,), linear between them, constant beyond the ends."""

    x: np.ndarray
    value: np.ndarray

    def at(self, x: np.ndarray) -> np.ndarray:
        """v(x), of the shape of x."""
        return np.interp(x, self.x, self.value)


def isotonic_regression(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Isotonic:
    """v = argmin {Σ sᵢ (yᵢ − v(xᵢ))² : v nondecreasing}, by pooling adjacent violators (Ayer et al. 1955).

    x, y (n,), weight (n,) ≥ 0 or None. Rows with equal x get one value. For y of 0 and 1 the same v minimises every
    proper score (Brümmer & du Preez 2013). Raises ValueError for shapes that do not fit or values that are not finite.

    >>> isotonic_regression(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])).value
    array([1. , 2.5, 2.5])
    """
    from infimum.kernels.pooling import pool_adjacent_violators

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 1 or x.shape != y.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(f"x has shape {x.shape} and y {y.shape}; expected finite numbers, (n,) each")
    share = _shares(weight, len(x))
    points, place = np.unique(x[share > 0], return_inverse=True)
    s = (np.ones(len(x)) if weight is None else np.asarray(weight, dtype=float))[share > 0]
    mass = np.bincount(place, weights=s)
    mean = np.bincount(place, weights=s * y[share > 0]) / mass
    return Isotonic(points, pool_adjacent_violators(mean, mass))


@dataclass(frozen=True, eq=False)
class Calibrated:
    """x ↦ c(x): v(x) of `isotonic`; where it is nearer 0 or 1 than `limits`, what `temperature` says, if that is too.

    Of classes that the scores part without an error v is any step between them, and c is `temperature` alone.
    """

    isotonic: Isotonic
    limits: tuple[float, float]
    temperature: Temperature

    def at(self, x: np.ndarray) -> np.ndarray:
        """c(x), of the shape of the log-odds x: the middle one of v(x) and two that rise with x, so it rises too."""
        expected = expit(self.temperature.scores(x))
        if not self.temperature.attained:
            return np.asarray(expected)
        low, high = np.minimum(self.limits[0], expected), np.maximum(self.limits[1], expected)
        return np.asarray(np.clip(self.isotonic.at(x), low, high))


def isotonic_calibration(x: np.ndarray, y: np.ndarray, prior: float = 0.5) -> Calibrated:
    """c(x) = v(x) of `isotonic_regression`, from log-odds x (n,) and y (n,) of 0 and 1 (Zadrozny & Elkan 2002).

    n rows cannot tell "never" from "less than once": counts tell v ∈ [π, n + π] / (n + 1), with one row more, of which
    a share π, that of class 1, is 1; one row would else cost an infinite log-loss. Beyond, `temperature_scaling` tells,
    whose one number all rows have settled. prior is the share of class 1 in one row before the n: π = (Σ y + prior) /
    (n + 1). Raises ValueError as `isotonic_regression`, for other y, and unless 0 < prior < 1.

    >>> isotonic_calibration(np.array([-2.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0])).at(np.array([-2.0, 1.5]))
    array([0.0938, 0.5   ])
    """
    if not np.all((np.asarray(y) == 0) | (np.asarray(y) == 1)) or not 0 < prior < 1:
        raise ValueError(f"y holds other values than 0 and 1, or prior = {prior!r} is not between 0 and 1")
    found, n = isotonic_regression(x, y), len(y)
    share = (float(np.sum(y)) + prior) / (n + 1)
    limits = share / (n + 1), (n + share) / (n + 1)
    return Calibrated(found, limits, temperature_scaling(x, y))


def isotonic_classes(z: np.ndarray, y: np.ndarray) -> tuple[Calibrated, ...]:
    """(c₁, …, c_K): `isotonic_calibration` of each class against the rest, prior 1/K, from scores z and codes y (n,).

    z (n, K), p = softmax(z): log-odds of class k are z_k − log Σ_{j ≠ k} exp zⱼ. Zadrozny & Elkan (2002). Raises
    ValueError as `isotonic_calibration`.

    >>> len(isotonic_classes(np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([1, 0])))
    2
    """
    columns = against_the_rest(z).T
    return tuple(isotonic_calibration(each, np.asarray(y) == k, 1 / len(columns)) for k, each in enumerate(columns))


def calibrated_classes(maps: Sequence[Calibrated], z: np.ndarray) -> np.ndarray:
    """c_k(z_k) / Σⱼ cⱼ(zⱼ), (n, K): the classes' own maps, made to add up to 1.

    >>> maps = isotonic_classes(np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([1, 0]))
    >>> calibrated_classes(maps, np.array([[0.5, 0.5]]))
    array([[0.5, 0.5]])
    """
    found = np.column_stack([each.at(column) for each, column in zip(maps, against_the_rest(z).T, strict=True)])
    return found / found.sum(axis=1, keepdims=True)


def against_the_rest(z: np.ndarray) -> np.ndarray:
    """z_k − log Σ_{j ≠ k} exp zⱼ, (n, K): the log-odds of each class.

    >>> against_the_rest(np.log([[0.2, 0.3, 0.5]]))[:, :2]  # log(0.2 / 0.8), log(0.3 / 0.7)
    array([[-1.3863, -0.8473]])
    """
    z = np.asarray(z, dtype=float)
    others = [logsumexp(np.delete(z, k, axis=1), axis=1) for k in range(z.shape[1])]
    return z - np.column_stack(others)
