"""errors of any scikit-learn estimator on the folds of every rung: lines to compare with, which are no rungs.

They see the columns as the rungs do: numbers standardised, categories as indicators, gaps filled, coded on the rows
learned from alone.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points, packages_distributions, version
from typing import Any

import numpy as np

from infimum.ladder.problem import Problem
from infimum.ladder.reference import Reference, predictions
from infimum.ladder.words import INTERRUPTED
from infimum.tables import TableError, listing
from infimum.tables.encode import Encoder

PLUGINS = "infimum.rungs"  # the group of entry points by which other packages offer theirs
VERBS = ("fit", "predict", "get_params")
Splits = list[tuple[Encoder, np.ndarray]]


def estimator_of(wanted: Any) -> Any:
    """A fresh estimator: of "module:Class", or a plug-in's name, one with its defaults; of an estimator a clone.

    A package offers a plug-in by an entry point of the group `infimum.rungs`, whose value is module:Class. Raises
    ValueError where there is no such module or class, or it is no estimator.

    >>> estimator_of("sklearn.neighbors:KNeighborsRegressor")
    KNeighborsRegressor()
    """
    from sklearn.base import clone

    if not isinstance(wanted, str):
        if isinstance(wanted, type) or not can(wanted, *VERBS):
            raise ValueError(f"{wanted!r} is no estimator: give one, such as Ridge(), or 'module:Class'")
        return clone(wanted)
    there = {each.name: each.value for each in entry_points(group=PLUGINS)}
    module, colon, name = there.get(wanted, wanted).partition(":")
    if not (module and colon and name):
        plugins = f"or one of the plug-ins {listing(sorted(there), 'or')}" if there else "and no plug-in is installed"
        raise ValueError(
            f"{wanted!r} is not of the form module:Class, such as sklearn.neighbors:KNeighborsRegressor, {plugins}"
        )
    try:
        kind = getattr(import_module(module), name)
    except (ImportError, AttributeError) as missing:
        raise ValueError(f"{wanted!r} can't be had: {missing}") from missing
    if not isinstance(kind, type):
        raise ValueError(f"{wanted!r} is no class, but {type(kind).__name__}")
    try:
        made = kind()
    except TypeError as refused:
        raise ValueError(f"{wanted!r} can't be made without arguments: {refused}") from refused
    if not can(made, *VERBS):
        raise ValueError(f"{wanted!r} is no estimator of scikit-learn's kind: it lacks fit, predict or get_params")
    return made


def check_kinds(problem: Problem, wanted: Sequence[Any]) -> None:
    """Raise TableError where one of them can't predict this target, before any work is done."""
    from sklearn.utils import get_tags

    classes = problem.loss.task == "classification"
    for each in wanted:
        made, why = estimator_of(each), ""
        kind = (get_tags(made).estimator_type or "").replace("_", " ")
        if kind not in ("", "classifier" if classes else "regressor"):
            why = f"is of the kind {kind}, and {problem.target!r} is {'a' if classes else 'no'} class"
        elif classes and not can(made, "predict_proba"):
            why = "gives no probabilities (predict_proba), by which models of classes are compared"
        if why:
            raise TableError(f"{name_of(each)} {why}: compare with another estimator, or leave it out.")


def name_of(wanted: Any) -> str:
    """The name of the class: what a line is called, compared or left out.

    >>> from sklearn.linear_model import Ridge
    >>> name_of("sklearn.svm:SVC"), name_of(Ridge())
    ('SVC', 'Ridge')
    """
    return wanted.rpartition(":")[2] if isinstance(wanted, str) else type(wanted).__name__


def can(thing: Any, *verbs: str) -> bool:
    """Whether it has these methods.

    >>> can([], "append"), can([], "fit")
    (True, False)
    """
    return all(callable(getattr(thing, verb, None)) for verb in verbs)


def also_of(
    problem: Problem, splits: Splits, wanted: Sequence[Any], tell: Callable[[str, int], None]
) -> tuple[tuple[Reference, ...], tuple[tuple[str, str], ...]]:
    """(a line for each estimator, (name, reason) of those that stopped in some fold): none of them stops the ladder."""
    lines, stopped = [], []
    for i, each in enumerate(wanted):
        name = name_of(each)
        try:
            errors = []
            for j, (_, X) in enumerate(splits):
                tell(f"{name} (for comparison), fold {j + 1} of {len(splits)}", i * len(splits) + j)
                errors.append(_error_of(problem, estimator_of(each), X, j))
        except KeyboardInterrupt:
            return tuple(lines), (*stopped, *((name_of(left), INTERRUPTED) for left in wanted[i:]))
        except Exception as why:  # whatever somebody else's code may raise
            said = str(why).strip().partition("\n")[0] or type(why).__name__
            stopped.append((name, f"it stopped: {said}"))
            continue
        lines.append(Reference(np.array(errors), library_of(estimator_of(each)), name))
    return tuple(lines), tuple(stopped)


def _error_of(problem: Problem, estimator: Any, X: np.ndarray, j: int) -> float:
    """The error on the rows that fold j holds out; ValueError where it is no number."""
    if estimator.get_params().get("random_state", 0) is None:
        estimator.set_params(random_state=problem.seed)
    train, held = problem.folds.train(j), problem.folds.held(j)
    estimator.fit(X[train], problem.y[train])
    found = problem.metric.error(predictions(problem.loss, estimator, X[held]), problem.y[held])
    if not np.isfinite(found):
        raise ValueError(f"its error on the rows held out is {found}")
    return found


def library_of(estimator: Any) -> str:
    """The distribution that the estimator's class is from, with its version; "your own code" without one.

    >>> from sklearn.linear_model import Ridge
    >>> library_of(Ridge()).partition(" ")[0]
    'scikit-learn'
    """
    package = type(estimator).__module__.partition(".")[0]
    names = packages_distributions().get(package)
    return f"{names[0]} {version(names[0])}" if names else "your own code"
