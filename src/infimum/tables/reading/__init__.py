"""bytes ↦ cells: the conventions of a text file, each stated, each open to be set by whoever owns the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "NaT", "?", "-", ".")


@dataclass(frozen=True)
class Reading:
    """The conventions of a file; None: to be found out from its bytes.

    delimiter, encoding (a codec of Python), decimal ("." or ","), thousands (one character, or "" for none), quote, and
    the texts that stand for a missing cell, which an empty one always is. `kinds` imposes "number", "text" or "time" on
    columns by name; `dates` the format of a column of times (as in strptime; without an hour in it, any time of day
    may follow the day).

    >>> Reading(delimiter=";", decimal=",").to_json()["delimiter"]
    ';'
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    quote: str | None = None
    missing: tuple[str, ...] | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values of every field, for report and model file."""
        named = ("delimiter", "encoding", "decimal", "thousands", "quote")
        lists = {"missing": None if self.missing is None else list(self.missing)}
        mappings = {"kinds": dict(sorted(self.kinds.items())), "dates": dict(sorted(self.dates.items()))}
        return {name: getattr(self, name) for name in named} | lists | mappings

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Reading":
        """The inverse of `to_json`."""
        missing = document["missing"]
        return Reading(**{**document, "missing": None if missing is None else tuple(missing)})
