"""Diagnostics as a person reads them: the place, the line with a caret, what to do."""

from collections.abc import Iterable

from smcproof.checker.terminal import say
from smcproof.spec.diagnostic import Diagnostic, Severity
from smcproof.spec.span import Span

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}
MOST_COLUMNS = 160


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Each on stderr, with a blank line between."""
    for diagnostic in diagnostics:
        _one(diagnostic)


def _one(found: Diagnostic) -> None:
    style = _STYLE[found.severity]
    say((f"{found.severity.value}[{found.code}]", style), f": {found.message}", error=True)
    _excerpt(found.span, "-->", style)
    for note in found.notes:
        say(f"  note: {note.message}", error=True)
        _excerpt(note.span, "-->", "cyan")
    say(("  help: ", "bold"), found.help, error=True)
    say("", error=True)


def _excerpt(span: Span, arrow: str, style: str) -> None:
    say(f"  {arrow} {span}", error=True)
    text = span.source.line(min(span.line, span.source.line_count))
    shown = "".join(" " if char == "\t" or not char.isprintable() else char for char in text)
    start = span.column - 1
    skip = max(0, start - MOST_COLUMNS // 2) if len(shown) > MOST_COLUMNS else 0
    length = max(1, min(span.end - span.start, len(shown) - start))
    number = str(span.line)
    gutter = " " * len(number)
    cut = shown[skip : skip + MOST_COLUMNS]
    caret = "^" * min(length, MOST_COLUMNS - (start - skip))
    say(f"  {gutter} |", error=True)
    say(f"  {number} | {cut}", error=True)
    say(f"  {gutter} | {' ' * (start - skip)}", (caret, style), error=True)


def diagnostic_json(found: Diagnostic) -> dict[str, object]:
    """The diagnostic in the schema ``smcproof.check/1``."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "help": found.help,
        **_place(found.span),
        "notes": [{"message": note.message, **_place(note.span)} for note in found.notes],
    }


def _place(span: Span) -> dict[str, object]:
    return {
        "file": span.source.path,
        "line": span.line,
        "column": span.column,
        "length": max(span.end - span.start, 1),
    }
