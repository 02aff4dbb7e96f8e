"""errors of scikit-learn's histogram gradient boosting on the same folds: the line by which simplicity is priced.

It is no rung: it has no equation, no claims and no refit. Who needs trees learns it here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from infimum.ladder.problem import Problem
from infimum.ladder.words import INTERRUPTED
from infimum.losses import Loss
from infimum.losses.multinomial import contrasts
from infimum.tables.categories import CategoryCode
from infimum.tables.codes import NumberCode, numbers
from infimum.tables.encode import Encoder

TITLE = "Gradient boosting"
MOST = 255  # levels that its trees can split by; more are left as a column each
LEAF = 20  # rows in the smallest leaf of its trees
SURE = 1e-15  # probabilities nearer to 0 or 1, and expected counts nearer to 0, are taken for this


@dataclass(frozen=True, eq=False)
class Reference:
    """The errors of a model that is no rung in every fold, (k,), the library that computed them, its name."""

    errors: np.ndarray
    library: str
    title: str = TITLE

    def of_first(self, models: int) -> Self:
        """The errors of the first models alone, where the rungs have no more."""
        return replace(self, errors=self.errors[:models])


def reference_kept(reference: Callable[[], Reference]) -> tuple[Reference | None, tuple[str, ...]]:
    """(the reference line, None where there is none, then why): no rung is lost to what scikit-learn refuses."""
    try:
        return reference(), ()
    except KeyboardInterrupt:
        return None, (INTERRUPTED,)
    except ValueError as refused:
        return None, (f"scikit-learn stopped: {str(refused).partition(chr(10))[0]}",)


def reference_of(
    problem: Problem, splits: list[tuple[Encoder, np.ndarray]], tell: Callable[[str, int], None]
) -> Reference:
    """HistGradientBoostingRegressor or Classifier as scikit-learn ships it, seeded, on the folds of every rung."""
    from importlib.metadata import version

    errors = []
    for j, (encoder, X) in enumerate(splits):
        tell(f"reference (gradient boosting), fold {j + 1} of {len(splits)}", j)
        train, held = problem.folds.train(j), problem.folds.held(j)
        M, is_category = columns_for_trees(problem, encoder, X)
        rows = np.flatnonzero(train)
        model, M = boosted(problem, M, is_category, rows)
        z = predictions(problem.loss, model, M[held])
        errors.append(problem.metric.error(z, problem.y[held]))
    return Reference(np.array(errors), f"scikit-learn {version('scikit-learn')}")


def boosted(problem: Problem, M: np.ndarray, is_category: np.ndarray, rows: np.ndarray) -> tuple[Any, np.ndarray]:
    """(the estimator, fitted on these rows, the columns of M that it reads): those with cells enough for a leaf.

    No tree could split by the others, and a column without a cell stops scikit-learn.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    task = problem.loss.task
    estimator = HistGradientBoostingClassifier if task == "classification" else HistGradientBoostingRegressor
    how = {"loss": "poisson"} if task == "counts" else {}
    kept = np.count_nonzero(np.isfinite(M[rows]), axis=0) >= LEAF
    M, is_category = (M[:, kept], is_category[kept]) if kept.any() else (np.zeros((len(M), 1)), np.array([False]))
    model = estimator(categorical_features=is_category, random_state=problem.seed, **how)
    return model.fit(M[rows], problem.y[rows]), M


def predictions(loss: Loss, model: Any, M: np.ndarray) -> np.ndarray:
    """z of the rows M: the prediction itself, its logarithm for counts, or the scores of classes."""
    if loss.task == "classification":
        return scores(loss, model, M)
    found = np.asarray(model.predict(M), dtype=float)
    return np.log(np.maximum(found, SURE)) if loss.task == "counts" else found


def scores(loss: Loss, model: Any, M: np.ndarray) -> np.ndarray:
    """z with loss.mean(z) = p, of classes that the rows learned from do not hold p = 0: (n,) or (n, K − 1)."""
    P = np.zeros((len(M), loss.outputs + 1))
    there = model.classes_.astype(int)
    P[:, there] = model.predict_proba(M) if len(there) > 1 else 1.0
    P = np.clip(P, SURE, 1 - SURE)
    if loss.outputs == 1:
        return np.log(P[:, 1] / (1 - P[:, 1]))
    return np.asarray(np.log(P) @ contrasts(loss.outputs + 1))


def columns_for_trees(problem: Problem, encoder: Encoder, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(M, which of its columns are categories): numbers as they are, gaps too; a category one column; the rest as X."""
    blocks: list[np.ndarray] = []
    is_category: list[bool] = []
    start = 0
    for code in encoder.codes:
        block = X[:, start : start + len(code.features)]
        start += len(code.features)
        category = isinstance(code, CategoryCode) and 0 < len(code.features) < MOST
        if category:
            block = np.where(block.any(axis=1), block.argmax(axis=1) + 1.0, 0.0)[:, None]
        elif isinstance(code, NumberCode):
            block = numbers(problem.table.column(code.name))[:, None]
        blocks.append(block)
        is_category += [category] * block.shape[1]
    return np.hstack(blocks), np.array(is_category)
