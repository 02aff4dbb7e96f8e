"""min over the others of G(w), wⱼ = θ held, as a function of θ: where twice its rise is a given number.

Venzon & Moolgavkar (1988). r(θ) = √(2 (G(θ) − G*)) is nearly straight, and its slope is ∂G/∂wⱼ / r since the others are
at their minimum: Newton's steps on it, kept within a bracket.
"""

import math
from dataclasses import dataclass

import numpy as np

from infimum.models import Params
from infimum.solvers.modified import Likelihood, Place, descend, place_at

STEPS = 100
CLOSE = 1e-12  # of the distance from the start: a step as short ends the search
COARSE = 1e-7  # from here on a step that does not shrink is rounding
FARTHEST = 1e9  # times the first step
BELOW = 1e-6  # of 2 G: a profile so far below the lowest is not rounding


class NoProfile(ValueError):
    """min over the others of G was not found at some θ, or lies below the minimum that was to be the lowest."""


@dataclass(frozen=True, eq=False)
class Profile:
    """2 (min G − lowest) with wⱼ = θ: of a likelihood, its parameter j, and the lowest G.

    estimate is where the rise is 0: finite, ±∞ where it only falls towards there, NaN where it is 0 for every θ. start
    is a place where it is small, and step what to set out with.
    """

    problem: Likelihood
    j: int
    lowest: float
    estimate: float
    start: Place
    step: float

    def at(self, value: float, near: Place) -> tuple[float, Place]:
        """(2 (G(θ) − lowest), the place of that minimum), from a place nearby. Raises NoProfile."""
        held = self.problem.holding(self.j)
        found = descend(held, moved(held, self.j, value, near))
        rise = 2 * (found.place.value - self.lowest)
        if not found.reached or rise < -BELOW:
            raise NoProfile("a better fit lies on the way" if found.reached else found.stopped)
        return max(rise, 0.0), found.place

    def rise(self, value: float) -> float:
        """2 (G(θ) − lowest) ≥ 0 at one θ. Raises NoProfile."""
        return 0.0 if math.isnan(self.estimate) else self.at(value, self.start)[0]

    def ends(self, critical: float) -> tuple[float, float]:
        """(lower, upper) with a rise of `critical`; ∓∞ on the side where there is no rise. Raises NoProfile."""
        if math.isnan(self.estimate):
            return -math.inf, math.inf
        inside, theta = self.start, float(self.start.w[self.j])
        if math.isinf(self.estimate):
            stride = math.copysign(self.step, self.estimate)
            rise, inside = self.at(theta, inside)
            while rise >= critical:
                theta, stride = theta + stride, 2 * stride
                if abs(stride) > FARTHEST * self.step:
                    raise NoProfile("it does not fall to the level")
                rise, inside = self.at(theta, inside)
        lower = -math.inf if self.estimate == -math.inf else self.end(inside, -self.step, critical)
        return lower, math.inf if self.estimate == math.inf else self.end(inside, self.step, critical)

    def end(self, inside: Place, first: float, critical: float) -> float:
        """θ where the rise is critical, outwards from a place where it is less, with a first step. Raises NoProfile."""
        origin = float(inside.w[self.j])
        low, high, near, theta, before = origin, math.copysign(math.inf, first), inside, origin + first, math.inf
        for _ in range(STEPS):
            rise, near = self.at(theta, near)
            slope, root = float(near.slope[self.j]), math.sqrt(rise)
            low, high = (low, theta) if rise >= critical else (theta, high)
            step = (math.sqrt(critical) - root) * root / slope if slope * first > 0 and root > 0 else math.inf
            length, width = abs(step), abs(theta - origin)
            if length <= CLOSE * width or (length <= COARSE * width and length >= 0.25 * before):
                return theta + step
            before, reach = length, low - origin + first
            middle = 0.5 * (low + high) if math.isfinite(high) else low + reach
            theta = theta + step if within(theta + step, low, high, reach) else middle
            if width > FARTHEST * abs(first):
                break
        raise NoProfile("it does not reach the level")


def attained_profiles(problem: Likelihood, w: Params) -> list[Profile]:
    """(Profile of w₀, of w₁, …) of a G that has its minimum near w. Raises NoProfile where it is not reached from w."""
    found = descend(problem, w)
    if not found.reached:
        raise NoProfile(found.stopped)
    place = found.place
    root = np.sqrt(problem.weight * problem.loss.bend(place.z, problem.y))
    R = np.linalg.qr(problem.A * root[:, None], mode="r")
    deviations = np.linalg.norm(np.linalg.inv(R), axis=1)
    parts = zip(range(len(w)), place.w.tolist(), deviations.tolist(), strict=True)
    return [Profile(problem, j, place.value, estimate, place, 2 * error) for j, estimate, error in parts]


def within(theta: float, low: float, high: float, reach: float) -> bool:
    """low < θ < high in the direction of `reach`, and no farther than ten times that beyond low.

    >>> within(2.0, 1.0, np.inf, 1.0), within(-2.0, -1.0, -1.5, -1.0)
    (True, False)
    """
    sign = math.copysign(1.0, reach)
    return sign * low < sign * theta < sign * high and abs(theta - low) <= 10 * abs(reach)


def moved(problem: Likelihood, j: int, value: float, near: Place) -> Params:
    """w with wⱼ = θ, the free parameters along the line where the expected slope stays 0, or as they were if better."""
    w, free = near.w.copy(), problem.moving
    shift, w[j] = value - w[j], value
    root = np.sqrt(problem.weight * problem.loss.bend(near.z, problem.y))
    if not len(free) or not np.all(np.isfinite(root)):
        return w
    rows, straight = problem.A * root[:, None], w.copy()
    straight[free] -= shift * np.linalg.lstsq(rows[:, free], rows[:, j], rcond=1e-12)[0]
    return straight if place_at(problem, straight).value <= place_at(problem, w).value else w
