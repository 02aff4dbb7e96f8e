"""βⱼ ± t √Vⱼⱼ: the coefficients of a fitted linear model as a picture of matplotlib."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from jaxtyping import Float
from sklearn.utils.validation import check_is_fitted

from infimum.estimators.shell import known_information, why_no_errors
from infimum.estimators.summary import named_coefficients
from infimum.inference.estimate import ends
from infimum.inference.information import bounds_of, proved_digits
from infimum.shells.drawing import ACCENT, FAINT, GREY, axes_of, settle, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST, LEAST = 30, 3  # coefficients that are drawn; columns, however many the classes
CHANGED = {
    "squared": "prediction",
    "poisson": "logarithm of the expected count",
    "logistic": "log-odds",
    "multinomial": "score",
    "softmax": "score",
}
ROBUST = {
    "quantile": lambda model: f"{100 * model.quantile:g} % quantile",
    "huber": lambda model: "prediction",
}
DIGITS = "Digits are those proved of the arithmetic, not of what the data can tell."
ROW, AROUND = 0.26, 1.7  # inches a coefficient, and beside them


@dataclass(frozen=True, eq=False)
class CoefficientDisplay:
    """(β̂ⱼ, β̂ⱼ ± t √Vⱼⱼ, proved digits), (p, K) each, the largest |β̂ⱼ| first: what `plot` draws, the intercept left out.

    K is 1, or the number of more than two `classes`. interval is (2, p, K), or None where no standard errors are known,
    as after a penalty; digits −log₁₀ 2 |β̂ − β*| / |β̂| of the arithmetic, or None; `note` says why. ax_ and figure_ are
    those of the last `plot`.

    >>> from infimum import LinearRegression
    >>> model = LinearRegression().fit([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 4.0]], [1.0, 3.0, 4.0, 8.0])
    >>> display = CoefficientDisplay.from_estimator(model)
    >>> display.names, display.ax_.get_title(loc="left")
    (('x0', 'x1'), 'Coefficients of LinearRegression')
    """

    names: tuple[str, ...]
    estimate: Float[np.ndarray, "p k"]
    interval: Float[np.ndarray, "2 p k"] | None
    digits: Float[np.ndarray, "p k"] | None
    level: float = 0.95
    classes: tuple[str, ...] = ()
    note: str = ""
    title: str = "Coefficients"
    changed: str = "prediction"
    ax_: "Axes | None" = field(default=None, init=False, repr=False)
    figure_: "Figure | None" = field(default=None, init=False, repr=False)

    @classmethod
    def from_estimator(cls, model: Any, *, level: float = 0.95, ax: "Axes | None" = None) -> Self:
        """Of a fitted linear model of infimum, drawn into ax, or a new figure's.

        Raises NotFittedError before fit, ValueError for any other model and unless 0 < level < 1.
        """
        check_is_fitted(model)
        form = vars(model).get("problem_", {"form": "none"})["form"]
        if form not in ("linear", *ROBUST):
            expected = "expected a fitted linear model of infimum, such as LinearRegression; of a pipeline give [-1]"
            raise ValueError(f"{type(model).__name__} has no coefficients to draw: {expected}")
        K = np.atleast_2d(model.coef_).shape[0]
        beta = np.array([value for _, value in named_coefficients(model)]).reshape(K, -1).T
        interval, why = intervals(model, beta, level)
        digits = digits_of(model, beta)
        p = len(beta) - int(model.fit_intercept)
        order = np.argsort(-np.abs(beta[:p]).max(axis=1), kind="stable")
        free = ", ".join(f"{b:.4g}" for b in beta[p:].ravel()).replace("-", "−")
        free = f"Not drawn: the intercept{'s' if K > 1 else ''} {free}." if free and K < 10 else ""
        display = cls(
            tuple(model.names_[j] for j in order),
            beta[order],
            None if interval is None else interval[:, order],
            None if digits is None else digits[order],
            level,
            tuple(map(str, model.classes_)) if K > 1 else (),
            " ".join([f"No intervals: {why}." if why else "", free]).strip(),
            f"Coefficients of {type(model).__name__}",
            ROBUST[form](model) if form in ROBUST else CHANGED[model.problem_["loss"]],
        )
        return display.plot(ax)

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw into ax, or a new figure's: the largest on top; beside them value and digits; returns the display."""
        K = self.estimate.shape[1]
        shown = min(len(self.names), max(MOST // K, LEAST))
        ax = axes_of(ax, (7.4, AROUND + ROW * shown * K * (1.0 if K == 1 else 0.8)))
        places = np.arange(shown)[:, None] + (np.arange(K) - (K - 1) / 2) * 0.8 / K
        ax.axvline(0, color=FAINT, zorder=0)
        for k in range(K):
            label = shortened(self.classes)[k] if self.classes else None
            self._draw(ax, k, places[:, k], label)
        for edge in np.arange(shown - 1) + 0.5 if K > 1 else ():
            ax.axhline(edge, color=FAINT, linewidth=0.6, zorder=0)
        ax.set_yticks(range(shown), shortened(self.names[:shown]))
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(shown - 0.4, -0.6 if shown else 0.4)
        if self.classes:
            ax.legend(title="score of", loc="best", fontsize="small")
        left = f"The {shown} largest of {len(self.names)} columns." if shown < len(self.names) else ""
        around = f", {100 * self.level:g} % interval" if self.interval is not None else ""
        proved = DIGITS if self.digits is not None else ""
        words = f"change of the {self.changed} per unit of the column{around}"
        settle(ax, self.title, (words, ""), [" ".join(each for each in (left, self.note, proved) if each)])
        object.__setattr__(self, "ax_", ax)  # scikit-learn's displays keep what they were drawn into
        object.__setattr__(self, "figure_", ax.figure)
        return self

    def _draw(self, ax: "Axes", k: int, places: np.ndarray, label: str | None) -> None:
        """One class, or the one score: dots with their intervals, value and digits at the right."""
        shown, color = len(places), f"C{k % 10}" if label else ACCENT
        values = self.estimate[:shown, k]
        bars = None if self.interval is None else np.abs(self.interval[:, :shown, k] - values)
        look = {"fmt": "o", "markersize": 5 if self.classes else 6, "color": color, "capsize": 2.5, "elinewidth": 1.3}
        ax.errorbar(values, places, xerr=bars, label=label, **look)
        words = {"transform": ax.get_yaxis_transform(), "va": "center", "family": "monospace", "fontsize": "small"}
        if k == 0 and shown:
            ax.text(1.02, -0.75, f"{'value':>10}  digits", color=GREY, **{**words, "va": "bottom"})
        for j, place in enumerate(places):
            digits = "–" if self.digits is None else str(math.floor(self.digits[j, k]))
            ax.text(
                1.02,
                place,
                f"{values[j]:>10.4g}  {digits:>6}".replace("-", "−"),
                color=color if label else "0.2",
                **words,
            )


def intervals(model: Any, beta: Float[np.ndarray, "p k"], level: float) -> tuple[np.ndarray | None, str]:
    """(ends (2, p, K) by the model's own standard errors, "") or (None, why there are none)."""
    if (inference := vars(model).get("_inference")) is not None:
        return inference.interval(level).T[:, :, None], ""
    information = known_information(model) if model.problem_["form"] == "linear" else None
    if information is None:
        ends(np.zeros(1), np.zeros(1), math.inf, level)  # a level that is none is refused all the same
        return None, why_no_errors(model)
    freedom = information.freedom if information.loss == "squared" else math.inf
    error = np.sqrt(np.diag(information.covariance()))
    found = ends(information.beta, error, freedom, level)
    return found.T.reshape(2, beta.shape[1], -1).transpose(0, 2, 1), ""


def digits_of(model: Any, beta: Float[np.ndarray, "p k"]) -> np.ndarray | None:
    """Proved digits (p, K), whatever the penalty; None where no distance from the minimum is known."""
    if (inference := vars(model).get("_inference")) is not None:
        return np.asarray(inference.digits).reshape(-1, 1)
    enclosure = model.certificate_.enclosure
    if enclosure is None:
        return None
    params = vars(model).get("params_", beta[:, 0])
    bounds = bounds_of(enclosure, len(params), max(beta.shape[1] - 1, 1))
    return proved_digits(beta.T.ravel(), bounds).reshape(beta.shape[1], -1).T
