"""The claims about Firth's penalised likelihood, derived again: its modified score, curvature, and a minimum nearby.

F = Σ s̃ᵢ ℓ(zᵢ, yᵢ) − ½ log det(Σ sᵢ pᵢ(1 − pᵢ) aᵢaᵢᵀ) / N. Exact sums, the information's eigenvectors, and the bounds of
`certificates/modified.py` in a second writing. What rounding does to the leverages depends on the path: a solver allows
for WIDER times its own, the checker proves with its own and grants GRANTED times that.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from infimum.models.linear import Linear
from infimum.penalties.elastic_net import ElasticNet
from infimum.verify.answers import BEYOND, Answer, refuted, within
from infimum.verify.arithmetic import UNIT, column_sums, size_of
from infimum.verify.checks import Witness, check_identification
from infimum.verify.claims import nothing_claimed, readable, rounded_up, strangers
from infimum.verify.rationals import exact_root
from infimum.verify.restated import FEW, LOSS_ERROR, MOST_DOUBT, SMALL, TOGETHER, Restated

GRANTED = 32.0
CLOSE = (1e-3, BEYOND)
ENOUGH = 1e-6
EXPECTED_FIRTH = ("gap", "parameters", "stationarity", "identification")
ROUGH = 1e-9  # ‖W H Wᵀ − 1‖ beyond which a small problem is done in rationals
LEAST = 1e-290  # below, p(1 − p) has underflowed


@dataclass(frozen=True, eq=False)
class Penalised:
    """∇F and ∇²F at the coefficients, on columns over powers of two; N = Σ sᵢ."""

    given: Restated
    problem: Restated
    scales: np.ndarray
    total: float

    @cached_property
    def metric(self) -> tuple[np.ndarray, float] | None:
        """(W, a): ‖W H Wᵀ − 1‖ ≤ a of the information H a row; by rational numbers where float64 loses too much."""
        A, zero = self.problem.A, np.zeros(len(self.scales))
        found = symmetric_root(self.problem.hessian(self.bend), len(A)) if len(A) >= len(zero) else None
        small = len(zero) <= FEW and len(A) * len(zero) ** 2 <= SMALL
        if small and (found is None or found[1] > ROUGH):
            found = exact_root((A, None), self.bend, zero) or found
        return None if found is None else (found[0], found[1] + 1.1 * self.bend_doubt)

    @cached_property
    def value(self) -> float | None:
        """F; None where the information is singular, so that F is told on a smaller space."""
        if self.metric is None:
            return None
        _, size = np.linalg.slogdet(self.metric[0])  # of H^(−½), nearly
        logarithm = len(self.scales) * math.log(self.total) - 2 * float(size) + 2 * math.fsum(np.log(self.scales))
        return self.given.value - 0.5 * logarithm / self.total

    @property
    def value_doubt(self) -> float:
        """What `value` and a solver's may be apart: the logarithm of det H, as far as float64 knows H."""
        if self.metric is None:
            return math.inf
        W, a = self.metric
        singular = np.linalg.svd(W, compute_uv=False)
        return len(W) * (a + 64 * UNIT * float((singular[0] / singular[-1]) ** 2)) / self.total

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(B = A Wᵀ (n, p), lengths of its rows, what they may be off by)."""
        W, A = self.metric[0], self.problem.A  # type: ignore[index]
        off = (len(W) + 6) * UNIT * np.linalg.norm(np.abs(A) @ np.abs(W).T, axis=1)
        B = A @ W.T
        return B, np.linalg.norm(B, axis=1), off

    @cached_property
    def bend(self) -> np.ndarray:
        """s̃ p(1 − p), (n,)."""
        return self.problem.weight * self.problem.loss.bend(self.problem.z, self.problem.y)

    @cached_property
    def bend_doubt(self) -> float:
        """The relative error of p(1 − p), by rounding and by what z may be off."""
        z = np.abs(self.problem.z)
        return 12 * UNIT + float(np.max(UNIT * z + self.problem.z_doubt, initial=0.0)) * 1.01

    @cached_property
    def score(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(∇F, what rounding did to the likelihood's part and the sums, what it did to the leverages)."""
        return self.score_within(self.metric[1])  # type: ignore[index]

    def score_within(self, a: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same, for leverages by a metric with ‖W H Wᵀ − 1‖ ≤ a."""
        problem = self.problem
        _, size, off = self.rows
        leverage = self.bend * size**2 / self.total
        half = np.asarray(problem.loss.mean(problem.z)) - 0.5
        likelihood, doubt = problem.slope
        slope = likelihood + column_sums(problem.A, leverage * half)
        stretched = self.bend / self.total * ((size + off) ** 2 / (1 - a) - size**2)
        rounded = leverage * ((len(problem.w) + 10) * UNIT + 2 * self.bend_doubt + 32 * UNIT)
        wrong = 0.5 * np.abs(problem.A).T @ (stretched + rounded)
        return slope, doubt + 4 * UNIT * (np.abs(slope) + np.abs(likelihood)), wrong

    @cached_property
    def least(self) -> float:
        """μ ≤ the least eigenvalue of W ∇²F Wᵀ; −∞ where rounding leaves it open."""
        problem, a = self.problem, self.metric[1]  # type: ignore[index]
        (B, size, off), p = self.rows, len(self.scales)
        counting = problem.weight > 0
        if np.any(self.bend[counting] < LEAST):
            return -math.inf
        share = np.divide(off, size, out=np.zeros(len(off)), where=size > 0)[counting]
        relative = 5 * float(share.max(initial=0.0)) + 2 * a + 4 * self.bend_doubt
        relative += (len(B) + 4 * p + p * p + 40) * UNIT
        C = np.eye(p) + second_derivatives(problem, self.bend, B) / self.total
        doubt = a + 1.2 * self.reach**2 / self.total * p * relative * (4 + p * relative)
        return float(np.linalg.eigvalsh(C)[0]) - doubt - 16 * p * p * UNIT * float(size_of(C))

    @cached_property
    def reach(self) -> float:
        """β = max ‖bᵢ‖."""
        _, size, off = self.rows
        return float((size + off)[self.problem.weight > 0].max(initial=0.0)) * (1 + 1e-14)

    def change(self, r: float) -> float:
        """K(r): how fast W ∇²F Wᵀ can change within r."""
        if self.reach * r > 200:
            return math.inf
        a, growth = self.metric[1], math.exp(self.reach * r)  # type: ignore[index]
        cubic = 3 * (self.reach * growth) ** 3 / self.total * ((1 + a) / (1 - a)) ** 1.5
        return (1 + a) * self.reach * growth + cubic

    def bound(self, granted: float) -> float:
        """max |wⱼ − w*ⱼ| in the units given, with so many times the doubt in the leverages; ∞ where none is proved."""
        W, (slope, doubt, wrong) = self.metric[0], self.score  # type: ignore[index]
        deviations = np.linalg.norm(W, axis=0)
        length = float(np.linalg.norm(W @ slope) + (doubt + granted * wrong) @ deviations) * (1 + 1e-12)
        r = length / self.least if self.least > 0 else math.inf
        while self.reach * r < 200:
            left = self.least - 0.5 * self.change(r) * r
            if left <= 0:
                return math.inf
            if length < left * r and self.change(r) * r < self.least:
                return float((deviations * r / self.scales).max(initial=0.0))
            r *= 1 + 1e-4
        return math.inf


def symmetric_root(H: np.ndarray, rows: int) -> tuple[np.ndarray, float] | None:
    """(H^(−½), a), H scaled to a unit diagonal, ‖W H Wᵀ − 1‖ ≤ a; None where a is not small.

    The rows of the symmetric root are short where H is near its diagonal, and with them what rounding can do.

    >>> W, a = symmetric_root(np.diag([4.0, 1.0]), 2)
    >>> W.tolist(), a < 1e-13
    ([[0.5, 0.0], [0.0, 1.0]], True)
    """
    if not (len(H) and np.all(np.isfinite(H)) and np.all(np.diag(H) > LEAST)):
        return None
    scale = 1 / np.sqrt(np.diag(H))
    scaled = H * scale * scale[:, None]
    eigenvalues, V = np.linalg.eigh(scaled)
    if eigenvalues[0] <= 0:
        return None
    W = (V / np.sqrt(eigenvalues)) @ V.T
    reach = np.abs(W).sum(axis=1)
    roundings = min(rows, TOGETHER) + rows // TOGETHER + 3 * len(H) + 24
    doubt = roundings * UNIT * float(reach @ reach) + LOSS_ERROR
    a = float(np.abs(W @ scaled @ W.T - np.eye(len(H))).sum(axis=1).max()) + doubt
    return (W * scale, a) if a <= MOST_DOUBT else None


def second_derivatives(problem: Restated, bend: np.ndarray, B: np.ndarray) -> np.ndarray:
    """−½ W (∇² log det) Wᵀ, (p, p), from triple products of the rows, in blocks."""
    p = B.shape[1]
    q = np.asarray(problem.loss.mean(-problem.z))
    triple, fourth = np.zeros((p, p * p)), np.zeros((p, p))
    for start in range(0, len(B), TOGETHER):
        block = slice(start, start + TOGETHER)
        rows, lower = B[block], q[block]
        pairs = np.einsum("ia,ib->iab", rows, rows).reshape(len(rows), -1)
        triple += np.einsum("i,ij,ik->jk", bend[block] * (2 * lower - 1), rows, pairs, optimize=True)
        bent = bend[block] * (1 - 6 * lower * (1 - lower)) * np.einsum("ij,ij->i", rows, rows)
        fourth += np.einsum("i,ij,ik->jk", bent, rows, rows, optimize=True)
    return np.asarray(0.5 * np.tensordot(triple, triple, (1, 1)) - 0.5 * fourth)


def penalised(problem: Restated, total: float) -> Penalised:
    """The problem on columns over powers of two, N = Σ sᵢ."""
    largest = np.abs(problem.A[problem.weight > 0]).max(axis=0, initial=0.0)
    scales = np.ldexp(1.0, np.frexp(np.where(largest > 0, largest, 1.0))[1])
    A = np.ascontiguousarray(problem.A / scales)
    scaled = replace(problem, model=Linear(A, False), penalty=ElasticNet(), w=problem.w * scales)
    return Penalised(problem, scaled, scales, total)


def check_firth(found: Penalised, claim: dict[str, Any], witness: Witness, subject: str) -> Answer:
    """The answer to one recorded claim about a fit with Firth's penalty; a gap is not to be had."""
    kind, recorded = claim["kind"], claim["bound"]
    nothing = nothing_claimed(claim, subject)
    if nothing is not None:
        return nothing
    if kind == "identification":
        of = found.problem if claim["value"] == claim["bound"] else found.given
        return readable(lambda: check_identification(of, claim, witness, subject), kind, subject)
    if kind not in ("stationarity", "parameters"):
        return refuted(kind, subject, recorded, None, "no such claim can be proved with Firth's penalty")
    if found.metric is None or recorded is None:
        return refuted(kind, subject, recorded, None, "the information was not shown to be positive definite")
    check = _check_stationarity if kind == "stationarity" else _check_parameters
    return readable(lambda: check(found, claim, subject), kind, subject)


def _check_stationarity(found: Penalised, claim: dict[str, Any], subject: str) -> Answer:
    """maxⱼ |∂F/∂wⱼ| in the units given."""
    plain = symmetric_root(found.problem.hessian(found.bend), len(found.problem.A))  # a solver has no rationals here
    ends = []
    for a, k in ((found.metric[1], 1.0), (plain[1] if plain else MOST_DOUBT, GRANTED)):  # type: ignore[index]
        slope, doubt, wrong = found.score_within(a)
        ends.append(float(((np.abs(slope) + doubt + k * wrong) * found.scales).max(initial=0.0)))
    value = float((np.abs(found.score[0]) * found.scales).max(initial=0.0))
    u, A = found.given.u, np.abs(found.given.A).T
    steep, noise = float((A @ np.abs(u)).max(initial=0.0)), 2 * float((A @ found.given.u_doubt).max(initial=0.0))
    if not abs(claim["value"] - value) <= ends[1] - value or not abs(claim["scale"] - steep) <= noise + 1e-9 * steep:
        return refuted("stationarity", subject, claim["value"], value, "the recorded value or scale is not reproduced")
    if strangers(claim["statement"], [claim["bound"]]):
        return refuted("stationarity", subject, claim["bound"], value, "the sentence has a number that does not follow")
    return within(claim, subject, (ends[0], ends[1]), "REPORTED", CLOSE)


def _check_parameters(found: Penalised, claim: dict[str, Any], subject: str) -> Answer:
    """maxⱼ |wⱼ − w*ⱼ|, the verdict, and how far off the next minimum is said to be at least."""
    size = float(np.abs(found.given.w).max(initial=0.0)) or 1.0
    verdict = "CERTIFIED" if claim["bound"] <= ENOUGH * size else "INSUFFICIENT"
    if claim["scale"] != size or not rounded_up(claim["value"], claim["bound"]):
        return refuted("parameters", subject, claim["scale"], size, "the recorded value or scale is not reproduced")
    told = re.search(r"no other minimum is within (\S+) standard errors", claim["statement"])
    r = float(told[1]) / math.sqrt(found.total) if told else math.inf
    if not found.change(r) * r < found.least * (1 + 1e-6):
        return refuted("parameters", subject, claim["bound"], None, "that no other minimum is so near does not follow")
    return within(claim, subject, (found.bound(1.0), found.bound(GRANTED)), verdict, CLOSE)
