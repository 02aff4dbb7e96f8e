"""w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w): AdamW, which trains networks, in torch.

Steps are scaled by the running size of each entry of the gradient (Kingma & Ba 2015), weights decay apart from the loss
(Loshchilov & Hutter 2019). It does not stop because a claim holds: it runs its schedule, and says so; what it looks
like from inside is read on the way (`monitors.py`).
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from infimum.certificates.certify import certify
from infimum.kernels import parts
from infimum.models import Params
from infimum.models.chained import Chained
from infimum.networks import one_thread, torch_module
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Trace
from infimum.solvers.checkpoint import Course, Keeper
from infimum.solvers.engine import Engine, Last
from infimum.solvers.monitors import LAST, Monitor
from infimum.solvers.training import Training, batch_length, highest_step, improved

SHORT = ("can't allocate memory", "not enough memory", "out of memory")  # what torch says of it
Watch = Callable[[Course], bool]


def adamw(
    objective: LikelihoodObjective,
    start: Params,
    rng: np.random.Generator,
    *,
    training: Training | None = None,
    checkpoint: str | Path | None = None,
) -> Solution:
    """w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w), m and v running means of the batch gradient and its square: AdamW, float32.

    objective holds a model of layers (`networks.dense.Dense`, `models.tabular.Tabular`); λ is the l2 of its penalty,
    per entry, decoupled from the loss. η follows the schedule of the training. What is trained is not F, as the facts
    of the trace say; the claims are F's, at the returned parameters, in float64 and on all rows. The trace holds a Step
    an epoch: mean batch loss, held-out loss (none held out: max |gradient| of the last batch), η; and now and then what
    `monitors.py` sees. A loss that is not finite ends it. Members that share layers are trained apart: the loss is the
    mean of theirs, the held-out loss that of their mean.

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
    watch: Watch | None = None,
) -> tuple[Params, Trace]:
    """(ŵ, trace) of `adamw`, where the evidence is about another F.

    watch is told where the training stands after every epoch, and ends it by True.
    """
    torch = torch_module()
    trained, held = _split(objective, rng, training)
    keeper = Keeper.of(checkpoint, (objective, start, training), rng)
    course = keeper.found or Course.begin(start, rng)
    training, seconds = as_far(training, course), []
    rng.bit_generator.state = course.random
    with one_thread(torch, flush=True), parts.one_thread(), torch.no_grad():
        monitor = Monitor(Engine.of(torch, objective, training, (trained, held), course))
        while not course.stopped:
            begun = time.perf_counter()
            try:
                step, last = monitor.engine.epoch(course.epoch, course.taken, rng)
            except (MemoryError, RuntimeError) as error:
                course = halved(error, course, batch_length(len(trained), training))
                training, rng.bit_generator.state = as_far(training, course), course.random
                monitor = Monitor(Engine.of(torch, objective, training, (trained, held), course))
                continue
            seconds.append((time.perf_counter() - begun) / (last.taken - course.taken))
            course = after(course, monitor.engine, last, rng)
            course = monitor.read(course, last) if monitor.due(course.epoch) else course
            course = improved(course, step, training)
            if watch and watch(course) and not course.stopped:
                course = replace(course, stopped="a callback asked to stop")
            if course.stopped and not monitor.due(step.iteration):
                course = monitor.read(replace(course, epoch=step.iteration), last, LAST)
            keeper = keeper.keep(course)
    keeper.forget()
    pace = float(np.median(seconds)) if seconds else 0.0
    facts = _facts(objective, training, course, (len(trained), len(held)))
    return np.array(course.best, dtype=float), Trace(course.steps, course.stopped, facts, course.readings, pace)


def _facts(objective: LikelihoodObjective, training: Training, course: Course, rows: tuple[int, int]) -> dict[str, Any]:
    """What a training of so many rows, and so many held out, was told."""
    return {
        "functional": "batch losses with weight decay apart from them, in float32: not F, which the claims measure",
        "learning_rate": highest_step(objective, training),
        "schedule": training.schedule,
        "batch_size": batch_length(rows[0], training),
        "device": training.device,
        "held_out_rows": rows[1],
        "best_epoch": course.found,
        "measure": "held-out loss" if rows[1] else "largest gradient entry of the last batch",
    }


def one_epoch(objective: LikelihoodObjective, course: Course, training: Training) -> Course:
    """w ← w − η (…), every row once, from where the course stands. The next call may have other rows.

    Raises as `adamw`.
    """
    torch, rng = torch_module(), np.random.default_rng()
    rng.bit_generator.state = course.random
    with one_thread(torch, flush=True), parts.one_thread(), torch.no_grad():
        engine = Engine.of(torch, objective, training, _split(objective, rng, training), course)
        step, last = engine.epoch(course.epoch, course.taken, rng)
        course = after(course, engine, last, rng)
    if not math.isfinite(step.objective):
        raise ValueError(
            f"the loss was not finite in epoch {course.epoch}: set learning_rate_init below {step.length:.3g}"
        )
    return replace(course, epoch=course.epoch + 1, best=course.arrays[0], steps=(*course.steps, step))


def after(course: Course, engine: Engine, last: Last, rng: np.random.Generator) -> Course:
    """(w, m, v), the random state and the number of steps after an epoch of the engine."""
    w, m, v = (array.copy() for array in engine.arrays)
    return replace(course, arrays=(w, m, v), random=rng.bit_generator.state, taken=last.taken)


def halved(error: Exception, course: Course, length: int) -> Course:
    """|B| ← ⌈|B| / 2⌉ where memory was too short for the batch; any other error is raised again.

    Raises MemoryError where a batch of one row is too much.
    """
    short = isinstance(error, MemoryError) or any(word in str(error).lower() for word in SHORT)
    if not short:
        raise error
    if length == 1:
        said = "memory is too short for the layers with a single row: take narrower layers, or fewer of them"
        raise MemoryError(said) from error
    return replace(course, batch=math.ceil(length / 2))


def as_far(training: Training, course: Course) -> Training:
    """|B| ← as many rows as memory was found to hold."""
    return replace(training, batch_size=course.batch) if course.batch else training


def _split(
    objective: LikelihoodObjective, rng: np.random.Generator, training: Training
) -> tuple[np.ndarray, np.ndarray]:
    """(rows to train on, rows held out), after checks that the problem is one for AdamW."""
    penalty = objective.penalty
    if not isinstance(objective.model, Chained):
        kind = type(objective.model).__name__
        raise ValueError(f"adamw trains layers, a networks.dense.Dense, not a {kind}: use stochastic_gradient_descent")
    if not penalty.smooth:
        raise ValueError("adamw takes a ridge (l2) alone; with an l1 strength or bounds use gradient_descent")
    used = np.flatnonzero(objective.weight > 0)
    count = math.ceil(training.validation_fraction * len(used))
    if count >= len(used):
        part = f"validation_fraction = {training.validation_fraction} of n_samples = {len(used)}"
        raise ValueError(f"{part} leaves none to train on: lower it")
    drawn = rng.permutation(used)
    return np.sort(drawn[count:]), np.sort(drawn[:count])
