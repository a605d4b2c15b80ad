"""From text to abstract syntax, with every syntax error of the file in one go [SYNTAX-ERRORS].

After an error the item around it is blanked and the rest parsed again, so one mistake does not hide
the next; at most ``MOST_ERRORS`` are reported.
"""

import os
import re
import tempfile
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from smcproof.grammar.transformer.declarations import PolicyNodes
from smcproof.spec.diagnostic import Diagnostics
from smcproof.spec.policy import PolicyFile
from smcproof.spec.span import Source, Span

MOST_ERRORS = 20
DEEPEST = 150
MOST_DIGITS = 64

_TERMINALS = {
    "NAME": "a name",
    "INT": "a number",
    "STRING": "a quoted text",
    "VERSION": "a version such as `1.1`",
    "$END": "the end of the file",
    "COMPARE": "a comparison",
    "WHERE": "`at` or `after`",
    "SCOPE": "`vcpu` or `domain`",
    "LEAVE": "`skip`, `panic`, `pass`, `none` or `never`",
    "MODE": "`always`, `invariant`, `step` or `reachable`",
}


def _cache_path() -> str:
    """Where the LALR tables are kept between runs; building them takes half a second."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "smcproof"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"smcproof-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return str(folder / "policy-grammar.lark")


@lru_cache(maxsize=1)
def policy_parser() -> Lark:
    """The LALR(1) parser of ``policy.lark``; stateless, so one serves all."""
    grammar = (files("smcproof.grammar") / "policy.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        start="file",
        propagate_positions=True,
        maybe_placeholders=True,
        cache=_cache_path(),
    )


def parse(source: Source, report: Diagnostics) -> PolicyFile | None:
    """The file's syntax tree, or None with errors in ``report``."""
    text = source.text
    previous = -1
    for _ in range(MOST_ERRORS):
        try:
            tree = policy_parser().parse(text)
        except UnexpectedInput as problem:
            place = _place(problem, source)
            if place.start <= previous:
                return None
            previous = place.start
            _report(problem, place, report)
            blanked = _blank_item(text, place.start)
            if blanked is None:
                return None
            text = blanked
        else:
            if report.has_errors or not _shallow(tree, source, report):
                return None
            return PolicyNodes(source).build(tree)
    return None


def _place(problem: UnexpectedInput, source: Source) -> Span:
    text = source.text
    if isinstance(problem, UnexpectedToken):
        token = problem.token
        if token.type == "$END":
            at = len(text.rstrip())
            return _span_at(source, at, at)
        start = token.start_pos or 0
        return _span_at(source, start, token.end_pos or start + 1)
    start = problem.pos_in_stream or 0
    return _span_at(source, start, min(start + 1, len(text)))


def _span_at(source: Source, start: int, end: int) -> Span:
    line = source.text.count("\n", 0, start) + 1
    return Span(source, start, end, line, start - source.line_start(line) + 1)


def _report(problem: UnexpectedInput, place: Span, report: Diagnostics) -> None:
    expected: set[str] = set()
    if isinstance(problem, UnexpectedToken):
        token = problem.token
        expected = problem.accepts or problem.expected
        found = "the end of the file" if token.type == "$END" else f"`{token}`"
        if {"AND", "OR"} & expected and token.type in ("AND", "OR"):
            report.error(
                "syntax-mixed-logic",
                "`and` and `or` stand side by side",
                place,
                "put parentheses around the part that belongs together",
            )
            return
        message = f"{found} does not fit here"
    elif isinstance(problem, UnexpectedCharacters):
        expected = problem.allowed or set()
        char = source_char(place)
        if char == '"':
            report.error(
                "syntax-open-text",
                "this text is not closed on its line",
                place,
                'end it with `"` on the same line',
            )
            return
        message = f"{describe_char(char)} does not fit here"
    else:
        message = "this does not fit here"
    report.error("syntax", message, place, f"expected {_describe(expected)}")


def source_char(place: Span) -> str:
    return place.source.text[place.start : place.start + 1]


def describe_char(char: str) -> str:
    return f"`{char}`" if char.isprintable() else f"the character U+{ord(char):04X}"


def _describe(expected: set[str]) -> str:
    words = sorted({_TERMINALS.get(name) or _keyword(name) for name in expected})
    if not words:
        return "something else"
    shown = words[:12]
    more = f" or {len(words) - len(shown)} more" if len(words) > len(shown) else ""
    if len(shown) == 1:
        return shown[0]
    return ", ".join(shown[:-1]) + (f", {shown[-1]}{more}" if more else f" or {shown[-1]}")


def _keyword(terminal: str) -> str:
    for definition in policy_parser().terminals:
        if definition.name == terminal:
            pattern = definition.pattern
            if pattern.type == "str":
                return f"`{pattern.value}`"
    return terminal.lower().replace("_", " ")


_LEXEME = re.compile(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|[{};]')


def _blank_item(text: str, at: int) -> str | None:
    """``text`` with the item of the policy block around ``at`` turned into spaces, or None when the
    mistake is outside any item."""
    depth, start, end = 0, None, None
    for lexeme in _LEXEME.finditer(text):
        word, place = lexeme.group(), lexeme.start()
        if word == "{":
            depth += 1
            if depth == 1 and place < at:
                start = lexeme.end()
        elif word == "}":
            depth -= 1
            if depth == 1 and place < at:
                start = lexeme.end()
            elif depth == 1:
                end = lexeme.end()
            elif depth == 0 and place >= at:
                end = place
            elif depth == 0:
                start = None
        elif word == ";" and depth == 1:
            if place < at:
                start = lexeme.end()
            else:
                end = lexeme.end()
        if end is not None and end > at:
            break
    if start is None or end is None or not text[start:end].strip():
        return None
    blank = re.sub(r"[^\n]", " ", text[start:end])
    return text[:start] + blank + text[end:]


def _shallow(tree: Tree[Token], source: Source, report: Diagnostics) -> bool:
    """Whether nothing is nested deeper than the later passes take, and no literal is absurd."""
    stack: list[tuple[Tree[Token] | Token, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, Token):
            if node.type == "INT" and len(node) > MOST_DIGITS:
                start = node.start_pos or 0
                report.error(
                    "syntax-long-number",
                    f"this number has {len(node)} characters",
                    _span_at(source, start, start + len(node)),
                    f"write it with at most {MOST_DIGITS}",
                )
                return False
            continue
        if depth > DEEPEST:
            start = 0 if node.meta.empty else node.meta.start_pos
            report.error(
                "syntax-too-deep",
                f"this is nested more than {DEEPEST} levels deep",
                _span_at(source, start, start + 1),
                "name a part of it as a `set` or split the rule",
            )
            return False
        stack.extend((child, depth + 1) for child in node.children if child)
    return True
