"""α ↦ bⱼ(α): a regularisation path as a picture of matplotlib."""

import math
from dataclasses import dataclass, replace
from typing import Any, Self

from infimum.estimators.path import RegularisationPath, regularisation_path

LABELLED = 8


@dataclass(frozen=True, eq=False, repr=False)
class PathDisplay:
    """(the path, the α that was chosen or NaN): what `plot` draws; then ax_, figure_, and lines_, one a column.

    The columns that enter first, as the penalty is weakened, are named; a vertical line marks α.

    >>> path = regularisation_path([[-1.0], [1.0]], [-3.0, 3.0], alphas=[4.0, 2.0, 1.0])
    >>> PathDisplay.from_path(path, alpha=2.0).ax_.get_xlabel()
    'alpha, the strength of the penalty'
    """

    path: RegularisationPath
    alpha: float = math.nan
    ax_: Any = None
    figure_: Any = None
    lines_: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        """How many columns and strengths, in one line: the arrays are in `path`."""
        alphas = self.path.alphas
        grid = f"{len(alphas)} alphas from {alphas[0]:.3g} to {alphas[-1]:.3g}" if len(alphas) else "no alpha"
        marked = "" if math.isnan(self.alpha) else f", alpha = {self.alpha:.3g}"
        return f"{type(self).__name__}({len(self.path.names)} columns, {grid}{marked})"

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, sample_weight: Any = None, alphas: Any = 100, ax: Any = None
    ) -> Self:
        """Of Lasso, ElasticNet, LassoCV or ElasticNetCV on X (n, p), y (n,), fitted (then alpha_ is marked) or not.

        Raises ValueError for another estimator, and as `regularisation_path`.
        """
        known = vars(estimator)
        path = regularisation_path(X, y, sample_weight, model=estimator, alphas=alphas)
        return cls.from_path(path, alpha=float(known.get("alpha_", known.get("alpha", math.nan))), ax=ax)

    @classmethod
    def from_path(cls, path: RegularisationPath, *, alpha: float = math.nan, ax: Any = None) -> Self:
        """Of a path that was computed; alpha is marked."""
        return cls(path, alpha).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """The same, drawn into ax (None: a new figure's): α falls to the right, on a log scale without α = 0."""
        if ax is None:
            from matplotlib.pyplot import subplots

            ax = subplots(layout="constrained")[1]
        shown, named = self.path.alphas > 0, self.path.entered()[:LABELLED].tolist()
        lines = {}
        for j in (*(j for j in range(len(self.path.names)) if j not in named), *named):
            told = {"color": f"C{named.index(j)}", "label": self.path.names[j]} if j in named else {"color": "0.8"}
            (lines[j],) = ax.plot(self.path.alphas[shown], self.path.coefs[shown, j], **told)
        ax.axhline(0.0, color="0.5", linewidth=0.8)
        if self.alpha > 0:
            ax.axvline(self.alpha, color="0.2", linestyle="--", label=f"alpha = {self.alpha:.3g}")
        ax.set_xscale("log")
        if not ax.xaxis_inverted():
            ax.invert_xaxis()
        ax.set_xlabel("alpha, the strength of the penalty")
        ax.set_ylabel("coefficient")
        if named or self.alpha > 0:
            ax.legend(title="in order of entry")
        return replace(self, ax_=ax, figure_=ax.figure, lines_=tuple(lines[j] for j in sorted(lines)))
