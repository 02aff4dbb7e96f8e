"""answer = (kind, subject, verdict, recorded, derived, note): what became of one recorded number."""

import math
from dataclasses import dataclass
from html import escape
from typing import Any

SHORT = 0.02  # of a bound, for the different order of a checker's sums
BEYOND = 0.05  # the same, and bounds are recorded to three digits, rounded up


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


def within(
    claim: dict[str, Any],
    subject: str,
    ends: tuple[float, float],
    verdict: str,
    slack: tuple[float, float] = (SHORT, BEYOND),
) -> Answer:
    """proved ≤ recorded ≤ granted, ends = (proved, granted): the one rule for every recorded bound.

    `proved` is the least that the checker proves: a smaller bound is not shown to hold. `granted` is what the same
    data give with every rounding allowed for as amply as an honest fit may: a larger bound holds all the same, but is
    not this fit's, and was not computed from these data. The verdict has to be the one that the bound earns, the
    sentence has to state the bound, and the value has to be within it. `slack` is relative, of either end.
    """
    kind, recorded, (proved, granted) = claim["kind"], claim["bound"], ends
    if recorded is None or not recorded >= proved * (1 - slack[0]):
        note = f"the recorded bound {recorded} is smaller than can be proved: {proved:.4g}"
    elif not recorded <= granted * (1 + slack[1]):
        note = f"the recorded bound {recorded:.4g} is not what the data give: {proved:.4g}"
    elif claim["value"] is None or not 0 <= claim["value"] <= recorded:
        note = f"the recorded value {claim['value']} is not within the recorded bound"
    elif claim["verdict"] != verdict:
        note = f"the recorded verdict is {claim['verdict']}; the bound earns {verdict}"
    elif f"{recorded:.3g}" not in claim["statement"]:
        note = "the sentence does not state the recorded bound"
    else:
        return Answer(kind, subject, verdict, recorded, proved, f"bound {proved:.3g} re-derived")
    return refuted(kind, subject, recorded, proved, note)


def agree(kind: str, subject: str, pairs: dict[str, tuple[Any, Any]]) -> list[Answer]:
    """One answer: every recorded value equals the derived one, or which does not."""
    wrong = [f"{name} is recorded as {a!r}, derived {b!r}" for name, (a, b) in pairs.items() if a != b]
    if wrong:
        return [refuted(kind, subject, None, None, "; ".join(wrong))]
    return [Answer(kind, subject, "REPORTED", note=f"{', '.join(pairs)} re-derived")]
