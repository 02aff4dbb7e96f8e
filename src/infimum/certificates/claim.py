"""claim = (kind, statement, value, bound, verdict, witness); a certificate is a list of claims about one fit."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Any, Self

import numpy as np


class Verdict(StrEnum):
    """verdict ∈ {CERTIFIED, INSUFFICIENT, UNAVAILABLE, REPORTED}: what a claim is worth."""

    CERTIFIED = "CERTIFIED"  # proved to the stated tolerance
    INSUFFICIENT = "INSUFFICIENT"  # a bound exists, too weak
    UNAVAILABLE = "UNAVAILABLE"  # no bound is known for this kind of model
    REPORTED = "REPORTED"  # measured, and re-derivable from the file and the data


@dataclass(frozen=True)
class Claim:
    """value ≤ bound, in words, with a verdict.

    `value` is what was computed, `bound` the proved limit, the rounding of its own evaluation included; `scale` is
    what the bound is compared with; `witness` holds only what a checker cannot recompute from the parameters and
    the data.

    >>> claim = Claim("gap", "within 2e-9 of the infimum", 1e-9, 2e-9, Verdict.CERTIFIED, scale=1.0)
    >>> claim.holds(1e-8)
    True
    """

    kind: str
    statement: str
    value: float
    bound: float
    verdict: Verdict
    scale: float = 1.0
    method: str = ""
    witness: Mapping[str, np.ndarray] = field(default_factory=dict)

    def holds(self, tolerance: float) -> bool:
        """Whether bound ≤ tolerance · scale."""
        return self.bound <= tolerance * self.scale

    def to_dict(self) -> dict[str, Any]:
        """The claim as plain JSON values: an infinite number as null, the witness by the names of its arrays."""
        finite = {key: _finite(getattr(self, key)) for key in ("value", "bound", "scale")}
        text = {"kind": self.kind, "statement": self.statement, "verdict": str(self.verdict), "method": self.method}
        return {**text, **finite, "witness": sorted(self.witness)}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """The claim that `to_dict` told, without its witness.

        >>> claim = Claim("gap", "unknown", math.inf, math.inf, Verdict.UNAVAILABLE)
        >>> Claim.from_dict(claim.to_dict()) == claim
        True
        """
        value, bound, scale = (math.inf if told[key] is None else told[key] for key in ("value", "bound", "scale"))
        return cls(told["kind"], told["statement"], value, bound, Verdict(told["verdict"]), scale, told["method"])


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def html_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """{cells} as an HTML table of class infimum-claims, the last column to the left; the caption may be ''.

    >>> html_table("", ["a", "b"], [["1", "x < y"]])
    "<table class='infimum-claims'>...<td>1</td><td style='text-align:left'>x &lt; y</td></tr></table>"
    """

    def line(cells: Sequence[str], tag: str) -> str:
        *first, last = map(escape, cells)
        left = f"<{tag} style='text-align:left'>{last}</{tag}>"
        return f"<tr>{''.join(f'<{tag}>{each}</{tag}>' for each in first)}{left}</tr>"

    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(line(row, "td") for row in rows)
    return f"<table class='infimum-claims'>{above}{line(head, 'th')}{body}</table>"


@dataclass(frozen=True)
class Certificate:
    """{claims}: what is known about one fit, and how it was reached.

    >>> Certificate((), n=3, p=1, solver="direct", iterations=1, tolerance=1e-10).verdict("gap")
    <Verdict.UNAVAILABLE: 'UNAVAILABLE'>
    """

    claims: tuple[Claim, ...]
    n: int
    p: int
    solver: str
    iterations: int
    tolerance: float
    seconds: float = 0.0
    fingerprint: str = ""
    enclosure: Any = field(default=None, repr=False, compare=False)  # of the minimiser, where one was proved

    def claim(self, kind: str) -> Claim | None:
        """The claim of that kind, or None."""
        return next((claim for claim in self.claims if claim.kind == kind), None)

    def verdict(self, kind: str) -> Verdict:
        """The verdict of the claim of that kind; UNAVAILABLE where there is none."""
        found = self.claim(kind)
        return found.verdict if found else Verdict.UNAVAILABLE

    def to_dict(self) -> dict[str, Any]:
        """The certificate as plain JSON values, without the seconds, which differ from run to run."""
        facts = {key: getattr(self, key) for key in ("n", "p", "solver", "iterations", "tolerance", "fingerprint")}
        return {**facts, "claims": [claim.to_dict() for claim in self.claims]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """The certificate that `to_dict` told."""
        return cls(**{**told, "claims": tuple(map(Claim.from_dict, told["claims"]))})

    def _repr_html_(self) -> str:
        """HTML: a table of claims with their verdicts, and how they were reached."""
        about = f"n = {self.n}, p = {self.p}, solver {self.solver}, {self.iterations} iterations"
        rows = [(str(claim.verdict), claim.kind, claim.statement) for claim in self.claims]
        return html_table(about, ("verdict", "claim", "what is known"), rows)

    def __str__(self) -> str:
        head = f"certificate: n = {self.n}, p = {self.p}, solver {self.solver}, {self.iterations} iterations"
        return "\n".join([head, *(f"  {claim.verdict:<12} {claim.kind}: {claim.statement}" for claim in self.claims)])
