"""tr(∂ẑ/∂y) = tr((G + Λ)⁻¹ G), G = AᵀDA: the effective degrees of freedom, how many free parameters a fit is like.

Of a ridge and of curves it is the trace of the smoother (Hastie & Tibshirani 1990, §3.5); of a lasso the number of
coefficients that are not zero (Zou, Hastie & Tibshirani 2007), to which the elastic net's ridge applies (their §5).
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from infimum.certificates.metric import gram
from infimum.ladder.fit import Fit, Sample
from infimum.objective import weighted

MOST = 1500  # parameters up to which the Hessian is formed for it


def degrees_of_freedom(fit: Fit, sample: Sample) -> float | None:
    """tr((G + Λ)⁻¹ G) over the parameters that are not held at zero; None of a network, and of too many parameters."""
    if fit.rung.form == "network":
        return None
    objective = fit.objective(sample)
    w, l1 = fit.params, np.broadcast_to(np.asarray(objective.penalty.l1), fit.params.shape)
    free = (w != 0) | (l1 == 0)
    if free.sum() > MOST or fit.separated:
        return None
    d = weighted(objective.weight, sample.loss.bend(objective.model(w), sample.y))
    H = gram(objective.model.jacobian(w), d)[np.ix_(free, free)]
    ridge = np.broadcast_to(np.asarray(objective.penalty.l2, dtype=float), w.shape)[free]
    if not ridge.any():
        return float(free.sum())
    try:
        inverse = cho_solve(cho_factor(H + np.diag(ridge)), np.diag(ridge))
    except (LinAlgError, ValueError):
        return None
    return float(free.sum() - np.trace(inverse))
