"""A whole file: items one below the other, with the blank lines and comments between them
[SYNTAX-LAYOUT]."""

from collections.abc import Sequence
from dataclasses import replace

from smcproof.grammar.layout.columns import align
from smcproof.grammar.layout.decisions import decision
from smcproof.grammar.layout.declarations import declaration
from smcproof.grammar.layout.document import INDENT, SOFT, Document, Word, group, spaced
from smcproof.grammar.layout.expressions import expression
from smcproof.grammar.layout.lexeme import Lexeme, Node, Part, concrete, read
from smcproof.grammar.layout.page import Page
from smcproof.spec.span import Source

_BLOCKS = ("policy", "handler_body", "layer")
_CLAIMS = ("claim", "statement")
_ROWS = {
    "rule": "rule",
    "otherwise": "rule",
    "clause": "clause",
    "on": "on",
    "allow": "allow",
    "state": "state",
    "domain": "domain",
    "callee": "callee",
    "idset": "set",
    "group": "group",
    "enumeration": "enum",
    "example": "example",
}
"""Which neighbours are aligned with each other."""


def format_text(source: Source) -> str:
    """The text in canonical layout. Tokens and comments stay as they are, in their order; only the
    space between them changes. The text must parse."""
    tree, lexemes = read(source)
    page = Page()
    _sequence(page, concrete(tree, lexemes).parts, 0)
    return page.text()


def document(part: Part, *, bare: bool = False) -> Document:
    """The layout of an item or a token; a ``bare`` one leaves out the comments above it, which stand
    on the page already. Not recursive, so deep expressions do no harm."""
    first = part if isinstance(part, Lexeme) else part.first
    built: list[list[Document]] = [[]]
    stack: list[tuple[Part, int]] = [(part, 0)]
    while stack:
        node, at = stack.pop()
        if isinstance(node, Lexeme):
            word = replace(node, above=(), blank=False) if bare and node is first else node
            built[-1].append(Word(word))
        elif at < len(node.parts):
            stack.append((node, at + 1))
            stack.append((node.parts[at], 0))
            if at == 0:
                built.append([])
        else:
            built[-2].append(_shape(node, built.pop()))
    return built[0][0]


def _shape(node: Node, documents: list[Document]) -> Document:
    for shape in (expression, decision, declaration):
        found = shape(node, documents)
        if found is not None:
            return found
    raise AssertionError(f"no layout for {node.rule}")


def _row_kind(part: Part) -> str | None:
    if isinstance(part, Lexeme):
        return None
    if part.rule == "prove":
        claims = [one.rule for one in part.parts if isinstance(one, Node) and one.rule in _CLAIMS]
        return "prove" if claims == ["statement"] else None
    return _ROWS.get(part.rule)


def _sequence(page: Page, parts: Sequence[Part], indent: int) -> None:
    """Items, each on a new line; runs of one kind are aligned."""
    run: list[Part] = []
    kind: str | None = None
    for part in parts:
        first = part if isinstance(part, Lexeme) else part.first
        joins = kind is not None and not first.above and not first.blank
        if run and not (joins and _row_kind(part) == kind):
            _rows(page, run, indent)
            run = []
        kind = _row_kind(part)
        if run or kind is not None:
            run.append(part)
        else:
            _item(page, part, indent)
    if run:
        _rows(page, run, indent)


def _above(page: Page, lexeme: Lexeme, indent: int) -> None:
    """The blank lines and comments before an item."""
    page.comments_above(lexeme.above, indent)
    if lexeme.blank:
        page.blank_line()


def _rows(page: Page, run: list[Part], indent: int) -> None:
    documents = [document(part, bare=True) for part in run]
    for part, row, pads in zip(run, documents, align(documents, indent), strict=True):
        _above(page, part if isinstance(part, Lexeme) else part.first, indent)
        page.write(row, indent, pads)


def _item(page: Page, part: Part, indent: int) -> None:
    if isinstance(part, Lexeme):
        page.comments_above(part.above, indent)
        return
    _above(page, part.first, indent)
    if part.rule not in _BLOCKS:
        page.write(document(part, bare=True), indent)
        return
    start = next(
        at for at, one in enumerate(part.parts) if isinstance(one, Lexeme) and one.text == "{"
    )
    inside, closer = part.parts[start + 1 : -1], part.parts[-1]
    assert isinstance(closer, Lexeme)
    head = spaced([document(one, bare=at == 0) for at, one in enumerate(part.parts[: start + 1])])
    if not inside:
        page.write(group(head, SOFT, Word(closer)), indent)
        return
    page.write(head, indent)
    _sequence(page, inside, indent + INDENT)
    page.comments_above(closer.above, indent + INDENT)
    page.write(Word(replace(closer, above=(), blank=False)), indent)
