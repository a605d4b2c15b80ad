"""Tokens with the comments and blank lines around them [SYNTAX-LAYOUT].

Every comment belongs to one lexeme: a trailing one to the lexeme before it, one on a line of its own
to the lexeme after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from lark import Token, Tree

from smcproof.grammar.parser import policy_parser
from smcproof.spec.span import Source

END = "$END"
_SPACE = " \t\r\f"
_GAP = re.compile(r"//[^\n]*|\n")
_SPREAD = ("decision",)
"""Rules whose parts are laid out with those of the rule around them."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line of its own; ``blank`` is whether an empty line stands above it."""

    text: str
    blank: bool


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token with its comments. ``after`` is the comment that trails it, followed by those that go
    on in the same column on the next lines; ``blank`` is whether an empty line stands right above."""

    kind: str
    text: str
    start: int
    above: tuple[Comment, ...] = ()
    after: tuple[str, ...] = ()
    blank: bool = False

    @property
    def blank_above(self) -> bool:
        """Whether an empty line stands above the lexeme and its comments."""
        return self.above[0].blank if self.above else self.blank


@dataclass(frozen=True, slots=True)
class _Gap:
    after: tuple[str, ...]
    above: tuple[Comment, ...]
    blank: bool


def _gap(text: str, start: int, end: int) -> _Gap:
    """The comments between two tokens; at the start of the text none of them trails anything."""
    after: list[str] = []
    above: list[Comment] = []
    lines, trailing = 0, -1
    for found in _GAP.finditer(text, start, end):
        if found[0] == "\n":
            lines += 1
            continue
        comment = found[0].rstrip(_SPACE)
        column = found.start() - text.rfind("\n", 0, found.start())
        if lines == 0 and start > 0 and not after:
            after.append(comment)
            trailing = column
        elif lines == 1 and after and not above and column == trailing:
            after.append(comment)
        else:
            above.append(Comment(comment, lines > 1))
        lines = 0
    return _Gap(tuple(after), tuple(above), lines > 1)


def read(source: Source) -> tuple[Tree[Token], tuple[Lexeme, ...]]:
    """The parse tree and all lexemes, the last being the end of the text. Raises lark's error if the
    text does not parse."""
    text = source.text
    parser: Any = policy_parser()  # lark's interactive parser is not typed
    steps: Any = parser.parse_interactive(text)
    tokens: list[Token] = steps.exhaust_lexer()
    tree: Tree[Token] = steps.feed_eof()
    bounds = [(token.start_pos or 0, token.end_pos or 0) for token in tokens]
    gaps = [
        _gap(text, start, end)
        for start, end in zip(
            (0, *(end for _, end in bounds)),
            (*(start for start, _ in bounds), len(text)),
            strict=True,
        )
    ]
    kinds = [*((token.type, str(token)) for token in tokens), (END, "")]
    return tree, tuple(
        Lexeme(
            kind,
            written,
            bounds[at][0] if at < len(bounds) else len(text),
            gaps[at].above,
            gaps[at + 1].after if at < len(bounds) else (),
            gaps[at].blank,
        )
        for at, (kind, written) in enumerate(kinds)
    )


@dataclass(frozen=True, slots=True)
class Node:
    """A rule of the grammar with everything that it is made of, in order."""

    rule: str
    parts: "tuple[Part, ...]"

    @property
    def first(self) -> Lexeme:
        """The first lexeme in it; a node is never empty, except a whole file."""
        part: Part = self
        while isinstance(part, Node):
            part = part.parts[0]
        return part


Part: TypeAlias = Node | Lexeme


def _subtrees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    return (child for child in tree.children if isinstance(child, Tree))


def concrete(tree: Tree[Token], lexemes: tuple[Lexeme, ...]) -> Node:
    """The tree with the tokens that lark drops put back in their places."""
    at = 0
    open_parts: list[list[Part]] = [[]]
    stack = [(tree, _subtrees(tree))]
    while stack:
        node, children = stack[-1]
        child = next(children, None)
        if child is not None:
            while lexemes[at].start < child.meta.start_pos:
                open_parts[-1].append(lexemes[at])
                at += 1
            stack.append((child, _subtrees(child)))
            open_parts.append([])
            continue
        stack.pop()
        end = node.meta.end_pos if stack else len(lexemes)
        while at < len(lexemes) and (not stack or lexemes[at].start < end):
            open_parts[-1].append(lexemes[at])
            at += 1
        parts = open_parts.pop()
        if not stack:
            return Node(str(node.data), tuple(parts))
        if node.data in _SPREAD:
            open_parts[-1].extend(parts)
        else:
            open_parts[-1].append(Node(str(node.data), tuple(parts)))
    raise AssertionError("a tree has a root")
