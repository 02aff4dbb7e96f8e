"""(network, training) ↦ figures: units and weights, predictions, what a step does, losses and strain by epoch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator, StrMethodFormatter

from infimum.lab.pictures import BLUE, FEW, GREEN, GREY, ORANGE, SMALL, axes
from infimum.shells.drawing import shortened
from infimum.solvers import Trace

WIDEST = 4.0  # points of the line of the largest weight
SIDE = 41  # places along each column at which predictions are computed
LEVELS = 12
DECADE = 30.0  # ratio of largest to smallest below which a logarithm is marked as plain numbers are


def units(
    blocks: Mapping[str, np.ndarray], kept: Sequence[Any], z: float, names: Sequence[str], marked: str = ""
) -> Figure:
    """A disc a unit with its number for one row, a line a weight; the one that is marked stands out."""
    title = f"what passes through, {marked} marked" if marked else "what passes through"
    figure, ax = axes("", "", title)
    weights = [W for name, W in blocks.items() if name.endswith("weight")]
    values = [kept[2 * k][0] for k in range(len(weights))] + [np.array([z])]
    largest = max(float(np.abs(W).max()) for W in weights)
    at = [[(k, (len(h) - 1) / 2 - j) for j in range(len(h))] for k, h in enumerate(values)]
    for k, W in enumerate(weights):
        for (i, j), w in np.ndenumerate(W):
            own = f"layer{k}.weight[{i}, {j}]" == marked
            look = {
                "color": GREEN if own else BLUE if w > 0 else ORANGE,
                "alpha": 1.0 if own else 0.25 if marked else 0.7,
            }
            wide = WIDEST if own else 0.3 + WIDEST * abs(w) / largest
            ax.plot(*zip(at[k][i], at[k + 1][j], strict=True), linewidth=wide, zorder=2 if own else 1, **look)
    for k, (places, h) in enumerate(zip(at, values, strict=True)):
        for j, ((x, y), value) in enumerate(zip(places, h, strict=True)):
            own = f"layer{k - 1}.bias[{j}]" == marked
            ax.plot(x, y, "o", markersize=25, color="white", markeredgecolor=GREEN if own else GREY, zorder=3)
            ax.text(x, y, f"{value:.2f}".replace("-", "−"), ha="center", va="center", fontsize="x-small", zorder=4)
    named = [*zip(at[0], shortened(list(names), 14), strict=True), (at[-1][0], "z")]
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    for (x, y), name in named:
        ax.annotate(
            name, (x, y), (0, -17), textcoords="offset points", bbox=paper, zorder=5, **SMALL | {"ha": "center"}
        )
    ax.margins(0.14)
    ax.set_axis_off()
    return figure


def heights(model: Any, Z: np.ndarray, row: int, names: Sequence[str], two: bool) -> Figure:
    """z over both columns, the rows as dots, the one that goes through marked."""
    figure, ax = axes(*(f"{name}, deviations" for name in shortened(list(names), 20)), "what comes out: z, for any x")
    sides = [np.linspace(*np.quantile(column, [0.0, 1.0]), SIDE) for column in Z.T]
    grid = np.array([[a, b] for b in sides[1] for a in sides[0]])
    z = (model.decision_function if two else model.predict)(grid).reshape(SIDE, SIDE)
    filled = ax.contourf(*sides, z, levels=LEVELS, cmap="viridis")
    ax.scatter(*Z.T, s=6, color="white", alpha=0.55, linewidths=0)
    ax.plot(*Z[row], "o", markersize=9, color=ORANGE, markeredgecolor="white")
    figure.colorbar(filled, ax=ax)
    return figure


def along(lengths: np.ndarray, values: np.ndarray, share: float) -> Figure:
    """F after one step of each length, in units of the limit; the length that is chosen marked."""
    figure, ax = axes("η, in units of 2/λ_max", "loss after one step", "one step from the start, of any length")
    ax.plot(lengths, values, color=BLUE, linewidth=2)
    ax.axvline(1, color="black", linestyle="--", linewidth=1, label="the limit on a bowl")
    ax.plot(share, np.interp(share, lengths, values), "o", markersize=8, color=ORANGE, label="the step that is taken")
    ax.legend(fontsize="small", frameon=False)
    return figure


def walk(losses: np.ndarray) -> Figure:
    """F(w₀), F(w₁), … as far as they are finite, by their logarithm."""
    figure, ax = axes("step k", "F(wₖ)", "the loss, step by step")
    at = np.flatnonzero(np.isfinite(losses))
    ax.plot(at, losses[at], color=ORANGE, linewidth=1.6, marker="o" if len(at) < FEW else "", markersize=3)
    logarithmic(ax, losses[at])
    return figure


def logarithmic(ax: Any, values: np.ndarray) -> None:
    """The y axis by its logarithm, marked in plain numbers where they are of like size."""
    ax.set_yscale("log")
    if values.max() < DECADE * values.min():
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def epochs(trace: Trace, constant: float) -> Figure:
    """The loss by epoch on rows learned from and on rows set apart; the epoch that is kept marked."""
    figure, ax = axes("epoch", "loss", "the training, epoch by epoch")
    at = np.array([step.iteration + 1 for step in trace.steps])
    own, apart = (np.array([getattr(step, key) for step in trace.steps]) for key in ("objective", "measure"))
    few = {"marker": "o" if len(at) < 3 else "", "linewidth": 1.6}
    ax.plot(at, own, color=BLUE, label="rows learned from", **few)
    ax.plot(at, apart, color=ORANGE, label="rows set apart", **few)
    best = trace.facts["best_epoch"]
    ax.plot(at[best], apart[best], "o", color=ORANGE, markersize=8, label="kept")
    ax.axhline(constant, color="black", linestyle="--", linewidth=1, label="the best constant")
    every = np.concatenate([own, apart, [constant]])
    logarithmic(ax, every[np.isfinite(every)])
    ax.legend(fontsize="small", frameon=False)
    return figure


def strains(trace: Trace) -> Figure:
    """η λ_max / 38 at each reading, and the limit of stability, 1."""
    figure, ax = axes("epoch", "η λ_max / 38", "the step, against what curvature allows")
    told = [(reading.epoch + 1, reading.strain) for reading in trace.readings if reading.strain > 0]
    if told:
        ax.semilogy(*zip(*told, strict=True), "o-", color=BLUE, markersize=4, linewidth=1.6)
    ax.axhline(1, color="black", linestyle="--", linewidth=1, label="the limit of stability")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.legend(fontsize="small", frameon=False)
    return figure
