"""evidence ↦ Finding | None: what was measured, the limit, and the change that would help. One rule is one function."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["excluded", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One sentence about a table or a fit, with what it rests on.

    code: "INF1xx", stable, to be silenced by; severity: "excluded" (columns were left out because of it), "warning"
    (look at it before relying on the result) or "note"; columns: the columns it is about; statement: what was found,
    with its numbers; remedy: a change that can be applied; source: the theorem, paper or reasoning behind the rule.

    >>> found = Finding("INF101", "note", ("a", "b"), "b = 2 a.", "Drop one of them: --drop b.", "exact arithmetic")
    >>> found.to_json()["columns"]
    ['a', 'b']
    """

    code: str
    severity: Severity
    columns: tuple[str, ...]
    statement: str
    remedy: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """Plain values of every field."""
        return {**asdict(self), "columns": list(self.columns)}
