"""w ← w − ηₖ ĝₖ, ĝₖ the gradient on a batch of rows: unbiased, cheap and noisy; shrinking steps let the noise die out.

The method itself (Robbins & Monro 1951), in NumPy, for any model. What trains networks is in `stochastic.py`.
"""

import math
from collections.abc import Iterator

import numpy as np

from infimum.certificates.certify import certify
from infimum.models import Params
from infimum.objective import LikelihoodObjective, counted
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.gradient import curvature_of, diverged

ROWS = 1024  # of the Jacobian at a time


def batches(n: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """B₁ ∪ … ∪ B_K = {0 … n − 1}: a random permutation cut into K = ⌈n / size⌉ parts of nearly equal length.

    >>> [len(batch) for batch in batches(10, 4, np.random.default_rng(0))]
    [4, 3, 3]
    """
    yield from np.array_split(rng.permutation(n), math.ceil(n / size))


def stochastic_gradient_descent(
    objective: LikelihoodObjective,
    start: Params,
    rng: np.random.Generator,
    *,
    epochs: int = 100,
    batch_size: int = 32,
    learning_rate: float | str = "auto",
) -> Solution:
    """w ← prox_ηΩ(w − η ∇f_B(w)), B from a fresh permutation each epoch, η = η₀ / (1 + epoch): for any model.

    ∇f_B is scaled so that its mean over the batches is ∇f; Σ η = ∞ and Σ η² < ∞ (Robbins & Monro 1951). learning_rate
    is η₀; "auto" is 1 / (sup ℓ″ · max ‖Jᵢ‖²) at the start. The trace holds a Step an epoch: F, how far w moved, η.
    Divergence is detected, explained, and the best point returned.
    Raises ValueError for sizes and rates that are not positive.
    """
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs = {epochs}, batch_size = {batch_size}; expected whole numbers ≥ 1")
    w = np.array(start, dtype=float)
    curvature = curvature_of(objective, w)
    rate = 1 / steepest_row(objective, w) if learning_rate == "auto" else learning_rate
    if isinstance(rate, str) or not 0 < rate < math.inf:
        raise ValueError(f"learning_rate = {learning_rate!r}; expected 'auto' or a positive number")
    best, steps, ended = _descend(objective, w, rng, (epochs, batch_size, float(rate)))
    facts = {
        "learning_rate": float(rate),
        "largest_curvature": curvature.largest,
        "limit": 2 / max(curvature.largest, 1e-300),
        "schedule": "η₀ / (1 + epoch)",
        "batch_size": batch_size,
        "assumptions": "Σ η = ∞, Σ η² < ∞ and bounded noise: the gradient tends to 0; no rate is claimed",
    }
    stopped = diverged(float(rate), curvature) if ended == "diverged" else ended
    certificate = certify(objective, best, "stochastic gradient descent", len(steps), 0.0)
    return Solution(best, certificate, Trace(steps, stopped, facts))


def _descend(
    objective: LikelihoodObjective, w: Params, rng: np.random.Generator, schedule: tuple[int, int, float]
) -> tuple[Params, tuple[Step, ...], str]:
    """(best w, steps, why it stopped)."""
    epochs, size, rate = schedule
    n, steps = len(objective.y), []
    best, lowest, first = w, objective.value(w), objective.value(w)
    parts = math.ceil(n / size)
    for epoch in range(epochs):
        length, before = rate / (1 + epoch), w
        for batch in batches(n, size, rng):
            share = parts * float(objective.weight[batch].sum())
            if share > 0:
                w = objective.penalty.prox(w - length * share * objective.rows(batch).gradient(w), length)
        value = objective.value(w) if np.all(np.isfinite(w)) else math.inf
        steps.append(Step(epoch, value, float(np.max(np.abs(w - before), initial=0.0)), length))
        if not np.isfinite(value) or value > 10 * abs(first) + 1e3 * abs(lowest) + 1:
            return best, tuple(steps), "diverged"
        if value < lowest:
            best, lowest = w, value
    return best, tuple(steps), f"{epochs} epochs, the whole schedule: the claims say how far it came"


def steepest_row(objective: LikelihoodObjective, w: Params) -> float:
    """sup ℓ″ · maxᵢ ‖Jᵢ‖²: the most curvature that a batch can have, at w; 1 where J = 0. ℓ″(z) for a sup of ∞."""
    starts = range(0, len(objective.y), ROWS)
    blocks = (objective.model.rows(slice(start, start + ROWS)).jacobian(w) for start in starts)
    bend = objective.loss.curvature_bound
    if math.isinf(bend):
        z = counted(objective.model(w), objective.weight)
        bend = float(np.max(objective.loss.curvature(z, objective.y, np.ones(len(z)))))
    return bend * max(float(np.max(np.sum(J * J, axis=1))) for J in blocks) or 1.0
