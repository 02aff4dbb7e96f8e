"""rᵢ against hᵢ, Dᵢ = rᵢ² hᵢ / ((1 − hᵢ) p): the rows that a fit hangs on, as a picture of matplotlib."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from infimum.estimators.inference import influence
from infimum.estimators.rows import checked_weight
from infimum.inference.influence import Influence
from infimum.shells.drawing import ACCENT, GREY, LETTER, MANY, WARM, axes_of, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIMITS = ((0.5, ":"), (1.0, "--"))  # of Cook's distance (Cook & Weisberg 1982)
NAMED = 5  # rows
SMALLEST, LARGEST = 12.0, 260.0  # areas of dots, in points²
POINTS = 9.0  # of a row's number
INSIDE = 3.0  # points between a number and the axis
FREE = ((7, 0, "left"), (-7, 0, "right"), (0, 11, "center"), (0, -11, "center"), (7, 11, "left"), (-7, -11, "right"))


@dataclass(frozen=True, eq=False)
class InfluenceDisplay:
    """(hᵢ, rᵢ, Dᵢ), (n,) each in `influence`: what `plot` draws, a dot a row, its area in proportion to Dᵢ.

    Lines are where Cook's distance is 0.5 and 1, and at twice the mean leverage p/N (Hoaglin & Welsch 1978). `rows` are
    the numbers, from 0, of the largest Dᵢ, named in the picture; rows of weight 0 are left out. ax_ and figure_ are
    those of the last `plot`.

    >>> from infimum import LinearRegression
    >>> X, y = [[0.0], [1.0], [2.0], [9.0]], [0.0, 1.1, 1.9, 4.0]
    >>> display = InfluenceDisplay.from_estimator(LinearRegression().fit(X, y), X, y)
    >>> display.rows[0], display.parameters
    (3, 2)
    """

    influence: Influence
    rows: tuple[int, ...]
    parameters: int
    weight: np.ndarray
    residual: str = "studentised residual"
    title: str = "Influence"
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    @classmethod
    def from_estimator(cls, model: Any, X: Any, y: Any, sample_weight: Any = None, *, ax: "Axes | None" = None) -> Self:
        """Of a fitted linear model of infimum and the rows of its fit, drawn into ax, or a new figure's.

        Raises ValueError as `influence` does: for a fit with a penalty, other rows, and more than two classes.
        """
        found = influence(model, X, y, sample_weight)
        weight = checked_weight(sample_weight, len(found.leverage))
        largest = [row for row in found.largest(len(weight)) if weight[row] > 0][:NAMED]
        squared = model.problem_["loss"] == "squared"
        name = "studentised residual" if squared else "studentised Pearson residual"
        title = f"{type(model).__name__}, {int(np.count_nonzero(weight)):,} rows"
        return cls(found, tuple(largest), len(model.information_.params), weight, name, title).plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw into ax, or a new figure's; returns the display."""
        ax = axes_of(ax)
        known = (self.weight > 0) & np.isfinite(self.influence.cooks_distance)
        h, r, D = (getattr(self.influence, name)[known] for name in ("leverage", "studentised", "cooks_distance"))
        area = SMALLEST + (LARGEST - SMALLEST) * D / D.max(initial=1e-300)
        edges = np.where(np.isin(np.flatnonzero(known), self.rows), "black", "white")
        look = {"alpha": 0.5, "linewidths": 0.6, "edgecolors": edges, "rasterized": len(h) > MANY}
        ax.axhline(0, color=GREY, linewidth=0.8, zorder=0)
        ax.scatter(h, r, s=area, color=ACCENT, label="a row; area ∝ Cook's distance", **look)
        right, reach = 1.08 * h.max(initial=1e-9), 1.15 * np.abs(r).max(initial=1.0)
        ax.set_xlim(-0.02 * right, right)
        ax.set_ylim(-reach, reach)
        self._draw_limits(ax, (right, reach))
        ax.legend(fontsize="small", loc="upper right", markerscale=0.6)
        alone = int(np.sum((self.weight > 0) & ~known))
        left = f"{alone} rows of leverage 1 are not drawn: each alone determines a coefficient." if alone else ""
        largest = f", at most {D.max():.2g}" if len(D) else ""
        told = f"Numbers are those of rows, from 0: the {len(self.rows)} largest of Cook's distance{largest}."
        settle(ax, self.title, ("leverage", self.residual), [f"{told} {left}".strip()])
        self._name_rows(ax, known)
        object.__setattr__(self, "ax_", ax)  # scikit-learn's displays keep what they were drawn into
        object.__setattr__(self, "figure_", ax.figure)
        return self

    def _draw_limits(self, ax: "Axes", corner: tuple[float, float]) -> None:
        """Where D is 0.5 and 1: r = ± √(D p (1 − h)/h); only those that cross the picture are named."""
        right, reach = corner
        h = np.linspace(right / 400, min(right, 1.0), 400)
        for limit, style in LIMITS:
            r = np.sqrt(limit * self.parameters * (1 - h) / h)
            seen = "Cook's distance " + f"{limit:g}" if r.min() < reach else None
            for side in (1, -1):
                named = seen if side == 1 else None
                ax.plot(h, side * r, color=WARM, linestyle=style, linewidth=1.2, label=named, zorder=1)
        usual = 2 * self.parameters / float(self.weight.sum())
        named = "twice the mean leverage" if usual < right else None
        ax.axvline(usual, color=GREY, linestyle="-.", linewidth=0.8, label=named, zorder=0)

    def _name_rows(self, ax: "Axes", known: np.ndarray) -> None:
        """Each number beside its dot, at the first of six places where it covers no other number."""
        from matplotlib.patheffects import withStroke

        ax.figure.draw_without_rendering()  # the layout sets how large the axes are
        scale = ax.figure.dpi / 72
        low, high = ax.get_xlim(), ax.get_ylim()
        corner, other = (ax.transData.transform(each) / scale for each in zip(low, high, strict=True))
        taken: list[tuple[float, float, float, float]] = []
        for row in (row for row in self.rows if known[row]):
            at = self.influence.leverage[row], self.influence.studentised[row]
            x, y = (float(each) / scale for each in ax.transData.transform(at))
            wide = len(str(row)) * POINTS * 1.2 * LETTER
            places = [(box_of((x + dx, y + dy), wide, side), (dx, dy), side) for dx, dy, side in FREE]
            fits = [
                each
                for each in places
                if corner[0] + INSIDE <= each[0][0]
                and each[0][1] <= other[0]
                and not any(crossed(each[0], o) for o in taken)
            ]
            box, offset, side = [*fits, places[0]][0]
            taken.append(box)
            look = {"ha": side, "va": "center", "fontsize": POINTS, "textcoords": "offset points", "zorder": 4}
            look["path_effects"] = [withStroke(linewidth=2, foreground="white")]
            ax.annotate(str(row), at, xytext=offset, **look)


def box_of(place: tuple[float, float], wide: float, side: str) -> tuple[float, float, float, float]:
    """(left, right, bottom, top) of a number in points.

    >>> box_of((10.0, 10.0), 4.0, "right")
    (6.0, 10.0, 5.5, 14.5)
    """
    left = place[0] - {"left": 0.0, "center": wide / 2, "right": wide}[side]
    return left, left + wide, place[1] - POINTS / 2, place[1] + POINTS / 2


def crossed(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Whether two boxes overlap."""
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
