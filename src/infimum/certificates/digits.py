"""digits = −log₁₀ maxⱼ |wⱼ − wⱼ*| / |wⱼ|: how many of the digits of least squares are those of the exact minimiser.

The objective is quadratic, so w − w* = H⁻¹ s exactly, s its gradient at w. With W H Wᵀ = I − X, ‖X‖₂ ≤ a (the verified
metric) and t = W s, H⁻¹ s = Wᵀ (I − X)⁻¹ t = Wᵀ t + Wᵀ y, ‖y‖₂ ≤ a ‖t‖₂ / (1 − a) (Rump 2010, §10): entry by entry,

    |wⱼ − wⱼ*| ≤ |Wᵀ t|ⱼ + √(WᵀW)ⱼⱼ (‖e‖ + a ‖t‖ / (1 − a)),   e what rounding may have done to t.

The second part is small; the first is what w is off by, so that this bound is not worse for an ill-conditioned H.
"""

import math

import numpy as np

from infimum.certificates.claim import Claim, Verdict
from infimum.certificates.metric import Metric
from infimum.certificates.point import Point
from infimum.certificates.rounding import ceiling, gamma, norm
from infimum.models import Params

ENOUGH = 1e-6  # relative: the bar for CERTIFIED
WIDER = 4.0  # times the second part, so that a checker's own may be as large
HELD = 15.9  # digits that float64 holds: 53 bits
NOTHING = 2.0**-50  # of the largest term: a parameter so small, and known so well, counts as 0


def digits_claim(point: Point, metric: Metric | None, names: tuple[str, ...]) -> Claim | None:
    """maxⱼ |wⱼ − wⱼ*| / |wⱼ| ≤ bound over the parameters that are not 0, in digits; None unless F is quadratic.

    value is the same without the allowance.
    """
    if point.objective.loss.self_concordance or not point.penalty.smooth or point.outputs > 1 or not len(point.w):
        return None
    if metric is None:
        sentence = "how many digits of the coefficients are right is not known: the curvature is not proved positive"
        return Claim("digits", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    off, beside = distances(point, metric)
    size = np.abs(point.w)
    told = told_of(size, off + WIDER * beside, metric)
    with np.errstate(divide="ignore"):
        share = np.divide(off + WIDER * beside, size, out=np.full(len(size), -1.0), where=told)
    worst = int(np.argmax(share))
    if share[worst] >= 1:
        sentence = f"how many digits are right is not known: {names[worst]} is not told from 0"
        return Claim("digits", sentence, math.inf, math.inf, Verdict.UNAVAILABLE)
    value, bound = float((off[told] / size[told]).max()), ceiling(float(share[worst]))
    verdict = Verdict.CERTIFIED if bound <= ENOUGH else Verdict.INSUFFICIENT
    return Claim("digits", digits_statement(bound, names[worst], int(np.sum(~told))), value, bound, verdict)


def distances(point: Point, metric: Metric) -> tuple[Params, Params]:
    """(|Wᵀ t|, what w* may be off that by), (p,) each: the two parts of the bound."""
    W, a, p = metric.W, metric.a, len(point.w)
    t = W @ point.s
    length, allowance = float(norm(t)), metric.allowance(point.s, point.s_error)
    beside = allowance + (a / (1 - a) + gamma(2 * p + 8)) * (length + allowance)
    return np.abs(W.T @ t), norm(W, 0) * beside * (1 + gamma(p + 8))


def told_of(size: Params, bound: Params, metric: Metric) -> np.ndarray:
    """|wⱼ| > 2⁻⁵⁰ of the largest term, or not proved to be so small: which parameters have digits to speak of."""
    scale = 1 / norm(metric.W, 0)  # of a parameter, in the units of the objective
    least = NOTHING * float((size * scale).max()) / scale
    return np.asarray((size > least) | (bound > 2 * least))


def digits_statement(bound: float, name: str, nothing: int) -> str:
    """−log₁₀ 2 bound, rounded down, in one sentence.

    >>> digits_statement(2.3e-14, "x3", 0)[72:]
    "13.3 digits are right, whatever the data's own; the least are those of x3"
    """
    digits = min(max(0.0, -math.log10(2 * bound)), HELD) if bound > 0 else HELD
    zero = f"; {nothing} more {'is' if nothing == 1 else 'are'} 0 to working precision" if nothing else ""
    each = "every coefficient" if not nothing else "every other coefficient"
    right = f"{math.floor(10 * digits) / 10:.1f} digits are right, whatever the data's own"
    return (
        f"{each} is within {bound:.3g} of itself of the exact minimiser's: {right}; the least are those of {name}{zero}"
    )
