"""argmin Σ sᵢ ℓ(zᵢ, yᵢ) − ½ log det I(w): Firth's penalised logistic regression, from arrays to a fitted estimator."""

import math
import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg import svd

from infimum.certificates.firth import FirthEvidence, firth_evidence, rank_claim, scaled_point, scales_of
from infimum.certificates.point import point_at
from infimum.certificates.rounding import UNIT
from infimum.certificates.whitening import SMALL, whitened
from infimum.estimators.asked import remember
from infimum.estimators.rows import in_range, names_of
from infimum.estimators.shell import CertificateWarning
from infimum.inference.information import ROUGH, Information
from infimum.losses.logistic import Logistic
from infimum.models.scores import linear_in
from infimum.objective import LikelihoodObjective
from infimum.penalties.elastic_net import ElasticNet
from infimum.solvers import Trace
from infimum.solvers.modified import Descent, Likelihood, lowest

SOLVER = "Newton, modified score"


def likelihood_of(objective: LikelihoodObjective, total: float, firth: bool) -> tuple[Likelihood, np.ndarray]:
    """(G of an objective's likelihood, on columns over 2ᵏ; 2ᵏ, (p,)), its weights s = N s̃, N = Σ sᵢ."""
    A = objective.model.jacobian(np.zeros(objective.model.layout.size))
    scales = scales_of(A, objective.weight)
    columns = np.ascontiguousarray(A / scales)
    return Likelihood(objective.loss, columns, objective.y, objective.weight * total, firth), scales


def firth_solved(estimator: Any, arrays: tuple[Any, Any, Any]) -> tuple[np.ndarray, float]:
    """(b, b₀) = argmin of Firth's penalised loss on (X, y, weight), y 0 or 1; sets what `solved` sets.

    Where columns depend on others det I = 0 for all w; then I is taken on the space that the rows span, of which the
    predictions alone depend, w is the shortest on columns of like size, and a CertificateWarning names the relation.
    """
    X, y, weight = arrays
    in_range(X, np.zeros(0))
    begun = time.perf_counter()
    columns = names_of(estimator)
    model = linear_in(np.ascontiguousarray(X, dtype=float), 1, estimator.fit_intercept, columns)
    objective, total = LikelihoodObjective.of(model, Logistic(), ElasticNet(), y, weight), float(weight.sum())
    problem, scales = likelihood_of(objective, total, True)
    relation = dependence(objective, scales)
    basis = spanned(problem) if relation else np.eye(len(scales))
    if relation:
        problem = replace(problem, A=np.ascontiguousarray(problem.A @ basis))
    found = lowest(problem, estimator.tol)
    w = basis @ found.place.w / scales if relation else found.place.w / scales
    evidence = firth_evidence(objective, w, total, (SOLVER, len(found.steps), estimator.tol))
    estimator.certificate_ = replace(evidence.certificate, seconds=time.perf_counter() - begun)
    estimator.trace_, estimator.n_iter_ = Trace(found.steps, found.stopped), len(found.steps)
    estimator.objective_ = (found.place.value - (0.0 if relation else math.fsum(np.log(scales)))) / total
    estimator.information_ = information_at(objective, w, evidence, total)
    estimator.problem_ = problem_of(estimator)
    estimator.names_ = model.layout.inputs
    warn_of_doubt(estimator, found, relation)
    b, intercept = (w[:-1].copy(), float(w[-1])) if estimator.fit_intercept else (w.copy(), 0.0)
    remember(estimator, {"coef_": b, "intercept_": intercept})
    return b, intercept


def problem_of(estimator: Any) -> dict[str, Any]:
    """{form, loss, penalty, …}: what a checker has to know of the fit."""
    free = {"l1": 0.0, "l2": 0.0, "lower": -math.inf, "degree": 1, "classes": None}
    return {"form": "linear", "intercept": estimator.fit_intercept, "loss": "logistic", "penalty": "firth", **free}


def dependence(objective: LikelihoodObjective, scales: np.ndarray) -> str:
    """The relation among the columns as they were given where rank A < p, in a sentence; else ''."""
    rank = rank_claim(objective, scaled_point(objective, np.zeros(len(scales)), scales))
    return "" if rank.value == rank.bound else rank.statement


def spanned(problem: Likelihood) -> np.ndarray:
    """V (p, r) with VᵀV = 1: a basis of the space that the rows of positive weight span."""
    rows = problem.A[problem.weight > 0]
    _, singular, directions = svd(rows, full_matrices=False)
    return np.asarray(directions[singular > 100 * UNIT * max(rows.shape) * singular[0]].T)


def information_at(
    objective: LikelihoodObjective, w: np.ndarray, evidence: FirthEvidence, total: float
) -> Information | None:
    """I(ŵ) with the proved bounds of ŵ, as of a fit by maximum likelihood; None where no minimum was proved near."""
    if evidence.bounds is None or evidence.W is None:
        return None
    W, layout = evidence.W, objective.model.layout
    if evidence.a > ROUGH:
        point = point_at(objective, w)
        sharp = whitened(point.A, point.d, SMALL)
        W = W if sharp is None else sharp
    return Information(
        "logistic",
        layout.inputs,
        (),
        bool(layout.free.any()),
        w,
        W,
        1,
        evidence.bounds,
        int(np.count_nonzero(objective.weight)),
        total,
        objective.mean_loss(w),
        objective.null_value(),
        0.0,
        "firth",
    )


def warn_of_doubt(estimator: Any, found: Descent, relation: str) -> None:
    """CertificateWarning unless a minimum was proved to be near enough; naming the relation where there is one."""
    claim = estimator.certificate_.claim("parameters")
    if claim.verdict != "CERTIFIED":
        name = type(estimator).__name__
        doubt = f"{claim.statement} ({found.stopped})"
        if relation:
            doubt = f"{relation} (Firth's penalty is that of the predictions, the least-norm solution is returned)"
        told = f"{name}: the fit is not certified: {doubt}"
        warnings.warn(told, CertificateWarning, stacklevel=4)
