"""‖gₗ‖, ‖Δwₗ‖ / ‖wₗ‖, idle units, Σ m̂² / Σ v̂, λ_max(D^-½ H D^-½): what a network looks like from inside.

D = √v̂ + ε is what Adam divides by, so its steps are those of gradient descent in D^½ w, which a quadratic with
λ_max > (2 + 2β₁) / ((1 − β₁) η) throws out (Cohen et al. 2022, equation 4). λ_max comes of one power iteration a
reading, from where the last one ended: w changes little in between, so it is followed rather than found.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from infimum.models import chain_rule
from infimum.models.activations import ACTIVATIONS
from infimum.models.layers import Curve
from infimum.solvers import Reading
from infimum.solvers.checkpoint import Course
from infimum.solvers.engine import MEMORY, ROOM, Engine, Last, Part

SPARE = 80  # steps from one reading to the next: it costs less than three
PROBE = 256  # rows of it
FLAT = 0.01  # |φ′| below which a unit passes nothing on
APART = 1e-3  # of ‖w‖: how far the two slopes of a difference are
LIMIT = (2 + 2 * MEMORY[0]) / (1 - MEMORY[0])  # of η λ_max


def read(engine: Engine, course: Course, last: Last) -> Course:
    """The course with a `Reading` more: {‖gₗ‖, ‖Δwₗ‖/‖wₗ‖} of the layers' weights W in the last step, and beside them

    idle: the share of units of each activation whose |φ′| < 0.01 in all of 256 rows: dead, or saturated
    signal: Σ m̂² / Σ v̂, 1 where all batches pull the same way, (1 − β₁) / (1 + β₁) = 0.05 where they are noise
    curvature, strain: λ_max, and η λ_max over its limit of stability, 1 where steps begin to throw w out.
    """
    torch, (w, m, v) = engine.torch, engine.tensors
    first, second = (1 - beta**last.taken for beta in MEMORY)
    part = probe(engine)
    blocks = [_blocks(engine, each) for each in (last.g, w, last.before)]
    slopes = tuple(float(g.norm()) for g in blocks[0])
    moves = tuple(
        float((now - then).norm() / then.norm().clamp(min=1e-30)) for _, now, then in zip(*blocks, strict=True)
    )
    signal = float((m / first).square().sum() / (v / second).sum().clamp(min=1e-30))
    weighing = (v / second).sqrt() + ROOM
    found, steepest = curvature(engine, part, weighing, torch.from_numpy(course.steepest))
    told = Reading(course.epoch, slopes, moves, _idle(engine, part), signal, found, found * last.length / LIMIT)
    return replace(course, steepest=steepest.numpy(), readings=(*course.readings, told))


def probe(engine: Engine) -> Part:
    """(x, y, s) of at most 256 rows, evenly drawn, their weights adding up to 1."""
    n = len(engine.part.y)
    part = engine.part.take(engine.torch.from_numpy(np.unique(np.linspace(0, n - 1, min(n, PROBE)).astype(int))))
    return replace(part, weight=part.weight / part.weight.sum())


def curvature(engine: Engine, part: Part, weighing: Any, steepest: Any, rounds: int = 1) -> tuple[float, Any]:
    """(λ, u): uᵀ D^-½ H D^-½ u / uᵀu after power iterations from `steepest` (0: from the slope), D = weighing, (p,).

    H v is the difference of two slopes along v, without dropout, on the rows of the part.
    """
    w, root = engine.tensors[0], 1 / weighing.sqrt()
    kept, found = w.clone(), 0.0
    u = steepest if bool(steepest.any()) else engine.slope(part)[1] * root
    for _ in range(rounds):
        if not bool(u.isfinite().all() and u.any()):
            return 0.0, engine.torch.zeros_like(w)
        u = u / u.norm()
        step = u * root
        length = APART * float(kept.norm()) / float(step.norm())
        w.add_(step, alpha=length)
        ahead = engine.slope(part)[1]
        w.copy_(kept).add_(step, alpha=-length)
        bent = root * (ahead - engine.slope(part)[1]) / (2 * length)
        w.copy_(kept)
        found, u = float(u @ bent), bent
    return found, u


def _blocks(engine: Engine, flat: Any) -> list[Any]:
    """The weights W of each layer, of a flat vector."""
    layout = engine.objective.model.layout
    parts = zip(layout.names, flat.split(list(layout.sizes)), strict=True)
    return [part for name, part in parts if name.endswith(".weight")]


def _idle(engine: Engine, part: Part) -> tuple[float, ...]:
    _, kept = chain_rule.forward(engine.chain, engine.blocks, part.x)
    curves = [(layer, held) for layer, held in zip(engine.chain, kept, strict=True) if isinstance(layer, Curve)]
    steep = (ACTIVATIONS[layer.activation].slope(*held).abs() >= FLAT for layer, held in curves)
    return tuple(float((~each.any(0)).float().mean()) for each in steep)
