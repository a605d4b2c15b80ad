"""What the front end says about a policy: errors and lints, each at a place, with what to do.

Codes are stable; ``docs/diagnostics.md`` lists them and ``tests/rejected`` holds one policy each.
"""

from dataclasses import dataclass
from enum import Enum

from smcproof.spec.span import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a diagnostic."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``message`` and ``help`` are lower case without a full stop, user text in
    backticks; ``help`` says what to do."""

    code: str
    message: str
    span: Span
    help: str
    severity: Severity = Severity.ERROR
    notes: tuple[Note, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class Diagnostics:
    """Findings in the making: passes report here and go on."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._seen: set[tuple[str, int, int, str]] = set()

    def _add(self, diagnostic: Diagnostic) -> None:
        place = diagnostic.span
        key = (diagnostic.code, place.start, place.end, diagnostic.message)
        if key not in self._seen:
            self._seen.add(key)
            self._found.append(diagnostic)

    def error(self, code: str, message: str, span: Span, help: str, *notes: Note) -> None:
        self._add(Diagnostic(code, message, span, help, Severity.ERROR, notes))

    def warning(self, code: str, message: str, span: Span, help: str, *notes: Note) -> None:
        self._add(Diagnostic(code, message, span, help, Severity.WARNING, notes))

    def has_error_at(self, span: Span) -> bool:
        """Whether an error was already reported for exactly this text."""
        return any(
            found.is_error and found.span.start == span.start and found.span.end == span.end
            for found in self._found
        )

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All findings in text order."""
        return tuple(
            sorted(
                self._found,
                key=lambda found: (found.span.source.path, found.span.start, found.code),
            )
        )
