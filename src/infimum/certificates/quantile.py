"""Claims of quantile regression: the gap, how far the minimiser is, and whether it is the only one."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.gap import GAP_TOLERANCE
from infimum.certificates.identification import dependent_columns, identification_claim
from infimum.certificates.point import Point, point_at
from infimum.certificates.polyhedral import Polyhedral
from infimum.certificates.rounding import UNIT, ceiling
from infimum.certificates.vertex import Evidence, Vertex
from infimum.losses.pinball import Pinball
from infimum.losses.squared import Squared
from infimum.models import Model, Params, Rows
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet

APART = 1e3  # times its rounding, by which a residual tells another vertex from this one


@dataclass(frozen=True)
class QuantileObjective:
    """F(w) = Σᵢ s̃ᵢ ρ_q(yᵢ − zᵢ) + Σⱼ l1ⱼ |wⱼ|, z = model(w) affine: ρ_q the pinball loss, s̃ (n,) = s / Σ s.

    >>> import numpy as np
    >>> from infimum.models.linear import Linear
    >>> F = QuantileObjective(Linear(np.eye(2)), Pinball(0.5), np.zeros(3), np.array([1.0, 3.0]), np.full(2, 0.5))
    >>> F.value(np.array([0.0, 0.0, 1.0]))
    0.5
    """

    model: Model
    loss: Pinball
    l1: Params
    y: Rows
    weight: Rows

    def value(self, w: Params) -> float:
        """F(w), its residuals in twice the working precision."""
        problem = self.polyhedral()
        return math.ldexp(problem.value(np.ldexp(w, -problem.shift)), problem.unit)

    def polyhedral(self) -> Polyhedral:
        """F as Σᵢ max(lowerᵢ rᵢ, upperᵢ rᵢ), in units that are powers of two."""
        A = self.model.jacobian(np.zeros(self.model.layout.size))
        return Polyhedral.of(A, self.y, self.weight, self.loss.quantile, self.l1)

    def null_value(self) -> float:
        """F(null): at the best constant prediction, or at z = 0 without an intercept."""
        if self.model.layout.free.any():
            return self.loss.null(self.y, self.weight)
        return math.fsum(self.weight * self.loss.value(np.zeros(self.y.shape), self.y))

    def columns(self) -> Point:
        """The columns of A as a point of least squares: what rank and relations are asked of."""
        plain = LikelihoodObjective.of(self.model, Squared(), ElasticNet(), self.y, self.weight)
        return point_at(plain, np.zeros(self.model.layout.size))


@dataclass(frozen=True, eq=False)
class Corner:
    """(w, vertex, evidence): w (p,) on the columns that were kept, (P,); vertex and evidence are None if unproved."""

    problem: Polyhedral
    kept: Bool[np.ndarray, " P"]
    w: Params
    vertex: Vertex | None
    evidence: Evidence | None
    relations: np.ndarray  # (P − p, P) of dropped columns to kept ones
    exact: bool  # whether the relations hold exactly

    def params(self) -> Params:
        """w in the units of the data, (P,), 0 for columns that were dropped."""
        w = np.zeros(len(self.kept))
        w[self.kept] = np.ldexp(self.w, self.problem.shift)
        return w


def relations_of(point: Point) -> tuple[np.ndarray, bool]:
    """(R, exact): a row of R (P − p, P) for each dependent column, A Rᵀ = 0."""
    order = np.roll(np.arange(len(point.w)), 1)  # an intercept comes first, and is kept
    _, found, exact = dependent_columns(replace(point, table=np.ascontiguousarray(point.A[:, order])))
    relations = np.zeros_like(found)
    relations[:, order] = found
    return relations, exact


def quantile_claims(objective: QuantileObjective, corner: Corner) -> tuple[Claim, ...]:
    """{gap, parameters, identification} at a corner, each with its proof or the reason why there is none."""
    names = objective.model.layout.entries
    return gap_claim(objective, corner), parameters_claim(corner, names), uniqueness_claim(objective, corner)


def gap_claim(objective: QuantileObjective, corner: Corner) -> Claim:
    """F(w) − inf F ≤ bound: by the dual point of the vertex, or F(w) itself since F ≥ 0; scale F(null) − F(w).

    Where the fit is the null model the scale is F(null), or a millionth of the mean |y| where y is constant.
    """
    unit, evidence = corner.problem.unit, corner.evidence
    above = math.ldexp(corner.problem.above(corner.w), unit) * (1 + 8 * UNIT)
    bound, estimate, method = above, above, "F ≥ 0"
    witness: dict[str, np.ndarray] = {}
    usable = evidence is not None and (corner.exact or not len(corner.relations))
    if evidence is not None and usable:
        proves = math.ldexp(evidence.gap, unit) < bound
        witness = {"dual": evidence.dual, "basis": evidence.basis} if proves or only_one(corner) else {}
        witness |= {"relations": corner.relations} if len(corner.relations) else {}
        if proves:
            bound, estimate, method = math.ldexp(evidence.gap, unit), math.ldexp(evidence.estimate, unit), "vertex"
    bound = ceiling(bound)
    null = objective.null_value()
    gain = null - math.ldexp(corner.problem.value(corner.w), unit)
    floor = 1e-6 * math.fsum(objective.weight * np.abs(objective.y))
    scale = gain if gain > 1e-6 * null else max(null, floor, 2.0**-900)
    verdict = Verdict.CERTIFIED if bound <= GAP_TOLERANCE * scale else Verdict.INSUFFICIENT
    told = f"the mean pinball loss plus penalty is at most {bound:.3g} units of the target above its infimum"
    sentence = f"{told}, {bound / scale:.2g} of what the fit gains over the null model"
    if verdict == Verdict.INSUFFICIENT:
        sentence += "; " + _why_not(corner)
    return Claim("gap", sentence, min(estimate, bound), bound, verdict, scale, method, witness)


def _why_not(corner: Corner) -> str:
    if corner.evidence is not None and corner.evidence.share < 1e-9:
        return "what is left is the rounding of the parameters to float64: centre and scale the columns"
    if corner.evidence is None:
        return "the rows that are interpolated depend on each other too nearly for a proof"
    return "columns depend on each other to working precision, but not exactly"


def only_one(corner: Corner) -> bool:
    """Whether w* = A_B⁻¹ y_B is the only minimiser: every multiplier inside its box, every row on its side."""
    evidence = corner.evidence
    if evidence is None or len(corner.relations) or not evidence.signed:
        return False
    return bool(np.all(evidence.inside > 0))


def parameters_claim(corner: Corner, names: tuple[str, ...]) -> Claim:
    """|wⱼ − wⱼ*| ≤ bound for every j, w* the only minimiser: A_B (w* − w) = r_B exactly."""
    if corner.evidence is None or not only_one(corner):
        sentence = "no bound on the distance of the parameters from a minimiser: no single one was proved"
        return Claim("parameters", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    w, off = corner.params(), np.ldexp(corner.evidence.distance, corner.problem.shift)
    value = float(off.max(initial=0.0))
    bound, size = ceiling(value), float(np.abs(w).max(initial=0.0)) or 1.0
    worst = int(np.argmax(off)) if len(off) else 0
    loosest = f"the loosest is {names[worst]} = {w[worst]:.6g}" if len(off) else "there is none"
    verdict = Verdict.CERTIFIED if bound <= 1e-6 * size else Verdict.INSUFFICIENT
    sentence = f"every parameter is within {bound:.3g} of the minimiser's; {loosest}"
    return Claim("parameters", sentence, value, bound, verdict, size)


def uniqueness_claim(objective: QuantileObjective, corner: Corner) -> Claim:
    """{w′: F(w′) = inf F} = {w}? value is how many directions from w rise, bound is p.

    CERTIFIED where every multiplier is inside its box, for all weights that round to those given; otherwise the columns
    that depend on each other, or an edge along which F stays as it is, its far end the witness `other`.
    """
    p = len(corner.kept)
    if only_one(corner):
        sentence = f"the data determine all {p} parameters: no other minimises the objective"
        return Claim("identification", sentence, p, p, Verdict.CERTIFIED, p, "vertex")
    if len(corner.relations):
        return identification_claim(objective.columns(), objective.model.layout.inputs)
    if corner.evidence is None:
        sentence = "whether another point minimises the objective is not known: no regular vertex was proved"
        return Claim("identification", sentence, 0, p, Verdict.INSUFFICIENT, p)
    loose = np.flatnonzero(corner.evidence.inside <= 0)
    if not len(loose):
        sentence = "whether another point minimises the objective is not known: rows are too near the plane of the fit"
        return Claim("identification", sentence, 0, p, Verdict.INSUFFICIENT, p)
    other = next((end for k in loose if (end := far_end(corner, int(k))) is not None), None)
    if other is None:
        sentence = (
            "whether another point minimises the objective is not known: a multiplier is too near the edge of its box"
        )
        return Claim("identification", sentence, p - len(loose), p, Verdict.INSUFFICIENT, p)
    w, far = corner.params(), np.ldexp(other, corner.problem.shift)
    j = int(np.argmax(np.abs(far - w) / (np.abs(far) + np.abs(w) + np.abs(w).max() * 1e-12 + 5e-324)))
    ends = f"{objective.model.layout.entries[j]} from {min(w[j], far[j]):.6g} to {max(w[j], far[j]):.6g}"
    sentence = f"more than one point minimises the objective, to working precision: {ends}, others along with it"
    return Claim("identification", sentence, p - len(loose), p, Verdict.REPORTED, p, "edge", {"other": far})


def far_end(corner: Corner, k: int) -> Params | None:
    """w + t h: the next vertex along the edge on which row k of the basis is let go; None where F rises, or t = 0."""
    problem, vertex = corner.problem, corner.vertex
    assert vertex is not None and corner.evidence is not None  # asked of corners with evidence
    row = vertex.basis[k]
    d = corner.evidence.dual[row]
    sign = 1.0 if problem.upper[row] - d < d - problem.lower[row] else -1.0
    move = problem.A @ vertex.inverse.R[:, k] * sign
    r, error = problem.residual(corner.w)
    doubt = error + np.abs(problem.A) @ corner.evidence.distance
    meets = np.where(vertex.upper, move < 0, move > 0) & (np.abs(move) > 1e-13 * np.abs(move).max())
    meets[vertex.basis] = False
    if not meets.any():
        return None
    t = float(np.min((np.abs(r[meets]) - APART * doubt[meets]) / np.abs(move[meets])))
    if t <= 0:
        return None
    other = corner.w - t * sign * vertex.inverse.R[:, k]
    here = problem.above(corner.w)
    return other if problem.above(other) <= here * (1 + 1e-11) else None
