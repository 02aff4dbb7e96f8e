"""What the tests of gaps share: problems with a minimum, the places at which a bound has to hold, ratios on the way."""

import numpy as np

from infimum.certificates.decrement import decrement_at
from infimum.certificates.point import point_at
from infimum.solvers.newton import descend
from infimum.solvers.prox_newton import prox_newton


def attained(rng, count, draw, best):
    """[(objective, solution, best(objective, params))], count of them, each with a minimum that is attained."""
    out = []
    while len(out) < count:
        objective = draw(rng)
        solution = prox_newton(objective)
        if solution.certificate.claim("separation") is None:
            out.append((objective, solution, best(objective, solution.params)))
    return out


def places(w, rng):
    """(w, w with every entry nudged by a part from 1e-9 to 0.1, 0)."""
    nudged = w * (1 + 10.0 ** rng.uniform(-9, -1) * rng.normal(size=len(w)))
    return w, nudged, np.zeros_like(w)


def ratios_on_the_way_down(problems, value):
    """bound / true gap at the iterates of prox-Newton whose true gap is 1e-2 to 1e-8 of F(null) − F*."""
    out = []
    for objective, _, best in problems:
        null = objective.null_value()
        for k in range(1, 12):
            w, steps, _ = descend(objective, None, 1e-13, k)
            gap = (value(objective, w) - best) / (null - best)
            if 1e-8 <= gap <= 1e-2:
                bound = decrement_at(point_at(objective, w)).gap
                out.append(float(bound / float(null - best) / gap) if np.isfinite(bound) else np.inf)
            if len(steps) < k:
                break
    return out
