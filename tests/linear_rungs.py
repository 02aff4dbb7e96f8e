"""The ladder without curves, products, network and reference line: all that most tests need, in less time."""

import infimum.ladder.climb as climbing
from infimum.ladder.rungs import rungs_for


def linear_rungs(task, classes=2):
    """The constant, the linear model, ridge and lasso, and the network, which is left out for want of torch."""
    return tuple(rung for rung in rungs_for(task, classes) if rung.name not in ("elastic net", "additive", "products"))


def use_linear_rungs(patch, reference=False):
    """Fit those alone, through pytest's monkeypatch."""
    patch.setattr(climbing, "rungs_for", linear_rungs)
    patch.setattr(climbing, "find_spec", lambda name: None)
    if not reference:
        patch.setattr(climbing, "reference_of", lambda *told: None)
