"""ηₖ, |B|, epochs: how a network is trained, all of it chosen before the first step."""

import math
from dataclasses import dataclass, replace

import numpy as np

from infimum.objective import LikelihoodObjective
from infimum.solvers import Step
from infimum.solvers.checkpoint import Course

SCHEDULES = ("cosine", "one_cycle", "constant")
PRECISIONS = ("auto", "float32", "bfloat16")
WARM_UP = 0.02  # of the steps, before a cosine
RISE = 0.3  # of the steps, of one cycle


@dataclass(frozen=True)
class Training:
    """η, |B|, epochs, and what is held out: the schedule of `stochastic.adamw`.

    learning_rate is the highest step, "auto" 0.01 at width 64, in inverse proportion to wider layers (Yang & Hu 2021);
    batch_size "auto" is n / 32, between 32 and 256. validation_fraction of the rows are held out (0: none); the best
    epoch on them is returned, and training stops after `patience` epochs that were not better by a `tolerance`-th part.
    label_smoothing is the share of a label that goes to all classes alike, in the rows trained on. schedule is how the
    step changes on the way: `height`. dropout is the share of each hidden layer that counts as 0 in a step, drawn anew
    each time. precision is that of the products: "float32", "bfloat16", or "auto", bfloat16 for wide layers where the
    processor multiplies it. device is where torch takes the steps; what is proved is proved on the processor.
    """

    epochs: int = 100
    batch_size: int | str = "auto"
    learning_rate: float | str = "auto"
    validation_fraction: float = 0.0
    patience: int = 20
    tolerance: float = 1e-4
    label_smoothing: float = 0.0
    schedule: str = "cosine"
    dropout: float = 0.0
    precision: str = "auto"
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.patience < 1:
            raise ValueError(f"epochs = {self.epochs}, patience = {self.patience}; expected whole numbers ≥ 1")
        if self.batch_size != "auto" and not (isinstance(self.batch_size, int | np.integer) and self.batch_size >= 1):
            raise ValueError(f"batch_size = {self.batch_size!r}; expected 'auto' or a whole number ≥ 1")
        rate = self.learning_rate
        if rate != "auto" and (isinstance(rate, str) or not 0 < rate < math.inf):
            raise ValueError(f"learning_rate = {rate!r}; expected 'auto' or a positive number")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"learning_rate = {self.schedule!r}; expected {', '.join(SCHEDULES)}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision = {self.precision!r}; expected {', '.join(PRECISIONS)}")
        for name in ("label_smoothing", "dropout", "validation_fraction"):
            share = getattr(self, name)
            if isinstance(share, str) or not 0 <= share < 1:
                raise ValueError(f"{name} = {share!r}; expected a number from 0 to below 1")


def highest_step(objective: LikelihoodObjective, training: Training) -> float:
    """η = 0.01 · min(1, 64 / widest layer) where learning_rate is "auto"."""
    if training.learning_rate != "auto":
        return float(training.learning_rate)
    return 0.01 * min(1.0, 64 / objective.model.widest)  # type: ignore[attr-defined]


def batch_length(n: int, training: Training) -> int:
    """|B| = n / 32, between 32 and 256, where batch_size is "auto"; at most n."""
    return min(n, min(max(n // 32, 32), 256) if training.batch_size == "auto" else int(training.batch_size))


def height(part: float, schedule: str = "cosine") -> float:
    """η / max η at the part t of a training: min(1, t / 0.02 + 0.02) · ½ (1 + cos πt), the "cosine".

    "constant" is 1; "one_cycle" (Smith & Topin 2019) rises from 1/25 over the first 30% and falls to 1/10,000, half a
    cosine each.

    >>> [round(height(t, "one_cycle"), 4) for t in (0.0, 0.3, 1.0)]
    [0.04, 1.0, 0.0001]
    """
    if schedule == "constant":
        return 1.0
    if schedule == "cosine":
        return min(1.0, part / WARM_UP + WARM_UP) * _falling(part)
    low, along = (1 / 25, 1 - part / RISE) if part < RISE else (1e-4, (part - RISE) / (1 - RISE))
    return low + (1 - low) * _falling(along)


def _falling(along: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * along))


def improved(course: Course, step: Step, training: Training) -> Course:
    """course ← course + epoch: the best on the held-out rows, or without them the last; why it stopped, or ''.

    A loss that is not finite ends it, at the best before.
    """
    holding, steps = training.validation_fraction > 0, (*course.steps, step)
    course = replace(course, steps=steps, epoch=step.iteration + 1)
    if not math.isfinite(step.objective + step.measure):
        remedy = f"take a learning rate below {max(each.length for each in steps):.3g}"
        return replace(course, stopped=f"the loss was not finite in epoch {step.iteration}: {remedy}")
    if not holding or step.measure < course.lowest:
        course = replace(course, best=course.arrays[0], lowest=step.measure, found=step.iteration)
    if step.measure < course.record - training.tolerance * abs(course.record) or course.record == math.inf:
        course = replace(course, record=step.measure, gained=step.iteration)
    if holding and step.iteration - course.gained >= training.patience:
        return replace(course, stopped=f"no better on the held-out rows for {training.patience} epochs")
    if course.epoch == training.epochs:
        short = f", in batches of {course.batch} for want of memory" if course.batch else ""
        return replace(course, stopped=f"{training.epochs} epochs, the whole schedule{short}")
    return course
