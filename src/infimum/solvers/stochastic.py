"""w ← w − η (m̂ / (√v̂ + ε) + λ ∘ w): AdamW, which trains networks, in torch.

Steps are scaled by the running size of each entry of the gradient (Kingma & Ba 2015), weights decay apart from the loss
(Loshchilov & Hutter 2019). It does not stop because a claim holds: it runs its schedule, and says so; what it looks
like from inside is read on the way (`monitors.py`).
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from infimum.certificates.certify import certify
from infimum.kernels import parts
from infimum.models import Params
from infimum.models.chained import Chained
from infimum.networks import one_thread, torch_module
from infimum.objective import LikelihoodObjective
from infimum.solvers import Solution, Trace
from infimum.solvers.checkpoint import Course, Keeper
from infimum.solvers.engine import Engine
from infimum.solvers.monitors import LAST, Monitor
from infimum.solvers.training import Training, batch_length, highest_step, improved


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
) -> tuple[Params, Trace]:
    """(ŵ, trace) of `adamw`, where the evidence is about another F."""
    torch = torch_module()
    trained, held = _split(objective, rng, training)
    keeper = Keeper.of(checkpoint, (objective, start, training), rng)
    course = keeper.found or Course.begin(start, rng)
    rng.bit_generator.state = course.random
    with one_thread(torch, flush=True), parts.one_thread(), torch.no_grad():
        engine = Engine.of(torch, objective, training, (trained, held), course)
        monitor, count = Monitor(engine), math.ceil(len(trained) / batch_length(len(trained), training))
        while not course.stopped:
            step, last = engine.epoch(course.epoch, course.epoch * count, rng)
            arrays = tuple(tensor.numpy().copy() for tensor in engine.tensors)
            course = replace(course, arrays=arrays, random=rng.bit_generator.state)
            course = monitor.read(course, last) if monitor.due(course.epoch) else course
            course = improved(course, step, training)
            if course.stopped and not monitor.due(step.iteration):
                course = monitor.read(replace(course, epoch=step.iteration), last, LAST)
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
    return np.array(course.best, dtype=float), Trace(course.steps, course.stopped, facts, course.readings)


def one_epoch(objective: LikelihoodObjective, course: Course, training: Training, taken: int) -> tuple[Course, int]:
    """w ← w − η (…), every row once, from where the course stands after `taken` steps; and how many there are then.

    The next call may have other rows. Raises as `adamw`.
    """
    torch, rng = torch_module(), np.random.default_rng()
    rng.bit_generator.state = course.random
    trained, held = _split(objective, rng, training)
    with one_thread(torch, flush=True), parts.one_thread(), torch.no_grad():
        engine = Engine.of(torch, objective, training, (trained, held), course)
        step, last = engine.epoch(course.epoch, taken, rng)
        w, m, v = (tensor.numpy().copy() for tensor in engine.tensors)
    if not math.isfinite(step.objective):
        raise ValueError(
            f"the loss was not finite in epoch {course.epoch}: set learning_rate_init below {step.length:.3g}"
        )
    changes = {"arrays": (w, m, v), "best": w, "random": rng.bit_generator.state, "steps": (*course.steps, step)}
    return replace(course, epoch=course.epoch + 1, **changes), last.taken


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
