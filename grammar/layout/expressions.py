"""How expressions, sets, register maps and types are laid out [SYNTAX-LAYOUT]."""

from collections.abc import Sequence

from smcproof.grammar.layout.document import (
    ENTRY,
    LINE,
    SOFT,
    SPACE,
    Document,
    concat,
    group,
    joined,
    nest,
    spaced,
)
from smcproof.grammar.layout.lexeme import Lexeme, Node, Part

Documents = Sequence[Document]


def entries(parts: Sequence[Part], documents: Documents) -> list[Document]:
    """The members of a list, each with the separator that follows it."""
    found: list[Document] = []
    for part, document in zip(parts, documents, strict=True):
        if isinstance(part, Lexeme) and part.text in (",", ";") and found:
            found[-1] = concat(found[-1], document)
        else:
            found.append(document)
    return found


def braces(node: Node, documents: Documents) -> Document:
    """``{ a; b; }`` on one line, or one entry a line."""
    inside = entries(node.parts[1:-1], documents[1:-1])
    if not inside:
        return group(documents[0], SOFT, documents[-1])
    return group(documents[0], nest(LINE, joined(inside, ENTRY)), LINE, documents[-1])


def literal(node: Node, documents: Documents) -> Document:
    """``{ a, b }`` on one line, or as many entries a line as fit."""
    inside = filled(node.parts[1:-1], documents[1:-1])
    if len(documents) == 2:
        return group(documents[0], SOFT, documents[-1])
    return group(documents[0], nest(LINE, inside), LINE, documents[-1])


def brackets(parts: Sequence[Part], documents: Documents) -> Document:
    """``(a, b)``, without spaces inside."""
    inside = entries(parts[1:-1], documents[1:-1])
    if not inside:
        return concat(documents[0], documents[-1])
    return group(documents[0], nest(SOFT, joined(inside, LINE)), SOFT, documents[-1])


def listed(parts: Sequence[Part], documents: Documents) -> Document:
    """``a, b, c``, or one a line; the group around it decides."""
    return joined(entries(parts, documents), LINE)


def filled(parts: Sequence[Part], documents: Documents) -> Document:
    """``a, b, c``, with as many a line as fit."""
    found = entries(parts, documents)
    return concat(*found[:1], *(group(LINE, entry) for entry in found[1:]))


def _is_short(part: Part) -> bool:
    """Whether a bound is a register or a decimal number, which stand close to the dots."""
    while isinstance(part, Node):
        if len(part.parts) != 1:
            return False
        part = part.parts[0]
    return part.kind == "NAME" or part.text.isdigit()


def bounds(parts: Sequence[Part], documents: Documents) -> Document:
    """``x0..x3`` and ``0..15``, but ``0x4000 .. 0x4fff``."""
    low, dots, high = documents
    if _is_short(parts[0]) and _is_short(parts[2]):
        return concat(low, dots, high)
    return group(low, nest(LINE, dots, SPACE, high))


def _infix(documents: Documents) -> Document:
    """``a + b``; where it does not fit the operator begins a line."""
    left, operator, right = documents
    return group(left, nest(LINE, operator, SPACE, right))


def _is_literal(part: Part) -> bool:
    return (
        isinstance(part, Node)
        and isinstance(part.parts[0], Node)
        and (part.parts[0].rule == "set_literal")
    )


def _chain(documents: Documents) -> Document:
    """``a and b and c``; where it does not fit every ``and`` begins a line."""
    rest: list[Document] = []
    for at in range(1, len(documents), 2):
        rest.extend((LINE, documents[at], SPACE, documents[at + 1]))
    return group(documents[0], nest(*rest))


def _type(node: Node, documents: Documents) -> Document:
    """``domain?``, ``bool[vcpu]``, ``0..3[0..15]``."""
    start = 3 if node.rule == "bounded_type" else 1
    first = bounds(node.parts[:3], documents[:3]) if start == 3 else documents[0]
    return concat(first, *documents[start:])


def _entry(node: Node, documents: Documents) -> Document:
    """``x4..x7 = value``."""
    if len(documents) == 3:
        return spaced(documents)
    return spaced([bounds(node.parts[:3], documents[:3]), *documents[3:]])


def expression(node: Node, documents: Documents) -> Document | None:
    """The layout of an expression or a part of one; None if the node is something else."""
    match node.rule:
        case "name" | "number" | "string" | "container" | "range" | "select" | "bits" | "index":
            return concat(*documents)
        case "primed" | "prefix" | "leaked":
            return concat(*documents)
        case "membership" if _is_literal(node.parts[-1]):
            return spaced(documents)
        case "implies" | "compare" | "binary" | "membership":
            return _infix(documents)
        case "conjunction" | "disjunction":
            return _chain(documents)
        case "negation" | "any" | "parameter":
            return spaced(documents)
        case "apply":
            return concat(documents[0], brackets(node.parts[1:], documents[1:]))
        case "parenthesis":
            return brackets(node.parts, documents)
        case "set_literal":
            return literal(node, documents)
        case "map":
            return braces(node, documents)
        case "ranges":
            return listed(node.parts, documents)
        case "span_range":
            return bounds(node.parts, documents)
        case "relative_range":
            low, dots, plus, high = documents
            return group(low, nest(LINE, dots, SPACE, plus, high))
        case "registers" | "index_type":
            return documents[0] if len(documents) == 1 else bounds(node.parts, documents)
        case "type" | "bounded_type":
            return _type(node, documents)
        case "entry":
            return _entry(node, documents)
        case _:
            return None
