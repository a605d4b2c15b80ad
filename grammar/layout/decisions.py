"""How outcomes, effects and rules are laid out [SYNTAX-LAYOUT]."""

from smcproof.grammar.layout.document import (
    LINE,
    SPACE,
    Document,
    concat,
    group,
    hang,
    nest,
    spaced,
    ungrouped,
)
from smcproof.grammar.layout.expressions import Documents, braces, brackets
from smcproof.grammar.layout.lexeme import Lexeme, Node, Part


def _rest(documents: Documents, end: Document) -> Document:
    """What follows an outcome: each part on the same line or on the next, then the semicolon."""
    parts = [group(LINE, document) for document in documents]
    return concat(*parts, end) if parts else end


def decided(arrow: Document, decision: Documents, end: Document) -> Document:
    """``=> outcome then effect;``; ``decision`` is the outcome and what follows it."""
    return hang(concat(arrow, SPACE, decision[0]), _rest(decision[1:], end))


def _conditional(node: Node, documents: Documents) -> Document:
    """``if g S else S``; blocks open on the line of their condition and break together."""
    found: list[Document] = [documents[0], SPACE, documents[1]]
    for at in range(2, len(documents)):
        part = node.parts[at]
        if isinstance(part, Lexeme):
            closed = _is_block(node.parts[at - 1])
            found.append(concat(SPACE if closed else LINE, documents[at]))
        elif _is_block(part) or (at > 3 and part.rule == "conditional"):
            found.append(concat(SPACE, ungrouped(documents[at])))
        else:
            found.append(nest(LINE, documents[at]))
    return group(*found)


def _is_block(part: Part) -> bool:
    return isinstance(part, Node) and part.rule == "block"


def _forward(node: Node, documents: Documents) -> Document:
    """``forward { map } returning { map } issuing effect``; the latter two may begin a line."""
    found: list[Document] = [documents[0]]
    at = 1
    while at < len(documents):
        if isinstance(node.parts[at], Lexeme):
            found.append(group(nest(LINE, documents[at], SPACE, documents[at + 1])))
            at += 2
        else:
            found.append(concat(SPACE, documents[at]))
            at += 1
    return concat(*found)


def decision(node: Node, documents: Documents) -> Document | None:
    """The layout of an outcome, an effect or a clause; None if the node is something else."""
    match node.rule:
        case "forward":
            return _forward(node, documents)
        case "return_map" | "return_code" | "handle" | "deliver" | "undef" | "stop" | "resume":
            return spaced(documents)
        case "leave" | "expected":
            return concat(*documents)
        case "reaches" | "then" | "to_callee":
            return spaced(documents)
        case "emits":
            return concat(spaced(documents[:2]), brackets(node.parts[2:], documents[2:]))
        case "assign":
            target, sign, value = documents
            return group(target, SPACE, sign, nest(LINE, value))
        case "target":
            return concat(*documents)
        case "block":
            return braces(node, documents)
        case "conditional":
            return _conditional(node, documents)
        case _:
            return None
