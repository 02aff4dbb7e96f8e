"""(y − μ)/√V against μ, y against μ, sorted residuals against those of a normal sample: what a fit leaves over."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from jaxtyping import Float

from infimum.estimators.residuals import Residuals, residuals_of
from infimum.inference.residuals import groups_of, normal_places, running_mean
from infimum.shells.drawing import ACCENT, FAINT, GREY, WARM, axes_of, settle, shade, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = ("residual_vs_predicted", "actual_vs_predicted", "quantiles")
PREDICTED = {"squared": "predicted", "poisson": "predicted count", "logistic": "predicted probability"}
ACTUAL = {"squared": "actual", "poisson": "actual count", "logistic": "share of rows"}


@dataclass(frozen=True, eq=False)
class ResidualDisplay:
    """(μ, y, r) of each row, and which of three pictures of them: what `plot` draws.

    kind "residual_vs_predicted", "actual_vs_predicted" or "quantiles" (against those of a normal sample). Quantities
    are drawn row by row, with a running mean ± twice its standard error; classes and counts as means over rows that are
    predicted alike, each with ± 2 standard deviations of such a mean if the model is right. ax_ and figure_ are those
    of the last `plot`.

    >>> from infimum import LinearRegression
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 4.0, 8.0]
    >>> display = ResidualDisplay.from_estimator(LinearRegression().fit(X, y), X, y)
    >>> display.ax_.get_xlabel(), display.ax_.get_ylabel()
    ('predicted', 'studentised residual')
    """

    residuals: Residuals
    kind: str = "residual_vs_predicted"
    title: str = "Residuals"
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    @classmethod
    def from_estimator(
        cls,
        model: Any,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        kind: str = "residual_vs_predicted",
        ax: "Axes | None" = None,
    ) -> Self:
        """Of any fitted regressor or classifier and rows X (n, p), y (n,), drawn into ax, or a new figure's.

        Raises ValueError for another kind, "quantiles" of classes, and what `residuals_of` refuses.
        """
        if kind not in KINDS:
            raise ValueError(f"kind = {kind!r}; there are: {', '.join(KINDS)}")
        found = residuals_of(model, X, y, sample_weight)
        if kind == "quantiles" and found.loss == "logistic":
            why = "residuals of classes take two values and are never normal"
            raise ValueError(f"kind = 'quantiles' of {type(model).__name__}: {why}; use 'residual_vs_predicted'")
        return cls(found, kind, f"{type(model).__name__}, {len(found.weight):,} rows").plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw into ax, or a new figure's; returns the display."""
        ax = axes_of(ax)
        {"quantiles": draw_quantiles, "actual_vs_predicted": draw_actual}.get(self.kind, draw_residuals)(
            ax, self.residuals
        )
        words, note = labels_of(self.residuals, self.kind)
        settle(ax, self.title, words, [note])
        object.__setattr__(self, "ax_", ax)  # scikit-learn's displays keep what they were drawn into
        object.__setattr__(self, "figure_", ax.figure)
        return self


def draw_residuals(ax: "Axes", found: Residuals) -> None:
    """r against μ: rows and their running mean, or means of groups and the limits that these keep if the model fits."""
    ax.axhline(0, color=GREY, linewidth=1, zorder=1)
    if found.loss == "squared":
        ax.scatter(found.predicted[:, 0], found.residual[:, 0], color=ACCENT, s=18, **shade(len(found.weight)))
        draw_running(ax, found, found.residual[:, 0])
        return
    for k, rows in each_group(found):
        total = np.array([found.weight[at].sum() for at in rows])
        means = mean_over(found.predicted[:, k], found, rows), mean_over(found.residual[:, k], found, rows)
        ax.plot(*means, "o", color=colour(found, k), markersize=5, label=label(found, k))
        if k == 0:
            limit = 2 / np.sqrt(total)
            told = "± 2/√N: a right model" + (f" ({label(found, 0)})" if len(found.classes) > 1 else "")
            ax.fill_between(means[0], -limit, limit, color=FAINT, alpha=0.6, linewidth=0, zorder=0, label=told)
    legend(ax)


def draw_actual(ax: "Axes", found: Residuals) -> None:
    """y against μ with the line y = μ: rows and their running mean, or means of groups ± 2 √(Σ V) / N."""
    lowest = min(found.predicted.min(), found.observed.min()) if found.loss == "squared" else 0.0
    ends = lowest, found.predicted.max() if found.loss != "logistic" else 1.0
    ax.plot(ends, ends, color=GREY, linewidth=1, zorder=1, label="actual = predicted")
    if found.loss == "squared":
        ax.scatter(found.predicted[:, 0], found.observed[:, 0], color=ACCENT, s=18, **shade(len(found.weight)))
        draw_running(ax, found, found.observed[:, 0])
        return
    for k, rows in each_group(found):
        x, y = (mean_over(part[:, k], found, rows) for part in (found.predicted, found.observed))
        total = np.array([found.weight[at].sum() for at in rows])
        error = 2 * np.sqrt(mean_over(found.spread[:, k] ** 2, found, rows) / total)
        most = 1.0 if found.loss == "logistic" else np.inf
        reach = np.array([np.minimum(error, y), np.minimum(error, most - y)])  # no share beyond 0 or 1
        look = {"fmt": "o", "color": colour(found, k), "markersize": 5, "elinewidth": 1, "capsize": 2}
        ax.errorbar(x, y, yerr=reach, label=label(found, k), **look)
    legend(ax)


def draw_quantiles(ax: "Axes", found: Residuals) -> None:
    """r₍ᵢ₎ against Φ⁻¹((i − ½)/n), with where each lies with probability 0.95 in a normal sample."""
    r = found.deviance[:, 0]
    order = np.argsort(r, kind="stable")
    places = normal_places(found.weight[order])
    scale, middle = 1.0, 0.0
    if found.name == "residual":  # in the units of y
        middle = float(np.average(r, weights=found.weight))
        scale = float(np.sqrt(np.average((r - middle) ** 2, weights=found.weight)))
    low, high = (middle + scale * places[:, k] for k in (1, 2))
    ax.fill_between(places[:, 0], low, high, color=FAINT, alpha=0.6, linewidth=0, label="95 % of normal samples")
    ends = places[[0, -1], 0]
    ax.plot(ends, middle + scale * ends, color=GREY, linewidth=1, label="normal")
    ax.scatter(
        places[:, 0], r[order], color=ACCENT, s=14, linewidths=0, rasterized=shade(len(r))["rasterized"], zorder=3
    )
    legend(ax)


def draw_running(ax: "Axes", found: Residuals, values: np.ndarray) -> None:
    """The running mean of the values along μ, ± twice its standard error."""
    if np.ptp(found.predicted) == 0:
        return
    x, mean, error = running_mean(found.predicted[:, 0], values, found.weight).T
    ax.fill_between(x, mean - 2 * error, mean + 2 * error, color=WARM, alpha=0.3, linewidth=0)
    ax.plot(x, mean, color=WARM, linewidth=2, label="running mean ± 2 standard errors")
    legend(ax)


def legend(ax: "Axes") -> None:
    """At the top, in room of its own: it covers nothing that is drawn."""
    lowest, highest = ax.get_ylim()
    lines = -(-len(ax.get_legend_handles_labels()[1]) // 2)
    ax.set_ylim(lowest, highest + (0.05 + 0.07 * lines) * (highest - lowest))
    ax.legend(fontsize="small", loc="upper left", ncols=2, frameon=False)


def each_group(found: Residuals) -> list[tuple[int, list[np.ndarray]]]:
    """(k, groups of rows predicted alike) of each column of μ."""
    return [(k, groups_of(found.predicted[:, k], found.weight)) for k in range(found.predicted.shape[1])]


def mean_over(values: np.ndarray, found: Residuals, rows: list[np.ndarray]) -> Float[np.ndarray, "g"]:
    """Σ sᵢ vᵢ / Σ sᵢ over each group of rows."""
    return np.array([np.average(values[at], weights=found.weight[at]) for at in rows])


def colour(found: Residuals, k: int) -> str:
    """Of class k; one score has the first."""
    return f"C{k % 10}" if len(found.classes) > 1 else ACCENT


def label(found: Residuals, k: int) -> str:
    """The class, or what one dot is."""
    return shortened(found.classes)[k] if len(found.classes) > 1 else "rows predicted alike"


def labels_of(found: Residuals, kind: str) -> tuple[tuple[str, str], str]:
    """(names of the two axes), and what is to be said below."""
    of = f" of {shortened(found.classes)[0]}" if len(found.classes) == 1 else ""
    grouped = "" if found.loss == "squared" else "mean "
    if kind == "quantiles":
        name = "deviance residual" if found.loss == "poisson" else found.name
        few = "Residuals of small counts are not normal even if the model is right." if found.loss == "poisson" else ""
        return ("quantile of the normal distribution", name), few or sentence(found.note)
    if kind == "actual_vs_predicted":
        actual = ACTUAL[found.loss] + (of if found.loss == "logistic" else "")
        return (PREDICTED[found.loss] + of, grouped * (found.loss == "poisson") + actual), ""
    lost = int(np.sum(~np.isfinite(found.residual)))
    worst = f"Rows beyond 10⁶, which the model all but rules out: {lost}; their groups have no mean." if lost else ""
    return (PREDICTED[found.loss] + of, grouped + found.name), sentence(found.note) or worst


def sentence(words: str) -> str:
    """Words. with a capital and a full stop.

    >>> sentence("not so"), sentence("")
    ('Not so.', '')
    """
    return f"{words[:1].upper()}{words[1:]}." if words else ""
