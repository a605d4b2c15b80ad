"""Sets documents into lines of at most ``WIDTH`` columns of code [SYNTAX-LAYOUT]."""

from dataclasses import dataclass
from typing import assert_never

from smcproof.grammar.layout.document import (
    BROKEN,
    INDENT,
    WIDTH,
    Concat,
    Document,
    Group,
    Hang,
    Line,
    Nest,
    Space,
    Tab,
    Word,
)
from smcproof.grammar.layout.lexeme import Comment, Lexeme

_CLOSERS = ("}", ")", "]")
_WIDEST_BESIDE = 76
"""Trailing comments of wider lines keep to themselves."""


@dataclass(frozen=True, slots=True)
class Row:
    """A finished line: code and the comments that trail it, one below the other. ``opens`` is
    whether a block begins after it."""

    code: str
    comments: tuple[str, ...] = ()
    opens: bool = False

    def goes_with(self, above: "Row") -> bool:
        """Whether its comments may stand in one column with those of the line above."""
        return not above.opens and self.indent == above.indent

    @property
    def indent(self) -> int:
        return len(self.code) - len(self.code.lstrip(" "))


_BLANK = Row("")


@dataclass(frozen=True, slots=True)
class _Task:
    """A document to set at an indentation, on one line or not."""

    indent: int
    flat: bool
    document: Document


class Page:
    """The lines so far. ``open`` is code of the current line, whose comments end it."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._open = ""
        self._comments: tuple[str, ...] = ()
        self._blank_allowed = False
        self._base = 0
        self._last = ""
        self._pads: dict[int, int] = {}

    # ---- lines ----

    def end_line(self) -> None:
        """Finishes the current line, if there is anything on it."""
        code = self._open.rstrip(" ")
        if code or self._comments:
            self._rows.append(Row(code, self._comments, self._last == "{"))
        self._open, self._comments = "", ()

    def blank_line(self) -> None:
        """One empty line, unless there is one or a block begins here."""
        self.end_line()
        if self._rows and self._rows[-1] != _BLANK and not self._rows[-1].opens:
            self._rows.append(_BLANK)

    def comments_above(self, comments: tuple[Comment, ...], indent: int) -> None:
        for comment in comments:
            if comment.blank:
                self.blank_line()
            self.end_line()
            self._rows.append(Row(" " * indent + comment.text))

    def text(self) -> str:
        """All lines, with trailing comments of neighbouring lines in one column."""
        self.end_line()
        found: list[str] = []
        at = 0
        while at < len(self._rows):
            end = at
            while end < len(self._rows) and self._rows[end].comments:
                end += 1
                if end < len(self._rows) and not self._rows[end].goes_with(self._rows[end - 1]):
                    break
            if end == at:
                found.append(self._rows[at].code)
                at += 1
            else:
                found.extend(_beside(self._rows[at:end], self._rows[end : end + 1]))
                at = end
        return "".join(f"{line}\n" for line in found)

    # ---- documents ----

    def write(self, document: Document, indent: int, pads: dict[int, int] | None = None) -> None:
        """Sets an item that begins a line at ``indent``; ``pads`` are the spaces at its tabs."""
        self.end_line()
        self._open = " " * indent
        self._base = indent
        self._pads = dict(pads or {})
        started = len(self._rows)
        tasks = [_Task(indent, False, document)]
        while tasks:
            task = tasks.pop()
            match task.document:
                case Word(lexeme=lexeme):
                    self._word(lexeme, task.indent)
                case Space():
                    self._open += " "
                case Tab(column=column):
                    self._open += " " * self._pads.pop(column, 0)
                case Line(soft=soft, entry=entry):
                    if not task.flat:
                        self._break(task.indent, entry=entry)
                    elif not soft:
                        self._open += " "
                case Concat(parts=parts):
                    tasks.extend(_Task(task.indent, task.flat, part) for part in reversed(parts))
                case Nest(body=body):
                    tasks.append(_Task(task.indent + INDENT, task.flat, body))
                case Group(body=body):
                    flat = task.flat or (body.width < BROKEN and self._fits(body, tasks))
                    tasks.append(_Task(task.indent, flat, body))
                case Hang():
                    self._hang(task.document, task, tasks, broken=len(self._rows) > started)
                case _:
                    assert_never(task.document)

    def _word(self, lexeme: Lexeme, indent: int) -> None:
        closer = lexeme.text in _CLOSERS
        if self._comments or (lexeme.above and self._open.strip()):
            self.end_line()
            indent = indent if closer else max(indent, self._base + INDENT)
            self._open = " " * indent
        if lexeme.above:
            self.comments_above(lexeme.above, indent + INDENT if closer else indent)
            self._open = " " * indent
        if lexeme.blank and self._blank_allowed:
            self.blank_line()
            self._open = " " * indent
        self._blank_allowed = False
        self._open += lexeme.text
        self._comments = lexeme.after
        self._last = lexeme.text

    def _break(self, indent: int, *, entry: bool) -> None:
        self.end_line()
        self._open = " " * indent
        self._blank_allowed = entry

    def _hang(self, document: Hang, task: _Task, tasks: list[_Task], *, broken: bool) -> None:
        below = task.indent + INDENT
        first, rest = document.first, document.rest
        if task.flat:
            self._open += " "
            tasks.extend((_Task(below, True, rest), _Task(below, True, first)))
            return
        room = WIDTH - below
        start = len(self._open) + 1
        after = 0 if _breakable(rest) else rest.width
        whole = first.width + rest.width <= room
        here = start + first.width + after <= WIDTH
        alone = first.width + after <= room
        closed = self._open.strip() == "}"
        beside = (here or (not alone and start + _least(first) <= WIDTH)) and (
            closed or not (broken or whole)
        )
        if first.opening or self._comments:
            beside = False
        if beside:
            self._open += " "
            tasks.extend((_Task(below, False, rest), _Task(task.indent, False, first)))
        else:
            self._break(below, entry=False)
            tasks.extend((_Task(below, whole, rest), _Task(below, whole, first)))

    def _fits(self, document: Document, tasks: list[_Task]) -> bool:
        """Whether ``document`` on one line, with what must follow on that line, stays in the width."""
        left = WIDTH - (self._base + INDENT if self._comments else len(self._open))
        pads = dict(self._pads)
        ahead = [_Task(0, True, document)]
        behind = len(tasks)
        while left >= 0:
            if ahead:
                task = ahead.pop()
            elif behind:
                behind -= 1
                task = tasks[behind]
            else:
                return True
            part = task.document
            match part:
                case Word(lexeme=lexeme):
                    if lexeme.above:
                        return True
                    left -= part.width
                    if lexeme.after:
                        return left >= 0
                case Space():
                    left -= 1
                case Tab(column=column):
                    left -= pads.pop(column, 0)
                case Line():
                    if not task.flat:
                        return True
                    left -= part.width
                case Concat(parts=parts):
                    ahead.extend(_Task(0, task.flat, inner) for inner in reversed(parts))
                case Nest(body=body) | Group(body=body):
                    ahead.append(_Task(0, task.flat, body))
                case Hang(first=first, rest=rest):
                    if not task.flat:
                        return True
                    left -= 1
                    ahead.extend((_Task(0, True, rest), _Task(0, True, first)))
                case _:
                    assert_never(part)
        return False


def _breakable(document: Document) -> bool:
    """Whether a line may end before anything of the document."""
    match document:
        case Line():
            return True
        case Concat(parts=parts):
            return bool(parts) and _breakable(parts[0])
        case Nest(body=body) | Group(body=body):
            return _breakable(body)
        case _:
            return False


def _least(document: Document) -> int:
    """The width up to the first place where the document can be broken."""
    found = 0
    stack = [document]
    while stack:
        part = stack.pop()
        match part:
            case Line() | Hang():
                return found
            case Concat(parts=parts):
                stack.extend(reversed(parts))
            case Nest(body=body) | Group(body=body):
                stack.append(body)
            case Word() if part.hanging:
                return found + part.width
            case _:
                found += part.width
    return found


def _beside(rows: list[Row], below: list[Row]) -> list[str]:
    """Neighbouring lines that all have trailing comments. A comment on a line of its own ``below``
    must not look as if it went on with the last one."""
    common = max((len(row.code) for row in rows if len(row.code) <= _WIDEST_BESIDE), default=0)
    found: list[str] = []
    for row in rows:
        column = max(common, len(row.code)) + 2
        if row is rows[-1] and below and below[0].code.startswith(" " * column + "//"):
            column += 1
        first, *others = row.comments
        found.append(row.code.ljust(column) + first)
        found.extend(" " * column + other for other in others)
    return found
