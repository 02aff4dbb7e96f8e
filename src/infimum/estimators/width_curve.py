"""m ↦ error of the network of m units a layer, on rows held out: universal approximation, made concrete for one table.

Wide enough, a network comes as near as one likes to any continuous function (Cybenko 1989; Hornik 1991). How near at m
units depends on the function: of one hidden layer the least error falls like m^(−s/d) for a function of d columns with
s derivatives (Petrushev 1998; of one column and relu, piecewise linear functions with free knots, s ≤ 2: DeVore 1998,
§6). With noise it falls only until rows held out cannot tell any more.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import linregress, t
from sklearn.base import clone, is_classifier
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import column_or_1d

from infimum.estimators.choosing import folds_of, is_count
from infimum.estimators.mlp import MultilayerPerceptron, outputs
from infimum.estimators.rows import checked_weight
from infimum.evaluation.folds import assign_folds
from infimum.evaluation.metrics import metric_of
from infimum.evaluation.paired import standard_error
from infimum.losses import loss_named
from infimum.solvers.moments import Fold

WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128)
LEVEL = 0.95
TOLD = {"rmse": "RMSE", "log_loss": "log loss", "deviance": "mean deviance"}


@dataclass(frozen=True)
class Slope:
    """d log error / d log m by least squares over `widths`, and its interval at 95% by Student's t, k − 2 degrees."""

    value: float
    low: float
    high: float
    widths: tuple[int, ...]

    def __str__(self) -> str:
        """value [low, high], and over which widths."""
        ends = f"[{self.low:.3g}, {self.high:.3g}]" if math.isfinite(self.low) else "without an interval"
        return f"{self.value:.3g} {ends}, widths {self.widths[0]} to {self.widths[-1]}"


@dataclass(frozen=True, eq=False)
class WidthCurve:
    """(depth, width, error on each fold held out, on its rows trained on, cost) of K sizes, widths rising in a depth.

    errors and trained are (K, folds): the RMSE, log loss or mean deviance, by `metric`; seconds (K, folds) of each fit;
    parameters and multiply_adds (K,), those of one row's prediction. overlap is rows held out / rows learned from.
    models (K,) are those of the first fold, X (n, p) and y (n,) all rows. `print` shows the table.
    """

    depths: np.ndarray
    widths: np.ndarray
    errors: Float[np.ndarray, "K k"]
    trained: Float[np.ndarray, "K k"]
    seconds: Float[np.ndarray, "K k"]
    parameters: np.ndarray
    multiply_adds: np.ndarray
    overlap: float
    metric: str
    models: tuple[Any, ...]
    X: Float[np.ndarray, "n p"]
    y: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """The mean error on rows held out, over the folds, (K,)."""
        return self.errors.mean(axis=1)

    @property
    def standard_errors(self) -> np.ndarray:
        """Of each error's difference from the lowest, paired by folds: s √(1/k + ρ), 0 for the lowest itself, (K,)."""
        differences = self.errors - self.errors[self.error.argmin()]
        return np.array([standard_error(each, self.overlap) for each in differences])

    @property
    def flattens_at(self) -> dict[int, int | None]:
        """{depth: the least width that no wider one beats by more than a standard error of their paired difference}.

        The one-standard-error rule of Breiman, Friedman, Olshen & Stone (1984, §3.4.3), with the standard error of
        Nadeau & Bengio (2003). None where that is the widest alone: the error still falls.
        """
        return {int(depth): self._flat(self.depths == depth) for depth in np.unique(self.depths)}

    @property
    def slope(self) -> dict[int, Slope]:
        """{depth: d log error / d log width, until it flattens}; −s/d where smoothness limits. NaN of one width."""
        found = {}
        for depth, flat in self.flattens_at.items():
            used = (self.depths == depth) & (self.widths <= (math.inf if flat is None else flat))
            found[depth] = slope_of(self.widths[used], self.error[used])
        return found

    def _flat(self, rows: np.ndarray) -> int | None:
        widths, errors = self.widths[rows], self.errors[rows]
        for i in range(len(widths) - 1):
            gains = errors[i] - errors[i + 1 :]
            if all(gain.mean() <= standard_error(gain, self.overlap) for gain in gains):
                return int(widths[i])
        return None

    def rows(self) -> list[dict[str, Any]]:
        """[{depth, width, error, standard_error, trained, parameters, multiply_adds, seconds}, …], means over folds."""
        columns = {
            "depth": self.depths,
            "width": self.widths,
            "error": self.error,
            "standard_error": self.standard_errors,
            "trained": self.trained.mean(axis=1),
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "seconds": self.seconds.mean(axis=1),
        }
        sizes = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, each, strict=True)) for each in sizes]

    def to_frame(self) -> Any:
        """A pandas data frame, a row each size. Raises ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self.rows())

    def __str__(self) -> str:
        """The table, and below it, for each depth, where the error flattens and how fast it falls until there."""
        cells = [("depth", "width", "held out", "± to lowest", "trained on", "parameters", "multiply-adds", "seconds")]
        for depth, width, error, doubt, trained, *cost, seconds in (row.values() for row in self.rows()):
            told = (f"{error:.4g}", f"{doubt:.2g}", f"{trained:.4g}", *(f"{each:,}" for each in cost), f"{seconds:.2g}")
            cells.append((str(depth), str(width), *told))
        wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(cell.rjust(size) for cell, size in zip(row, wide, strict=True)) for row in cells]
        for depth, flat in self.flattens_at.items():
            end = f"{flat} units: no wider network is better by more than a standard error" if flat else "no width here"
            lines.append(f"depth {depth}: flattens at {end}; log error / log width {self.slope[depth]}")
        k = self.errors.shape[1]
        return "\n".join([f"{TOLD[self.metric]}, mean of {k} folds of {len(self.X)} rows", *lines])


def width_curve(
    estimator: Any, X: Any, y: Any, sample_weight: Any = None, *, widths: Any = WIDTHS, cv: Any = 5
) -> WidthCurve:
    """(m, L) ↦ mean over folds of the error of the network with L hidden layers of m units, on the same folds.

    estimator is an MLPRegressor, MLPClassifier or MLPPoissonRegressor, cloned for each size; X (n, p), y (n,),
    sample_weight (n,) or None, which counts in fits and errors. widths are those of one hidden layer, or {depth: widths
    of each of so many layers}; cv how many folds, dealt at random by the estimator's random_state, classes evenly, a
    splitter, or pairs of indices. Raises ValueError for other estimators, widths or depths, and fewer than two folds.

    >>> from infimum import MLPRegressor
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> model = MLPRegressor(solver="full-batch", init="greedy", alpha=1e-8)
    >>> found = width_curve(model, X, X.ravel() ** 2, widths=(2, 4, 8), cv=2)
    >>> found.parameters.tolist(), bool(found.slope[1].value < -1)
    ([7, 13, 25], True)
    """
    if not isinstance(estimator, MultilayerPerceptron):
        raise ValueError(f"{type(estimator).__name__} has no width; expected MLPRegressor, MLPClassifier or MLPPoisson")
    sizes = sizes_of(widths)
    X, y = check_array(X, dtype=np.float64), column_or_1d(y)
    check_consistent_length(X, y)
    weight = checked_weight(sample_weight, len(X))
    folds = shuffled(estimator, (X, y, weight), cv)
    found = [[_fit(estimator, size, (X, y, weight), fold) for fold in folds] for size in sizes]
    errors, trained, seconds = (np.array([[one[i] for one in each] for each in found]) for i in range(3))
    models = tuple(each[0][3] for each in found)
    depths, across = np.array([len(size) for size in sizes]), np.array([size[0] for size in sizes])
    cost = np.array([[len(each.params_), sum(W.size for W in each.coefs_)] for each in models])
    overlap = sum(len(held) for _, held in folds) / sum(len(learned) for learned, _ in folds)
    metric = metric_of(loss_named(models[0].problem_["loss"]), y[:0]).name
    return WidthCurve(depths, across, errors, trained, seconds, *cost.T, overlap, metric, models, X, y)


def slope_of(widths: np.ndarray, errors: np.ndarray) -> Slope:
    """The line through (log m, log error): NaN of one width or an error of 0, without an interval of two.

    >>> str(slope_of(np.array([1, 2, 4, 8]), np.array([1.0, 0.25, 0.0625, 0.015625])))
    '-2 [-2, -2], widths 1 to 8'
    """
    used = tuple(widths.tolist())
    if len(widths) < 2 or not np.all(errors > 0):
        return Slope(math.nan, -math.inf, math.inf, used)
    line = linregress(np.log(widths), np.log(errors))
    half = t.ppf((1 + LEVEL) / 2, len(widths) - 2) * line.stderr if len(widths) > 2 else math.inf
    return Slope(float(line.slope), float(line.slope - half), float(line.slope + half), used)


def sizes_of(widths: Any) -> list[tuple[int, ...]]:
    """[(m,) * depth, …], by depth and then width. Raises ValueError for what is no whole number ≥ 1, and for none.

    >>> sizes_of({2: (4, 2), 1: (3,)})
    [(3,), (2, 2), (4, 4)]
    """
    grid = dict(widths) if isinstance(widths, Mapping) else {1: widths}
    told = "expected whole numbers ≥ 1, such as (1, 2, 4), or {depth: widths}"
    try:
        sizes = {(depth, m) for depth, each in grid.items() for m in each}
    except TypeError:
        raise ValueError(f"widths = {widths!r}; {told}") from None
    if not sizes or not all(is_count(each) and each >= 1 for size in sizes for each in size):
        raise ValueError(f"widths = {widths!r}; {told}")
    return [(int(m),) * int(depth) for depth, m in sorted(sizes)]


def shuffled(estimator: Any, rows: tuple[Any, Any, np.ndarray], cv: Any) -> list[Fold]:
    """[(rows learned from, rows held out), …], two or more: of cv a number, dealt at random, classes evenly."""
    X, y, weight = rows
    classes = is_classifier(estimator)
    if is_count(cv):
        if cv < 2:
            raise ValueError(f"cv = {cv}; differences of errors take 2 folds or more")
        rng = np.random.default_rng(check_random_state(estimator.random_state).randint(2**31))
        fold = assign_folds(y, cv, rng, stratify=classes)
        cv = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(cv)]
    folds = folds_of(cv, X, y, weight, classes)
    if len(folds) < 2:
        raise ValueError("cv gives one fold; differences of errors take 2 folds or more")
    return folds


def _fit(estimator: Any, size: tuple[int, ...], rows: tuple[Any, ...], fold: Fold) -> tuple[float, float, float, Any]:
    """(error held out, on the rows trained on, seconds, model) of one size on one fold."""
    (X, y, weight), (learned, held) = rows, fold
    begin = perf_counter()
    model = clone(estimator).set_params(hidden_layer_sizes=size).fit(X[learned], y[learned], weight[learned])
    seconds = perf_counter() - begin
    return (*(error_of(model, (X[part], y[part], weight[part])) for part in (held, learned)), seconds, model)


def error_of(model: Any, rows: tuple[Any, ...]) -> float:
    """The error of a fitted perceptron on rows (X, y, s), by the metric of its likelihood, rows weighted by s.

    Raises ValueError for a label that the model has not seen.
    """
    X, y, weight = rows
    classes = vars(model).get("classes_", np.zeros(0))
    if len(classes):
        strange = np.setdiff1d(y[weight > 0], classes)
        if len(strange):
            raise ValueError(f"class {strange.tolist()[0]!r} is in no row that its fold learns from: choose another cv")
        y = np.searchsorted(classes, y).astype(float)
    metric = metric_of(loss_named(model.problem_["loss"], max(len(classes), 2)), y)
    each = metric.rows(outputs(model, X), y)
    return float(metric.of(weight @ each / weight.sum()))
