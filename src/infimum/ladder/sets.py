"""pᵢ = p₋ᵢ(yᵢ | xᵢ) on held-out rows → {k : enough rows of class k have pᵢ ≤ p(k | x)}, and what it promises.

The folds are drawn class by class, so that rows of one class are exchangeable among themselves, and those of the table
with the new rows only within a class. So every class is calibrated by its own rows (Mondrian): each class is then
covered, a rare one too, where one quantile for all would cover the frequent classes and leave the rare ones out.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.evaluation.conformal import rows_needed
from infimum.evaluation.conformal.sets import class_sets
from infimum.ladder.calibration import (
    METHODS,
    bound_of,
    calibrating_rows,
    held_out,
    promise,
    replayed,
    shares_covered,
)
from infimum.ladder.forecast import probabilities

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

PROVED = (
    "Of the new rows of each class, at least {bound} have it in their set, if they are drawn like the rows of that "
    "class in the table: proved class by class, for folds that are drawn so (CV+, Romano, Sesia & Candès 2020). About "
    "{level} usually do, as long as leaving out a fold hardly changes the model; that is no guarantee. That the rung "
    "was chosen with these rows among others is not accounted for."
)
UNPROVED = (
    "Of the new rows of each class, about {level} usually have it in their set, if they are drawn like the rows of "
    "that class in the table and leaving out a fold hardly changes the model. Nothing is guaranteed of every class: "
    "what can be proved of CV+ at this coverage, with so few rows of a class, is 0."
)
GROUPED = (
    "No guarantee: rows of a group are alike, so that new rows are not drawn like these one by one. About {level} of "
    "the rows of each class have it in their set, as the models judge groups that they had not seen; the rows of one "
    "new group may all miss it."
)
IN_TIME = (
    "No guarantee: in time, rows are not exchangeable, and what comes may differ from what was. The sets hold {level} "
    "of the rows of each class in the latest of {k} spans, by the model fitted to all rows before that span."
)
WORDS = {"groups": GROUPED, "time": IN_TIME, "proved": PROVED, "unproved": UNPROVED}


def sets_of(ascent: "Ascent", level: float) -> tuple[dict[str, Any] | None, dict[str, np.ndarray]]:
    """(what the report says of the sets, the probabilities and classes that predict makes them of).

    (None, {}) unless the target is a class, or where no class has rows enough for the level.
    """
    problem = ascent.problem
    folds, labels = problem.folds, problem.task.classes or ()
    if problem.task.kind != "classification":
        return None, {}
    rows, y = calibrating_rows(folds.fold, folds.calibrating)[0], problem.y.astype(np.int32)
    if np.bincount(y[rows]).max() < rows_needed(level):
        return None, {}
    p = probabilities(held_out(ascent), problem.loss)
    own = p[np.arange(len(y)), y]
    held, sets = _replayed(ascent, p, y, level)
    covered = [each[np.arange(len(part)), y[part]] for part, each in zip(held, sets, strict=True)]
    classes = _classes(ascent, (rows, y), (np.concatenate(held), np.concatenate(covered)), level)
    bounds = [each["bound"] for each in classes]
    facts = {
        "level": level,
        "method": METHODS[folds.kind],
        "folds": list(folds.calibrating),
        "calibration_rows": int(rows.sum()),
        "rows_needed": rows_needed(level),
        "sizes": np.bincount(np.concatenate(sets).sum(axis=1), minlength=len(labels) + 1).tolist(),
        **shares_covered(covered),
        "classes": classes,
        "bound": min(bounds) if folds.kind == "random" else None,
    }
    facts["guarantee"] = promise(WORDS, folds, level, facts["bound"])
    return facts, {"calibration": own[rows], "calibration_class": y[rows]}


def _replayed(
    ascent: "Ascent", p: np.ndarray, y: np.ndarray, level: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(rows, their sets (r, K) by rows of other folds) of each fold: what a reader may count."""
    held, sets, own = [], [], p[np.arange(len(y)), y]
    for rows, others in replayed(ascent.problem.folds):
        place = np.zeros(int(others.sum()), dtype=int)
        held.append(np.flatnonzero(rows))
        sets.append(class_sets((-own[others], place, y[others]), -p[None, rows], level))
    return held, sets


def _classes(
    ascent: "Ascent", calibrating: tuple[np.ndarray, np.ndarray], seen: tuple[np.ndarray, np.ndarray], level: float
) -> list[dict[str, Any]]:
    """Each class with its calibrating rows, the share of its held-out rows that have it in their set, its bound."""
    (rows, y), (held, covered), found = calibrating, seen, []
    for k, label in enumerate(ascent.problem.task.classes or ()):
        mine, own = rows & (y == k), covered[y[held] == k]
        bound = bound_of(ascent.problem.folds, mine, level)
        if mine.sum() < rows_needed(level):
            bound = None if bound is None else 1.0  # it is in every set
        share = float(own.mean()) if len(own) else None
        found.append({"class": label, "rows": int(mine.sum()), "covered": share, "bound": bound})
    return found


def set_text(labels: list[str]) -> str:
    """The labels joined by |; one that holds | or " is quoted, quotes inside doubled, as CSV does it.

    >>> set_text(["a", "b"]), set_text(["a|b", "c"]), set_text([])
    ('a|b', '"a|b"|c', '')
    """
    return "|".join(
        '"' + each.replace('"', '""') + '"' if "|" in each or '"' in each or not each else each for each in labels
    )


def held_in(told: str, label: str) -> bool:
    """Whether the label is one of those that `set_text` joined.

    >>> held_in("a|b", "b"), held_in("ab|c", "b"), held_in('"a|b"|c', "a|b")
    (True, False, True)
    """
    own = set_text([label])
    return told == own or told.startswith(f"{own}|") or told.endswith(f"|{own}") or f"|{own}|" in told
