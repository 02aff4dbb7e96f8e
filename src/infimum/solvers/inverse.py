"""b ↦ H⁻¹ b for H ⪰ 0, by the Cholesky factor of D H D, whose diagonal is 1: columns may be of any scales."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lstsq


def inverse_of(H: np.ndarray):  # type: ignore[no-untyped-def]
    """b ↦ H⁻¹ b for H ⪰ 0, by the Cholesky factor of H scaled to unit diagonal; least norm where H is singular."""
    found = regular_inverse_of(H)
    if found is not None:
        return found
    scale, scaled = _unit_diagonal(H)
    return lambda b: scale * lstsq(scaled, scale * b, cond=1e-13)[0]


def regular_inverse_of(H: np.ndarray):  # type: ignore[no-untyped-def]
    """b ↦ H⁻¹ b by the Cholesky factor; None where its pivots say that H is nearly singular."""
    scale, scaled = _unit_diagonal(H)
    try:
        factor = cho_factor(scaled, lower=True)
    except (LinAlgError, ValueError):
        return None
    if np.min(np.abs(np.diag(factor[0])), initial=1.0) <= 1e-7:
        return None
    return lambda b: scale * cho_solve(factor, scale * b)


def _unit_diagonal(H: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    diagonal = np.diag(H)
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    return scale, H * scale * scale[:, None]
