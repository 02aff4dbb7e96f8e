"""in × out, parameters and multiply-adds of each layer, and how its training went: a perceptron in text."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from infimum.diagnoses import Finding
from infimum.models.tabular import Tabular
from infimum.solvers import Trace


def layers_told(estimator: Any) -> str:
    """(in × out, ‖Δw‖/‖w‖, idle units, …), a line a layer; then how the training ended, and its findings with remedies.

    A multiply-add is one of xᵢ Wᵢⱼ for a row; a step of training takes about three times as many for each of its rows.
    """
    widths = " → ".join(str(size) for size in (estimator.n_features_in_, *(len(b) for b in estimator.intercepts_)))
    head = f"{type(estimator).__name__}: {widths}, {estimator.problem_['activation']}, F = {estimator.loss_:.10g}"
    cells = [("layer", "in × out", "parameters", "multiply-adds", "slope", "move a step", "idle units")]
    cells += [_layer(estimator, k) for k in range(len(estimator.coefs_))]
    products, parameters = sum(W.size for W in estimator.coefs_), len(estimator.params_)
    cells.append(("all", "", f"{parameters:,}", f"{products:,}", "", "", ""))
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in cells]
    rows = estimator.trace_.facts.get("batch_size")
    step = f"; a step of {rows} rows takes {6e-6 * products * rows:.3g} million operations" if rows else ""
    size = f"{8 * parameters / 1024:,.1f} KiB in float64{step}"
    told = ended(estimator.trace_, estimator.findings_)
    return "\n  ".join([head, *lines, size, *told, *map(str, estimator.remedies_)])


def blocks_told(estimator: Any) -> str:
    """(block, shape, parameters), a line a block of a tabular network; then how its training ended, and findings."""
    recipe, layout = estimator.recipe_, Tabular(np.empty((0, 0)), estimator.recipe_, estimator.outputs_).layout
    columns = f"{estimator.n_features_in_} columns, {len(recipe.numbers)} of them numbers"
    head = f"{type(estimator).__name__}: {columns}, {recipe.members} members, F = {estimator.loss_:.10g}"
    cells = [("block", "shape", "parameters")]
    blocks = zip(layout.names, layout.shapes, layout.sizes, strict=True)
    cells += [(name, " × ".join(map(str, shape)), f"{size:,}") for name, shape, size in blocks]
    cells.append(("all", "", f"{layout.size:,}"))
    tried = [
        f"learning rate {rate:g}, dropout {share:g}, frequencies {spread:g}, {epochs} epochs: {loss:.6g} held out"
        for (rate, share, spread, epochs), loss in estimator.tried_.items()
    ]
    searched = str(estimator.search_).split("\n") if estimator.search_ else []
    told = ended(estimator.trace_, estimator.findings_)
    return "\n  ".join([head, *in_columns(cells), *searched, *tried, *told])


def in_columns(cells: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows of cells as lines, each column as wide as its widest cell."""
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in cells]


def ended(trace: Trace, findings: Sequence[Finding]) -> list[str]:
    """How the training ended, what a step of it took, and its findings with remedies: a line each."""
    rows, seconds = trace.facts.get("batch_size"), trace.step_seconds
    pace = [f"a step of {rows} rows took {1e3 * seconds:.3g} ms"] if rows and seconds else []
    return [trace.stopped, *pace, *(f"{each.code}: {each.statement} {each.remedy}" for each in findings)]


def _layer(estimator: Any, k: int) -> tuple[str, ...]:
    """The cells of layer k; what was read of it last, if it was."""
    W, b = estimator.coefs_[k], estimator.intercepts_[k]
    own = str(k + 1), f"{W.shape[0]} × {W.shape[1]}", f"{W.size + b.size:,}", f"{W.size:,}"
    if not estimator.trace_.readings:
        return (*own, "", "", "")
    last = estimator.trace_.readings[-1]
    idle = f"{last.idle[k]:.0%}" if k < len(last.idle) else ""
    return (*own, f"{last.slopes[k]:.2g}", f"{last.moves[k]:.2g}", idle)
