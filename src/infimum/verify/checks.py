"""claim kind ↦ check: each derives the recorded bound again by its own path, and compares the two by one rule."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, refuted, within
from infimum.verify.arithmetic import TINY, UNIT, above, column_sums, size_of, weighted
from infimum.verify.claims import nothing_claimed, readable, rounded_up, strangers
from infimum.verify.digits import check_digits
from infimum.verify.fenchel import dual_is_residual, fenchel_gap
from infimum.verify.relations import independent_part, relations_hold
from infimum.verify.restated import Restated
from infimum.verify.separation import check_separation
from infimum.verify.told import gap_told, rank_said, slope_told
from infimum.verify.unsaid import SEPARABLE, check_unsaid

Witness = Mapping[str, np.ndarray]
DIFFER = 0.02  # by which allowances for rounding may differ from a solver's, each of which has roundings of its own
CLEAR = 0.002  # ‖W H Wᵀ − I‖ up to which independence is so plain that it has to be claimed
GAP_TOLERANCE = 1e-8  # of F(null) − F(w): the bar for CERTIFIED
Check = Callable[[Restated, dict[str, Any], Witness, str], Answer]


def check_claim(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """The answer to one recorded claim about one fit; a kind that is not in the table is refuted, not passed over."""
    kind = claim["kind"]
    if kind not in CHECKS:
        return refuted(kind, subject, claim["bound"], None, "no check is known for a claim of this kind")
    nothing = nothing_claimed(claim, subject)
    if nothing is not None:
        return nothing
    if not problem.model.affine and kind != "stationarity":
        return refuted(
            kind, subject, claim["bound"], None, "nothing of this kind can be proved of a model that is not affine"
        )
    return readable(lambda: CHECKS[kind](problem, claim, witness, subject), kind, subject)


def expected(problem: Restated) -> set[str]:
    """The kinds of claims that a fit has to make of this problem."""
    kinds = {"gap", "stationarity"}
    if not problem.model.affine:
        return kinds
    quadratic = not problem.loss.self_concordance and problem.penalty.smooth and problem.loss.outputs == 1
    return kinds | {"parameters", "identification"} | ({"digits"} if quadratic and len(problem.w) else set())


def unsaid(problem: Restated, claims: Sequence[dict[str, Any]], subject: str) -> list[Answer]:
    """Whether a separation is kept silent about: [] where a minimum was proved to be attained, or one is told."""
    attained = any(c["kind"] == "gap" and c["method"] == "local norm" and c["bound"] is not None for c in claims)
    told = attained or any(claim["kind"] == "separation" for claim in claims)
    possible = problem.model.affine and problem.loss.name in SEPARABLE
    return check_unsaid(problem, subject) if possible and not told else []


def check_gap(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """F(w) − inf F: the local-norm bound, the duality gap at the witness, or F(w) itself, as the claim says."""
    if claim["method"] == "local norm":
        part = independent_part(problem, witness)
        length, rho, doubt = local_norm(part)
        derived, least = bound_within(length, rho), bound_within(_at_least(part), rho) * (1 - 6 * doubt)
        ends = derived * (1 - 6 * doubt), derived * (1 + 6 * doubt)
    elif claim["method"] == "duality":
        ends = dual_gap(problem, witness["dual"])
        least = 0.99 * claim["bound"]
        note = dual_is_residual(problem.u, witness["dual"])
        if note:
            return refuted("gap", subject, claim["bound"], ends[0], note)
    else:
        derived, least = problem.value + value_doubt(problem), 0.99 * (claim["bound"] or 0.0)
        ends = derived, derived
    return answer_on_gap(problem, claim, subject, ends, least)


def answer_on_gap(
    problem: Restated, claim: dict[str, Any], subject: str, ends: tuple[float, float], least: float
) -> Answer:
    """Whether scale, value, bound and verdict follow; ends = (proved, granted) of the bound, the value is ≥ least."""
    derived = ends[0]
    scale, recorded = gap_scale(problem), claim["bound"]
    stated = math.inf if claim["scale"] is None else claim["scale"]
    if not (stated == scale or abs(stated - scale) <= 1e-9 * scale + problem.noise):
        return refuted("gap", subject, stated, scale, "F(null) − F(w) is not reproduced")
    if recorded is None and math.isinf(derived) and claim["verdict"] == "INSUFFICIENT":
        return Answer("gap", subject, "INSUFFICIENT", None, None, "no finite bound follows")
    proved = recorded is not None and recorded <= GAP_TOLERANCE * stated and math.isfinite(stated)
    verdict = "CERTIFIED" if proved else "INSUFFICIENT"
    note = gap_told(problem, claim, least)
    return refuted("gap", subject, recorded, derived, note) if note else within(claim, subject, ends, verdict)


def local_norm(problem: Restated) -> tuple[float, float, float]:
    """(λ, ρ, a): √(sᵀH⁻¹s) with the allowance for rounding, M max √(aᵢᵀH⁻¹aᵢ), and the doubt in H⁻¹.

    λ = ρ = ∞ where H was not shown to be positive definite.
    """
    if problem.metric is None:
        return math.inf, math.inf, 0.0
    W, a = problem.metric
    s, doubt = problem.slope
    length = (float(size_of(W @ s)) + float(doubt @ size_of(W, 0))) / math.sqrt(1 - a)
    rows, P = problem.A[problem.weight > 0], problem.A.shape[1]
    rho = 0.0
    for direction in problem.loss.directions:  # of scores, on whose differences the third derivative depends
        V = W.reshape(len(W), P, problem.loss.outputs) @ direction
        V = np.linalg.qr(V, mode="r") if len(V) > P else V
        rho = max(rho, float(np.linalg.norm(rows @ V.T, axis=1).max()) / math.sqrt(1 - a))  # VᵀV would square κ(A)
    return length, rho, a


def _at_least(problem: Restated) -> float:
    """√(sᵀH⁻¹s) without twice the allowance for rounding, ≥ 0: a solver's own s is no smaller."""
    if problem.metric is None:
        return 0.0
    W, (s, doubt) = problem.metric[0], problem.slope
    return max(float(size_of(W @ s)) - 2 * float(doubt @ size_of(W, 0)), 0.0)


def bound_within(length: float, rho: float) -> float:
    """[q + (1 − q) log(1 − q)] / ρ², q = ρ λ; +∞ for q ≥ 1.

    >>> bound_within(2.0, 0.0)
    2.0
    """
    q = rho * length
    if not q < 1:
        return math.inf
    if q < 1e-3:
        return length**2 * (0.5 + q / 6 + q * q / 12 + q**3 / 20) + TINY
    return (q + (1 - q) * math.log1p(-q)) / rho**2 + TINY


def gap_scale(problem: Restated) -> float:
    """F(null) − F(w), or F(null) where that is under a millionth of it; of a constant target that of a mean near."""
    if problem.model.layout.free.any():
        null = problem.loss.null(problem.y, problem.weight)
    else:
        null = math.fsum(problem.weight * problem.loss.value(np.zeros(problem.z.shape), problem.y))
    gain, counting = null - problem.value, problem.weight > 0
    nothing = problem.model.layout.free.any() or not np.any(problem.y[counting])
    still = problem.loss.of_constant(problem.y, problem.weight) if nothing else 0.0
    return max(gain, still) if gain > 1e-6 * null else max(null, still, math.ulp(0.0))


def dual_gap(problem: Restated, u: np.ndarray) -> tuple[float, float]:
    """(proved, granted): F(w) + Σ s̃ ℓ*(u/s̃) + Σ Ω*(−Aᵀu), rounded up; +∞ where u is not feasible.

    What is proved is the less of that sum and of the same term by term. A solver may have recorded the sum, with the
    last digits of its own terms.
    """
    rows = problem.weight > 0
    v = u[rows] / problem.weight[rows]
    conjugate = problem.weight[rows] * problem.loss.conjugate(v, problem.y[rows])
    t = column_sums(problem.A, u)
    free = problem.model.layout.free
    if np.any(np.abs(t[free]) > 64 * UNIT * np.sum(np.abs(u))) or not np.all(np.isfinite(conjugate)):
        return math.inf, math.inf
    error = (len(problem.y) + 34) * UNIT * (np.abs(problem.A).T @ np.abs(u))
    ends, penalty = (-t - error, -t + error), problem.penalty
    worst, terms = (np.maximum(*map(of, ends)) for of in (penalty.conjugates, penalty.conjugate_terms))
    finite = np.isfinite(worst)
    beside = np.where(free, 0.0, np.where(finite, worst, penalty.conjugates(-t)))  # an indicator is feasible or is not
    rounding = _dual_doubt(problem, v, float(np.abs(conjugate).sum()))
    apart = fenchel_gap(problem, u, rounding)
    primal = np.append(problem.weight * problem.loss.value(problem.z, problem.y), penalty.value(problem.w))
    size = float(terms[finite & ~free].sum())
    rounding += UNIT * ((len(problem.w) + 8) * penalty.value(problem.w) + 12 * size)
    whole = max(math.fsum(np.concatenate([primal, conjugate, beside])) + rounding, 0.0)
    return min(apart, whole), whole + DIFFER * rounding + 4 * UNIT * (problem.value + size)


def _dual_doubt(problem: Restated, v: np.ndarray, conjugate: float) -> float:
    """Rounding in ℓ, and in ℓ*: of its argument, times the slope of ℓ* and the logarithms in it, and of its value."""
    rows = problem.weight > 0
    size = np.abs(v) + np.abs(problem.y[rows])
    argument = 4 * float(problem.weight[rows] @ (size * problem.loss.conjugate_slope(v, problem.y[rows])))
    return _loss_doubt(problem) + UNIT * (argument + 40 * conjugate)


def value_doubt(problem: Restated) -> float:
    """Rounding in F(w), its sum and the penalty's terms included."""
    return _loss_doubt(problem) + UNIT * ((len(problem.w) + 8) * problem.penalty.value(problem.w) + 4 * problem.value)


def _loss_doubt(problem: Restated) -> float:
    """Rounding in Σ s̃ ℓ: of its terms, and of predictions that are off by δ, |ℓ′| δ + ½ sup ℓ″ δ² a row."""
    loss = problem.loss
    off = UNIT * (np.abs(problem.z) + 8 * loss.argument_terms(problem.z, problem.y)) + problem.z_doubt
    bend = np.full(problem.z.shape, loss.curvature_bound)
    if math.isinf(loss.curvature_bound):  # |log ℓ″(z + δ) − log ℓ″(z)| ≤ M |δ|
        bend = loss.curvature(problem.z, problem.y, np.exp(loss.self_concordance * off))
    rows = (np.abs(problem.u) + problem.u_doubt) * off + weighted(problem.weight, 0.5 * bend * off**2)
    total = math.fsum(problem.weight * loss.value(problem.z, problem.y))
    return 2 * loss.roundings * UNIT * total + float(np.sum(rows)) + TINY


def check_parameters(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """maxⱼ |wⱼ − wⱼ*| ≤ √(H⁻¹)ⱼⱼ ‖w − w*‖_H."""
    length, rho, a = local_norm(problem)
    if problem.metric is None or not rho * length < 1:
        return refuted("parameters", subject, claim["bound"], None, "no bound follows from the file and the data")
    radius = (-math.log1p(-rho * length) / rho if rho else length) + TINY
    derived = float(size_of(problem.metric[0], 0).max(initial=0.0)) / math.sqrt(1 - a) * radius
    size = float(np.abs(problem.w).max(initial=0.0)) or 1.0
    if claim["scale"] != size or not rounded_up(claim["value"], claim["bound"]):
        return refuted("parameters", subject, claim["scale"], size, "the recorded value or scale is not reproduced")
    verdict = "CERTIFIED" if claim["bound"] <= 1e-6 * size else "INSUFFICIENT"
    return within(claim, subject, (derived * (1 - 6 * a), derived * (1 + 6 * a)), verdict)


def check_stationarity(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """maxⱼ |sⱼ|, the largest entry of the smallest subgradient."""
    if claim["bound"] is None and claim["value"] is None and "is not known" in claim["statement"]:
        if claim["verdict"] != "REPORTED":
            return refuted("stationarity", subject, None, None, "nothing is told, and the verdict says otherwise")
        return Answer("stationarity", subject, "REPORTED", None, None, "nothing is claimed")
    if problem.model.affine:
        s, doubt = problem.slope
        derived = above(float(np.max(np.abs(s) + doubt, initial=0.0)))
        note = slope_told(problem, claim, (s, doubt))
        if note:
            return refuted("stationarity", subject, claim["bound"], derived, note)
        return within(claim, subject, (derived, derived), "REPORTED")
    s = problem.penalty.residual(problem.w, problem.model.pull(problem.w, problem.u))
    slack = (len(problem.y) + 1000) * UNIT * float(np.abs(problem.u).sum())
    derived, steep = float(np.max(np.abs(s), initial=0.0)) + slack, float(np.abs(problem.u).sum())
    off = claim["value"] is None or not abs(claim["value"] - derived + slack) <= 2 * slack + 0.01 * derived
    if off or not abs(claim["scale"] - steep) <= 1e-6 * steep or strangers(claim["statement"], [claim["bound"]]):
        return refuted("stationarity", subject, claim["value"], derived, "the value, scale or sentence is another")
    return within(claim, subject, (derived, derived), "REPORTED", (0.01, 0.01))


def decided(problem: Restated) -> bool:
    """rank of the columns that l2 spares = their number: then A v = 0 and Λ v = 0 leave v = 0 alone."""
    spared = np.any(problem.parts[1].reshape(problem.A.shape[1], -1) == 0, axis=1)
    A = problem.A[problem.weight > 0][:, spared]
    return int(np.linalg.matrix_rank(A / np.maximum(np.linalg.norm(A, axis=0), 1e-300))) == A.shape[1]


def check_identification(problem: Restated, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """rank A: by a verified inverse of AᵀSA, or by relations among columns that hold exactly."""
    p, m, rank = len(problem.w), problem.loss.outputs, claim["value"]
    if claim["bound"] != p or claim["scale"] != p:
        return refuted("identification", subject, claim["bound"], p, "the number of parameters is another")
    most = m * int(np.count_nonzero(problem.weight > 0))  # the rank is m times that of A
    root, rounded = None, None
    if most >= p:
        free = problem.weight, np.zeros(p // m)
        root, rounded = problem.inverse_root(*free), problem.rounded_root(*free)
    note, full, clear = "", root is not None, rounded is not None and rounded[1] <= CLEAR
    if claim["method"] == "counting":
        note = "fewer rows than parameters" if rank == most < p and claim["verdict"] == "CERTIFIED" else ""
    elif claim["verdict"] == "CERTIFIED" and rank == p:
        plain = (problem.weight > 0) * 1.0  # weights of many orders may hide it
        full = full or (most >= p and problem.inverse_root(plain, np.zeros(p // m)) is not None)
        note = "linear independence re-derived" if full else ""
    elif claim["verdict"] == "CERTIFIED":
        relations = witness.get("relations", np.zeros((0, p)))
        solved = not full and m * len(relations) == p - rank and relations_hold(problem, relations)
        note = "the relations hold exactly" if solved else ""
    elif claim["method"] != "relations":
        tables = problem.A[problem.weight > 0], problem.A * np.sqrt(problem.weight)[:, None]
        near = any(_nearly(A, int(rank) // m) for A in tables) and (rank == p) == (claim["verdict"] == "INSUFFICIENT")
        note = "the columns are dependent, or nearly" if near and not clear else ""
    if not note:
        return refuted("identification", subject, rank, p, "the recorded rank does not follow from the data")
    if not rank_said(claim, p, rank):
        return refuted("identification", subject, rank, p, "the sentence says otherwise than the recorded rank")
    if "the penalty decides" in claim["statement"] and not decided(problem):
        return refuted("identification", subject, rank, p, "the sentence names a penalty that does not decide")
    return Answer("identification", subject, claim["verdict"], rank, rank, note)


def _nearly(A: np.ndarray, rank: int) -> bool:
    """Whether A is of that rank to working precision, or of all its columns, but nearly of fewer."""
    singular = np.linalg.svd(A / np.maximum(np.linalg.norm(A, axis=0), 1e-300), compute_uv=False)
    if rank == len(singular):
        return bool(singular[-1] <= 1e-4 * singular[0])
    edge = 100 * UNIT * max(A.shape) * singular[0]
    return bool(singular[rank] <= 1e3 * edge and (rank == 0 or singular[rank - 1] >= 1e-3 * edge))


CHECKS: dict[str, Check] = {
    "gap": check_gap,
    "parameters": check_parameters,
    "stationarity": check_stationarity,
    "identification": check_identification,
    "digits": check_digits,
    "separation": check_separation,
}
