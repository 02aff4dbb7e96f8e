"""θ̂ with scikit-learn's contract, of a rung of the ladder or of the whole: one step below `report`, which they write.

`estimators` holds what the ladder itself is made of; the classes here are made of the ladder.
"""

from typing import Any

_TABLE = {
    "AdditiveClassifier": "additive",
    "AdditiveRegressor": "additive",
    "Ladder": "ladder",
    "LadderDisplay": "display",
}

__all__ = sorted(_TABLE)


def __getattr__(name: str) -> Any:
    if name not in _TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_TABLE[name]}"), name)
