"""A fit against the exact answer: what it claims has to hold, and what is wrong has to be told."""

import re
import warnings
from fractions import Fraction

import mpmath as mp
import numpy as np

from infimum.estimators.shell import CertificateWarning
from tests.estimators.exact.families import Classes, Counts, number
from tests.estimators.exact.firth import firth_minimum
from tests.estimators.exact.likelihood import DIGITS, likelihood_minimum
from tests.estimators.exact.quadratic import quadratic_minimum
from tests.estimators.exact.robust import huber_minimum, quantile_minimum
from tests.estimators.exact.task import params_of, task_of

WRONG = 1e-6  # of what the fit gains over the null model, or of a parameter: such an answer has to be told
NOTHING = 1e-100  # what is left of numbers that cancel at 150 digits
ROUNDED = 1e-28  # of a mean count: what parameters rounded to float64 may cost
NO_ANSWER = "there is no exact answer, and nothing was told"
TOLD = ("INSUFFICIENT", "UNAVAILABLE")


def exact_answer(model, X, y, weight):
    """The exact answer to what the estimator was asked for, and the parameters it is about."""
    coded = np.searchsorted(model.classes_, y) if "classes_" in vars(model) else y
    task, w, name = task_of(model, X, coded, weight), params_of(model), type(model).__name__
    if name == "QuantileRegressor":
        return quantile_minimum(task, model.quantile), w
    if name == "HuberRegressor":
        w = np.append(w, model.scale_)
        return huber_minimum(task, model.epsilon, model.alpha, w), w
    if name.startswith("Logistic"):
        if getattr(model, "penalty", "") == "firth":
            return firth_minimum(task, w), w
        K, penalised = len(model.classes_), len(model.classes_) == 2 or any(task.l1) or any(task.l2)
        family = Classes(K, len(task.A), penalised, whole=K > 2 and any(task.l1))
        return likelihood_minimum(task, family, w), w
    if name == "PoissonRegressor":
        return likelihood_minimum(task, Counts(), w), w
    return quadratic_minimum(task, w), w


def complaints(model, X, y, weight, warned):
    """[what is claimed and does not hold, or is wrong and was not told]."""
    exact, w = exact_answer(model, X, y, weight)
    found = []
    with mp.workdps(5 * DIGITS):
        claims = {claim.kind: claim for claim in model.certificate_.claims}
        told = any(claim.verdict in TOLD for claim in claims.values()) or "separation" in claims
        told = told or ("identification" in claims and claims["identification"].value < claims["identification"].bound)
        if exact.at is None:
            return [] if warned and told else [NO_ANSWER]
        above, scale, floor = mp.mpf(0), mp.mpf(0), NOTHING
        if exact.null:
            above, scale = as_number(exact.at(w) - exact.value), as_number(exact.null - exact.value)
            scale = scale if scale > 1e-6 * as_number(exact.null) else as_number(exact.null)
        if type(model).__name__ == "PoissonRegressor":
            floor = ROUNDED * float(np.max(y))
        gap = claims["gap"]
        if gap.verdict == "CERTIFIED" and above > gap.bound:
            found.append(f"gap {mp.nstr(above, 5)} > {gap.bound}")
        if gap.verdict == "INSUFFICIENT" and above > gap.bound:
            found.append(f"gap, though insufficient: {mp.nstr(above, 5)} > {gap.bound}")
        if above > max(WRONG * scale, floor) and not (warned and gap.verdict in TOLD):
            found.append(
                f"wrong by {mp.nstr(above, 5)} of a gain of {mp.nstr(scale, 5)}, warned {warned}, gap {gap.verdict}"
            )
        if "separation" in claims and exact.attained:
            found.append("separation is claimed and there is none")
        if not exact.attained and "separation" not in claims and not told:
            found.append("no minimum is attained and nothing was told")
        if exact.w is not None:
            found += distances(exact.w, w, claims, told)
        elif "parameters" in claims and claims["parameters"].verdict == "CERTIFIED" and exact.several:
            found.append("parameters are CERTIFIED, and there is no single minimum")
    return found


def distances(exact, w, claims, told):
    """What the claims about single parameters miss."""
    off = [abs(as_number(a) - number(b)) for a, b in zip(exact, w, strict=True)]
    found, parameters, digits = [], claims["parameters"], claims.get("digits")
    if np.isfinite(parameters.bound) and max(off) > parameters.bound:
        found.append(f"parameters ({parameters.verdict}): {mp.nstr(max(off), 5)} > {parameters.bound}")
    if digits is not None and np.isfinite(digits.bound):
        share = [a / abs(number(b)) if b else mp.inf if a else mp.mpf(0) for a, b in zip(off, w, strict=True)]
        nothing = re.search(r"; (\d+) more (is|are) 0 to working precision", digits.statement)
        missed = sum(x > digits.bound for x in share)
        if missed > (int(nothing.group(1)) if nothing else 0):
            found.append(f"digits ({digits.verdict}): {[mp.nstr(x, 3) for x in share]} > {digits.bound}")
    worst = max(
        (a / max(abs(as_number(x)), abs(number(b))) for a, x, b in zip(off, exact, w, strict=True) if a), default=0
    )
    if worst > WRONG and not told and max(off) > WRONG * max(parameters.scale, *(abs(as_number(x)) for x in exact)):
        found.append(f"a parameter is off by {mp.nstr(worst, 3)} of itself and no claim says so")
    return found


def as_number(x):
    return number(x) if isinstance(x, Fraction) else mp.mpf(x)


def fitted(model, X, y, weight):
    """(model or None, refusal, whether a CertificateWarning was given); any other warning or error is raised."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            model.fit(X, y, sample_weight=weight)
        except ValueError as refusal:
            return None, str(refusal), False
    others = [str(entry.message) for entry in said if entry.category is not CertificateWarning]
    assert not others, others
    return model, "", bool(said)
