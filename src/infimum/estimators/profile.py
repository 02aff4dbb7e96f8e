"""{θ : 2 (log L_max − log L(θ)) ≤ χ²₁(level)} of each coefficient of a fitted model: `profile_intervals`."""

from typing import Any

import numpy as np

from infimum.certificates.fingerprint import fingerprint_of
from infimum.estimators.asked import likelihood_fit
from infimum.estimators.firth import likelihood_of
from infimum.estimators.inference import fit_of
from infimum.estimators.shell import why_no_errors
from infimum.inference.profile import ProfileIntervals
from infimum.solvers.profile import NoProfile, attained_profiles
from infimum.solvers.separated import separated_profiles

SEPARATED = "classes are separated: no finite estimate has the largest likelihood; penalty='firth' has finite ones"


def profile_intervals(
    model: Any, X: Any, y: Any, sample_weight: Any = None, *, level: float = 0.95
) -> ProfileIntervals:
    """{θ : 2 (log L_max − log L(βⱼ = θ)) ≤ χ²₁(level)}, the likelihood maximised over the others; and tests of βⱼ = 0.

    model: LogisticRegression of two classes with C=inf or penalty="firth" (then the likelihood is the penalised one,
    √det I of the full design its penalty for every θ, as in R's logistf), or PoissonRegressor(alpha=0). X (n, p), y and
    sample_weight (n,) are those of the fit; weights count like repetitions. Ends are found to about 1e-12 of the
    interval (Venzon & Moolgavkar 1988; Heinze & Schemper 2002). Where classes are separated and C=inf, one end or
    both are ±∞. Raises ValueError for other models, other rows, a level not between 0 and 1, dependent columns.

    >>> from infimum import LogisticRegression
    >>> X, y = [[0.0], [0.0], [0.0], [1.0], [1.0], [1.0]], [0, 0, 0, 1, 1, 1]
    >>> print(profile_intervals(LogisticRegression(penalty="firth").fit(X, y), X, y))
    LogisticRegression, intervals and tests by the profile of the penalised likelihood
               estimate  95% from    to  χ²(1)       p
    ──────────────────────────────────────────────────
    x0             3.89      0.44  9.75  5.062  0.0245
    intercept     -1.95     -6.85  0.39  2.531   0.112
    """
    if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise ValueError(f"level = {level!r}; expected a number between 0 and 1, such as 0.95")
    from scipy.stats import chi2

    firth = refuse_other(model)
    point, total = fit_of(model, X, y, sample_weight)
    known = total if model.information_ is None else model.information_.total
    if known != total or fingerprint_of(point.objective) != model.certificate_.fingerprint:
        raise ValueError(
            "X, y or sample_weight are not those of the fit: intervals are about the rows that were fitted"
        )
    problem, scales = likelihood_of(point.objective, total, firth)
    critical = float(chi2(1).isf(1 - level))
    attained = firth or model.information_ is not None
    try:
        profiles = attained_profiles(problem, point.w * scales) if attained else separated_profiles(problem)
        found = [(each.estimate, *each.ends(critical), each.rise(0.0)) for each in profiles]
    except NoProfile as error:
        raise ValueError(f"a profile of {type(model).__name__} could not be followed: {error}") from error
    estimates, lower, upper, statistics = np.array(found).T
    pvalues = chi2(1).sf(statistics)
    ends = estimates / scales, lower / scales, upper / scales
    what, notes = "penalised likelihood" if firth else "likelihood", () if attained else (SEPARATED,)
    return ProfileIntervals(model.names_, *ends, statistics, pvalues, float(level), what, type(model).__name__, notes)


def refuse_other(model: Any) -> bool:
    """Whether the fit has Firth's penalty. Raises ValueError for a model whose likelihood has no profile to follow."""
    stated, name = likelihood_fit(model).problem_, type(model).__name__
    if stated["loss"] not in ("logistic", "poisson"):
        raise ValueError(
            f"profiles are followed of two classes and of counts, and the {stated['loss']} loss is another: use `infer`"
        )
    separation, rank = map(model.certificate_.claim, ("separation", "identification"))
    firth = stated.get("penalty") == "firth"
    known = rank.value == rank.bound if firth else model.information_ is not None
    if not known and (separation is None or stated["loss"] != "logistic"):
        told = separation.statement if separation else why_no_errors(model)
        raise ValueError(f"{name} has no profile to follow: {told}")
    return bool(firth)
