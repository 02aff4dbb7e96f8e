"""v = w − (∇²f(w) + Λ)⁻¹ (∇f(w) + Λ w) by conjugate gradients: Newton's step for many outputs, no Hessian formed."""

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg

from infimum.models import Params
from infimum.objective import LikelihoodObjective, weighted

EXACTNESS = 1e-2  # of the residual: with it the outer steps still converge fast (Dembo, Eisenstat & Steihaug 1982)
STEPS = 200
FLOOR = 1e-6  # of the largest curvature there can be: what keeps each class's matrix invertible


def conjugate_step(objective: LikelihoodObjective) -> Callable[[Params, Params], Params]:
    """(w, ∇f(w)) ↦ v, for an affine model of m outputs with a ridge Λ and the multinomial loss, preconditioned.

    With Cᵀ diag(p (1 − p)) C in place of ℓ″ the Hessian falls into a matrix (P, P) a class, Hₖ = AᵀDₖA + Λ, and
    Σₖ cₖcₖᵀ ⊗ Hₖ⁻¹ is close to its inverse, since the columns of C are orthonormal: the more so the more classes.
    """
    model, m, p = objective.model, objective.loss.outputs, objective.model.layout.size
    A = model.jacobian(np.zeros(p))
    ridge = np.broadcast_to(np.asarray(objective.penalty.l2, dtype=float), (p,))
    bound = objective.loss.curvature_bound * (objective.weight @ A**2)
    diagonal = np.diag(ridge.reshape(-1, m)[:, 0] + FLOOR * bound + 1e-300)

    def step(w: Params, g: Params) -> Params:
        z = model(w)
        bending, (D, C) = objective.loss.bending(z, objective.y), objective.loss.bend_by_class(z)
        inverses = np.linalg.inv([(A.T * (objective.weight * d)) @ A + diagonal for d in D.T])

        def bent(v: Params) -> Params:
            return model.pull(w, weighted(objective.weight, bending(model.push(w, v)))) + ridge * v

        def precondition(r: Params) -> Params:
            by_class = inverses @ (r.reshape(-1, m) @ C.T).T[:, :, None]
            return np.asarray((by_class[:, :, 0].T @ C).ravel())

        shape = (p, p)
        H, M = LinearOperator(shape, matvec=bent), LinearOperator(shape, matvec=precondition)
        return np.asarray(w - cg(H, g + ridge * w, rtol=EXACTNESS, maxiter=STEPS, M=M)[0])

    return step
