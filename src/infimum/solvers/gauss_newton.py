"""(JᵀDJ + Λ + μI) d = −∇F: Levenberg–Marquardt, for small models that are not affine in their parameters.

J is the model's Jacobian, D = s̃ ℓ″(z), Λ the ridge. The loss bends, the model is taken as straight, and the damping μ
says how far that is to be trusted (Levenberg 1944; Marquardt 1963; the rule for μ: Nielsen 1999). Near a minimum where
the residuals carry no curvature of the model it converges like Newton's method. With more parameters than rows the same
step comes from the n × n system of the rows (Woodbury 1950), so its cost is of the order n p min(n, p).
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from infimum.certificates.certify import certify
from infimum.models import Params, Rows
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Step, Trace

ENTRIES = 2e8  # of the Jacobian, n p: 1.6 GB


def gauss_newton(
    objective: LikelihoodObjective, start: Params, *, tolerance: float = 1e-10, iterations: int = 200
) -> Solution:
    """argmin F near `start` by w ← w + d, (JᵀDJ + Λ + μI) d = −∇F(w), for any model whose Jacobian fits in memory.

    Stops when no entry of ∇F exceeds tolerance times its first maximum, or when no step lowers F in float64. The trace
    holds a Step an iteration: F, max |∇F|, and 1/μ, the radius of trust. Nothing is random but `start`.
    Raises ValueError for an l1 strength, bounds, or a Jacobian of more than 2·10⁸ entries.
    """
    penalty, size = objective.penalty, len(objective.y) * objective.model.layout.size
    if not penalty.smooth:
        raise ValueError("gauss_newton takes a ridge (l2) alone; with an l1 strength or bounds use gradient_descent")
    if size > ENTRIES:
        raise ValueError(f"the Jacobian has {size:.2g} entries, more than {ENTRIES:.2g}: use gradient_descent or adamw")
    w, steps, stopped = levenberg_marquardt(objective, np.array(start, dtype=float), tolerance, iterations)
    certificate = certify(objective, w, "Levenberg–Marquardt", len(steps), tolerance)
    return Solution(w, certificate, Trace(steps, stopped))


def levenberg_marquardt(
    objective: LikelihoodObjective, w: Params, tolerance: float, iterations: int
) -> tuple[Params, tuple[Step, ...], str]:
    """(w, steps, why it stopped): `gauss_newton` without its checks and its certificate."""
    ridge = np.broadcast_to(np.asarray(objective.penalty.l2, dtype=float), w.shape)
    value, steps = objective.value(w), []
    damping, growth, target = None, 2.0, None
    for k in range(iterations):
        J, d = objective.model.jacobian(w), _bend(objective, w)
        g = J.T @ objective.residual(w) + ridge * w
        slope = float(np.max(np.abs(g), initial=0.0))
        target = tolerance * max(slope, 1e-300) if target is None else target
        damping = 1e-3 * float(np.max(d @ (J * J), initial=1e-12)) if damping is None else damping
        steps.append(Step(k, value, slope, 1 / damping))
        if slope <= target:
            return w, tuple(steps), "the gradient is within the tolerance"
        while True:
            step = damped_step(J, d, ridge + damping, g)
            following = w + step
            fresh = objective.value(following)
            predicted = 0.5 * float(step @ (damping * step - g))
            gain = (value - fresh) / predicted if predicted > 0 else -1.0
            if fresh < value and gain > 0:
                break
            if not predicted > 1e-17 * abs(value) or damping > 1e20:
                return w, tuple(steps), "no step lowers the objective in float64"
            damping, growth = damping * growth, 2 * growth
        w, value = following, fresh
        damping, growth = max(damping * max(1 / 3, 1 - (2 * gain - 1) ** 3), 1e-18), 2.0
    return w, tuple(steps), f"{iterations} iterations were not enough: raise them, or add a ridge penalty"


def _bend(objective: LikelihoodObjective, w: Params) -> Rows:
    """s̃ ℓ″(z), (n,)."""
    ones = np.ones(len(objective.y))
    return np.asarray(objective.weight * objective.loss.curvature(objective.model(w), objective.y, ones))


def damped_step(J: np.ndarray, d: Rows, diagonal: Params, g: Params) -> Params:
    """−(JᵀDJ + diag)⁻¹ g for diag > 0, by the smaller of the p × p and the n × n system.

    With B = √D J / √diag and c = g / √diag it is −(I + BᵀB)⁻¹ c / √diag, where (I + BᵀB)⁻¹ = I − Bᵀ (I + BBᵀ)⁻¹ B.
    Both systems have eigenvalues above 1; where rounding still breaks the factorisation, −g / diag remains.

    >>> import numpy as np
    >>> damped_step(np.eye(2), np.ones(2), np.ones(2), np.array([2.0, 4.0]))
    array([-1., -2.])
    """
    root = np.sqrt(diagonal)
    B, c = J * np.sqrt(d)[:, None] / root, g / root
    wide = B.shape[1] > len(B)
    system = B @ B.T if wide else B.T @ B
    system[np.diag_indices(len(system))] += 1.0
    try:
        factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        return -c / root
    inner = c - B.T @ cho_solve(factor, B @ c) if wide else cho_solve(factor, c)
    return -inner / root
