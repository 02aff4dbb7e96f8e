"""w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w): AdamW, which trains networks, in torch.

Steps are scaled by the running size of each entry of the gradient (Kingma & Ba 2015), weights decay apart from the loss
(Loshchilov & Hutter 2019). The gradient is `models/chain_rule.py`, the same lines that are checked in float64, on
float32 tensors: a tape of operations would cost as much as the products of a small layer
(`benchmarks/networks.py`). It does not stop because a claim holds: it runs its schedule, and says so.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from infimum.certificates.certify import certify
from infimum.models import Params, chain_rule
from infimum.networks import one_thread, torch_module
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Step, Trace
from infimum.solvers.checkpoint import Course, Keeper
from infimum.solvers.training import Training, batch_length, height, highest_step, improved

ROOM = 1e-8  # ε in the denominator of Adam
MEMORY = (0.9, 0.999)  # β₁, β₂ of Adam


@dataclass(frozen=True)
class Part:
    """(x, y, s): some of the rows, as float32 tensors."""

    x: Any
    y: Any
    weight: Any

    def take(self, index: Any) -> "Part":
        """(x, y, s) of the rows `index`, an order of rows or a slice of it."""
        return Part(self.x[index], self.y[index], self.weight[index])


@dataclass(frozen=True)
class Engine:
    """(F, the rows trained on and held out, w, m, v): what an epoch works on; w, m and v change in place."""

    torch: Any
    objective: LikelihoodObjective
    training: Training
    part: Part
    held: Part
    tensors: tuple[Any, Any, Any]
    decay: Any
    chain: chain_rule.Chain  # as it is trained
    blocks: chain_rule.Grouped  # views of w

    @classmethod
    def of(cls, torch: Any, objective: LikelihoodObjective, training: Training, rows: Any, course: Course) -> "Engine":
        """Ready for the epoch that the course is at."""
        from infimum.networks.dense import blocks_of
        from infimum.networks.trained import as_trained

        trained, held = rows
        part, held = _part(torch, objective, trained, training.label_smoothing), _part(torch, objective, held)
        w, m, v = tensors = tuple(torch.tensor(array, dtype=torch.float32) for array in course.arrays)
        decay = torch.tensor(np.broadcast_to(objective.penalty.l2, tuple(w.shape)).copy(), dtype=w.dtype)
        chain = as_trained(objective.model.chain, training.dropout, training.precision)  # type: ignore[attr-defined]
        blocks = chain_rule.grouped(chain, blocks_of(w, objective.model.layout))
        return cls(torch, objective, training, part, held, tensors, decay, chain, blocks)

    def epoch(self, number: int, taken: int, rng: np.random.Generator) -> Step:
        """Every row once, in a fresh order; taken is how many steps there were before."""
        torch, training, n = self.torch, self.training, len(self.part.y)
        count = math.ceil(n / batch_length(n, training))
        peak, total = highest_step(self.objective, training), torch.zeros(())
        order = self.part.take(torch.from_numpy(rng.permutation(n)))
        draw = self.draw(rng)
        order = replace(order, weight=count * order.weight)  # so that their mean over batches is the sum
        largest, start = torch.zeros(()), 0
        for k in range(count):
            stop = start + n // count + (k < n % count)
            loss, g = self.slope(order.take(slice(start, stop)), draw)
            total += loss / count
            self.update(g, taken + k + 1, peak * self.height((number * count + k) / (training.epochs * count)))
            largest, start = g, stop
        measure = self.loss(self.held) if len(self.held.y) else largest.abs().max()
        return Step(number, float(total), float(measure), peak * self.height((number + 1) / training.epochs))

    def height(self, part: float) -> float:
        """η / max η there, by the schedule."""
        return height(part, self.training.schedule)

    def draw(self, rng: np.random.Generator) -> chain_rule.Draw | None:
        """shape ↦ numbers uniform on [0, 1), of an epoch; None where nothing is drawn."""
        if not self.training.dropout:
            return None
        torch, source = self.torch, self.torch.Generator().manual_seed(int(rng.integers(2**62)))
        return lambda shape: torch.rand(shape, generator=source)

    def slope(self, batch: Part, draw: chain_rule.Draw | None = None) -> tuple[Any, Any]:
        """(Σ s ℓ, ∇ Σ s ℓ) of a batch, backwards through the layers."""
        z, kept = chain_rule.forward(self.chain, self.blocks, batch.x, draw)
        value, u = self.objective.loss.value_and_gradient(self._shaped(z), batch.y)
        u = batch.weight[:, None] * (u[:, None] if u.ndim == 1 else u)
        _, gradient = chain_rule.pull(self.chain, self.blocks, kept, u, onward=False)
        return batch.weight @ value, self.torch.cat([block.ravel() for own in gradient for block in own])

    def loss(self, part: Part) -> Any:
        """Σ s ℓ of the rows of a part, in evaluation mode."""
        z, _ = chain_rule.forward(self.chain, self.blocks, part.x)
        return part.weight @ self.objective.loss.value_and_gradient(self._shaped(z), part.y)[0]

    def _shaped(self, z: Any) -> Any:
        return z[:, 0] if self.objective.model.outputs == 1 else z

    def update(self, g: Any, taken: int, length: float) -> None:
        """The step number `taken`, η = length."""
        w, m, v = self.tensors
        w.addcmul_(w, self.decay, value=-length)
        state: tuple[Any, ...] = [w], [g], [m], [v], [], [self.torch.tensor(float(taken))]
        b1, b2 = MEMORY
        rule = {"lr": length, "beta1": b1, "beta2": b2, "eps": ROOM, "weight_decay": 0.0}
        self.torch.ops.aten._fused_adamw_(*state, **rule, amsgrad=False, maximize=False)  # torch.optim ends here


def adamw(
    objective: LikelihoodObjective,
    start: Params,
    rng: np.random.Generator,
    *,
    training: Training | None = None,
    checkpoint: str | Path | None = None,
) -> Solution:
    """w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), m and v running means of the batch gradient and its square: AdamW, float32.

    objective holds a `networks.dense.Dense`; λ is the l2 of its penalty, per entry, decoupled from the loss. η
    follows the schedule of the training. What is trained is not F, as the facts of the trace say;
    the claims are F's, at the returned parameters, in float64 and on all rows. The trace holds a Step an epoch: mean
    batch loss, held-out loss (none held out: max |gradient| of the last batch), η. A loss that is not finite ends it.

    checkpoint names a file that is kept up to date while training and deleted at the end: the same call, after the
    process was killed, goes on from there and comes to the same bits.
    Raises ValueError for another model, an l1 strength, bounds, no row to hold out, or a checkpoint of something else;
    TorchMissingError without torch.
    """
    w, trace = trained_by_adamw(objective, start, rng, training or Training(), checkpoint)
    return Solution(w, certify(objective, w, "AdamW", len(trace.steps), 0.0), trace)


def trained_by_adamw(
    objective: LikelihoodObjective,
    start: Params,
    rng: np.random.Generator,
    training: Training,
    checkpoint: str | Path | None = None,
) -> tuple[Params, Trace]:
    """(ŵ, trace) of `adamw`, where the evidence is about another F."""
    torch = torch_module()
    trained, held = _split(objective, rng, training)
    keeper = Keeper.of(checkpoint, (objective, start, training), rng)
    course = keeper.found or Course.begin(start, rng)
    rng.bit_generator.state = course.random
    with one_thread(torch, flush=True), torch.no_grad():
        engine = Engine.of(torch, objective, training, (trained, held), course)
        count = math.ceil(len(trained) / batch_length(len(trained), training))
        while not course.stopped:
            step = engine.epoch(course.epoch, course.epoch * count, rng)
            arrays = tuple(tensor.numpy().copy() for tensor in engine.tensors)
            course = improved(replace(course, arrays=arrays, random=rng.bit_generator.state), step, training)
            keeper = keeper.keep(course)
    keeper.forget()
    facts = {
        "functional": "batch losses with weight decay apart from them, in float32: not F, which the claims measure",
        "learning_rate": highest_step(objective, training),
        "schedule": training.schedule,
        "batch_size": batch_length(len(trained), training),
        "held_out_rows": len(held),
        "best_epoch": course.found,
        "measure": "held-out loss" if len(held) else "largest gradient entry of the last batch",
    }
    return np.array(course.best, dtype=float), Trace(course.steps, course.stopped, facts)


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


def _part(torch: Any, objective: LikelihoodObjective, index: np.ndarray, smoothing: float = 0.0) -> Part:
    """The rows `index`, their weights normalised again, labels smoothed."""
    weight = objective.weight[index]
    X = objective.model.rows(index).X  # type: ignore[attr-defined]
    arrays = (X, objective.loss.shares(objective.y[index], smoothing), weight / max(weight.sum(), 1e-300))
    return Part(*(torch.tensor(array, dtype=torch.float32) for array in arrays))
