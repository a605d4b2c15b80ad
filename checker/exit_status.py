"""Exit statuses of every verb; scripts depend on them (docs/command-line.md)."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The worst finding wins, in the order OK, UNKNOWN, FOUND, USAGE, INTERNAL."""

    OK = 0
    """All well."""
    FOUND = 1
    """A property is VIOLATED or VACUOUS, a mismatch, a disagreement, a difference."""
    USAGE = 2
    """Bad usage or bad input, also nothing to prove."""
    UNKNOWN = 3
    """UNKNOWN, and nothing worse."""
    INTERNAL = 4
    """An internal error: two meanings, or two solver runs, disagree."""


_SEVERITY = (
    ExitStatus.OK,
    ExitStatus.UNKNOWN,
    ExitStatus.FOUND,
    ExitStatus.USAGE,
    ExitStatus.INTERNAL,
)


def worst(*statuses: ExitStatus) -> ExitStatus:
    return max(statuses, key=_SEVERITY.index, default=ExitStatus.OK)
