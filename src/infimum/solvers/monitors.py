"""‖gₗ‖, ‖Δwₗ‖ / ‖wₗ‖, idle units, Σ m̂² / Σ v̂, λ_max(D^-½ H D^-½): what a network looks like from inside.

D = √v̂ + ε is what Adam divides by, so its steps are those of gradient descent in D^½ w, which a quadratic with
λ_max > (2 + 2β₁) / ((1 − β₁) η) throws out (Cohen et al. 2022, equation 4). λ_max comes of one power iteration a
reading, from where the last one ended: w changes little in between, so it is followed rather than found. At the end
there are a few more.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from infimum.models import chain_rule
from infimum.models.activations import ACTIVATIONS
from infimum.models.layers import Curve
from infimum.solvers import Reading
from infimum.solvers.checkpoint import Course
from infimum.solvers.engine import MEMORY, ROOM, Engine, Last, Part
from infimum.solvers.training import batch_length

SPARE = 300  # steps from one reading to the next: it costs about six
LAST = 6  # products with H at the end, where it is read more exactly
LEAST, MOST = 64, 256  # rows on which curvature is read: as many as in a batch
FLAT = 0.01  # |φ′| below which a unit passes nothing on
APART = 1e-3  # of ‖w‖: how far the two slopes of a difference are
LIMIT = (2 + 2 * MEMORY[0]) / (1 - MEMORY[0])  # of η λ_max


@dataclass(frozen=True)
class Monitor:
    """(‖gₗ‖, ‖Δwₗ‖ / ‖wₗ‖, …) of an engine, read now and then."""

    engine: Engine

    def due(self, epoch: int) -> bool:
        """k mod ⌈SPARE / steps⌉ = 0: whether so many steps have passed, counted in whole epochs."""
        n = len(self.engine.part.y)
        return epoch % math.ceil(SPARE / math.ceil(n / batch_length(n, self.engine.training))) == 0

    def read(self, course: Course, last: Last, rounds: int = 1) -> Course:
        """The course with a `Reading` more: {‖gₗ‖ of each layer, ‖ΔWₗ‖ / ‖Wₗ‖ of its weights} of the last step, and

        idle: the share of units of each activation whose |φ′| < 0.01 in all of 256 rows: dead, or saturated
        signal: Σ m̂² / Σ v̂, 1 where all batches pull the same way, (1 − β₁) / (1 + β₁) = 0.05 where they are noise
        curvature, strain: λ_max, and η λ_max over its limit of stability, 1 where steps begin to throw w out.
        """
        torch, (w, m, v) = self.engine.torch, self.engine.tensors
        first, second = (1 - beta**last.taken for beta in MEMORY)
        slopes = [torch.cat([last.g[at] for at in own]).norm() for own in self.layers]
        moved = [(w[own[0]] - last.before[own[0]]).norm() for own in self.layers]  # the weights; a bias begins at 0
        sizes = [last.before[own[0]].norm().clamp(min=1e-30) for own in self.layers]
        signal = (m / first).square().sum() / (v / second).sum().clamp(min=1e-30)
        weighing = (v / second).sqrt() + ROOM
        before = torch.from_numpy(course.steepest)
        found, steepest = curvature(self.engine, self.few, weighing, before, rounds)
        told = torch.stack([*slopes, *moved, *sizes, signal]).tolist()
        k = len(slopes)
        moves = tuple(move / size for move, size in zip(told[k : 2 * k], told[2 * k : 3 * k], strict=True))
        strain = found * last.length / LIMIT
        reading = Reading(course.epoch, tuple(told[:k]), moves, self._idle(), told[-1], found, strain)
        return replace(course, steepest=steepest.numpy(), readings=(*course.readings, reading))

    @cached_property
    def few(self) -> Part:
        """(x, y, s) of as many rows as a batch has, but 64 to 256, evenly drawn; their weights add up to 1."""
        length = batch_length(len(self.engine.part.y), self.engine.training)
        part = self._drawn(min(max(length, LEAST), MOST))
        return replace(part, weight=part.weight / part.weight.sum())

    @cached_property
    def many(self) -> Any:
        """x of 256 rows, evenly drawn."""
        return self._drawn(MOST).x

    @cached_property
    def layers(self) -> list[list[slice]]:
        """[[W, b], …]: where the blocks of each layer are in the flat vector."""
        layout, found = self.engine.objective.model.layout, dict[str, list[slice]]()
        ends = np.cumsum(layout.sizes)
        for name, size, end in zip(layout.names, layout.sizes, ends, strict=True):
            found.setdefault(name.partition(".")[0], []).append(slice(int(end) - size, int(end)))
        return list(found.values())

    def _drawn(self, count: int) -> Part:
        n = len(self.engine.part.y)
        at = np.unique(np.linspace(0, n - 1, min(n, count)).astype(int))
        return self.engine.part.take(self.engine.torch.from_numpy(at))

    def _idle(self) -> tuple[float, ...]:
        from infimum.networks.trained import Fused

        chain = self.engine.chain
        _, kept = chain_rule.forward(chain, self.engine.blocks, self.many)
        curves = [(layer, held) for layer, held in zip(chain, kept, strict=True) if isinstance(layer, Curve | Fused)]
        steep = (ACTIVATIONS[layer.activation].slope(*held).abs() >= FLAT for layer, held in curves)
        return tuple(float((~each.any(0)).float().mean()) for each in steep)


def curvature(engine: Engine, part: Part, weighing: Any, steepest: Any, rounds: int = 1) -> tuple[float, Any]:
    """(λ, u): the eigenvalue of D^-½ H D^-½ of the largest size, D = weighing, (p,), and where to begin next time.

    The best that a Krylov space of so many products holds (Lanczos 1950), begun at `steepest`, or at the slope where
    that is 0; with one product it is a power iteration. H v is the difference of two slopes along v, without dropout.
    """
    root, torch = 1 / weighing.sqrt(), engine.torch
    u = steepest if bool(steepest.any()) else engine.slope(part)[1] * root
    basis: list[Any] = []
    images: list[Any] = []
    for _ in range(rounds):
        for _ in range(2):  # twice is enough
            for one in basis:
                u = u - (one @ u) * one
        size = float(u.norm())
        if not 0 < size < math.inf:
            break
        basis.append(u / size)
        images.append(root * _bent(engine, part, root * basis[-1]))
        u = images[-1]
    if not basis:
        return 0.0, torch.zeros_like(root)
    among = torch.stack(basis) @ torch.stack(images).T
    if not bool(among.isfinite().all()):
        return math.nan, torch.zeros_like(root)
    values, vectors = np.linalg.eigh((among + among.T).double().numpy() / 2)
    best = int(np.argmax(np.abs(values)))
    return float(values[best]), sum(float(c) * image for c, image in zip(vectors[:, best], images, strict=True))


def _bent(engine: Engine, part: Part, v: Any) -> Any:
    """H v."""
    w = engine.tensors[0]
    kept = w.clone()
    length = APART * float(kept.norm()) / float(v.norm())
    w.add_(v, alpha=length)
    ahead = engine.slope(part)[1].clone()
    w.copy_(kept).add_(v, alpha=-length)
    behind = engine.slope(part)[1]
    w.copy_(kept)
    return (ahead - behind) / (2 * length)
