"""w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), a batch after another: the loop of AdamW, on float32 tensors.

The gradient is `models/chain_rule.py`, the same lines that are checked in float64: a tape of operations would cost as
much as the products of a small layer (`benchmarks/networks.py`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from infimum.kernels.steps import ritz
from infimum.models import chain_rule
from infimum.models.layers import Draw, flat
from infimum.models.members import Mean
from infimum.objective import LikelihoodObjective
from infimum.solvers import Step
from infimum.solvers.checkpoint import Course
from infimum.solvers.compiled import Compiled
from infimum.solvers.halved import Halved
from infimum.solvers.training import Training, batch_length, height, highest_step

ROOM = 1e-8  # ε in the denominator of Adam
MEMORY = (0.9, 0.999)  # β₁, β₂ of Adam
APART = 1e-3  # of ‖w‖: how far the two slopes of a difference are


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
class Last:
    """(∇ of the batch, w before, k, η) of the last step of an epoch, k the number of steps up to it."""

    g: Any
    before: Any
    taken: int
    length: float


@dataclass(frozen=True)
class Engine:
    """(F, the rows trained on and held out, w, m, v, ∇): what an epoch works on; w, m, v and ∇ change in place."""

    torch: Any
    device: Any  # where the tensors are
    objective: LikelihoodObjective
    training: Training
    part: Part
    held: Part
    tensors: tuple[Any, Any, Any]
    decay: Any  # of each parameter; None where none decays
    chain: chain_rule.Chain  # as it is trained
    blocks: chain_rule.Grouped  # views of w
    g: Any
    into: tuple[Any, ...]  # views of g
    compiled: Compiled | None  # what takes the place of the chain, where the network is small
    whole: Compiled | Halved | None  # what takes the steps of an epoch, where it is a perceptron of relu units

    @classmethod
    def of(cls, torch: Any, objective: LikelihoodObjective, training: Training, rows: Any, course: Course) -> "Engine":
        """Ready for the epoch that the course is at."""
        from infimum.networks.by_machine import blocks_of
        from infimum.networks.device import device_named
        from infimum.networks.trained import as_trained, halved

        (trained, held), device = rows, device_named(training.device)
        own = device.type == "cpu"

        def as_tensor(array: np.ndarray) -> Any:
            return torch.tensor(array, dtype=torch.float32).to(device)

        part = part_of(as_tensor, objective, trained, training.label_smoothing)
        w, m, v = tensors = tuple(as_tensor(array) for array in course.arrays)
        layout, g, l2 = objective.model.layout, torch.zeros_like(w), np.broadcast_to(objective.penalty.l2, len(w))
        decay = as_tensor(l2.copy()) if np.any(l2) else None
        into, plain = blocks_of(g, layout), objective.model.chain  # type: ignore[attr-defined]
        plain = plain[:-1] if isinstance(plain[-1], Mean) else plain  # members are trained apart
        precision = training.precision if own or training.precision != "auto" else "float32"
        chain = as_trained(plain, chain_rule.grouped(plain, into), training.dropout, precision)
        blocks = chain_rule.grouped(chain, blocks_of(w, layout))
        compiled = None if halved(chain) or not own else Compiled.of(objective, training)
        whole = (Halved.of(torch, objective, training) if own else None) or compiled
        how = chain, blocks, g, into, compiled, whole
        return cls(torch, device, objective, training, part, part_of(as_tensor, objective, held), tensors, decay, *how)

    def epoch(self, number: int, taken: int, rng: np.random.Generator) -> "tuple[Step, Last]":
        """Every row once, in a fresh order; taken is how many steps there were before."""
        training, n = self.training, len(self.part.y)
        count, peak = math.ceil(n / batch_length(n, training)), highest_step(self.objective, training)
        heights = (self.height((number * count + k) / (training.epochs * count)) for k in range(count))
        lengths = np.array([peak * height for height in heights])
        how = (lengths, taken, rng)
        total, before = self._whole(self.whole, *how) if self.whole else self._stepwise(*how)
        measure = self.loss(self.held) if len(self.held.y) else self.g.abs().max()
        step = Step(number, total / count, float(measure), peak * self.height((number + 1) / training.epochs))
        return step, Last(self.g.clone(), before, taken + count, float(lengths[-1]))

    def _whole(
        self, whole: Compiled | Halved, lengths: np.ndarray, taken: int, rng: np.random.Generator
    ) -> tuple[float, Any]:
        """(Σ over batches of Σ s ℓ, w before the last step), of an epoch in one call."""
        n, (w, m, v), before = len(self.part.y), self.tensors, self.torch.empty_like(self.g)
        order = rng.permutation(n)
        seed = int(rng.integers(2**62)) if self.training.dropout else 0
        decay = self.torch.zeros_like(w) if self.decay is None else self.decay
        tensors = tuple(each.numpy() for each in (w, m, v, decay, self.g, before))
        rows = self.part.x.numpy(), self.part.y.numpy(), (len(lengths) * self.part.weight).numpy()
        return whole.epoch(rows, order, tensors, seed, (lengths, taken, *MEMORY, ROOM)), before

    def _stepwise(self, lengths: np.ndarray, taken: int, rng: np.random.Generator) -> tuple[float, Any]:
        """The same, a step at a time."""
        torch, n, count = self.torch, len(self.part.y), len(lengths)
        order = self.part.take(torch.from_numpy(rng.permutation(n)).to(self.device))
        draw = self.draw(rng)
        order = replace(order, weight=count * order.weight)  # so that their mean over batches is the sum
        total, before, start = torch.zeros((), device=self.device), self.tensors[0], 0
        for k in range(count):
            stop = start + n // count + (k < n % count)
            loss, g = self.slope(order.take(slice(start, stop)), draw)
            total += loss
            before = self.tensors[0].clone() if k == count - 1 else before
            self.update(g, taken + k + 1, float(lengths[k]))
            start = stop
        return float(total), before

    def height(self, part: float) -> float:
        """η / max η there, by the schedule."""
        return height(part, self.training.schedule)

    def draw(self, rng: np.random.Generator) -> Draw | None:
        """shape ↦ numbers uniform on [0, 1), of an epoch; None where nothing is drawn."""
        if not any(layer.random for layer in self.chain):
            return None
        torch, source = self.torch, self.torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
        return lambda shape: torch.rand(shape, generator=source, device=self.device)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(w, m, v): the same memory, where that is the processor's."""
        w, m, v = (tensor.cpu().numpy() for tensor in self.tensors)
        return w, m, v

    def slope(self, batch: Part, draw: Draw | None = None) -> tuple[Any, Any]:
        """(Σ s ℓ, ∇ Σ s ℓ) of a batch, backwards through the layers; ∇ is overwritten by the next."""
        if self.compiled and draw is None:
            rows = batch.x.numpy(), batch.y.numpy(), batch.weight.numpy()
            return self.compiled.slope(rows, self.arrays[0], self.g.numpy()), self.g
        with self.torch.enable_grad():  # for the modules of others: layers of ours keep nothing for it
            z, kept = chain_rule.forward(self.chain, self.blocks, batch.x, draw)
        each, (y, weight) = flat(z), (batch.y, batch.weight)
        if z.ndim == 3:  # the mean loss of the members
            members = z.shape[1]
            y, weight = y.repeat_interleave(members, 0), (weight / members).repeat_interleave(members)
        value, u = self.objective.loss.value_and_gradient(self._shaped(each), y)
        u = weight[:, None] * (u[:, None] if u.ndim == 1 else u)
        _, gradient = chain_rule.pull(self.chain, self.blocks, kept, u.reshape(z.shape), onward=False)
        found = (block for own in gradient for block in own)
        for at, block in zip(self.into, found, strict=True):
            if block is not at:
                at.copy_(block)
        return weight @ value, self.g

    def curvature(self, part: Part, root: np.ndarray, first: np.ndarray, rounds: int) -> tuple[float, np.ndarray]:
        """(λ, u): the eigenvalue of D^-½ H D^-½ of the largest size, root (P,) the diagonal of D^-½; where to go on.

        The best that a Krylov space of so many products holds (Lanczos 1950), begun at `first`; with one product it is
        a power iteration. H v is the difference of two slopes along v, without dropout.
        """
        if self.compiled:
            rows = part.x.numpy(), part.y.numpy(), part.weight.numpy()
            return self.compiled.curvature(rows, (self.arrays[0], self.g.numpy(), root, first), rounds, APART)
        basis, images, u = np.empty((0, len(root)), np.float32), np.empty((0, len(root)), np.float32), first
        for _ in range(rounds):
            for one in (*basis, *basis):  # twice is enough
                u = u - (one @ u) * one
            size = np.float32(math.sqrt(float(u @ u)))
            if not 0 < size < math.inf:
                break
            basis = np.vstack([basis, u / size])
            u = root * self.bent(part, root * basis[-1])
            images = np.vstack([images, u])
        return ritz(basis, images)

    def bent(self, part: Part, v: np.ndarray) -> np.ndarray:
        """H v."""
        w, along = self.tensors[0], self.torch.from_numpy(v).to(self.device)
        kept = w.clone()
        length = APART * math.sqrt(float(kept @ kept) / float(along @ along))
        w.add_(along, alpha=length)
        ahead = self.slope(part)[1].clone()
        self.torch.sub(kept, along, alpha=length, out=w)
        behind = self.slope(part)[1]
        w.copy_(kept)
        return np.asarray(((ahead - behind) / (2 * length)).cpu().numpy())

    def idle(self, part: Part, least: float) -> tuple[float, ...]:
        """The share of units of each activation whose |φ′| < least in all rows of the part."""
        if self.compiled:
            return self.compiled.idle(part.x.numpy(), self.arrays[0])
        _, kept = chain_rule.forward(self.chain, self.blocks, part.x)
        steep = (each for layer, held in zip(self.chain, kept, strict=True) for each in layer.steep(held, least))
        return tuple(float((~each.any(0)).float().mean()) for each in steep)

    def loss(self, part: Part) -> Any:
        """Σ s ℓ of the rows of a part, in evaluation mode."""
        z, _ = chain_rule.forward(self.chain, self.blocks, part.x)
        z = z.mean(1) if z.ndim == 3 else z
        return part.weight @ self.objective.loss.value_and_gradient(self._shaped(z), part.y)[0]

    def _shaped(self, z: Any) -> Any:
        return z[:, 0] if self.objective.model.outputs == 1 else z

    def update(self, g: Any, taken: int, length: float) -> None:
        """The step number `taken`, η = length."""
        w, m, v = self.tensors
        if self.decay is not None:
            w.addcmul_(w, self.decay, value=-length)
        state: tuple[Any, ...] = [w], [g], [m], [v], [], [self.torch.full((), float(taken), device=self.device)]
        b1, b2 = MEMORY
        rule = {"lr": length, "beta1": b1, "beta2": b2, "eps": ROOM, "weight_decay": 0.0}
        self.torch.ops.aten._fused_adamw_(*state, **rule, amsgrad=False, maximize=False)  # torch.optim ends here


def part_of(
    as_tensor: Callable[[Any], Any], objective: LikelihoodObjective, index: np.ndarray, smoothing: float = 0.0
) -> Part:
    """(x, y, s) of the rows `index`, their weights normalised again, labels smoothed."""
    weight = objective.weight[index]
    X = objective.model.rows(index).inputs  # type: ignore[attr-defined]
    arrays = (X, objective.loss.shares(objective.y[index], smoothing), weight / max(weight.sum(), 1e-300))
    return Part(*(as_tensor(array) for array in arrays))
