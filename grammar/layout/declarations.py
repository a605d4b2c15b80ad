"""How declarations, rules, proofs and examples are laid out [SYNTAX-LAYOUT]."""

from smcproof.grammar.layout.decisions import decided
from smcproof.grammar.layout.document import (
    ENTRY,
    LINE,
    SOFT,
    SPACE,
    Document,
    Tab,
    concat,
    group,
    joined,
    nest,
    spaced,
)
from smcproof.grammar.layout.expressions import Documents, bounds, brackets, entries, filled, listed
from smcproof.grammar.layout.lexeme import Lexeme, Node

_BRACE = Tab(0, strict=True)
_FIRST = Tab(0)
_SECOND = Tab(1)
_ARROW = Tab(1, strict=True)


def _find(node: Node, text: str) -> int:
    """The position of a token of the rule itself; -1 if it has none."""
    for at, part in enumerate(node.parts):
        if isinstance(part, Lexeme) and part.text == text:
            return at
    return -1


def _broken_before(*documents: Document) -> Document:
    """The documents on the same line or, indented, on the next."""
    return group(nest(LINE, spaced(documents)))


def _sentence(node: Node, documents: Documents) -> Document:
    """Words with spaces between them and an end; a long list goes on below."""
    found = [
        group(nest(document)) if isinstance(part, Node) and part.rule == "ranges" else document
        for part, document in zip(node.parts[:-1], documents[:-1], strict=True)
    ]
    return concat(spaced(entries(node.parts[:-1], found)), documents[-1])


def _block(node: Node, documents: Documents) -> Document:
    """``domain d { .. }``, ``callee t { .. }`` or ``enum e { .. }``."""
    start, end = _find(node, "{"), _find(node, "}")
    head = list(documents[:start])
    if node.rule == "domain" and len(head) > 2:
        head[1:] = [concat(*head[1:])]
    opening = concat(spaced(head), _BRACE, SPACE, documents[start])
    closing = concat(*documents[end:])
    inside = entries(node.parts[start + 1 : end], documents[start + 1 : end])
    if not inside:
        return group(opening, SOFT, closing)
    return group(opening, nest(LINE, joined(inside, ENTRY)), LINE, closing)


def _assigned(node: Node, documents: Documents) -> Document:
    """``set s = a, b;`` and ``group g = a, b;``: a list that does not fit begins on the next line."""
    at = _find(node, "=")
    values = listed(node.parts[at + 1 : -1], documents[at + 1 : -1])
    return concat(
        spaced(documents[:at]), _FIRST, SPACE, documents[at], group(nest(LINE, values)),
        documents[-1],
    )  # fmt: skip


def _property(node: Node, documents: Documents) -> Document:
    """``ram = A .. B, C .. D;`` of a domain."""
    at = _find(node, "=")
    values = listed(node.parts[at + 1 : -1], documents[at + 1 : -1])
    return concat(spaced(documents[: at + 1]), SPACE, group(nest(values)), documents[-1])


def _listing(node: Node, documents: Documents) -> Document:
    """``use a, b;``: the list begins beside its keyword."""
    listing = filled(node.parts[1:-1], documents[1:-1])
    return concat(documents[0], SPACE, nest(listing), documents[-1])


def _allow(documents: Documents) -> Document:
    """``allow C -> T : ids when guard;``"""
    allow, issuer, to, callee, colon, ids, *guard, end = documents
    condition = [nest(LINE, spaced(guard))] if guard else []
    return group(
        spaced((allow, issuer)), _FIRST, SPACE, to, SPACE, callee, _SECOND, SPACE, colon,
        _broken_before(ids), *condition, end,
    )  # fmt: skip


def _state(documents: Documents) -> Document:
    """``state s : type = initial;``"""
    return concat(spaced(documents[:2]), _FIRST, SPACE, spaced(documents[2:-1]), documents[-1])


def _rule(node: Node, documents: Documents) -> Document:
    """``rule r : guard => ..``, ``on guard => ..``, ``on event(..) when guard => ..`` or
    ``otherwise => ..``."""
    at = _find(node, "=>")
    decision = decided(documents[at], documents[at + 1 : -1], documents[-1])
    head: Document
    match node.rule:
        case "rule":
            head = concat(spaced(documents[:2]), _FIRST, SPACE, spaced(documents[2:at]))
        case "on":
            close = _find(node, ")")
            event = brackets(node.parts[2 : close + 1], documents[2 : close + 1])
            guard = documents[close + 1 : at]
            head = concat(
                spaced(documents[:2]), event, *([_broken_before(*guard)] if guard else [])
            )
        case _:
            head = spaced(documents[:at])
    return group(head, _ARROW, decision)


def _prove(node: Node, documents: Documents) -> Document:
    """``prove a, b except .. because ".." expect .. because "..";``"""
    claims = [
        (part, document)
        for part, document in zip(node.parts[1:-1], documents[1:-1], strict=True)
        if isinstance(part, Lexeme) or part.rule in ("claim", "statement")
    ]
    others = documents[1 + len(claims) : -1]
    proved = filled([part for part, _ in claims], [document for _, document in claims])
    return concat(
        documents[0],
        SPACE,
        nest(proved) if len(claims) > 1 else proved,
        *(_broken_before(document) for document in others),
        documents[-1],
    )


def _example(node: Node, documents: Documents) -> Document:
    """``example "text" : call => expectation;``"""
    at = _find(node, "=>")
    call: list[Document] = []
    maps: list[Document] = []
    for part, document in zip(node.parts[3:at], documents[3:at], strict=True):
        rule = part.rule if isinstance(part, Node) else ""
        if rule in ("example_map", "example_state", "answered"):
            maps.append(_broken_before(document))
        elif rule == "member":
            call[-1] = concat(call[-1], document)
        else:
            call.append(document)
    head = (spaced(documents[:2]), _FIRST, SPACE, documents[2], _broken_before(*call), *maps)
    return group(*head, _ARROW, decided(documents[at], documents[at + 1 : -1], documents[-1]))


def declaration(node: Node, documents: Documents) -> Document | None:
    """The layout of a declaration or a part of one; None if the node is something else."""
    match node.rule:
        case "version" | "include" | "header" | "callee_property" | "handler":
            return _sentence(node, documents)
        case "use":
            return _listing(node, documents)
        case "used" | "option" | "imm" | "example_map" | "example_state" | "answered":
            return spaced(documents)
        case "named_argument" | "when_argument" | "except_argument":
            return spaced(documents)
        case "caller_exemption" | "conduit_exemption" | "expectation":
            return spaced(documents)
        case "flag" | "member" | "argument" | "exemption" | "claim":
            return concat(*documents)
        case "domain" | "hypervisor" | "callee" | "enumeration":
            return _block(node, documents)
        case "family":
            start, variable, among, *ends, end = documents
            index = bounds(node.parts[3:-1], ends)
            return concat(start, spaced((variable, among, index)), end)
        case "property" | "attribute":
            return _property(node, documents)
        case "idset" | "group":
            return _assigned(node, documents)
        case "allow":
            return _allow(documents)
        case "state":
            return _state(documents)
        case "event":
            return concat(
                spaced(documents[:2]), brackets(node.parts[2:-1], documents[2:-1]), documents[-1]
            )
        case "rule" | "otherwise" | "on":
            return _rule(node, documents)
        case "clause":
            return concat(*documents) if len(documents) == 1 else _rule(node, documents)
        case "prove":
            return _prove(node, documents)
        case "example":
            return _example(node, documents)
        case "arguments":
            return brackets(node.parts, documents)
        case "statement":
            return concat(documents[0], _FIRST, SPACE, spaced(documents[1:]))
        case "exemptions":
            start, *listing, because, reason = documents
            return concat(
                start, SPACE, nest(filled(node.parts[1:-2], listing)),
                _broken_before(because, reason),
            )  # fmt: skip
        case _:
            return None
