"""What a user decides about the columns of a table instead of leaving it to the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ASKED = ("number", "category", "ordered", "date", "text", "identifier")
TASKS = ("auto", "regression", "classification", "counts")


@dataclass(frozen=True)
class Wishes:
    """Columns to drop, roles to take, levels in their order, what ties rows together, what the target is asked for.

    time: the column that orders the rows, "none" for random folds in spite of a date, "" to let a date column decide;
    group: rows of one value of this column stay in one fold; task: what the target is, "auto" to let its values decide.

    >>> Wishes(roles={"zip": "category"}).to_json()["roles"]
    {'zip': 'category'}
    """

    drop: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    ordered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keep_leaks: bool = False
    time: str = ""
    group: str = ""
    task: str = "auto"
    read: tuple[str, ...] = ()  # conventions of the file, KEY=VALUE as they were told: not a matter of roles

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is spoken of."""
        ties = tuple(name for name in (self.time, self.group) if name not in ("", "none"))
        return (*self.drop, *self.roles, *self.ordered, *ties)

    @property
    def kinds(self) -> dict[str, str]:
        """{column: the kind it must be read as}, so that a code such as 007 keeps its zeros."""
        kind = {"number": "number", "date": "time", "category": "text", "ordered": "text", "text": "text"}
        asked = {name: kind[role] for name, role in self.roles.items() if role in kind}
        return asked | dict.fromkeys(self.ordered, "text")

    def to_json(self) -> dict[str, Any]:
        """Plain values of every field."""
        return {
            "drop": list(self.drop),
            "roles": dict(self.roles),
            "ordered": {name: list(levels) for name, levels in self.ordered.items()},
            "keep_leaks": self.keep_leaks,
            "time": self.time,
            "group": self.group,
            "task": self.task,
            "read": list(self.read),
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Wishes":
        """The inverse of `to_json`."""
        ordered = {name: tuple(levels) for name, levels in document["ordered"].items()}
        lists = {"drop": tuple(document["drop"]), "read": tuple(document["read"])}
        return Wishes(**{**document, **lists, "ordered": ordered})
