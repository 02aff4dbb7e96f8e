"""v = w − (∇²f(w) + Λ)⁻¹ (∇f(w) + Λ w) by conjugate gradients: Newton's step for many outputs, no Hessian formed."""

from collections.abc import Callable

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.linalg import LinearOperator, cg

from infimum.models import Params
from infimum.objective import LikelihoodObjective, weighted

EXACTNESS = 1e-2  # of the residual: with it the outer steps still converge fast (Dembo, Eisenstat & Steihaug 1982)
STEPS = 200


def conjugate_step(objective: LikelihoodObjective) -> Callable[[Params, Params], Params]:
    """(w, ∇f(w)) ↦ v, for an affine model of m outputs with a ridge Λ, preconditioned by a bound of the Hessian.

    sup ℓ″ AᵀSA ⊗ I + Λ is at least the Hessian everywhere (Böhning 1992) and is factorised once, as the matrix
    (P, P) it is for each output.
    """
    m, p = objective.loss.outputs, objective.model.layout.size
    A = objective.model.jacobian(np.zeros(p))
    ridge = np.broadcast_to(np.asarray(objective.penalty.l2, dtype=float), (p,))
    bound = objective.loss.curvature_bound * (A.T * objective.weight) @ A + np.diag(ridge.reshape(-1, m)[:, 0])
    factor = cho_factor(bound + 1e-10 * np.diag(np.diag(bound)) + 1e-300 * np.eye(len(bound)))

    def precondition(r: Params) -> Params:
        return np.asarray(cho_solve(factor, r.reshape(-1, m)).ravel())

    def step(w: Params, g: Params) -> Params:
        model = objective.model
        bending = objective.loss.bending(model(w), objective.y)

        def bent(v: Params) -> Params:
            return model.pull(w, weighted(objective.weight, bending(model.push(w, v)))) + ridge * v

        shape = (p, p)
        H, M = LinearOperator(shape, matvec=bent), LinearOperator(shape, matvec=precondition)
        return np.asarray(w - cg(H, g + ridge * w, rtol=EXACTNESS, maxiter=STEPS, M=M)[0])

    return step
