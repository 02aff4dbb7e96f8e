"""maxⱼ |wⱼ − wⱼ*| / |wⱼ| of least squares, restated: w − w* = H⁻¹s, with the checker's own inverse root of H.

The recorded bound allows four times what a metric of the solver's leaves in doubt; here less than the whole of it has
to follow, and not more than 200 times.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from infimum.verify.answers import Answer, refuted, within
from infimum.verify.arithmetic import TINY, UNIT, size_of
from infimum.verify.restated import Restated

ROUNDED, LOOSE = 0.02, 200.0  # of the recorded bound, printed to three digits; times the doubt
NOTHING, HELD, ENOUGH = 2.0**-50, 15.9, 1e-6


def check_digits(problem: Restated, claim: dict[str, Any], witness: Mapping[str, np.ndarray], subject: str) -> Answer:
    """max |wⱼ − wⱼ*| / |wⱼ| of a quadratic objective: w − w* = H⁻¹s, by this checker's own inverse root.

    A bound that does not follow from the root in float64 may be that of a solver that looked closer: then so does this.
    """
    bound = claim["bound"]
    if problem.metric is None or problem.loss.name != "squared" or bound is None:
        return refuted("digits", subject, bound, None, "no bound follows from the file and the data")
    answer = _by_root(problem, problem.metric, claim, subject)
    if answer.verdict == "REFUTED" and problem.sharp_metric is not None:
        return _by_root(problem, problem.sharp_metric, claim, subject)
    return answer


def _by_root(problem: Restated, root: tuple[np.ndarray, float], claim: dict[str, Any], subject: str) -> Answer:
    """The answer by one inverse root (W, a) of H."""
    bound, (W, a) = claim["bound"], root
    s, doubt = problem.slope
    t = W @ s
    deviation = size_of(W, 0)
    length, allowance, off = float(size_of(t)), float(doubt @ deviation), np.abs(W.T @ t)
    beside = deviation * (allowance + (a / (1 - a) + (2 * len(s) + 20) * UNIT) * (length + allowance))
    size = np.abs(problem.w)
    least = NOTHING * float((size / deviation).max()) * deviation
    proved = largest(off + beside, size, (size > 1.2 * least) | (off + beside > 2.4 * least))
    loose = largest(off + LOOSE * beside, size, (size > 0.8 * least) | (off + LOOSE * beside > 1.6 * least))
    measured = largest(np.maximum(off - LOOSE * beside, 0.0), size, size > 1.2 * least)
    if claim["scale"] != 1.0 or claim["value"] is None or not claim["value"] >= 0.98 * measured:
        return refuted("digits", subject, claim["value"], measured, "the recorded value or scale is not reproduced")
    if not digits_said(claim["statement"], bound):
        return refuted("digits", subject, bound, proved, "the sentence does not state the recorded bound")
    verdict = "CERTIFIED" if bound <= ENOUGH else "INSUFFICIENT"
    return within(claim, subject, (proved, loose + TINY), verdict, (ROUNDED, ROUNDED))


def largest(error: np.ndarray, size: np.ndarray, told: np.ndarray) -> float:
    """max error / size of those that have digits to speak of."""
    return max((float(e / w) if w > 0 else math.inf for e, w in zip(error[told], size[told], strict=True)), default=0.0)


def digits_said(statement: str, bound: float) -> bool:
    """Whether the sentence states the bound, and as many digits as follow from it: floor of −log₁₀ 2 bound, to 0.1."""
    digits = math.floor(10 * (min(max(0.0, -math.log10(2 * bound)), HELD) if bound > 0 else HELD)) / 10
    return f"{bound:.3g}" in statement and f"{digits:.1f} digits are right" in statement
