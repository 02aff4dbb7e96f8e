"""z = A w + c,  u = s̃ ℓ′(z),  g = Aᵀ u,  s ∈ g + ∂Ω(w): an affine problem at one point, with rounding bounds.

With m outputs a row, z and u are (n, m), w and g stand for matrices (P, m) row by row, and ℓ″ is (n, m, m).

Each array `x` comes with `x_error`, entry by entry ≥ |computed − exact|. Predictions and gradients are accumulated
in twice the working precision, so the errors are those of one rounding and of evaluating ℓ′.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from infimum.certificates.rounding import TINY, UNIT, gamma
from infimum.kernels.bordered import Table, dense
from infimum.kernels.compensated import product_of, products_lost, pull_of, sum_of
from infimum.kernels.parts import over_rows
from infimum.losses import Loss, Units
from infimum.models import Params, Rows
from infimum.models.polynomial import two_sum
from infimum.objective import LikelihoodObjective, counted, weighted
from infimum.penalties.elastic_net import ElasticNet

WEIGHING = 2  # roundings of each s̃ᵢ = sᵢ / Σ s, beside those that all have in common


@dataclass(frozen=True)
class Point:
    """(A, z, u, d, g, s) at w: J = A (n, P), u = s̃ ℓ′(z), d = s̃ ℓ″(z), g = Aᵀu, s the smallest element of g + ∂Ω(w)."""

    objective: LikelihoodObjective
    w: Params
    table: Table  # A, its column of ones perhaps not written
    z: Rows
    z_error: Rows  # beyond the half unit that rounding z to float64 costs
    terms: Rows  # s̃ ℓ(z), (n,)
    u: Rows
    u_error: Rows
    d: Rows
    d_error: float  # relative
    g: Params
    g_error: Params
    steep: Params  # |A|ᵀ|u|: what g would be if no row cancelled another
    s: Params
    s_error: Params

    @property
    def A(self) -> Float[np.ndarray, "n P"]:
        """J, written out."""
        return dense(self.table)

    @cached_property
    def value(self) -> float:
        """F(w), from predictions that were accumulated in twice the working precision."""
        return sum_of(self.terms) + self.penalty.value(self.w)

    @property
    def penalty(self) -> ElasticNet:
        return self.objective.penalty

    @property
    def outputs(self) -> int:
        """m = p / P."""
        return self.objective.loss.outputs


def point_at(objective: LikelihoodObjective, w: Params) -> Point:
    """z = A w + c and all that follows from it at w, for a model that is affine in its parameters.

    Raises ValueError for a model that is not.
    """
    if not objective.model.affine:
        name = type(objective.model).__name__
        raise ValueError(f"{name} is not affine in its parameters: no convex problem to speak of")
    loss, weight = objective.loss, objective.weight
    A = objective.model.table()
    n, P = A.shape
    m = loss.outputs
    W = w.reshape(P, m) if m > 1 else w
    found = product_of(A, np.ascontiguousarray(W, dtype=float), objective.origin)
    z, lost, reach = (counted(part, weight) for part in found)
    off = objective.model.lost  # what J lost to rounding: a unit of its entries
    if off is not None:
        z, lost = two_sum(z, lost + counted(off @ W, weight))
    parts = over_rows(lambda a, b: _rows_at(objective, slice(a, b), (z[a:b], lost[a:b], reach[a:b]), P), n, P)
    z_error, terms, u, u_error, d = (np.concatenate(each) for each in zip(*(part[0] for part in parts), strict=True))
    drift = max(part[1] for part in parts)
    low, doubt = slope_lost(objective, (z, lost), (z_error, u_error))
    with np.errstate(over="ignore", invalid="ignore"):  # where ℓ overflows nothing is proved
        g, steep, doubts = pull_of(A, u, low, doubt)
        g = g if off is None else g + off.T @ u
        g_error = 2 * UNIT * np.abs(g) + 2 * gamma(n + 2) ** 2 * steep + doubts * (1 + gamma(n + 2)) + TINY
    penalty = objective.penalty
    s = penalty.residual(w, g)
    s_error = g_error + 4 * UNIT * (np.abs(g) + penalty.l2 * np.abs(w) + penalty.l1)
    d_error = (1 + (m > 1)) * loss.roundings * UNIT + drift
    return Point(objective, w, A, z, z_error, terms, u, u_error, d, d_error, g, g_error, steep, s, s_error)


def _rows_at(objective: LikelihoodObjective, rows: slice, predicted: tuple[Rows, Rows, Rows], width: int) -> Any:
    """((z_error, s̃ ℓ, u, u_error, d), drift) of some rows, predicted as they are; drift is of the logarithm of ℓ″.

    predicted is (z, what z lost to rounding, |A||w|); width the number P of products that each prediction adds up.
    """
    loss, y, weight = objective.loss, objective.y[rows], objective.weight[rows]
    units = (2 * gamma(width + 2) ** 2, UNIT**2, (loss.roundings + 4) * UNIT, TINY)
    return loss.rows_at(predicted, (y, weight), units) or rows_in_numpy(loss, predicted, (y, weight), units)


def rows_in_numpy(loss: Loss, predicted: tuple[Rows, Rows, Rows], data: tuple[Rows, Rows], units: Units) -> Any:
    """The same for any loss; units are those of |A||w|, of z, of the terms of ℓ′, and what underflow may cost."""
    (z, lost, reach), (y, weight), one = predicted, data, loss.outputs == 1
    z_error = units[0] * reach + units[1] * np.abs(z) + units[3]
    z_error = counted(z_error + loss.rounding(z), weight)
    with np.errstate(over="ignore", invalid="ignore"):
        value, (slope, bend, terms) = loss.values(z, y), loss.terms(z, y)  # slope and terms as the checker has them
        moved = bend * lost if one else loss.curvature(z, y, lost)
        u = weighted(weight, slope + moved)  # ℓ′(z + lost), to first order: the next is ~ u² z²
        drift = np.exp(loss.drift(z_error + np.abs(lost))) - 1  # |log ℓ″(z + δ) − log ℓ″(z)| ≤ M |δ|
        spread = weighted(drift, np.abs(lost)) + z_error
        shift = bend * spread if one else loss.shift(z, y, spread)
        moved = weighted((1 + drift) ** 2, shift)
        u_error = weighted(weight, moved + units[2] * terms) + units[3]
    return (z_error, weight * value, u, u_error, weighted(weight, bend)), float(drift.max(initial=0.0))


def slope_lost(
    objective: LikelihoodObjective, z: tuple[Rows, Rows], errors: tuple[Rows, Rows]
) -> tuple[Rows | None, Rows]:
    """(s̃ ℓ′ − u, what that may be off by): what u lost to rounding, where the loss knows it; else (None, u_error).

    z is (high, low), and `errors` are those of z, within which the slope may move, and of u.
    """
    (high, lost), (z_error, u_error), loss, y = z, errors, objective.loss, objective.y
    low = loss.gradient_lost(high, y, lost)
    if low is None:
        return None, u_error
    slope, weight = loss.gradient(high, y) + lost, objective.weight
    doubt = weight * (z_error + 8 * UNIT**2 * (np.abs(slope) + np.abs(lost)))  # ℓ″ ≤ 1 where ℓ′ is known so
    if objective.uneven:
        doubt += WEIGHING * UNIT * weight * np.abs(slope)
    return products_lost(weight, slope) + weight * low, doubt + TINY


def objective_above(point: Point) -> float:
    """F(w), rounded up: no smaller than the exact value at w."""
    return point.value * (1 + 4 * UNIT) + objective_slack(point)


def objective_slack(point: Point) -> float:
    """What rounding may have done to the terms of F(w), whose sum is as exact as may be; +∞ where ℓ overflows.

    The prediction is off by δ ≤ u|z| + z_error and by what evaluating ℓ rounds in its argument, which costs at most
    |ℓ′| δ + ½ sup ℓ″ δ² a row; where ℓ″ has no bound, sup ℓ″ ≤ ℓ″(z) exp(M δ) on the way.
    """
    objective = point.objective
    loss = objective.loss
    terms, error = point.terms, loss.roundings * UNIT
    if not (np.all(np.isfinite(terms)) and np.all(np.isfinite(point.u_error))):
        return math.inf
    off = UNIT * np.abs(point.z) + point.z_error + error * loss.argument_terms(point.z, objective.y)
    if math.isfinite(loss.curvature_bound):
        curved = 0.5 * loss.curvature_bound * weighted(objective.weight, off**2)
    else:
        curved = 0.5 * point.d * (1 + point.d_error) * np.exp(loss.self_concordance * off) * off**2
    slack = float(np.sum((np.abs(point.u) + point.u_error) * off + curved))
    own = 2 * error * sum_of(terms) + gamma(len(point.w) + 4) * objective.penalty.value(point.w)
    return own + slack * (1 + gamma(len(terms) + 4)) + TINY
