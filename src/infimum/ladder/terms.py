"""The terms on which rungs are compared; light enough for the command line to import before any work."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """Rule ↦ rung: the simplest that no other beats by more than one standard error, or that of the lowest error."""

    ONE_STANDARD_ERROR = "1se"
    BEST = "best"


@dataclass(frozen=True)
class Terms:
    """How rungs are compared: by which Rule one is chosen, and whether gradient boosting is there for reference.

    Raises ValueError on another rule.

    >>> Terms().rule
    '1se'
    """

    rule: str = "1se"
    reference: bool = True

    def __post_init__(self) -> None:
        if self.rule not in tuple(Rule):
            known = " or ".join(repr(each.value) for each in Rule)
            raise ValueError(f"the rule must be {known}, but is {self.rule!r}: give one of them")
