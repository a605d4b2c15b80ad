"""Expressions, sets and register maps [SYNTAX-EXPRESSION]."""

from typing import Any as Unknown
from typing import TypeVar, cast

from lark import Token
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive, v_args

from smcproof.spec import expr as e
from smcproof.spec.span import Source, Span

T = TypeVar("T")
Children = list[Unknown]


def only(children: Children, kind: type[T]) -> tuple[T, ...]:
    return tuple(child for child in children if isinstance(child, kind))


def first(children: Children, kind: type[T]) -> T | None:
    return next((child for child in children if isinstance(child, kind)), None)


def unescape(token: str) -> str:
    return token[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def number_value(token: str) -> int:
    """The value of an INT token in any of its bases; underscores are spacing."""
    digits = token.replace("_", "").lower()
    if digits.startswith("0x"):
        return int(digits[2:] or "0", 16)
    if digits.startswith("0b"):
        return int(digits[2:] or "0", 2)
    return int(digits)


def with_meta(nodes: type[T]) -> type[T]:
    """Gives every method of a transformer the tree's position first."""
    return cast(type[T], v_args(meta=True)(nodes))


@with_meta
class ExpressionNodes(Transformer_NonRecursive[Token, Unknown]):
    """Builds ``smcproof.spec.expr`` nodes with spans in one source. The walk is not recursive, so deep
    input cannot exhaust the stack here."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def span(self, meta: Meta) -> Span:
        if meta.empty:
            return Span(self._source, 0, 0, 1, 1)
        return Span(self._source, meta.start_pos, meta.end_pos, meta.line, meta.column)

    def token_span(self, token: Token) -> Span:
        start = token.start_pos or 0
        end = token.end_pos or start
        return Span(self._source, start, end, token.line or 1, token.column or 1)

    def simple_name(self, token: Token) -> e.Name:
        return e.Name((str(token),), self.token_span(token))

    # ---- register maps ----

    def map(self, meta: Meta, children: Children) -> e.RegisterMap:
        return e.RegisterMap(only(children, e.MapEntry), self.span(meta))

    def entry(self, meta: Meta, children: Children) -> e.MapEntry:
        first, last, value = children
        return e.MapEntry(first, last, value, self.span(meta))

    def any(self, meta: Meta, children: Children) -> e.Any:
        container = children[0]
        if isinstance(container, e.Range) and container.high is None:
            container = container.low
        return e.Any(container, self.span(meta))

    def leaked(self, meta: Meta, children: Children) -> e.Leaked:
        return e.Leaked(self.span(meta))

    # ---- expressions ----

    def implies(self, meta: Meta, children: Children) -> e.Binary:
        left, right = children
        return e.Binary("implies", left, right, self.span(meta))

    def conjunction(self, meta: Meta, children: Children) -> e.Chain:
        return e.Chain("and", tuple(children), self.span(meta))

    def disjunction(self, meta: Meta, children: Children) -> e.Chain:
        return e.Chain("or", tuple(children), self.span(meta))

    def negation(self, meta: Meta, children: Children) -> e.Unary:
        return e.Unary("not", children[0], self.span(meta))

    def compare(self, meta: Meta, children: Children) -> e.Binary:
        left, operator, right = children
        return e.Binary(str(operator), left, right, self.span(meta))

    binary = compare

    def prefix(self, meta: Meta, children: Children) -> e.Unary:
        operator, operand = children
        return e.Unary(str(operator), operand, self.span(meta))

    def membership(self, meta: Meta, children: Children) -> e.Membership:
        value, container = children
        if isinstance(container, e.Range) and container.high is None:
            container = container.low
        return e.Membership(value, container, self.span(meta))

    def select(self, meta: Meta, children: Children) -> e.Name | e.Select:
        base, field = children
        if isinstance(base, e.Name) and not base.primed:
            return e.Name((*base.parts, str(field)), self.span(meta))
        return e.Select(base, str(field), self.span(meta))

    def bits(self, meta: Meta, children: Children) -> e.Bits:
        base, high, low = children
        return e.Bits(base, high, low, self.span(meta))

    def index(self, meta: Meta, children: Children) -> e.Index:
        base, at = children
        return e.Index(base, at, self.span(meta))

    def apply(self, meta: Meta, children: Children) -> e.Apply | e.Select:
        function, *arguments = children
        given = tuple(part for part in arguments if part is not None)
        if isinstance(function, e.Name):
            return e.Apply(function, given, self.span(meta))
        return e.Apply(e.Name(("(",), function.span), given, self.span(meta))

    def primed(self, meta: Meta, children: Children) -> e.Expr:
        base, _ = children
        span = self.span(meta)
        match base:
            case e.Name():
                return e.Name(base.parts, span, primed=True)
            case e.Index():
                return e.Index(base.base, base.index, span, primed=True)
            case _:
                return e.Select(base, "'", span)

    def parenthesis(self, meta: Meta, children: Children) -> e.Expr:
        inside: e.Expr = children[0]
        return inside

    def container(self, meta: Meta, children: Children) -> e.SetLiteral | e.Range:
        inside: e.SetLiteral | e.Range = children[0]
        return inside

    def set_literal(self, meta: Meta, children: Children) -> e.SetLiteral:
        return e.SetLiteral(only(children, e.Range), self.span(meta))

    def ranges(self, meta: Meta, children: Children) -> tuple[e.Range, ...]:
        return tuple(children)

    def range(self, meta: Meta, children: Children) -> e.Range:
        return e.Range(children[0], None, self.span(meta))

    def span_range(self, meta: Meta, children: Children) -> e.Range:
        return e.Range(children[0], children[1], self.span(meta))

    def relative_range(self, meta: Meta, children: Children) -> e.Range:
        low, _, high = children
        return e.Range(low, high, self.span(meta), relative=True)

    def number(self, meta: Meta, children: Children) -> e.Number:
        return e.Number(number_value(children[0]), self.span(meta))

    def string(self, meta: Meta, children: Children) -> e.Text:
        return e.Text(unescape(children[0]), self.span(meta))

    def name(self, meta: Meta, children: Children) -> e.Name:
        return self.simple_name(children[0])
