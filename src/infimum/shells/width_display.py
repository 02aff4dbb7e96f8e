"""m ↦ error: a width curve as a picture of matplotlib, and for one column the curves that were fitted."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import is_classifier

from infimum.estimators.width_curve import TOLD, WIDTHS, WidthCurve, width_curve
from infimum.shells.drawing import GREY, axes_of, settle, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 400  # at which a fitted curve is drawn


@dataclass(frozen=True, eq=False)
class WidthCurveDisplay:
    """(m, error held out ± standard error to the lowest, error on rows trained on) by depth: what `plot` draws.

    Both axes are logarithmic, so that a rate m^(−r) is a straight line; a vertical line is where a depth flattens.
    `plot_fits` draws, for one column, rows and fitted curves. ax_ and figure_ are those of the last picture.

    >>> from infimum import MLPRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> curve = width_curve(MLPRegressor(solver="full-batch"), X, X.ravel() ** 2, widths=(1, 2), cv=2)
    >>> WidthCurveDisplay(curve).plot().ax_.get_xlabel()
    'units in a hidden layer'
    """

    curve: WidthCurve
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    def __repr__(self) -> str:
        """Which sizes, in one line: the numbers are in `curve`."""
        sizes = ", ".join(f"{d} × {m}" for d, m in zip(self.curve.depths, self.curve.widths, strict=True))
        return f"{type(self).__name__}({sizes})"

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, widths: Any = WIDTHS, ax: "Axes | None" = None) -> Self:
        """Of an MLP and rows X (n, p), y (n,), by five folds. Raises ValueError as `width_curve`."""
        return cls(width_curve(estimator, X, y, widths=widths)).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the errors into ax, or a new figure's; returns the display."""
        ax, curve = axes_of(ax), self.curve
        for k, (depth, flat) in enumerate(curve.flattens_at.items()):
            rows, color = curve.depths == depth, f"C{k % 10}"
            name = f"{depth} hidden layer{'s' if depth > 1 else ''}"
            look = {"color": color, "marker": "o", "capsize": 2.5, "label": f"{name}, held out"}
            ax.errorbar(curve.widths[rows], curve.error[rows], yerr=curve.standard_errors[rows], **look)
            trained = curve.trained[rows].mean(axis=1)
            ax.plot(curve.widths[rows], trained, color=color, linestyle=":", label=f"{name}, trained on")
            if flat is not None:
                ax.axvline(flat, color=color, linestyle="--", linewidth=0.8, zorder=0)
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.legend(fontsize="small")
        note = (
            "Bars: standard error of the difference from the lowest, paired by folds. Dashed: no wider one is better."
        )
        settle(ax, "Error by width", ("units in a hidden layer", TOLD[curve.metric]), [note])
        return self._keeping(ax)

    def plot_fits(self, ax: "Axes | None" = None, *, widths: Any = None) -> Self:
        """Draw rows and fitted curves of one column into ax, or a new figure's; widths None: four of one depth.

        The curves are those of the first fold, of the least depth. Raises ValueError for several columns, more than two
        classes, and for a width that was not fitted.
        """
        curve = self.curve
        if curve.X.shape[1] != 1 or len(vars(curve.models[0]).get("classes_", ())) > 2:
            raise ValueError(f"X has {curve.X.shape[1]} columns; curves are drawn for one, and for at most two classes")
        fitted = {int(m): i for i, m in enumerate(curve.widths) if curve.depths[i] == curve.depths[0]}
        some = np.unique(np.linspace(0, len(fitted) - 1, 4).round().astype(int))
        chosen = [list(fitted)[i] for i in some] if widths is None else list(widths)
        strange = [m for m in chosen if m not in fitted]
        if strange:
            raise ValueError(
                f"widths = {widths!r}: {strange[0]!r} was not fitted; there are {', '.join(map(str, fitted))}"
            )
        ax, x = axes_of(ax), np.linspace(curve.X.min(), curve.X.max(), POINTS)
        y = curve.y == curve.models[0].classes_[1] if is_classifier(curve.models[0]) else curve.y
        ax.scatter(curve.X[:, 0], y, color=GREY, s=14, **shade(len(curve.X)))
        for k, m in enumerate(chosen):
            model = curve.models[fitted[m]]
            z = model.predict_proba(x[:, None])[:, 1] if is_classifier(model) else model.predict(x[:, None])
            error = f"{curve.error[fitted[m]]:.3g}"
            ax.plot(x, z, color=f"C{k % 10}", label=f"{m} unit{'s' if m > 1 else ''}, {TOLD[curve.metric]} {error}")
        ax.legend(fontsize="small")
        target = f"probability of {curve.models[0].classes_[1]}" if is_classifier(curve.models[0]) else "y"
        settle(ax, "Fits by width", ("x", target), ["Curves: fitted on the rows of the first fold."])
        return self._keeping(ax)

    def _keeping(self, ax: "Axes") -> Self:
        object.__setattr__(self, "ax_", ax)  # scikit-learn's displays keep what they were drawn into
        object.__setattr__(self, "figure_", ax.figure)
        return self
