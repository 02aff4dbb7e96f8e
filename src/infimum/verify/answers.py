"""answer = (kind, subject, verdict, recorded, derived, note): what became of one recorded number."""

import math
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Answer:
    """recorded against derived, for one claim of one fit; verdict is the claim's, or REFUTED."""

    kind: str
    subject: str
    verdict: str
    recorded: float | None = None
    derived: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Verification:
    """{answers}: one for each recorded claim or number."""

    answers: tuple[Answer, ...]

    @property
    def refuted(self) -> bool:
        """Whether any answer is REFUTED."""
        return any(answer.verdict == "REFUTED" for answer in self.answers)

    def to_dict(self) -> dict[str, Any]:
        """The answers as JSON values."""
        rows = [{key: _plain(value) for key, value in vars(answer).items()} for answer in self.answers]
        return {"refuted": self.refuted, "answers": rows}

    def _repr_html_(self) -> str:
        """HTML: a table of the answers, and above it whether any is REFUTED."""
        head = "<tr><th>verdict</th><th>claim</th><th>of</th><th style='text-align:left'>what was found</th></tr>"
        rows = "".join(
            f"<tr><td>{escape(a.verdict)}</td><td>{escape(a.kind)}</td><td>{escape(a.subject)}</td>"
            f"<td style='text-align:left'>{escape(a.note)}</td></tr>"
            for a in self.answers
        )
        caption = "refuted" if self.refuted else "nothing refuted"
        return f"<table class='infimum-claims'><caption>{caption}</caption>{head}{rows}</table>"

    def __str__(self) -> str:
        return "\n".join(f"{a.verdict:<12} {a.kind:<16} {a.subject:<24} {a.note}" for a in self.answers)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def refuted(kind: str, subject: str, recorded: float | None, derived: float | None, note: str) -> Answer:
    """An answer that says no, and why."""
    return Answer(kind, subject, "REFUTED", recorded, derived, note)


def reproduced(
    kind: str, subject: str, recorded: float | None, derived: float, tolerance: float = 1e-9, *, floor: float = 0.0
) -> Answer:
    """|recorded − derived| ≤ tolerance · max(|recorded|, |derived|) + floor < ∞: REPORTED, else REFUTED."""
    known = recorded is not None and math.isfinite(derived)
    if not known or not abs(recorded - derived) <= tolerance * max(abs(recorded), abs(derived)) + floor:
        return refuted(kind, subject, recorded, derived, f"recorded {recorded!r}, derived {derived!r}")
    return Answer(kind, subject, "REPORTED", recorded, derived, "re-derived")


def agree(kind: str, subject: str, pairs: dict[str, tuple[Any, Any]]) -> list[Answer]:
    """One answer: every recorded value equals the derived one, or which does not."""
    wrong = [f"{name} is recorded as {a!r}, derived {b!r}" for name, (a, b) in pairs.items() if a != b]
    if wrong:
        return [refuted(kind, subject, None, None, "; ".join(wrong))]
    return [Answer(kind, subject, "REPORTED", note=f"{', '.join(pairs)} re-derived")]
