"""Places in policy text, for messages and for the rule a verdict blames."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Source:
    """One file's text. ``path`` is what the user typed; ``sha256`` identifies the text."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(at + 1 for at, char in enumerate(self.text) if char == "\n")
        return starts

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def line_start(self, line: int) -> int:
        """Offset of the first character of ``line`` (1 is the first)."""
        return self._line_starts[line - 1]

    def line(self, number: int) -> str:
        """The text of line ``number`` (1 is the first), without its line break."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] - 1 if number < self.line_count else len(self.text)
        return self.text[start:end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a source, with the place of ``start``.

    ``line`` and ``column`` count from 1; columns count characters.
    """

    source: Source = field(repr=False)
    start: int
    end: int
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source.path}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: "Span") -> "Span":
        """From the start of this span to the end of ``other``."""
        return Span(self.source, self.start, other.end, self.line, self.column)
