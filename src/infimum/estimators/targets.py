"""(b₁, …, b_t): a model for every column of y, each with its own certificate."""

import math
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from infimum.estimators.asked import remember


def each_target(estimator: Any, fit: Callable[[Any, np.ndarray, int], Any], Y: np.ndarray) -> Any:
    """fit(part, y, k) of a copy of the estimator for every column y of Y (n, t); coef_ (t, p), intercept_ (t,).

    The copies are `targets_`, each a fitted model of its own target; `certificate_` is the weakest of theirs.
    """
    before = vars(estimator).pop("targets_", ()) if vars(estimator).get("warm_start") else ()
    vars(estimator).pop("targets_", None)
    parts = []
    for k in range(Y.shape[1]):
        part = copy(estimator)
        vars(part).pop("dual_gap_", None)  # of the fit before, of all targets
        for name in ("coef_", "intercept_"):
            vars(part).pop(name, None)
            if k < len(before):
                setattr(part, name, getattr(before[k], name))
        parts.append(fit(part, np.ascontiguousarray(Y[:, k]), k))
    estimator.targets_ = tuple(parts)
    estimator.coef_ = np.stack([np.ravel(part.coef_) for part in parts])
    estimator.intercept_ = np.array([part.intercept_ for part in parts])
    remember(estimator, {"coef_": estimator.coef_, "intercept_": estimator.intercept_})
    gaps = [part.certificate_.claim("gap") for part in parts]
    weakest = parts[int(np.argmax([gap.bound / gap.scale for gap in gaps]))]
    for name in ("certificate_", "trace_", "names_", "problem_", "information_"):
        setattr(estimator, name, getattr(weakest, name))
    estimator.n_iter_ = max(part.n_iter_ for part in parts)
    estimator.objective_ = math.fsum(part.objective_ for part in parts)
    return estimator
