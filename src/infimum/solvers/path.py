"""b(λ) = argmin ½ bᵀG b − cᵀb + Ω_λ(b) for each strength λ of a path: the lasso and elastic net on normal equations.

Between two knots of the path b(λ) is linear, and solved by one factorisation once its signs are known. So each b(λ) is
sought from its neighbour's signs: a Newton step on the face of these signs, entries that would change sign put to 0,
entries whose slope exceeds the l1 strength taken in (a primal-dual active set, Hintermüller, Ito & Kunisch 2002). Such
steps may cycle; here one is taken only while it lowers the objective, and passes of coordinate descent (Friedman,
Hastie & Tibshirani 2010) take over where none does, so that the objective falls till no entry lacks anything.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float
from scipy.linalg.lapack import dpotrf, dpotrs

from infimum.certificates.certify import certify
from infimum.certificates.rounding import UNIT
from infimum.kernels.coordinate import coordinate_descent
from infimum.models import Params
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.inverse import inverse_of
from infimum.solvers.polish import polish
from infimum.solvers.prox_newton import prox_newton

ROUNDS = 200  # of faces and checks of all columns
FACES = 30  # on one set of columns
PASSES = 10  # of coordinate descent between two faces
PIVOT = 1e-13  # of a diagonal entry: what is left of it in a factor that is trusted
SINGULAR = 1e-7  # of the slope: what a step on a face may leave of it
EXACT = 1e-11  # of |xⱼ| |y|: a slope that lacks no more counts as 0


class Normal(Protocol):
    """½ bᵀG b − cᵀb: what a path asks of its normal equations."""

    @property
    def c(self) -> Params:
        """Σ s̃ᵢ x̃ᵢ ỹᵢ, (p,)."""

    @property
    def yy(self) -> float:
        """Σ s̃ᵢ ỹᵢ²."""

    @property
    def diagonal(self) -> Params:
        """Gⱼⱼ, (p,)."""

    def block(self, these: np.ndarray, those: np.ndarray) -> Float[np.ndarray, "q r"]:
        """Gⱼₖ, j among these, k among those."""

    def slope(self, b: Params) -> Params:
        """c − G b, (p,)."""


@dataclass(frozen=True)
class Held:
    """(columns, place, G): the part of G that was looked at, (q,) and (q, q); place (p,) of a column in it, or −1."""

    columns: np.ndarray
    place: np.ndarray
    G: Float[np.ndarray, "q q"]

    def with_columns(self, normal: Normal, wanted: np.ndarray) -> "Held":
        """Those of this part and the wanted ones."""
        new = wanted[self.place[wanted] < 0]
        if not len(new):
            return self
        beside, own = normal.block(self.columns, new), normal.block(new, new)
        place, columns = self.place.copy(), np.concatenate([self.columns, new])
        place[new] = np.arange(len(self.columns), len(columns))
        return Held(columns, place, np.block([[self.G, beside], [beside.T, own]]))

    def among(self, wanted: np.ndarray) -> Float[np.ndarray, "q q"]:
        """G among the wanted columns, all of which are held."""
        at = self.place[wanted]
        return np.asarray(self.G.take(at, axis=0).take(at, axis=1))


def path(
    normal: Normal, strengths: list[ElasticNet], start: Params | None = None
) -> tuple[Float[np.ndarray, "K p"], np.ndarray]:
    """(b of each strength (K, p), what its worst slope lacks (K,), a share of |xⱼ| |y|), each begun at the one before.

    Strengths hold one number a column; they should fall, for it is then that signs last.

    >>> from infimum.solvers.moments import Gram
    >>> normal = Gram(np.eye(2), np.array([3.0, -2.0]), 14.0, np.zeros(3))
    >>> path(normal, [ElasticNet(np.full(2, l1), np.zeros(2)) for l1 in (2.5, 1.0)])[0].tolist()
    [[0.5, 0.0], [2.0, -1.0]]
    """
    b = np.zeros(len(normal.c)) if start is None else start.copy()
    size = np.sqrt(np.maximum(normal.diagonal, 0.0))
    held = Held(np.zeros(0, dtype=int), np.full(len(b), -1), np.zeros((0, 0)))
    found, lacking = np.empty((len(strengths), len(b))), np.empty(len(strengths))
    for k, penalty in enumerate(strengths):
        b, lacking[k], held = _settled(normal, penalty, b, (size, held))
        found[k] = b
    return found, lacking


def refined(objective: LikelihoodObjective, start: Params, tolerance: float) -> Solution:
    """argmin F from a start that is all but there, as the end of a path is: its last digits, and its certificate.

    Where that does not prove the gap within tolerance, `prox_newton` goes on.
    """
    polished = polish(objective, start)
    w, value = polished.known.point.w, polished.known.point.value
    certificate = certify(objective, w, "path", 1, tolerance, polished.known)
    gap = certificate.claim("gap")
    if gap is None or gap.verdict != "CERTIFIED" or not gap.holds(tolerance):
        return prox_newton(objective, w, tolerance=tolerance)
    stopped = f"at the end of a path on the normal equations, refined {polished.rounds} times"
    return Solution(w, certificate, Trace((Step(1, value, gap.bound, 1.0),), stopped), value)


def measured_gap(normal: Normal, penalty: ElasticNet, b: Params) -> float:
    """P(b) − D(τ r) ≥ P(b) − inf P, in float64: D(τ r) = τ yᵀr − ½ τ² rᵀr − Ω*(τ Xᵀr), τ ≤ 1 such that Ω* is finite.

    Measured, not proved: its own rounding, about u yy, is not allowed for.
    """
    q = normal.slope(b)
    along = normal.yy - float(normal.c @ b)
    square = along - float(b @ q)
    capped = (penalty.l2 == 0) & ((q > 0) | np.isneginf(penalty.lower)) & (np.abs(q) > penalty.l1)
    tau = float(np.min(penalty.l1[capped] / np.abs(q[capped]), initial=1.0)) * (1 - 4 * UNIT)
    dual = tau * along - 0.5 * tau**2 * square - penalty.conjugate(tau * q)
    return max(0.5 * square + penalty.value(b) - dual, 0.0)


def _settled(normal: Normal, penalty: ElasticNet, b: Params, known: tuple[Params, Held]) -> tuple[Params, float, Held]:
    """(b, what its worst slope lacks, what of G was looked at): the minimum for one strength, begun at b."""
    size, held = known
    parts = np.stack(
        [np.broadcast_to(part, b.shape) for part in (penalty.l1, penalty.l2, penalty.lower, penalty.upper)]
    )
    length = float(np.sqrt(normal.yy))
    worst = 0.0
    for _ in range(ROUNDS):
        slope = -normal.slope(b)
        exact = max(EXACT * length, 64 * UNIT * float(size @ np.abs(b)))
        lacks = np.abs(penalty.residual(b, slope))
        wanting = lacks > exact * size
        worst = float(np.max(np.divide(lacks, size * length, where=wanting, out=np.zeros(len(b))), initial=0.0))
        if not wanting.any():
            break
        chosen = np.flatnonzero((b != 0) | wanting)
        held = held.with_columns(normal, chosen)
        b = b.copy()
        b[chosen] = _on_faces(held.among(chosen), slope[chosen], b[chosen], parts[:, chosen])
    return b, worst, held


def _on_faces(H: Float[np.ndarray, "q q"], g: Params, v: Params, parts: Float[np.ndarray, "4 q"]) -> Params:
    """v, moved to the minimum of gᵀ(w − v) + ½ (w − v)ᵀH(w − v) + Ω(w) over a face on which it has one inside."""
    l1, l2, lower, upper = parts
    signed = (l1 > 0) | np.isfinite(lower) | np.isfinite(upper)
    free = np.arange(len(v))
    for _ in range(FACES):
        if not len(free):
            return np.asarray(coordinate_descent(H, g, v, np.ascontiguousarray(parts), 0.0, PASSES)[0])
        slope = g + l2 * v
        sign = np.where(v != 0, np.sign(v), -np.sign(slope))
        B = H if len(free) == len(v) else H[np.ix_(free, free)]
        B = B + np.diag(l2[free]) if l2.any() else B
        pull = slope + l1 * sign
        step, level = _face_step(B, pull[free], v[free], (sign * signed)[free])
        fewer = _one_new(free, v, np.abs(pull), step) if level else free
        if len(fewer) < len(free):
            free = fewer
            continue
        target, turning = v.copy(), np.zeros(len(v), dtype=bool)
        target[free] += step
        turning[free] = signed[free] & (target[free] * sign[free] <= 0)
        target[turning] = 0.0
        change = target - v
        pulled = H @ change
        gain = slope @ change + 0.5 * (change @ pulled + l2 @ change**2) + l1 @ (np.abs(target) - np.abs(v))
        inside = not level and not turning.any()
        if not inside and not gain < 0:
            target, _ = coordinate_descent(H, g, v, np.ascontiguousarray(parts), 0.0, PASSES)
            pulled = H @ (target - v)
        v, g = target, g + pulled
        free = np.flatnonzero((v != 0) | ~signed)
        if inside:
            break
    return v


def _one_new(free: np.ndarray, v: Params, pull: Params, step: Params) -> np.ndarray:
    """free with only the worst of its entries that are 0; without that too, if the step is none.

    A face is singular where too many columns were taken in at once: one at a time changes places with one that goes.
    """
    new = free[v[free] == 0]
    kept = new[np.argsort(-pull[new], kind="stable")[: 1 if len(new) > 1 else int(step.any())]]
    return np.sort(np.concatenate([free[v[free] != 0], kept]))


def _face_step(B: Float[np.ndarray, "q q"], slope: Params, v: Params, sign: Params) -> tuple[Params, bool]:
    """(step, level): to where B step = −slope; where B is singular and there is no such point, along a level line.

    On such a line the quadratic does not bend: F falls till the first entry that has a sign (0: none) is 0.
    """
    step = -_solved(B, slope)
    left = -slope - B @ step
    if float(np.abs(left).max()) <= SINGULAR * float(np.abs(slope).max()):
        return step, False
    falling = left * sign < 0
    if not falling.any():
        return step, True
    shares = np.abs(v[falling] / left[falling])
    first = int(np.argmin(shares))
    step = left * shares[first]
    step[np.flatnonzero(falling)[first]] = -v[falling][first]
    return step, True


def _solved(B: Float[np.ndarray, "q q"], right: Params) -> Params:
    """B⁻¹ right by Cholesky's factor; by `inverse_of` where B is near singular."""
    factor, info = dpotrf(B, lower=1, clean=0)
    if info == 0 and np.min(np.diag(factor) ** 2 / np.diag(B)) > PIVOT:
        return np.asarray(dpotrs(factor, right, lower=1)[0])
    return np.asarray(inverse_of(B)(right))
