"""claims of quantile regression ↦ answers: its dual point, vertex and gap, from the coefficients and the data alone."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from blake3 import blake3

from infimum.losses.pinball import Pinball
from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.penalties.elastic_net import ElasticNet
from infimum.verify.answers import Answer, Verification, refuted, within
from infimum.verify.arithmetic import TINY, UNIT
from infimum.verify.attributes import check_attributes
from infimum.verify.checks import check_identification
from infimum.verify.claims import UNREADABLE, nothing_claimed, readable, rounded_up, screened, strangers
from infimum.verify.polyhedral import Vertex
from infimum.verify.relations import relations_hold, told_by_others
from infimum.verify.restated import Restated

GAP_TOLERANCE = 1e-8
EXPECTED = ("gap", "parameters", "identification")


def verify_quantile(model: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Verification:
    """{claim ↦ answer} of a fitted QuantileRegressor on X (n, p), y and weight (n,)."""
    name, stated, certificate = type(model).__name__, model.problem_, model.certificate_
    weight = weight / math.fsum(weight)
    w = np.append(model.coef_, model.intercept_) if stated["intercept"] else np.asarray(model.coef_)
    linear = Linear(X, stated["intercept"])
    plain = Restated(linear, Squared(), ElasticNet().sparing(linear.layout.free), y, weight, w)
    answers = [same_data(plain, certificate.fingerprint, name)]
    if not stated["intercept"] and model.intercept_ != 0:
        answers.append(refuted("intercept", name, float(model.intercept_), 0.0, "the fit has no intercept"))
    answers += screened(certificate.claims, EXPECTED, EXPECTED, name)
    if any(answer.verdict == "REFUTED" for answer in answers):
        return Verification(tuple(answers))
    claims = {claim.kind: claim for claim in certificate.claims}
    claim = claims["gap"]
    try:
        vertex, units, complaint = stated_vertex(plain, stated, claim.witness)
    except UNREADABLE:
        return Verification((*answers, refuted("gap", name, claim.bound, None, "the witness does not fit the data")))
    if claim.method == "vertex" and "basis" not in claim.witness:
        complaint = "a vertex is claimed, and none is given"
    if complaint:
        return Verification((*answers, refuted("gap", name, claim.bound, None, complaint)))
    checks: tuple[Callable[[], Answer], ...] = (
        lambda: _check_gap(plain, stated, claim, (vertex, units[1]), name),
        lambda: _check_parameters(claims["parameters"], vertex, units, name),
        lambda: _check_uniqueness(plain, claims["identification"], vertex, units, name),
    )
    answers += [readable(check, kind, name) for check, kind in zip(checks, EXPECTED, strict=True)]
    answers += check_attributes(model, math.ldexp(vertex.value, units[1]), noise_of(plain), X.shape)
    return Verification(tuple(answers))


def noise_of(plain: Restated) -> float:
    """How much two honest evaluations of an objective in units of the target may differ."""
    size = np.abs(plain.y) + np.abs(plain.A) @ np.abs(plain.w)
    return 64 * UNIT * float(plain.weight @ size) + 64 * TINY


def same_data(problem: Restated, recorded: str, name: str) -> Answer:
    """Whether A, y and s̃ are, byte for byte, those that the certificate names."""
    digest = blake3()
    for array in (problem.A, problem.y, problem.weight):
        digest.update(np.ascontiguousarray(array + 0.0, dtype="<f8").tobytes())
    if recorded != f"blake3:{digest.hexdigest()}":
        return refuted("data", name, None, None, "X, y or the weights are not those of the fit")
    return Answer("data", name, "REPORTED", note="X, y and the weights are those of the fit")


def stated_vertex(plain: Restated, stated: dict[str, Any], witness: Any) -> tuple[Vertex, tuple[np.ndarray, int], str]:
    """(vertex, (exponents of w, of F), what is wrong or ''): the witness as a vertex of this problem, in powers of two.

    Without a witness the vertex has no basis, and proves F ≥ 0 alone.
    """
    q, A, w, rows = stated["quantile"], plain.A, plain.w, plain.weight > 0
    relations, kept, complaint = witness.get("relations"), np.ones(len(w), dtype=bool), ""
    if relations is not None:
        kept[told_by_others(relations)] = False
        if stated["l1"] or np.any(w[~kept]) or kept.sum() + len(relations) < len(w):
            complaint = "columns are left out that count"
        if not relations_hold(plain, relations):
            complaint = "the relations among columns do not hold exactly"
    A, w, y = A[rows][:, kept], w[kept], plain.y[rows]
    columns, unit = np.array([exponent(column) for column in A.T], dtype=int), exponent(y)
    l1 = np.where(plain.model.layout.free[kept], 0.0, stated["l1"])
    own = np.flatnonzero(l1 > 0)
    reach, pull = plain.weight[rows], np.ldexp(l1[own], -columns[own])
    lower, upper = np.append((q - 1) * reach, -pull), np.append(q * reach, pull)
    A = np.vstack([np.ldexp(A, -columns), np.eye(len(w))[own]])
    y = np.append(np.ldexp(y, -unit), np.zeros(len(own)))
    d, basis = witness.get("dual", np.zeros(len(y))), np.asarray(witness.get("basis", np.zeros(0, dtype=int)))
    fits = np.shape(d) == y.shape and basis.dtype.kind in "iu" and bool(np.all(np.isfinite(d)))
    fits = fits and len(set(basis.tolist())) == basis.size == (len(w) if "basis" in witness else 0)
    if not fits or np.any(basis < 0) or np.any(basis >= len(y)):
        return _without(A, y, lower, upper, w), (columns, unit), "the witness does not fit the data"
    vertex = Vertex(A, y, lower, upper, np.ldexp(w, columns - unit), d, basis, len(reach))
    off = np.ones(len(y), dtype=bool)
    off[basis] = False
    if "basis" in witness and np.any(off & (d != lower) & (d != upper)):
        complaint = "a multiplier off the vertex is not at a bound of its box"
    elif "basis" in witness and not np.all(np.abs(vertex.off[0]) <= 1e-9 * (upper - lower)[basis] + 4 * vertex.off[1]):
        complaint = "the multipliers of the vertex are not what the other rows ask for"
    return vertex, (columns, unit), complaint


def _without(A: np.ndarray, y: np.ndarray, lower: np.ndarray, upper: np.ndarray, w: np.ndarray) -> Vertex:
    return Vertex(A, y, lower, upper, w, np.zeros(len(y)), np.zeros(0, dtype=int), len(y))


def exponent(values: np.ndarray) -> int:
    """e such that 2^−e brings the largest |value| near 1 and rounds none of them; else 0.

    >>> exponent(np.array([5.0])), exponent(np.array([1e300, 1e-300]))
    (2, 0)
    """
    largest = float(np.abs(values).max(initial=0.0))
    e = math.frexp(largest)[1] - 1 if largest else 0
    return e if np.array_equal(np.ldexp(np.ldexp(values, -e), e), values) else 0


def _check_gap(plain: Restated, stated: dict[str, Any], claim: Any, proof: tuple[Vertex, int], name: str) -> Answer:
    """F(w) − inf F by the vertex, or F(w) itself; its scale, its verdict and its sentence."""
    vertex, unit = proof
    value, loss = math.ldexp(vertex.value, unit), Pinball(stated["quantile"])
    derived = math.ldexp(vertex.gap, unit) if claim.method == "vertex" else value
    zero = np.zeros(plain.y.shape)
    null = math.fsum(plain.weight * loss.value(zero, plain.y))
    if stated["intercept"]:
        null = loss.null(plain.y, plain.weight)
    gain, floor = null - value, 1e-6 * math.fsum(plain.weight * np.abs(plain.y))
    scale = gain if gain > 1e-6 * null else max(null, floor, 2.0**-900)
    if not abs(claim.scale - scale) <= 1e-9 * scale + 1e-12 * (null + value):
        return refuted("gap", name, claim.scale, scale, "F(null) − F(w) is not reproduced")
    allowance = 1e-12 * value + 1e-8 * floor + 8 * TINY
    other = strangers(claim.statement, [claim.bound, claim.bound / claim.scale])
    if other or not (rounded_up(claim.value, claim.bound) if claim.method == "F ≥ 0" else claim.value >= 0):
        return refuted("gap", name, claim.value, derived, "the value, or a number of the sentence, does not follow")
    verdict = "CERTIFIED" if claim.bound <= GAP_TOLERANCE * claim.scale else "INSUFFICIENT"
    return within(claim.to_dict(), name, (derived, derived + allowance), verdict)


def _check_parameters(claim: Any, vertex: Vertex, units: tuple[np.ndarray, int], name: str) -> Answer:
    """maxⱼ |wⱼ − wⱼ*|, w* = A_B⁻¹ y_B the only minimiser."""
    nothing = nothing_claimed(claim.to_dict(), name)
    if nothing is not None:
        return nothing
    if not vertex.alone:
        return refuted("parameters", name, claim.bound, None, "no single minimiser follows from the data")
    back = units[1] - units[0]
    step, error = (np.ldexp(part, back) for part in vertex.distance)
    size = float(np.abs(np.ldexp(vertex.w, back)).max(initial=0.0)) or 1.0
    if claim.scale != size or not rounded_up(claim.value, claim.bound):
        return refuted("parameters", name, claim.scale, size, "the recorded value or scale is not reproduced")
    verdict = "CERTIFIED" if claim.bound <= 1e-6 * size else "INSUFFICIENT"
    proved = float(np.max(step - error, initial=0.0))
    return within(claim.to_dict(), name, (proved, proved + 64 * float(error.max(initial=0.0)) + UNIT * size), verdict)


def _check_uniqueness(plain: Restated, claim: Any, vertex: Vertex, units: tuple[np.ndarray, int], name: str) -> Answer:
    """One minimiser: multipliers inside their boxes; or a second point as good; or dependent columns."""
    kind, p = "identification", len(plain.w)
    if claim.method in ("relations", "counting", "singular values"):
        return check_identification(plain, claim.to_dict(), claim.witness, name)
    if claim.bound != p or claim.scale != p:
        return refuted(kind, name, claim.bound, p, "the number of parameters is another")
    if claim.method == "":
        return unknown_or_rank(plain, claim, name)
    if claim.method == "vertex":
        said = f"determine all {p} parameters" in claim.statement and claim.verdict == "CERTIFIED"
        if vertex.alone and len(vertex.basis) == p == claim.value and said:
            return Answer(kind, name, "CERTIFIED", claim.value, claim.value, "every multiplier is inside its box")
        return refuted(kind, name, claim.value, None, "that no other minimises does not follow from the data")
    return _check_edge(plain, claim, vertex, units, name)


def unknown_or_rank(plain: Restated, claim: Any, name: str) -> Answer:
    """The answer to a claim that names no method: that nothing is known of other minima, or the rank of the columns."""
    if "is not known" not in claim.statement:
        return check_identification(plain, claim.to_dict(), claim.witness, name)
    if claim.verdict != "INSUFFICIENT" or not claim.value < claim.bound or "determine" in claim.statement:
        return refuted("identification", name, claim.value, None, "the sentence says otherwise than verdict and rank")
    return Answer("identification", name, "INSUFFICIENT", None, None, "nothing is claimed")


def _check_edge(plain: Restated, claim: Any, vertex: Vertex, units: tuple[np.ndarray, int], name: str) -> Answer:
    """A second point, as good to working precision, its ends in the sentence; value: the directions that rise."""
    kind, other, w = "identification", claim.witness.get("other", plain.w), plain.w
    second = replace(vertex, w=np.ldexp(other, units[0] - units[1]))
    if np.array_equal(other, w) or not second.value <= vertex.value * (1 + 1e-10):
        return refuted(kind, name, claim.value, None, "the other point does not minimise the objective")
    width = (vertex.upper - vertex.lower)[vertex.basis]
    rising = [int(np.sum(vertex.inside > share * width)) for share in (1e-6, 0.0)]
    ends = [(min(a, b), max(a, b)) for a, b in zip(w.tolist(), np.ravel(other).tolist(), strict=True) if a != b]
    said = "more than one point minimises" in claim.statement
    said = said and any(f"from {a:.6g} to {b:.6g}" in claim.statement for a, b in ends)
    if not said or claim.verdict != "REPORTED" or not rising[0] <= claim.value <= rising[1]:
        return refuted(kind, name, claim.value, rising[1], "the claim says otherwise than its two points")
    return Answer(kind, name, "REPORTED", claim.value, None, "the other point is as good to working precision")
