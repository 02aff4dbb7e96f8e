"""What every claim has to be, whatever it is about: one of each kind, numbers that are numbers, and none left out.

Then each is checked by its kind. A record that cannot be read as what it says it is, is refuted, and no traceback.
"""

import math
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from infimum.verify.answers import Answer, refuted

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
NOTHING = re.compile(r"no (lower )?bound on|.*\bis not (known|proved)\b")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]*\w)")
LITERAL = ("(below 0.01, no direction", "; a minimum has 0", "; the scale is 0, since", "2n·gap")
NEAR = 0.06  # by which a number of two digits may be off, and that it is of


def screened(claims: Sequence[Any], expected: Collection[str], known: Collection[str], subject: str) -> list[Answer]:
    """What is wrong with a list of claims as such: a kind twice, missing or unknown, a number that is none."""
    kinds = [claim.kind for claim in claims]
    wrong = [(kind, "the claim is missing") for kind in sorted(set(expected) - set(kinds))]
    wrong += [(kind, "no check is known for a claim of this kind") for kind in kinds if kind not in known]
    wrong += [(kind, "the claim is made twice") for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1})]
    for claim in claims:
        numbers = {"value": claim.value, "bound": claim.bound, "scale": claim.scale}
        wrong += [(claim.kind, f"its {name} is {x}: no such number") for name, x in numbers.items() if not x >= 0]
        if math.isinf(claim.bound) != math.isinf(claim.value):
            wrong.append((claim.kind, f"its value is {claim.value}, and its bound {claim.bound}"))
    return [refuted(kind, subject, None, None, note) for kind, note in wrong]


def readable(check: Callable[[], Answer], kind: str, subject: str) -> Answer:
    """The answer of a check, or that the claim cannot be read: a witness of another shape or type, a number missing."""
    try:
        return check()
    except UNREADABLE as error:
        note = f"the claim or its witness is not what such a claim holds ({type(error).__name__})"
        return refuted(kind, subject, None, None, note)


def nothing_claimed(claim: dict[str, Any], subject: str) -> Answer | None:
    """The answer to a claim that is UNAVAILABLE: it must hold no number, and its sentence say that nothing is known."""
    if claim["verdict"] != "UNAVAILABLE":
        return None
    kind = claim["kind"]
    if claim["bound"] is not None or claim["value"] is not None or claim["scale"] != 1.0:
        return refuted(kind, subject, claim["bound"], None, "it says UNAVAILABLE, and holds a number")
    if not NOTHING.match(claim["statement"]):
        return refuted(kind, subject, None, None, "it says UNAVAILABLE, and the sentence does not")
    return Answer(kind, subject, "UNAVAILABLE", None, None, "nothing is claimed")


def strangers(statement: str, told: Collection[float]) -> list[str]:
    """The numbers in a sentence that are near none of those told.

    >>> strangers("at most 1.2e-16 units, 3e-17 of what the fit gains; 2n·gap = 0.5", [1.2e-16, 3.1e-17])
    ['0.5']
    """
    for phrase in LITERAL:
        statement = statement.replace(phrase, "")
    return [x for x in NUMBER.findall(statement) if not any(abs(float(x) - t) <= NEAR * abs(t) for t in told)]


def rounded_up(value: float | None, bound: float) -> bool:
    """Whether the bound is the value, rounded up to three digits."""
    return value is not None and 0.99 * bound <= value <= bound
