"""The ladder without curves, products, network and reference line: all that most tests need, in less time."""

import infimum.ladder.climb as climbing
from infimum.ladder.rungs import rungs_for


def linear_rungs(task, classes=2):
    """The constant, the linear model, ridge and lasso."""
    every = rungs_for(task, classes)
    return tuple(rung for rung in every if rung.form in ("constant", "linear") and rung.penalised != "both")


def use_linear_rungs(patch):
    """Fit those alone, through pytest's monkeypatch."""
    patch.setattr(climbing, "rungs_for", linear_rungs)
    patch.setattr(climbing, "reference_of", lambda *told: None)
