"""(sentence, how grave, where the page says more): one worry, and how names are said in it."""

from dataclasses import dataclass
from typing import Any

from infimum.tables.natural import short

Report = dict[str, Any]
GRAVE, CARE, KNOW = 3, 2, 1
NAME = 48  # characters of a name


@dataclass(frozen=True)
class Worry:
    """(sentence, how grave, the section of the page that says more)."""

    sentence: str
    weight: int
    place: str


def chosen_of(report: Report) -> dict[str, Any]:
    """The rung that was chosen."""
    return next(rung for rung in report["rungs"] if rung["chosen"])


def called(name: str) -> str:
    """The name of a column or class in quotes, cut where it is long.

    >>> print(called("hour"))
    'hour'
    """
    return f"'{short(name, NAME)}'"


def several(names: list[str], most: int = 2) -> str:
    """'a'; 'a' and 'b'; 'a', 'b' and 3 more: names cut short.

    >>> print(several(["a"]), several(["a", "b"]), several(["a", "b", "c", "d", "e"]), sep="; ")
    'a'; 'a' and 'b'; 'a', 'b' and 3 more
    """
    cut = [called(name) for name in names]
    return f"{', '.join(cut[:most])} and {len(cut) - most} more" if len(cut) > most else " and ".join(cut)
