"""errors on held-out rows → the interval of a prediction, and what it promises."""

from typing import TYPE_CHECKING, Any

import numpy as np

from infimum.evaluation.conformal import split_conformal

if TYPE_CHECKING:
    from infimum.ladder.climb import Ascent

LEVEL = 0.9
GUARANTEE = (
    "At least 90% of new rows fall inside, if they are drawn like the rows of the table (exchangeable): the interval "
    "is centred on the model fitted without fold 1 and as wide as its errors there. That the rung was chosen with "
    "these rows among others is not accounted for."
)
GROUPED = (
    "No guarantee: rows of a group are alike, so that new rows are not drawn like these one by one. The interval holds "
    "90% of the rows of the groups in fold 1, is centred on the model fitted without them and as wide as its errors "
    "there."
)
IN_TIME = (
    "No guarantee: in time, rows are not exchangeable, and what comes may differ from what was. The interval holds 90% "
    "of the latest fifth of the rows predicted; it is centred on the model fitted to all rows before them."
)


def intervals_of(ascent: "Ascent") -> dict[str, Any] | None:
    """The half width of the interval of the chosen rung and its guarantee; None for classes, or with too few rows."""
    problem = ascent.problem
    if problem.task.kind != "regression":
        return None
    folds = problem.folds
    held = folds.held(folds.last)
    half = split_conformal(ascent.held_out[ascent.choice.chosen, held] - problem.y[held], LEVEL)
    if not np.isfinite(half):
        return None
    guarantee = IN_TIME if folds.kind == "time" else GROUPED if folds.kind == "groups" else GUARANTEE
    facts = {"level": LEVEL, "half_width": half, "method": "split conformal", "guarantee": guarantee}
    return {**facts, "fold": folds.last, "calibration_rows": int(held.sum())}
