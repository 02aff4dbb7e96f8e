"""(model, X, y, s) → the same, checked: whether what is asked of a fitted model is about that fit and its rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.exceptions import NotFittedError

from infimum.estimators.rows import checked_weight, dense

NAMED = 8  # columns named in a message
NO_LIKELIHOOD = {
    "quantile": "the pinball loss of a quantile is no likelihood",
    "huber": "Huber's loss is no likelihood",
}


def linear_fit(model: Any) -> Any:
    """model, if it is a fitted linear model of infimum's of one likelihood, of quantiles or Huber's.

    Raises NotFittedError before fit, ValueError for anything else, each with what to do.
    """
    kind = type(model)
    name, known = kind.__name__, getattr(model, "__dict__", {})
    if "steps" in known:
        raise ValueError(
            f"{name} is several steps: ask its last one, pipe[-1], about the rows it was given, pipe[:-1].transform(X)"
        )
    if kind.__module__.partition(".")[0] != "infimum":
        told = f"{name} of {kind.__module__.partition('.')[0]} is no linear model of infimum's"
        raise ValueError(f"{told}: fit LinearRegression, LogisticRegression, PoissonRegressor … of infimum")
    if not any(each.endswith("_") for each in known):
        raise NotFittedError(f"{name} is not fitted: call fit(X, y) first")
    if known.get("problem_", {"form": "none"})["form"] not in ("linear", *NO_LIKELIHOOD):
        raise ValueError(
            f"{name} is no linear model, with a coefficient a column: fit LinearRegression, LogisticRegression, …"
        )
    return model


def likelihood_fit(model: Any) -> Any:
    """model, if it is a fitted linear model of a likelihood, its coefficients those of the fit.

    Errors as `linear_fit`, and ValueError for quantiles and Huber's loss.
    """
    form = linear_fit(model).problem_["form"]
    check_unchanged(model)
    if form in NO_LIKELIHOOD:
        told = f"{NO_LIKELIHOOD[form]}: infer and summary have standard errors of it, from the rows' own spread"
        raise ValueError(f"{type(model).__name__}: {told}")
    return model


def remember(estimator: Any, fit: Mapping[str, Any]) -> None:
    """{coef_: b, intercept_: b₀, …} as fitted, kept apart from the attributes, which anyone may write to."""
    estimator._as_fitted = {name: np.array(value, dtype=float).ravel() for name, value in fit.items()}


def changed(estimator: Any) -> str:
    """Which coefficient is no longer that of the fit, in words; ''."""
    for name, old in vars(estimator).get("_as_fitted", {}).items():
        new = np.ravel(getattr(estimator, name))
        if new.shape != old.shape:
            return f"{name} holds {new.size} numbers, and the fit had {old.size}"
        apart = np.flatnonzero(new != old)  # NaN differs from all
        if len(apart):
            k, p = int(apart[0]), np.shape(getattr(estimator, name))[-1:]
            of = f" of {estimator.names_[k % p[0]]}" if name == "coef_" else ""
            return f"{name}{of} is {new[k]:g}, and the fit had {old[k]:g}"
    return ""


def check_unchanged(estimator: Any) -> None:
    """(b, b₀) = those of the fit, or ValueError: errors, tests and claims are about the fit."""
    told = changed(estimator)
    if told:
        about = "standard errors, tests and claims are about the fit"
        do = "fit again, or let verify(model, X, y) say what holds of the changed one"
        raise ValueError(f"{type(estimator).__name__} was changed since fit: {told}; {about}: {do}")


def columns_given(model: Any, X: Any) -> np.ndarray:
    """X (n, p) dense, float64. ValueError for other columns than those of the fit, by name, NaN and infinities."""
    own = [str(each) for each in vars(model).get("feature_names_in_", ())]
    given = [str(each) for each in getattr(X, "columns", ())] if not issparse(X) else []
    try:
        table = np.ascontiguousarray(dense(X), dtype=float)
    except (TypeError, ValueError):
        raise ValueError("X holds what is no number; expected the columns of the fit") from None
    name = type(model).__name__
    if table.ndim != 2:
        raise ValueError(f"X has shape {table.shape}; expected (rows, {model.n_features_in_}), the columns of the fit")
    if table.shape[1] != model.n_features_in_:
        expected = _counted(model.n_features_in_, own)
        told = f"X has {_counted(table.shape[1], given)}, and {name} was fitted to {expected}"
        raise ValueError(f"{told}: give the columns of the fit")
    if own and given and own != given:
        raise ValueError(f"X has the columns {_named(given)}, and {name} was fitted to {_named(own)}, in that order")
    if not np.all(np.isfinite(table)):
        i, j = (int(at[0]) for at in np.nonzero(~np.isfinite(table)))
        column = f"column {(own or given)[j]}" if own or given else f"column {j}"
        raise ValueError(f"X is {table[i, j]:g} in row {i}, {column}; expected the rows of the fit, which are finite")
    return table


def rows_given(model: Any, X: Any, y: Any, sample_weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(X (n, p), y (n,), s (n,)) as asked of a fitted linear model: y coded 0, 1, … where it holds classes.

    s is then times the weights of classes. Raises ValueError for what cannot be the rows of the fit, with the reason.
    """
    table, y = columns_given(model, X), np.ravel(np.asarray(y))
    if len(table) != len(y):
        raise ValueError(f"X has {len(table)} rows and y {len(y)} values; expected one a row")
    weight, stated = checked_weight(sample_weight, len(y)), model.problem_
    if stated["classes"] is not None:
        strange = ~np.isin(y, stated["classes"])
        if strange.any():
            classes = _named([str(each) for each in stated["classes"]])
            raise ValueError(f"y holds {y[strange].tolist()[0]!r}, no class of the fit; there are: {classes}")
        coded = np.searchsorted(stated["classes"], y)
        return table, coded.astype(float), weight * np.asarray(stated["class_weight"])[coded]
    try:
        y = y.astype(float)
    except (TypeError, ValueError):
        raise ValueError("y holds what is no number; expected the target of the fit") from None
    if not np.all(np.isfinite(y)):
        row = int(np.argmin(np.isfinite(y)))
        raise ValueError(f"y is {y[row]:g} in row {row}; expected the target of the fit, which is finite")
    return table, y, weight


def _counted(columns: int, names: list[str]) -> str:
    return f"{columns} column{'s' if columns != 1 else ''}" + (f" ({_named(names)})" if names else "")


def _named(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
