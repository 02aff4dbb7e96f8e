"""tr((G + Λ)⁻¹ G), G = AᵀDA: a rung's effective degrees of freedom, from the eigenvalues of the scaled Hessian."""

import numpy as np

from infimum.verify.answers import Answer, agree, reproduced
from infimum.verify.arithmetic import weighted
from infimum.verify.restated import Restated

MOST = 1500


def check_degrees(recorded: float | None, problem: Restated, separated: bool, subject: str) -> list[Answer]:
    """The recorded number, or None where it is of a network, of a loss without a minimum, or of too many parameters."""
    if not problem.model.affine:
        return agree("rung", f"{subject}, degrees of freedom", {"degrees": (recorded, None)})
    l1, l2, _, _ = problem.parts
    free = (problem.w != 0) | (l1 == 0)
    if separated or free.sum() > MOST:
        return agree("rung", f"{subject}, degrees of freedom", {"degrees": (recorded, None)})
    count, ridge = float(free.sum()), l2[free]
    if ridge.any():
        bend = weighted(problem.weight, problem.loss.bend(problem.z, problem.y))
        H = problem.hessian(bend)[np.ix_(free, free)] + np.diag(ridge)
        scale = 1 / np.sqrt(np.diag(H))
        eigenvalues, V = np.linalg.eigh(H * scale * scale[:, None])
        if eigenvalues[0] <= 0:
            return agree("rung", f"{subject}, degrees of freedom", {"degrees": (recorded, None)})
        count -= float(np.sum(ridge * scale**2 * ((V**2) @ (1 / eigenvalues))))
    return [reproduced("rung", f"{subject}, degrees of freedom", recorded, count, 1e-5, floor=1e-4)]
