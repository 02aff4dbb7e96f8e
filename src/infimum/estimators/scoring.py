"""score(model, X, y, s), larger is better: scikit-learn's scorers, by name or as functions, on the rows of a fold."""

import inspect
import math
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer, make_scorer

Rows = tuple[Any, np.ndarray, np.ndarray | None]  # X, y, and sample weights if any were given


def scorer_of(scoring: Any, default: str, weighted: bool) -> Any:
    """The scorer of that name, of the default's for None, or the function itself.

    Raises ValueError for a name that scikit-learn does not know, what is neither, and, where rows are weighted, a
    scorer that takes no weights.
    """
    if scoring is not None and not isinstance(scoring, str) and not callable(scoring):
        raise ValueError(f"scoring = {scoring!r}; expected None, a name such as {default!r}, or score(model, X, y)")
    scorer = get_scorer(default if scoring is None else scoring)
    if weighted:
        taken = inspect.signature(_judged_by(scorer)).parameters.values()
        if not any(each.name == "sample_weight" or each.kind == each.VAR_KEYWORD for each in taken):
            raise ValueError(f"scoring = {scoring!r} takes no sample_weight, and one was given: choose another scoring")
    return scorer


def score_of(scorer: Any, model: Any, rows: Rows) -> float:
    """score(model, X, y, s). Raises ValueError where it is not a number."""
    X, y, weight = rows
    found = scorer(model, X, y) if weight is None else scorer(model, X, y, sample_weight=weight)
    value = float(found)
    if math.isnan(value):
        raise ValueError(f"scoring gives no number on {len(y)} rows held out: choose another scoring, or fewer folds")
    return value


def knowing_classes(scorer: Any, classes: np.ndarray) -> Any:
    """The scorer, told all classes where it asks for them: a fold need not hold rows of each."""
    function = _judged_by(scorer)
    asked = inspect.signature(function).parameters
    if function is scorer or "labels" not in asked:
        return scorer
    known = vars(scorer)
    told = {"labels": classes} | ({"pos_label": classes[-1]} if len(classes) == 2 and "pos_label" in asked else {})
    better = known["_sign"] > 0
    return make_scorer(
        function, response_method=known["_response_method"], greater_is_better=better, **told, **known["_kwargs"]
    )


def _judged_by(scorer: Any) -> Any:
    """The metric inside a scorer of scikit-learn's, or the scorer itself."""
    return vars(scorer).get("_score_func", scorer)
