"""Claims of Huber regression with its scale: the gap, how far the minimiser is, and whether it is the only one."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.concomitant import Concomitant, State, duality_gap, metric_of
from infimum.certificates.gap import GAP_TOLERANCE
from infimum.certificates.identification import identification_claim
from infimum.certificates.metric import Metric
from infimum.certificates.point import Point, point_at
from infimum.certificates.rounding import UNIT, ceiling
from infimum.losses.huber import Huber
from infimum.losses.pinball import Pinball
from infimum.losses.squared import Squared
from infimum.models import Model, Params, Rows
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet

MEDIAN = Pinball(0.5)


@dataclass(frozen=True)
class HuberObjective:
    """F(w, σ) = Σᵢ s̃ᵢ ℓ(yᵢ − zᵢ, σ) + Σⱼ ridgeⱼ wⱼ², z = model(w) affine: params are (w, σ), s̃ (n,) = s / Σ s.

    >>> import numpy as np
    >>> from infimum.models.linear import Linear
    >>> F = HuberObjective(Linear(np.eye(2), False), Huber(2.0), np.zeros(2), np.array([1.0, -3.0]), np.full(2, 0.5))
    >>> F.value(np.array([0.0, 0.0, 1.0]))
    5.5
    """

    model: Model
    loss: Huber
    ridge: Params
    y: Rows
    weight: Rows

    def value(self, params: Params) -> float:
        """F(w, σ), its residuals in twice the working precision."""
        problem = self.concomitant()
        w, scale = np.ldexp(params[:-1], -problem.shift), math.ldexp(float(params[-1]), -problem.unit)
        return math.ldexp(problem.value(w, scale), problem.unit)

    def concomitant(self) -> Concomitant:
        """F in units that are powers of two."""
        A = self.model.jacobian(np.zeros(self.model.layout.size))
        return Concomitant.of((A, self.y, self.weight), self.loss, self.ridge, bool(self.model.layout.free.any()))

    def null_value(self) -> float:
        """F at the weighted median of y, or at z = 0 without an intercept, each with its best scale."""
        centre = MEDIAN.constant(self.y, self.weight) if self.model.layout.free.any() else 0.0
        r = self.y - centre
        return math.fsum(self.weight * self.loss.value(r, self.loss.scale(r, self.weight)))

    def columns(self) -> Point:
        """The columns of A as a point of least squares: what rank and relations are asked of."""
        plain = LikelihoodObjective.of(self.model, Squared(), ElasticNet(), self.y, self.weight)
        return point_at(plain, np.zeros(self.model.layout.size))


@dataclass(frozen=True, eq=False)
class Fit:
    """(w, σ, u, I) of the problem on the columns that were kept, (P,), in its units."""

    problem: Concomitant
    kept: Bool[np.ndarray, " P"]
    state: State
    relations: np.ndarray  # (P − p, P) of dropped columns to kept ones
    exact: bool  # whether the relations hold exactly

    def params(self) -> Params:
        """w in the units of the data, (P,), 0 for columns that were dropped."""
        w = np.zeros(len(self.kept))
        w[self.kept] = np.ldexp(self.state.w, self.problem.shift)
        return w

    def scale(self) -> float:
        """σ in the units of the data."""
        return math.ldexp(self.state.scale, self.problem.unit)


def huber_claims(objective: HuberObjective, fit: Fit) -> tuple[Claim, ...]:
    """{gap, parameters, identification} at a fit, each with its proof or the reason why there is none."""
    names = (*objective.model.layout.entries, "scale")
    bounds = enclosed(fit)
    return gap_claim(objective, fit), parameters_claim(fit, bounds, names), uniqueness_claim(objective, fit, bounds)


def gap_claim(objective: HuberObjective, fit: Fit) -> Claim:
    """F(w, σ) − inf F ≤ bound: by the dual point, or F itself since F ≥ 0; scale F(median) − F."""
    problem, state = fit.problem, fit.state
    unit = problem.unit
    above = math.ldexp(problem.above(state.w, state.scale), unit) * (1 + 8 * UNIT)
    usable = fit.exact or not len(fit.relations)
    dual = math.ldexp(duality_gap(problem, state), unit) if usable else math.inf
    witness = {"dual": state.u, "inliers": state.inliers}
    witness |= {"relations": fit.relations} if len(fit.relations) and fit.exact else {}
    bound, method = ceiling(min(dual, above)), "duality" if dual < above else "F ≥ 0"
    null, value = objective.null_value(), math.ldexp(problem.value(state.w, state.scale), unit)
    gain, floor = null - value, 1e-6 * math.fsum(objective.weight * np.abs(objective.y))
    scale = gain if gain > 1e-6 * null else max(null, floor, 2.0**-900)
    verdict = Verdict.CERTIFIED if bound <= GAP_TOLERANCE * scale else Verdict.INSUFFICIENT
    told = (
        f"the mean Huber loss with its scale plus penalty is at most {bound:.3g} units of the target above its infimum"
    )
    sentence = f"{told}, {bound / scale:.2g} of what the fit gains over the median alone"
    if state.scale == 0 and verdict == Verdict.CERTIFIED:
        sentence += "; the scale is 0, since so many rows lie on one plane"
    elif verdict == Verdict.INSUFFICIENT:
        sentence += "; " + _why_not(fit, dual)
    return Claim("gap", sentence, bound, bound, verdict, scale, method, witness)


def _why_not(fit: Fit, dual: float) -> str:
    if len(fit.relations) and not fit.exact:
        return "columns depend on each other to working precision, but not exactly"
    if math.isinf(dual):
        return "the rows within epsilon scales of the fit do not determine it: a penalty or a larger epsilon would"
    return "what is left is the rounding of the parameters to float64: centre and scale the columns"


def enclosed(fit: Fit) -> np.ndarray | None:
    """|(w, σ) − (w*, σ*)| ≤ bounds, (p + 1,), in the problem's units; None where no single minimiser was proved.

    H = Σ_J s̃ᵢ (2/σ) cᵢcᵢᵀ + 2R, cᵢ = (aᵢ, rᵢ/σ), over rows J that stay within εσ all over the ball of radius
    ρ = 4λ in ‖·‖_H, λ = ‖∇F‖_{H⁻¹}: there ∇²F ⪰ ½H, so that the slope cannot vanish but within 2λ.
    """
    problem, state = fit.problem, fit.state
    if state.scale == 0 or len(fit.relations):
        return None
    scale, epsilon = state.scale, problem.loss.epsilon
    r, error = problem.residual(state.w)
    lean = r / scale
    C = np.ascontiguousarray(np.column_stack([problem.A, lean]))
    ridge = np.append(2 * problem.ridge, 0.0)
    stays = state.inliers & (np.abs(r) + error < epsilon * scale)
    for _ in range(2):  # the rows near the edge are known once the radius is
        metric = metric_of(problem, C, np.where(stays, 2 / scale * problem.weight, 0.0), ridge)
        if metric is None:
            return None
        radius = 4 * metric.length(*_slope(problem, state))
        still = stays & (np.abs(r) + error + _reach(problem, metric, radius) < epsilon * scale)
        if np.array_equal(still, stays):
            return _within(problem, (metric, radius), C, stays, state)
        stays = still
    return None


def _reach(problem: Concomitant, metric: Metric, radius: float) -> Rows:
    """How far |rᵢ| − εσ can rise over the ball, (N,)."""
    deviations = metric.deviations()
    return radius * (np.abs(problem.A) @ deviations[:-1] + problem.loss.epsilon * deviations[-1]) * (1 + 64 * UNIT)


def _slope(problem: Concomitant, state: State) -> tuple[np.ndarray, np.ndarray]:
    """(∇F, error), (p + 1,): −Aᵀs̃u + 2Rw, and Σ s̃ᵢ (1 − uᵢ²/4)."""
    r, error = problem.residual(state.w)
    g, g_error = problem.slope(state.w, state.u)
    u_error = np.minimum(4 * UNIT * np.abs(state.u) + 2 * error / state.scale, 4 * problem.loss.epsilon)
    u_error[np.abs(r) - error > problem.loss.epsilon * state.scale * (1 + 4 * UNIT)] = 0.0  # u is a bound, exactly
    g_error = g_error + np.abs(problem.A).T @ (problem.weight * u_error) * (1 + 16 * UNIT)
    along = math.fsum(problem.weight) - math.fsum(problem.weight * state.u**2) / 4
    doubt = 8 * UNIT + float(problem.weight @ (np.abs(state.u) * u_error))
    return np.append(-g, along), np.append(g_error, doubt)


def _within(
    problem: Concomitant, ball: tuple[Metric, float], C: np.ndarray, stays: np.ndarray, state: State
) -> np.ndarray | None:
    """ρ √(H⁻¹)ⱼⱼ, if ∇²F ⪰ ½ H all over the ball of radius ρ; else None.

    At another point of the ball σ changes by a share t and rᵢ/σ by no more than τᵢ, so that in ‖·‖_H the curvature of
    J loses a share of at most 1 − (1 − √(Σ_J s̃ᵢ (2/σ) τᵢ²) √(H⁻¹)_σσ)² / (1 + t).
    """
    metric, radius = ball
    deviations = metric.deviations()
    t = radius * float(deviations[-1]) / state.scale
    if not t < 0.1:
        return None
    moved = radius * (np.abs(problem.A[stays]) @ deviations[:-1]) / state.scale
    tau = (moved + np.abs(C[stays, -1]) * (t + 8 * UNIT)) / (1 - t) + problem.residual(state.w)[1][stays] / state.scale
    turned = math.sqrt(2 / state.scale * float(problem.weight[stays] @ tau**2)) * float(deviations[-1])
    if not (1 - turned) ** 2 / (1 + t) >= 0.5 or not turned < 1:
        return None
    return np.asarray(radius * deviations * (1 + 64 * UNIT))


def parameters_claim(fit: Fit, bounds: np.ndarray | None, names: tuple[str, ...]) -> Claim:
    """|wⱼ − wⱼ*| and |σ − σ*| ≤ bound for every j."""
    if bounds is None:
        sentence = "no bound on the distance of the parameters from a minimiser: no single one was proved"
        return Claim("parameters", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    found = np.append(fit.params(), fit.scale())
    off = np.ldexp(bounds, np.append(fit.problem.shift, fit.problem.unit))
    value, size = float(off.max()), float(np.abs(found).max())
    bound, worst = ceiling(value), int(np.argmax(off))
    verdict = Verdict.CERTIFIED if bound <= 1e-6 * size else Verdict.INSUFFICIENT
    sentence = f"every parameter is within {bound:.3g} of the minimiser's; the loosest is {names[worst]} = "
    return Claim("parameters", sentence + f"{found[worst]:.6g}", value, bound, verdict, size)


def uniqueness_claim(objective: HuberObjective, fit: Fit, bounds: np.ndarray | None) -> Claim:
    """{(w, σ): F = inf F} is one point? CERTIFIED where F was proved to curve in every direction about it."""
    p = len(fit.kept) + 1
    if bounds is not None:
        sentence = f"the data determine all {p} parameters: no others minimise the objective"
        return Claim("identification", sentence, p, p, Verdict.CERTIFIED, p, "curvature")
    if len(fit.relations):
        return replace(identification_claim(objective.columns(), objective.model.layout.inputs))
    sentence = "whether another point minimises the objective is not known: "
    sentence += "the scale is 0" if fit.state.scale == 0 else "it was not proved to curve in every direction"
    return Claim("identification", sentence, 0, p, Verdict.INSUFFICIENT, p)
