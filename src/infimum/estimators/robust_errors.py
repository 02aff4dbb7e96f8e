"""(QuantileRegressor or HuberRegressor, its rows) → β̂ ± t √Vⱼⱼ: errors of regressions that are no likelihood."""

import math
from typing import Any

import numpy as np

from infimum.certificates.fingerprint import fingerprint_of
from infimum.certificates.huber import HuberObjective
from infimum.certificates.polyhedral import exponent_of
from infimum.certificates.quantile import QuantileObjective
from infimum.estimators.asked import check_unchanged, rows_given
from infimum.inference.estimate import Inference
from infimum.inference.information import proved_digits
from infimum.inference.robust import HUBER, QUANTILE, density_at_0, huber_covariance, quantile_covariance
from infimum.losses.huber import Huber
from infimum.losses.pinball import Pinball
from infimum.models.linear import Linear

KINDS = {"quantile": QUANTILE, "huber": HUBER}
BELIEVES = {
    ("quantile", "robust"): "errors (robust, as statsmodels calls them) believe that rows are independent and the "
    "noise has one density at the quantile in all of them; covariance='powell' does not believe the latter",
    ("quantile", "classical"): "errors believe that rows are independent and their noise is alike in all of them",
    ("quantile", "powell"): "errors (Powell's kernel sandwich) believe that rows are independent, not that their "
    "noise is alike, and that many are near the fit",
    ("huber", "robust"): "errors (robust) believe that rows are independent, not that they spread alike, and take the "
    "scale as known, which is as good where noise is symmetric; covariance='joint' counts the scale",
    ("huber", "joint"): "errors (joint with the scale) believe that rows are independent, not how their noise spreads",
    **{("huber", kind): f"errors ({kind} of Huber & Ronchetti 2009, §7.6) believe that rows are independent and their "
    "noise is alike in all of them" for kind in ("H1", "H2", "H3")},
}  # fmt: skip
UNIT = 2.0**-53


def objective_of(stated: dict[str, Any], model: Linear, y: np.ndarray, weight: np.ndarray) -> Any:
    """F of a quantile or Huber regression with its settings `stated`, weights (n,) adding up to 1."""
    free = model.layout.free
    if stated["form"] == "quantile":
        return QuantileObjective(model, Pinball(stated["quantile"]), np.where(free, 0.0, stated["l1"]), y, weight)
    ridge = np.where(free, 0.0, stated["alpha"] / stated["total"])
    return HuberObjective(model, Huber(stated["epsilon"]), ridge, y, weight)


def why_none(estimator: Any) -> str:
    """Why a quantile or Huber regression has no standard errors, and what to do; '' where it may have them."""
    stated, certificate = estimator.problem_, estimator.certificate_
    if stated.get("l1") or stated.get("alpha"):
        return "it was fitted with a penalty, which pulls coefficients away from what the rows say; fit with alpha=0"
    rank, gap = certificate.claim("identification"), certificate.claim("gap")
    if "determine" in rank.statement and rank.value < rank.bound:
        return f"{rank.statement}; leave a column of each relation out"
    if gap.verdict != "CERTIFIED":
        return gap.statement
    if stated["form"] == "huber" and rank.verdict != "CERTIFIED":
        return rank.statement
    return ""


def errors_at(estimator: Any, objective: Any, total: float, kind: str | None = None) -> Inference:
    """β̂ with its covariance of a kind, on the rows of an objective whose weights times `total` count repetitions.

    Raises ValueError, the reason in words, where there are no errors.
    """
    stated = estimator.problem_
    form, names = stated["form"], KINDS[stated["form"]]
    kind = names[0] if kind is None else kind
    if kind not in names:
        raise ValueError(f"covariance = {kind!r} of {type(estimator).__name__}; there are: {', '.join(names)}")
    why = why_none(estimator)
    if why:
        raise ValueError(why)
    counting = objective.weight > 0
    A, y = objective.model.jacobian(np.zeros(objective.model.layout.size))[counting], objective.y[counting]
    s, N = objective.weight[counting] * total, total
    if len(A.T) >= N:
        raise ValueError(f"{N:g} rows and {len(A.T)} parameters leave nothing to estimate the spread from")
    w = np.append(estimator.coef_, estimator.intercept_)[: len(A.T)]
    units = np.array([exponent_of(column) for column in A.T], dtype=int), exponent_of(y)
    A, y, r = np.ldexp(A, -units[0]), np.ldexp(y, -units[1]), np.ldexp(residuals(A, y, w), -units[1])
    explained = 1 - estimator.objective_ / null if (null := objective.null_value()) > 0 else math.nan
    statistics = {"rows": int(counting.sum()), "total_weight": N, "parameters": len(w)}
    if form == "quantile":
        density = density_at_0(r, y, s, stated["quantile"])
        V = quantile_covariance(A, r, s, stated["quantile"], density, kind)
        sparsity, bandwidth = (math.ldexp(part, units[1]) for part in (1 / density.value, density.bandwidth))
        statistics |= {"pseudo_r2": explained, "sparsity": sparsity, "bandwidth": bandwidth}
    else:
        scale = math.ldexp(estimator.scale_, -units[1])
        V = huber_covariance(A, r / scale, s, scale, stated["epsilon"], kind)
        statistics |= {"scale": estimator.scale_, "outliers": int(estimator.outliers_[counting].sum())}
    with np.errstate(over="ignore", under="ignore"):
        V = np.ldexp(V, 2 * units[1] - units[0][:, None] - units[0])
    if not (np.all(np.isfinite(V)) and np.all(np.diag(V) > 0)):
        raise ValueError("their squares leave float64: use other units")
    notes = notes_of(estimator, kind, int(counting.sum()), N)
    freedom = N - len(w) if form == "quantile" else math.inf
    bound = np.full(len(w), estimator.certificate_.claim("parameters").bound)
    name = type(estimator).__name__
    return Inference(estimator.names_, w, V, freedom, kind, proved_digits(w, bound), statistics, notes, name)


def residuals(A: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """y − A w, (n,), 0 where it is no more than its rounding: those are the rows that a quantile passes through."""
    r = y - A @ w
    return np.where(np.abs(r) <= 4 * (A.shape[1] + 2) * UNIT * (np.abs(y) + np.abs(A) @ np.abs(w)), 0.0, r)


def notes_of(estimator: Any, kind: str, rows: int, total: float) -> tuple[str, ...]:
    """What the errors believe, and what is odd about the fit, in sentences."""
    notes, rank = [BELIEVES[estimator.problem_["form"], kind]], estimator.certificate_.claim("identification")
    notes.append("they hold for many rows: a bootstrap is better for few")
    if rank.verdict != "CERTIFIED":
        notes.append(rank.statement)
    if rows != total:
        notes.append(f"weights count as repetitions: {rows} rows stand for {total:g}")
    return tuple(notes)


def keep_errors(estimator: Any, objective: Any, total: float) -> None:
    """Sets what `summary` shows: the errors of a fit by default, or in `problem_` the reason why there are none."""
    estimator._inference = None
    try:
        estimator._inference = errors_at(estimator, objective, total)
    except ValueError as error:
        estimator.problem_["no_errors"] = str(error)


def robust_inference(model: Any, X: Any, y: Any, sample_weight: Any, covariance: str | None) -> Inference:
    """β̂ ± t √Vⱼⱼ of a fitted QuantileRegressor or HuberRegressor on the rows of its fit: what `infer` gives.

    Raises ValueError for other rows, coefficients that were changed since, and where there are no errors.
    """
    check_unchanged(model)
    X, y, weight = rows_given(model, X, y, sample_weight)
    stated, total = model.problem_, math.fsum(weight)
    columns = tuple(str(name) for name in vars(model).get("feature_names_in_", ()))
    objective = objective_of(stated, Linear(X, stated["intercept"], columns), y, weight / total)
    if total != stated["total"] or fingerprint_of(objective) != model.certificate_.fingerprint:
        raise ValueError("X, y or sample_weight are not those of the fit: errors are about the rows that were fitted")
    try:
        return errors_at(model, objective, total, covariance)
    except ValueError as error:
        if str(error).startswith("covariance = "):
            raise
        raise ValueError(f"{type(model).__name__} has no standard errors: {error}") from None
