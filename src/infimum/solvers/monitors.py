"""‖gₗ‖, ‖Δwₗ‖ / ‖wₗ‖, idle units, Σ m̂² / Σ v̂, λ_max(D^-½ H D^-½): what a network looks like from inside.

D = √v̂ + ε is what Adam divides by, so its steps are those of gradient descent in D^½ w, which a quadratic with
λ_max > (2 + 2β₁) / ((1 − β₁) η) throws out (Cohen et al. 2022, equation 4). λ_max comes of one power iteration a
reading, from where the last one ended: w changes little in between, so it is followed rather than found. At the end
there are a few more.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from infimum.kernels.steps import look
from infimum.solvers import Reading
from infimum.solvers.checkpoint import Course
from infimum.solvers.engine import MEMORY, ROOM, Engine, Last, Part
from infimum.solvers.training import batch_length

SPARE = 300  # steps from one reading to the next: it costs about six
BETWEEN, LOOK = 400, 3e8  # the same of compiled steps: so many, and products for which a reading's own time would do
LAST = 6  # products with H at the end, where it is read more exactly
LEAST, MOST = 64, 256  # rows on which curvature is read: as many as in a batch
FLAT = 0.01  # |φ′| below which a unit passes nothing on
LIMIT = (2 + 2 * MEMORY[0]) / (1 - MEMORY[0])  # of η λ_max


@dataclass(frozen=True)
class Monitor:
    """(‖gₗ‖, ‖Δwₗ‖ / ‖wₗ‖, …) of an engine, read now and then."""

    engine: Engine

    def due(self, epoch: int) -> bool:
        """k = 0, or k mod e = ⌊e / 3⌋, e = ⌈spare / steps of an epoch⌉ ≤ all: after the first epoch, then spared steps.

        spare is SPARE, of compiled steps BETWEEN + LOOK / (products of a step). So two are in the first third or more.
        """
        n = len(self.engine.part.y)
        length, spare = batch_length(n, self.engine.training), float(SPARE)
        if self.engine.compiled:
            spare = BETWEEN + LOOK / (6 * length * len(self.engine.g))
        every = min(math.ceil(spare / math.ceil(n / length)), self.engine.training.epochs)
        return epoch == 0 or epoch % every == every // 3

    def read(self, course: Course, last: Last, rounds: int = 1) -> Course:
        """The course with a `Reading` more: {‖gₗ‖ of each layer, ‖ΔWₗ‖ / ‖Wₗ‖ of its weights} of the last step, and

        idle: the share of units of each activation whose |φ′| < 0.01 in all of 256 rows: dead, or saturated
        signal: Σ m̂² / Σ v̂, 1 where all batches pull the same way, (1 − β₁) / (1 + β₁) = 0.05 where they are noise
        curvature, strain: λ_max, and η λ_max over its limit of stability, 1 where steps begin to throw w out.
        """
        with np.errstate(all="ignore"):
            return self._read(course, last, rounds)

    def _read(self, course: Course, last: Last, rounds: int) -> Course:
        tensors = *self.engine.arrays, last.g.cpu().numpy(), last.before.cpu().numpy()
        corrections = tuple(1 - beta**last.taken for beta in MEMORY)
        (slopes, moves), signal, root = look(tensors, *self.layers, corrections, ROOM)
        engine, few = self.engine, self.few
        first = course.steepest if course.steepest.any() else engine.slope(few)[1].cpu().numpy() * root
        found, steepest = engine.curvature(few, root, first, rounds)
        seen = tuple(slopes.tolist()), tuple(moves.tolist()), engine.idle(self.many, FLAT)
        reading = Reading(course.epoch, *seen, signal, found, found * last.length / LIMIT)
        return replace(course, steepest=steepest, readings=(*course.readings, reading))

    @cached_property
    def few(self) -> Part:
        """(x, y, s) of as many rows as a batch has, but 64 to 256, evenly drawn; their weights add up to 1."""
        length = batch_length(len(self.engine.part.y), self.engine.training)
        part = self._drawn(min(max(length, LEAST), MOST))
        part.weight.div_(part.weight.sum())
        return part

    @cached_property
    def many(self) -> Part:
        """(x, y, s) of 256 rows, evenly drawn."""
        return self._drawn(MOST)

    @cached_property
    def layers(self) -> tuple[np.ndarray, np.ndarray]:
        """(where each layer ends in the flat vector, where its first block does)."""
        model = self.engine.objective.model
        counts, ends = np.array(model.parts), np.cumsum(model.layout.sizes)  # type: ignore[attr-defined]
        return ends[np.cumsum(counts) - 1], ends[np.cumsum(counts) - counts]

    def _drawn(self, count: int) -> Part:
        n = len(self.engine.part.y)
        at = np.arange(min(n, count)) * n // min(n, count)
        index, part = self.engine.torch.from_numpy(at).to(self.engine.device), self.engine.part
        return Part(*(rows.index_select(0, index) for rows in (part.x, part.y, part.weight)))
