"""w ← w − ηₖ ĝₖ, ĝₖ the gradient on a batch of rows: unbiased, cheap and noisy; shrinking steps let the noise die out.

`stochastic_gradient_descent` is the method itself (Robbins & Monro 1951), in NumPy, for any model. `adamw` is what
trains networks: steps scaled by the running size of each gradient entry (Kingma & Ba 2015), weight decay apart from
the loss (Loshchilov & Hutter 2019), in torch. Neither stops because a claim holds: each runs its schedule, and says so.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from infimum.certificates.certify import certify
from infimum.models import Params
from infimum.networks import one_thread, torch_module
from infimum.objective import LikelihoodObjective, counted
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.gradient import curvature_of, diverged

ROWS = 1024  # of the Jacobian at a time
ROOM = 1e-8  # ε in the denominator of Adam
MEMORY = (0.9, 0.999)  # β₁, β₂ of Adam
WARM_UP = 0.02  # of the schedule


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


@dataclass(frozen=True)
class Training:
    """η, |B|, epochs, and what is held out: the schedule of `adamw`.

    learning_rate is the highest step, "auto" 0.01 at width 64, in inverse proportion to wider layers (Yang & Hu 2021);
    batch_size "auto" is n / 32, between 32 and 256. validation_fraction of the rows are held out (0: none); the best
    epoch on them is returned, and training stops after `patience` epochs that were not better by a `tolerance`-th part.
    """

    epochs: int = 100
    batch_size: int | str = "auto"
    learning_rate: float | str = "auto"
    validation_fraction: float = 0.0
    patience: int = 20
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.patience < 1:
            raise ValueError(f"epochs = {self.epochs}, patience = {self.patience}; expected whole numbers ≥ 1")
        if self.batch_size != "auto" and not (isinstance(self.batch_size, int | np.integer) and self.batch_size >= 1):
            raise ValueError(f"batch_size = {self.batch_size!r}; expected 'auto' or a whole number ≥ 1")
        rate = self.learning_rate
        if rate != "auto" and (isinstance(rate, str) or not 0 < rate < math.inf):
            raise ValueError(f"learning_rate = {rate!r}; expected 'auto' or a positive number")
        if not 0 <= self.validation_fraction < 1:
            raise ValueError(f"validation_fraction = {self.validation_fraction}; expected a number from 0 to below 1")


@dataclass(frozen=True)
class Part:
    """(x, y, s): some of the rows, as float32 tensors."""

    x: Any
    y: Any
    weight: Any

    def take(self, index: Any, share: float) -> "Part":
        """(x, y, share · s) of the rows `index`."""
        return Part(self.x[index], self.y[index], share * self.weight[index])

    def loss(self, objective: LikelihoodObjective, w: Any) -> tuple[Any, Any]:
        """(Σ s ℓ(z, y), z) at w."""
        z = objective.model.network(w, self.x)  # type: ignore[attr-defined]
        return self.weight @ objective.loss.value(z.detach(), self.y), z


def adamw(
    objective: LikelihoodObjective, start: Params, rng: np.random.Generator, *, training: Training | None = None
) -> Solution:
    """w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), m and v running means of the batch gradient and its square: AdamW, float32.

    objective holds a `networks.dense.Dense`; λ is the l2 of its penalty, per entry, decoupled from the loss. η rises
    over the first 2% of the steps and falls to 0 as a cosine. What is trained is not F, as the facts of the trace say;
    the claims are F's, at the returned parameters, in float64 and on all rows. The trace holds a Step an epoch: mean
    batch loss, held-out loss (none held out: max |gradient| of the last batch), η. A loss that is not finite ends it.
    Raises ValueError for another model, an l1 strength, bounds, or no row to hold out; TorchMissingError without torch.
    """
    torch = torch_module()
    training = training or Training()
    trained, held = _split(objective, rng, training)
    with one_thread(torch, flush=True):
        epochs = _epochs(torch, objective, start, (trained, held), (rng, training))
        w, steps, stopped, best = _best(epochs, start, len(held) > 0, training)
    facts = {
        "functional": "batch losses with weight decay apart from them, in float32: not F, which the claims measure",
        "learning_rate": highest_step(objective, training),
        "schedule": "up over 2% of the steps, down to 0 as a cosine",
        "batch_size": batch_length(len(trained), training),
        "held_out_rows": len(held),
        "best_epoch": best,
        "measure": "held-out loss" if len(held) else "largest gradient entry of the last batch",
    }
    return Solution(w, certify(objective, w, "AdamW", len(steps), 0.0), Trace(steps, stopped, facts))


def highest_step(objective: LikelihoodObjective, training: Training) -> float:
    """η = 0.01 · min(1, 64 / widest layer) where learning_rate is "auto"."""
    widths = [shape[-1] for shape in objective.model.layout.shapes]
    return 0.01 * min(1.0, 64 / max(widths)) if training.learning_rate == "auto" else float(training.learning_rate)


def batch_length(n: int, training: Training) -> int:
    """|B| = n / 32, between 32 and 256, where batch_size is "auto"; at most n."""
    return min(n, int(np.clip(n // 32, 32, 256)) if training.batch_size == "auto" else int(training.batch_size))


def _split(
    objective: LikelihoodObjective, rng: np.random.Generator, training: Training
) -> tuple[np.ndarray, np.ndarray]:
    """(rows to train on, rows held out), after checks that the problem is one for AdamW."""
    from infimum.networks.dense import Dense

    penalty = objective.penalty
    if not isinstance(objective.model, Dense):
        kind = type(objective.model).__name__
        raise ValueError(f"adamw trains a networks.dense.Dense, not a {kind}: use stochastic_gradient_descent")
    if not penalty.smooth:
        raise ValueError("adamw takes a ridge (l2) alone; with an l1 strength or bounds use gradient_descent")
    used = np.flatnonzero(objective.weight > 0)
    count = math.ceil(training.validation_fraction * len(used))
    if count >= len(used):
        part = f"validation_fraction = {training.validation_fraction} of n_samples = {len(used)}"
        raise ValueError(f"{part} leaves none to train on: lower it")
    drawn = rng.permutation(used)
    return np.sort(drawn[count:]), np.sort(drawn[:count])


def _epochs(
    torch: Any, objective: LikelihoodObjective, start: Params, rows: tuple[Any, Any], how: tuple[Any, Training]
) -> Iterator[tuple[Step, Params]]:
    """(Step, w) after each epoch."""
    rng, training = how
    part, held = (_part(torch, objective, index) for index in rows)
    w = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    n, rate = len(part.y), highest_step(objective, training)
    size = batch_length(n, training)
    count = math.ceil(n / size)
    update = _rule(torch, w, objective.penalty.l2)
    for epoch in range(training.epochs):
        total = torch.zeros(())
        for k, index in enumerate(batches(n, size, rng)):
            batch = part.take(torch.from_numpy(index), count)
            loss, z = batch.loss(objective, w)
            slope = objective.loss.gradient(z.detach(), batch.y)
            weight = batch.weight if slope.ndim == 1 else batch.weight[:, None]
            (g,) = torch.autograd.grad(z, w, weight * slope)
            update(g, rate * _height((epoch * count + k) / (training.epochs * count)))
            total += loss / count
        measure = held.loss(objective, w)[0] if len(held.y) else g.abs().max()
        length = rate * _height((epoch + 1) / training.epochs)
        yield Step(epoch, float(total), float(measure), length), w.detach().double().numpy()


def _best(
    epochs: Iterator[tuple[Step, Params]], start: Params, holding: bool, training: Training
) -> tuple[Params, tuple[Step, ...], str, int]:
    """(w, steps, why it stopped, its epoch): the best on the held-out rows, or without them the last."""
    best, lowest, found, steps = np.array(start, dtype=float), math.inf, 0, []
    record, improved = math.inf, 0  # the lowest that was lower by the tolerance, and when
    for step, w in epochs:
        steps.append(step)
        if not math.isfinite(step.objective + step.measure):
            remedy = f"set learning_rate below {max(each.length for each in steps):.3g}"
            return best, tuple(steps), f"the loss was not finite in epoch {step.iteration}: {remedy}", found
        if not holding or step.measure < lowest:
            best, lowest, found = w, step.measure, step.iteration
        if step.measure < record - training.tolerance * abs(record) or record == math.inf:
            record, improved = step.measure, step.iteration
        if holding and step.iteration - improved >= training.patience:
            return best, tuple(steps), f"no better on the held-out rows for {training.patience} epochs", found
    return best, tuple(steps), f"{training.epochs} epochs, the whole schedule", found


def _part(torch: Any, objective: LikelihoodObjective, index: np.ndarray) -> Part:
    """The rows `index`, their weights normalised again."""
    weight = objective.weight[index]
    X = objective.model.rows(index).X  # type: ignore[attr-defined]
    arrays = (X, objective.y[index], weight / max(weight.sum(), 1e-300))
    return Part(*(torch.tensor(array, dtype=torch.float32) for array in arrays))


def _rule(torch: Any, w: Any, decay: Any) -> Callable[[Any, float], None]:
    """(g, η) ↦ w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), in place, with its own m, v and count."""
    decay = torch.tensor(np.broadcast_to(decay, tuple(w.shape)).copy(), dtype=w.dtype)
    first, second, (slow, slower), taken = torch.zeros_like(w), torch.zeros_like(w), MEMORY, [0]

    def update(g: Any, length: float) -> None:
        taken[0] += 1
        with torch.no_grad():
            first.lerp_(g, 1 - slow)
            second.mul_(slower).addcmul_(g, g, value=1 - slower)
            size = (second / (1 - slower ** taken[0])).sqrt_().add_(ROOM)
            w.sub_(first / (1 - slow ** taken[0]) / size + decay * w, alpha=length)

    return update


def _height(part: float) -> float:
    """The share of the highest step at that part of the schedule."""
    return min(1.0, part / WARM_UP + WARM_UP) * 0.5 * (1 + math.cos(math.pi * part))
