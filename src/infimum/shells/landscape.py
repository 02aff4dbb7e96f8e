"""t ↦ F((1 − t) w_a + t w_b), (s, t) ↦ F(w_a + s û + t v̂): F on a line and a plane through fits.

Along a line a convex F lies below its chord; between two minima of a network it may rise (Goodfellow, Vinyals & Saxe
2015). A part of that is only the names of units: a network stays the same when the units of a layer are permuted, and
two fits need not name them alike (Entezari, Sedghi, Saukh & Neyshabur 2022). A plane is that through three fits
(Garipov, Izmailov, Podoprikhin, Vetrov & Wilson 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from jaxtyping import Float
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import check_is_fitted, column_or_1d

from infimum.estimators.choosing import is_count
from infimum.estimators.mlp import MultilayerPerceptron
from infimum.estimators.rows import checked_weight
from infimum.losses import loss_named
from infimum.models.perceptron import Perceptron
from infimum.objective import LikelihoodObjective
from infimum.shells.drawing import ACCENT, GREY, WARM, axes_of, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FLAT = 1e-9  # of the first side of a triangle: less high, and three fits lie on a line
LEVELS = 12  # of a plane's contours


@dataclass(frozen=True, eq=False)
class LossLine:
    """(t, F((1 − t) w_a + t w_b)), (m,) each, t from 0 to 1. ax_ and figure_ are those of the last `plot`."""

    t: np.ndarray
    values: np.ndarray
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    @property
    def chord(self) -> np.ndarray:
        """(1 − t) F(w_a) + t F(w_b), (m,): what a convex F nowhere exceeds."""
        return (1 - self.t) * self.values[0] + self.t * self.values[-1]

    @property
    def barrier(self) -> float:
        """max over t of F less its chord, 0 where it is never above (Frankle, Dziugaite, Roy & Carbin 2020)."""
        return max(float(np.max(self.values - self.chord)), 0.0)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw F and its chord into ax, or a new figure's; returns the line."""
        ax = axes_of(ax)
        ax.plot(self.t, self.values, color=ACCENT, label="F")
        ax.plot(self.t, self.chord, color=GREY, linestyle="--", label="its chord")
        ax.plot(self.t[[0, -1]], self.values[[0, -1]], "o", color=WARM, label="fits")
        ax.legend(fontsize="small")
        note = f"At most {self.barrier:.3g} above the chord; a convex F is nowhere above it."
        settle(ax, "F on a line between two fits", ("t, from one fit to the other", "F"), [note])
        return _kept(self, ax)


@dataclass(frozen=True, eq=False)
class LossPlane:
    """F(w_a + sᵢ û + tⱼ v̂) in values[j, i], û and v̂ orthonormal; fits (3, 2) are the places of w_a, w_b and w_c."""

    s: np.ndarray
    t: np.ndarray
    values: Float[np.ndarray, "t s"]
    fits: Float[np.ndarray, "3 2"]
    at_fits: np.ndarray
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw contours of F, evenly spread over its ranks, into ax, or a new figure's; returns the plane."""
        from matplotlib.colors import BoundaryNorm

        ax = axes_of(ax)
        levels = np.unique(np.quantile(self.values[np.isfinite(self.values)], np.linspace(0, 1, LEVELS)))
        look = {"levels": levels, "cmap": "Blues_r", "norm": BoundaryNorm(levels, 256)}
        filled = ax.contourf(self.s, self.t, self.values, **look)
        ax.figure.colorbar(filled, ax=ax, label="F", format="%.3g")
        ax.plot(*self.fits.T, "o", color=WARM, markeredgecolor="white")
        for name, place in zip("abc", self.fits, strict=True):
            ax.annotate(name, place, xytext=(6, 6), textcoords="offset points", color=WARM)
        told = ", ".join(f"{value:.4g}" for value in self.at_fits)
        settle(ax, "F on the plane through three fits", ("from a to b", "across"), [f"F at a, b and c: {told}."])
        return _kept(self, ax)


def loss_line(model_a: Any, model_b: Any, X: Any, y: Any, sample_weight: Any = None, *, points: int = 101) -> LossLine:
    """t ↦ F((1 − t) w_a + t w_b) at as many points, F the mean loss on X (n, p), y (n,) + the penalty of model_a.

    Both are fitted MLPs of one kind, with the same layers, activation and classes; on the rows of its fit F(w_a) is
    model_a.loss_. Without hidden layers F is convex: the line beside a network's. Raises ValueError for other models,
    for layers or classes that differ, and fewer than three points.

    >>> from infimum import MLPRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> y = np.cos(5 * X.ravel())
    >>> a, b = (MLPRegressor((4,), solver="full-batch", random_state=k).fit(X, y) for k in range(2))
    >>> bool(loss_line(a, b, X, y).barrier > 0.01)
    True
    """
    if not is_count(points) or points < 3:
        raise ValueError(f"points = {points!r}; a line takes 3 or more")
    objective = objective_of((model_a, model_b), X, y, sample_weight)
    a, b, t = model_a.params_, model_b.params_, np.linspace(0, 1, points)
    return LossLine(t, np.array([objective.value((1 - each) * a + each * b) for each in t]))


def loss_plane(models: Sequence[Any], X: Any, y: Any, sample_weight: Any = None, *, points: int = 31) -> LossPlane:
    """(s, t) ↦ F(w_a + s û + t v̂) on points × points: û to the second of three models, v̂ across it to the third.

    F and the models as in `loss_line`; the plane reaches a quarter beyond the triangle of the fits. Raises ValueError
    as `loss_line`, for other than three models, and for three on a line, as the fits of a convex model are.

    >>> from infimum import MLPRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> y = np.cos(5 * X.ravel())
    >>> fits = [MLPRegressor((4,), solver="full-batch", random_state=k).fit(X, y) for k in range(3)]
    >>> loss_plane(fits, X, y, points=5).values.shape
    (5, 5)
    """
    if len(models) != 3:
        raise ValueError(f"{len(models)} models; a plane goes through 3")
    if not is_count(points) or points < 3:
        raise ValueError(f"points = {points!r}; a plane takes 3 or more a side")
    objective = objective_of(tuple(models), X, y, sample_weight)
    a, b, c = (model.params_ for model in models)
    length = float(np.linalg.norm(b - a))
    u = (b - a) / max(length, 1e-300)
    across = c - a - (c - a) @ u * u
    height = float(np.linalg.norm(across))
    if not (length > FLAT * np.linalg.norm(a) and height > FLAT * length):
        raise ValueError("the three fits lie on a line, as those of a convex model do: no plane is given by them")
    v = across / height
    fits = np.array([[0.0, 0.0], [length, 0.0], [(c - a) @ u, height]])
    low, high = fits.min(axis=0), fits.max(axis=0)
    s, t = np.linspace(low - 0.25 * (high - low), high + 0.25 * (high - low), points).T
    values = np.array([[objective.value(a + i * u + j * v) for i in s] for j in t])
    return LossPlane(s, t, values, fits, np.array([objective.value(w) for w in (a, b, c)]))


def objective_of(models: tuple[Any, ...], X: Any, y: Any, sample_weight: Any = None) -> LikelihoodObjective:
    """F of the first of these fitted MLPs on X (n, p), y (n,), in the parameters that all of them have.

    Raises ValueError for other models, and for layers, activations, losses or classes that differ.
    """
    for model in models:
        if not isinstance(model, MultilayerPerceptron):
            raise ValueError(
                f"{type(model).__name__} is no MLP; expected two or three fitted ones with the same layers"
            )
        check_is_fitted(model)
    first, *others = (_form(model) for model in models)
    for other in others:
        if other != first:
            raise ValueError(
                f"the models differ: {first} and {other}; expected the same layers, activation and classes"
            )
    X, y = check_array(X, dtype=np.float64), column_or_1d(y)
    check_consistent_length(X, y)
    (inputs, *hidden, outputs), activation, loss, classes = first
    if X.shape[1] != inputs:
        raise ValueError(f"X has {X.shape[1]} columns, the models were fitted to {inputs}")
    strange = np.setdiff1d(y, classes) if classes else np.zeros(0)
    if len(strange):
        raise ValueError(
            f"y holds {strange.tolist()[0]!r}, which is no class of the fits: {', '.join(map(str, classes))}"
        )
    target = np.searchsorted(classes, y).astype(float) if classes else y
    model = Perceptron(X, tuple(hidden), activation, outputs)
    weight = checked_weight(sample_weight, len(X))
    return LikelihoodObjective.of(model, loss_named(loss, max(len(classes), 2)), models[0].penalty_, target, weight)


def _form(model: Any) -> tuple[Any, ...]:
    """(widths, activation, loss, classes): what two fits have in common if their parameters mean the same."""
    widths = (model.n_features_in_, *(len(b) for b in model.intercepts_))
    classes = tuple(np.asarray(vars(model).get("classes_", ())).tolist())
    return widths, model.problem_["activation"], model.problem_["loss"], classes


def _kept(record: Any, ax: "Axes") -> Any:
    object.__setattr__(record, "ax_", ax)  # scikit-learn's displays keep what they were drawn into
    object.__setattr__(record, "figure_", ax.figure)
    return record
