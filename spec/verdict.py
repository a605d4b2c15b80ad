"""Verdicts and what comes with them, as plain data [PROPERTY-VERDICT]."""

from dataclasses import dataclass
from enum import Enum

from smcproof.spec.case import Case


class Verdict(Enum):
    PROVED = "PROVED"
    VIOLATED = "VIOLATED"
    UNKNOWN = "UNKNOWN"
    VACUOUS = "VACUOUS"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal of an existential property with the case that reaches it, or None."""

    label: str
    case: Case | None
    shadows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the solver says of one claim. ``case`` violates a universal property; ``reached`` are an
    existential one's goals. ``initially`` tells whether the case starts in the initial state."""

    verdict: Verdict
    reason: str | None = None
    case: Case | None = None
    reached: tuple[Reached, ...] = ()
    initially: bool = True
    by_definition: bool = False
    assumes: tuple[str, ...] = ()
    useless_exceptions: tuple[str, ...] = ()
    rechecked: bool = False
    seconds: float = 0.0
