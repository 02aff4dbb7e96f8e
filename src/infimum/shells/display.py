"""rung ↦ error ± standard error: the ladder as a picture of matplotlib."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sklearn.utils.validation import check_is_fitted

from infimum.ladder.words import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class LadderDisplay:
    """(error ± standard error of each rung, the choice, the reference line): what `plot` draws.

    >>> display = LadderDisplay(("Mean", "Ridge"), (2.0, 1.0), (0.2, 0.1), 1, "rmse", (("Gradient boosting", 1.1),))
    >>> display.plot().get_xlabel()
    'RMSE on rows not learned from, ± one standard error'
    """

    titles: tuple[str, ...]
    errors: tuple[float, ...]
    standard_errors: tuple[float, ...]
    chosen: int
    metric: str
    references: tuple[tuple[str, float], ...] = ()

    @classmethod
    def from_estimator(cls, ladder: Any) -> Self:
        """Of a fitted Ladder; raises NotFittedError before its fit."""
        check_is_fitted(ladder)
        report = ladder.report_
        lines = [line for line in (report["reference"], *report["also"]) if line]
        rungs = report["rungs"]
        parts = [tuple(rung[key] for rung in rungs) for key in ("title", "mean", "standard_error")]
        at = next(i for i, rung in enumerate(rungs) if rung["chosen"])
        return cls(*parts, at, report["metric"], tuple((line["title"], line["mean"]) for line in lines))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw into ax, a new figure's without one: the simplest rung on top, the chosen one filled; returns ax."""
        if ax is None:
            from matplotlib.pyplot import subplots

            ax = subplots(layout="constrained")[1]
        places = range(len(self.titles))
        bars = {"fmt": "o", "color": "0.45", "markerfacecolor": "white", "capsize": 3}
        ax.errorbar(self.errors, places, xerr=self.standard_errors, label="rungs", **bars)
        title = f"chosen: {self.titles[self.chosen]}"
        ax.plot(self.errors[self.chosen], self.chosen, "o", color="C0", markersize=9, label=title, zorder=3)
        for i, (name, error) in enumerate(self.references):
            ax.axvline(error, color=f"C{i + 1}", linestyle="--", label=f"{name}, for reference")
        ax.set_yticks(list(places), self.titles)
        ax.set_ylim(len(self.titles) - 0.5, -0.5)
        ax.set_xlabel(f"{METRICS[self.metric][1]} on rows not learned from, ± one standard error")
        ax.legend()
        return ax
