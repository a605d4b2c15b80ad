"""Documents: text with the places where it may be broken into lines [SYNTAX-LAYOUT].

After Wadler's "A prettier printer": a ``Group`` is set on one line if it fits, else all its own
``Line`` are broken. ``width`` is that of the document on one line, ``BROKEN`` where a comment inside
forbids one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from smcproof.grammar.layout.lexeme import Lexeme

WIDTH = 100
INDENT = 4
BROKEN = 1 << 20


@dataclass(frozen=True, slots=True)
class Word:
    lexeme: Lexeme

    @property
    def width(self) -> int:
        return len(self.lexeme.text)

    @property
    def opening(self) -> bool:
        """Whether it begins with comments on lines of their own."""
        return bool(self.lexeme.above)

    @property
    def hanging(self) -> bool:
        """Whether it ends with a comment, after which the line is over."""
        return bool(self.lexeme.after)


@dataclass(frozen=True, slots=True)
class Space:
    width = 1
    opening = hanging = False


@dataclass(frozen=True, slots=True)
class Line:
    """A space (nothing if ``soft``) or a line break; before an ``entry`` of a list an empty line may
    stay."""

    soft: bool = False
    entry: bool = False
    opening = hanging = False

    @property
    def width(self) -> int:
        return 0 if self.soft else 1


@dataclass(frozen=True, slots=True)
class Tab:
    """Where a row may be padded so that neighbouring rows agree; a ``strict`` one only in rows that
    stand on one line."""

    column: int
    strict: bool = False
    width = 0
    opening = hanging = False


@dataclass(frozen=True, slots=True)
class Concat:
    parts: "tuple[Document, ...]"
    width: int
    opening: bool
    hanging: bool


@dataclass(frozen=True, slots=True)
class Nest:
    """Breaks inside indent once more."""

    body: "Document"
    width: int
    opening: bool
    hanging: bool


@dataclass(frozen=True, slots=True)
class Group:
    body: "Document"
    width: int
    opening: bool
    hanging: bool


@dataclass(frozen=True, slots=True)
class Hang:
    """The part of a rule from its arrow on: ``first`` (arrow and outcome) and the ``rest``. It goes
    to a line of its own if that lets it, or at least ``first``, stay whole."""

    first: "Document"
    rest: "Document"
    width: int
    opening: bool
    hanging: bool


Document: TypeAlias = Word | Space | Line | Tab | Concat | Nest | Group | Hang

SPACE = Space()
LINE = Line()
SOFT = Line(soft=True)
ENTRY = Line(entry=True)


def concat(*parts: Document) -> Document:
    """The parts one after the other, as they are."""
    if len(parts) == 1:
        return parts[0]
    width = sum(part.width for part in parts)
    if any(part.hanging for part in parts[:-1]) or any(part.opening for part in parts[1:]):
        width = BROKEN
    opening = bool(parts) and parts[0].opening
    return Concat(parts, min(width, BROKEN), opening, bool(parts) and parts[-1].hanging)


def nest(*parts: Document) -> Document:
    body = concat(*parts)
    return Nest(body, body.width, body.opening, body.hanging)


def group(*parts: Document) -> Document:
    body = concat(*parts)
    return Group(body, body.width, body.opening, body.hanging)


def hang(first: Document, rest: Document) -> Document:
    whole = concat(SPACE, first, rest)
    return Hang(first, rest, whole.width, first.opening, whole.hanging)


def spaced(parts: Sequence[Document]) -> Document:
    """The parts with single spaces between them."""
    return joined(parts, SPACE)


def joined(parts: Sequence[Document], between: Document) -> Document:
    found: list[Document] = []
    for part in parts:
        if found:
            found.append(between)
        found.append(part)
    return concat(*found)


def ungrouped(document: Document) -> Document:
    """The document as part of the group around it."""
    return document.body if isinstance(document, Group) else document


def flattened(document: Document) -> Iterator[Word | Space | Line | Tab | Hang]:
    """The parts in order, without the structure; a ``Hang`` comes before its own parts."""
    stack = [document]
    while stack:
        part = stack.pop()
        match part:
            case Concat(parts=parts):
                stack.extend(reversed(parts))
            case Nest(body=body) | Group(body=body):
                stack.append(body)
            case Hang(first=first, rest=rest):
                yield part
                stack.extend((rest, first, SPACE))
            case _:
                yield part
