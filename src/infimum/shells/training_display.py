"""F by epoch → a picture: how the training of a network went, on rows learned from and on rows held out."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infimum.diagnoses import Finding
from infimum.shells.drawing import ACCENT, GREY, WARM, axes_of, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class TrainingDisplay:
    """(mean loss of the batches, mean loss held out or None, the epoch that is kept or None, findings): what is drawn.

    The first epoch is 1. A dotted line marks the epoch whose parameters were kept; findings stand below. ax_ and
    figure_ are those of the last picture.

    >>> from infimum import MLPRegressor
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = MLPRegressor((8,), max_iter=5).fit(X, X.ravel() ** 2)
    >>> TrainingDisplay.from_estimator(model).ax_.get_ylabel()
    'mean loss'
    """

    losses: np.ndarray
    held_out: np.ndarray | None
    kept: int | None
    findings: tuple[Finding, ...]
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: "Axes | None" = None) -> Self:
        """Of a fitted MLPRegressor, TabularClassifier, …, or a NetworkFit. Raises ValueError without epochs."""
        fit = vars(estimator)
        if "trace" in fit:  # of fit_network, in its own units
            steps, held = estimator.trace.steps, estimator.trace.facts.get("held_out_rows", 0)
            losses, measures = [step.objective for step in steps], [step.measure for step in steps]
            told = losses, measures if held else None, estimator.trace.facts.get("best_epoch"), estimator.findings
        else:
            check_is_fitted(estimator)
            told = tuple(
                fit.get(f"{name}_") for name in ("loss_curve", "validation_loss_curve", "best_epoch", "findings")
            )
        losses, measures, kept, findings = told
        if not losses:
            raise ValueError(f"{type(estimator).__name__} tells no losses by epoch: give a network that was trained")
        found = None if measures is None else np.array(measures)
        return cls(np.array(losses), found, kept, tuple(findings or ())).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the losses into ax, or a new figure's; returns the display."""
        ax, epochs = axes_of(ax), np.arange(1, len(self.losses) + 1)
        ax.plot(epochs, self.losses, color=ACCENT, label="rows learned from, while they were learned")
        if self.held_out is not None:
            ax.plot(epochs, self.held_out, color=WARM, label="rows held out")
        if self.kept is not None:
            ax.axvline(self.kept + 1, color=GREY, linestyle=":", label=f"kept: epoch {self.kept + 1}")
        every = np.concatenate([self.losses, [] if self.held_out is None else self.held_out])
        if np.all(every > 0):
            ax.set_yscale("log")
            if every.max() < 10 * every.min():  # within a power of ten its ticks would be 6 × 10⁻¹, 7 × 10⁻¹, …
                ax.yaxis.set_major_formatter("{x:.3g}")
                ax.yaxis.set_minor_formatter("{x:.3g}")
        ax.legend(fontsize="small")
        settle(
            ax, "Loss by epoch", ("epoch", "mean loss"), [f"{each.code}: {each.statement}" for each in self.findings]
        )
        object.__setattr__(self, "ax_", ax)  # scikit-learn's displays keep what they were drawn into
        object.__setattr__(self, "figure_", ax.figure)
        return self
