"""claims of Huber regression ↦ answers: its dual point, gap and distance, from the coefficients and the data alone.

After Owen (2007), the dual is D(u) = Σ s̃ᵢuᵢyᵢ − ¼ (Aᵀs̃u)ᵀR⁻¹(Aᵀs̃u), |u| ≤ 2ε, Σ s̃ᵢuᵢ² ≤ 4 Σ s̃ᵢ: a point that is nearly
feasible is corrected on the rows that are within their bounds, by H = κ A_IᵀS A_I + 2R, then shrunk. Sums are rounded
once, and H⁻¹ is bounded by eigenvectors.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from infimum.losses.huber import Huber
from infimum.losses.pinball import Pinball
from infimum.losses.squared import Squared
from infimum.models.linear import Linear
from infimum.penalties.elastic_net import ElasticNet
from infimum.verify.answers import Answer, Verification, refuted, within
from infimum.verify.arithmetic import TINY, UNIT, column_sums, exact_products, row_sums
from infimum.verify.attributes import check_attributes
from infimum.verify.claims import UNREADABLE, nothing_claimed, readable, rounded_up, screened, strangers
from infimum.verify.quantile import exponent, noise_of, same_data, unknown_or_rank
from infimum.verify.relations import relations_hold, told_by_others
from infimum.verify.restated import Restated

GAP_TOLERANCE = 1e-8
EXPECTED = ("gap", "parameters", "identification")
AMPLE = 2.0  # times the rounding of the slope, that a solver may have allowed for


@dataclass(frozen=True, eq=False)
class Stated:
    """(A, y, s̃, R, ε) in powers of two, at (w, σ) with the dual point u and the rows I within their bounds, (N,)."""

    A: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    ridge: np.ndarray
    loss: Huber
    w: np.ndarray
    scale: float
    u: np.ndarray
    inliers: np.ndarray

    @cached_property
    def residual(self) -> np.ndarray:
        """y − A w, rounded once, (N,)."""
        high, low = row_sums(np.column_stack([self.y, self.A]), np.append(1.0, -self.w))
        return high + low

    @cached_property
    def value(self) -> float:
        """F(w, σ), rounded up by a few units."""
        terms = self.weight * self.loss.value(self.residual, self.scale)
        return math.fsum([*terms.tolist(), *(self.ridge * self.w**2).tolist()]) * (1 + 32 * UNIT) + TINY

    def slope(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(g, error) of Aᵀs̃u − 2Rw, (p,) each."""
        high, low = exact_products(self.weight, u)
        pull, own = column_sums(self.A, high, low), 2 * self.ridge * self.w
        lost = 4 * UNIT**2 * (np.abs(self.A).T @ np.abs(high))
        return pull - own, 3 * UNIT * (np.abs(pull) + np.abs(own)) + lost + TINY

    def root(self, columns: np.ndarray, bend: np.ndarray, ridge: np.ndarray) -> tuple[np.ndarray, float] | None:
        """(W, a): H⁻¹ ⪯ WᵀW/(1 − a), H = Cᵀ diag(bend) C + diag(ridge), C (N, q); None where not shown."""
        model = Linear(columns, False)
        plain = Restated(model, Squared(), ElasticNet().sparing(model.layout.free), self.y, bend, np.zeros(len(ridge)))
        return plain.inverse_root(bend, ridge)

    @property
    def kappa(self) -> float:
        """The curvature of the loss of a row within its bounds; 2 where σ = 0."""
        return 2 / self.scale if self.scale else 2.0

    @cached_property
    def metric(self) -> tuple[np.ndarray, float] | None:
        """(W, a) of H = κ A_IᵀS A_I + 2R."""
        return self.root(self.A, np.where(self.inliers, self.kappa * self.weight, 0.0), 2 * self.ridge)

    @cached_property
    def gap(self) -> float:
        """F(w, σ) − inf F, by the exact dual point near u; +∞ where H was not shown to be positive definite."""
        scale, most, rows = self.scale, 2 * self.loss.epsilon, self.inliers
        kappa, found = self.kappa, self.metric
        if found is None:
            return math.inf
        W, grown = found[0], 1 / math.sqrt(1 - found[1])
        g, error = self.slope(self.u)
        length = (float(np.linalg.norm(W @ g)) + float(error @ np.linalg.norm(W, axis=0))) * grown
        apart = kappa * length * np.linalg.norm(self.A[rows] @ W.T, axis=1) * grown
        moved, total = math.sqrt(kappa) * length, math.fsum(self.weight)
        size = math.sqrt(math.fsum(self.weight * self.u**2))
        share = max(0.0, 1 - most / max(most, float(np.max(np.abs(self.u[rows]) + apart, initial=0.0))))
        share = max(share, 1 - math.sqrt(4 * total / max((size + moved) ** 2, 4 * total))) + 8 * UNIT
        if not share < 0.5:
            return math.inf
        slack = scale * max(total - (max(size - moved, 0.0) * (1 - share)) ** 2 / 4, 0.0) + 4 * UNIT * scale
        pulled = 2 * share**2 * math.fsum(self.ridge * self.w**2) + length**2
        moving = 1.5 * length**2 if scale else 0.0  # at σ = 0 the bound of a row is that of every u
        return self._rows(share) + moving + slack + pulled + 8 * UNIT * self.value + TINY

    def _rows(self, share: float) -> float:
        """Σᵢ s̃ᵢ [σH(rᵢ/σ) − uᵢrᵢ + σuᵢ²/4], u shrunk by 1 − share."""
        r, most, scale, u = self.residual, 2 * self.loss.epsilon, self.scale, self.u
        wrong = (np.sign(r) != np.sign(u)) | (np.abs(u) < most)
        out = np.where(wrong, 2 * most, most * share) * np.abs(r)
        if scale == 0:
            return float(self.weight @ np.where(self.inliers, 2 * most * np.abs(r), out))
        inside = 3 * scale * ((np.abs(r / scale - u / 2) + 4 * UNIT * np.abs(u)) ** 2 + (share * u / 2) ** 2)
        return float(self.weight @ np.where(self.inliers, inside, out + scale * (share * most) ** 2 / 2))

    @cached_property
    def distances(self) -> tuple[np.ndarray, np.ndarray | None] | None:
        """(proved, granted): `distance`, without the doubt in H⁻¹, and with twice the rounding; None where none is."""
        least, ample = self.distance(1.0), self.distance(AMPLE)
        return None if least is None else (least[0] * (1 - least[1]), None if ample is None else ample[0])

    def distance(self, times: float) -> tuple[np.ndarray, float] | None:
        """(|(w, σ) − (w*, σ*)| (p + 1,), doubt in H⁻¹) where F was shown to curve by half of H all about; else None.

        The slope's rounding is counted so many times: a solver's other sums are allowed more.
        """
        scale, epsilon = self.scale, self.loss.epsilon
        if scale == 0:
            return None
        lean = self.residual / scale
        C, ridge = np.column_stack([self.A, lean]), np.append(2 * self.ridge, 0.0)
        u = np.clip(2 * lean, -2 * epsilon, 2 * epsilon)  # not the witness, which need be this to a billionth only
        g, error = self.slope(u)
        along = math.fsum(self.weight) - math.fsum(self.weight * u**2) / 4
        doubt = np.where(np.abs(lean) > epsilon * (1 + 4 * UNIT), 0.0, 4 * UNIT * np.abs(u)) * self.weight
        error = np.append(error + np.abs(self.A).T @ doubt, 8 * UNIT * (1 + abs(along)) + float(np.abs(u) @ doubt))
        g, error = np.append(-g, along), times * error
        reach = np.zeros(len(self.y))
        for _ in range(2):
            stays = self.inliers & (np.abs(self.residual) + reach < epsilon * scale)
            found = self.root(C, np.where(stays, 2 / scale * self.weight, 0.0), ridge)
            if found is None:
                return None
            spread = np.linalg.norm(found[0], axis=0) / math.sqrt(1 - found[1])
            radius = 4 * (float(np.linalg.norm(found[0] @ g)) / math.sqrt(1 - found[1]) + float(error @ spread))
            reach = radius * (np.abs(self.A) @ spread[:-1] + epsilon * spread[-1])
        t = radius * float(spread[-1]) / scale
        if not t < 0.1:
            return None
        tau = (radius * (np.abs(self.A[stays]) @ spread[:-1]) / scale + t * np.abs(lean[stays])) / (1 - t)
        turned = math.sqrt(2 / scale * float(self.weight[stays] @ tau**2)) * float(spread[-1])
        edge = np.all(~stays | (np.abs(self.residual) + reach < epsilon * scale))
        curved = turned < 1 and (1 - turned) ** 2 / (1 + t) >= 0.5
        return (radius * spread, found[1]) if curved and edge else None


def verify_huber(model: Any, X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Verification:
    """{claim ↦ answer} of a fitted HuberRegressor on X (n, p), y and weight (n,)."""
    name, stated, certificate = type(model).__name__, model.problem_, model.certificate_
    total = math.fsum(weight)
    w = np.append(model.coef_, model.intercept_) if stated["intercept"] else np.asarray(model.coef_)
    linear = Linear(X, stated["intercept"])
    plain = Restated(linear, Squared(), ElasticNet().sparing(linear.layout.free), y, weight / total, w)
    answers = [same_data(plain, certificate.fingerprint, name)]
    if not stated["intercept"] and model.intercept_ != 0:
        answers.append(refuted("intercept", name, float(model.intercept_), 0.0, "the fit has no intercept"))
    answers += screened(certificate.claims, EXPECTED, EXPECTED, name)
    if any(answer.verdict == "REFUTED" for answer in answers):
        return Verification(tuple(answers))
    claims = {claim.kind: claim for claim in certificate.claims}
    try:
        problem, units, complaint = restated(plain, (stated, total, float(model.scale_)), claims["gap"].witness)
    except UNREADABLE:
        complaint = "the witness does not fit the data"
    if complaint:
        return Verification((*answers, refuted("gap", name, claims["gap"].bound, None, complaint)))
    if not np.array_equal(model.outliers_[plain.weight > 0], ~problem.inliers):
        answers.append(refuted("outliers", name, None, None, "outliers_ are not the rows beyond epsilon scales"))
    checks: tuple[Callable[[], Answer], ...] = (
        lambda: _check_gap(plain, problem, claims["gap"], units[1], name),
        lambda: _check_parameters(problem, claims["parameters"], units, name),
        lambda: _check_uniqueness(plain, problem, claims["identification"], name),
    )
    answers += [readable(check, kind, name) for check, kind in zip(checks, EXPECTED, strict=True)]
    answers += check_attributes(model, math.ldexp(problem.value, units[1]), noise_of(plain), X.shape)
    return Verification(tuple(answers))


def restated(
    plain: Restated, said: tuple[dict[str, Any], float, float], witness: Any
) -> tuple[Stated, tuple[np.ndarray, int], str]:
    """(problem, (exponents of A, of y), what is wrong with the witness or ''); said = (problem_, Σ s, σ)."""
    (stated, total, scale), rows = said, plain.weight > 0
    kept, complaint, relations = np.ones(len(plain.w), dtype=bool), "", witness.get("relations")
    if relations is not None:
        kept[told_by_others(relations)] = False
        if stated["alpha"] or np.any(plain.w[~kept]) or not relations_hold(plain, relations):
            complaint = "columns are left out that count"
    A, y, w = plain.A[rows][:, kept], plain.y[rows], plain.w[kept]
    columns, unit = np.array([exponent(column) for column in A.T], dtype=int), exponent(y)
    ridge = np.where(plain.model.layout.free[kept], 0.0, stated["alpha"] / total)
    strength = np.ldexp(ridge, unit - 2 * columns)
    if not np.array_equal(np.ldexp(strength, 2 * columns - unit), ridge):
        columns, unit, strength = 0 * columns, 0, ridge
    u, inliers = witness.get("dual", np.zeros(0)), witness.get("inliers", np.zeros(0, dtype=bool))
    fits = np.shape(u) == y.shape == np.shape(inliers) and np.all(np.isfinite(u))
    fits = fits and np.asarray(inliers).dtype == bool
    loss, empty = Huber(stated["epsilon"]), np.zeros(len(y))
    problem = Stated(
        np.ldexp(A, -columns), np.ldexp(y, -unit), plain.weight[rows], strength, loss,
        np.ldexp(w, columns - unit), math.ldexp(scale, -unit), empty, empty > 0,
    )  # fmt: skip
    if not fits or not scale >= 0:
        return problem, (columns, unit), "the witness does not fit the data"
    problem = replace(problem, u=u, inliers=np.asarray(inliers, dtype=bool))
    return problem, (columns, unit), complaint or _complaint(problem)


def _complaint(problem: Stated) -> str:
    """What is wrong with the dual point; '' if it is 2r/σ within the bounds and at a bound beyond."""
    most, r, u, rows = 2 * problem.loss.epsilon, problem.residual, problem.u, problem.inliers
    if np.any(np.abs(u) > most) or np.any(np.abs(u[~rows]) != most):
        return "a multiplier is beyond its bound, or not at the bound of an outlier"
    if problem.scale > 0:
        noise = 1e-9 * most + 8 * UNIT * (np.abs(problem.y) + np.abs(problem.A) @ np.abs(problem.w)) / problem.scale
        if np.any(np.abs(u - np.clip(2 * r / problem.scale, -most, most)) > noise):
            return "the dual point is not the slope of the loss at the recorded parameters"
    return ""


def _check_gap(plain: Restated, problem: Stated, claim: Any, unit: int, name: str) -> Answer:
    """F(w, σ) − inf F by duality, or F itself; its scale, its verdict and its sentence."""
    value = math.ldexp(problem.value, unit)
    derived = math.ldexp(problem.gap, unit) if claim.method == "duality" else value
    centre = Pinball(0.5).constant(plain.y, plain.weight) if plain.model.layout.free.any() else 0.0
    r, loss = plain.y - centre, problem.loss
    null = math.fsum(plain.weight * loss.value(r, loss.scale(r, plain.weight)))
    gain, floor = null - value, 1e-6 * math.fsum(plain.weight * np.abs(plain.y))
    scale = gain if gain > 1e-6 * null else max(null, floor, 2.0**-900)
    if not abs(claim.scale - scale) <= 1e-9 * scale + 1e-12 * (null + value):
        return refuted("gap", name, claim.scale, scale, "F(median) − F is not reproduced")
    allowance = 1e-12 * value + 1e-8 * floor + 16 * TINY + (derived if derived > 1e-9 * value else 0.0)
    in_doubt = problem.metric[1] if claim.method == "duality" and problem.metric else 0.0  # a solver's may be less
    least = min(derived * (1 - in_doubt) ** 2, value)
    allowance += max(min(derived, value) - least, 0.0)
    other = strangers(claim.statement, [claim.bound, claim.bound / claim.scale])
    if other or claim.value != claim.bound:
        return refuted("gap", name, claim.value, derived, "the value, or a number of the sentence, does not follow")
    verdict = "CERTIFIED" if claim.bound <= GAP_TOLERANCE * claim.scale else "INSUFFICIENT"
    return within(claim.to_dict(), name, (least, least + allowance), verdict)


def _check_parameters(problem: Stated, claim: Any, units: tuple[np.ndarray, int], name: str) -> Answer:
    """maxⱼ of |wⱼ − wⱼ*| and |σ − σ*|."""
    nothing = nothing_claimed(claim.to_dict(), name)
    if nothing is not None:
        return nothing
    if problem.distances is None:
        return refuted("parameters", name, claim.bound, None, "no single minimiser follows from the data")
    back = np.append(units[1] - units[0], units[1])
    proved, wider = (math.inf if off is None else float(np.ldexp(off, back).max()) for off in problem.distances)
    size = float(np.abs(np.ldexp(np.append(problem.w, problem.scale), back)).max())
    if claim.scale != size or not rounded_up(claim.value, claim.bound):
        return refuted("parameters", name, claim.scale, size, "the recorded value or scale is not reproduced")
    verdict = "CERTIFIED" if claim.bound <= 1e-6 * size else "INSUFFICIENT"
    return within(claim.to_dict(), name, (proved, wider), verdict)


def _check_uniqueness(plain: Restated, problem: Stated, claim: Any, name: str) -> Answer:
    """One minimiser, since F curves in every direction about it; or dependent columns."""
    kind, p = "identification", len(plain.w) + 1
    known = "is not known" in claim.statement or claim.method == "curvature"
    if known and (claim.bound != p or claim.scale != p):
        return refuted(kind, name, claim.bound, p, "the number of parameters is another")
    if claim.method != "curvature":
        return unknown_or_rank(plain, claim, name)
    said = f"determine all {p} parameters" in claim.statement and claim.verdict == "CERTIFIED"
    if claim.value == p and len(problem.w) == len(plain.w) and problem.distances is not None and said:
        return Answer(kind, name, "CERTIFIED", claim.value, claim.value, "F curves in every direction")
    return refuted(kind, name, claim.value, None, "that no other minimises does not follow from the data")
