"""Bits of words, members of families and entries of maps [ELAB-INDEX]."""

from smcproof.grammar.elaborate.mismatch import assignable, mismatch
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.sets import AsWord, Infer
from smcproof.grammar.elaborate.values import Untyped, slice_word, widen, word_bits
from smcproof.spec import core
from smcproof.spec.core import Const, Expr
from smcproof.spec.expr import Bits, Index, Name, Number
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.types import DOMAIN, OPTIONAL_DOMAIN, Bounded


def bits(scope: Scope, expr: Bits, infer: Infer) -> Expr | None:
    """``BASE[high:low]``."""
    high, low = position(scope, expr.high), position(scope, expr.low)
    if high is None or low is None:
        return None
    base = infer(scope, expr.base)
    if base is None:
        return None
    width = None if isinstance(base, Untyped) else word_bits(base, scope.env.geometry)
    if width is None or isinstance(base, Untyped):
        mismatch(scope, expr.base.span, "a word", base)
        return None
    if not low <= high < width:
        scope.env.report.error(
            "bits-range",
            f"`[{high}:{low}]` is no part of a word of {width} bits",
            expr.span,
            f"write the higher bit first, up to {width - 1}",
        )
        return None
    return slice_word(widen(base, width), high, low)


def position(scope: Scope, expr: Syntax) -> int | None:
    if isinstance(expr, Number):
        return expr.value
    scope.env.report.error(
        "bits-constant", "a bit position is a number", expr.span, "write it as a literal"
    )
    return None


def index(scope: Scope, expr: Index, infer: Infer, as_word: AsWord) -> Expr | None:
    """``BASE[INDEX]``: an entry of a map, a member of a family, or one bit."""
    env = scope.env
    base = expr.base
    if isinstance(base, Name) and len(base.parts) == 1 and not base.primed:
        name = base.parts[0]
        if name in env.states and env.states[name].index is not None:
            return map_entry(scope, expr, name, infer, as_word)
        block = env.domains.get(name)
        if block is not None and block.indexed is not None:
            return _member(scope, expr, name)
    at = position(scope, expr.index)
    if at is None:
        return None
    number = Number(at, expr.index.span)
    return bits(scope, Bits(base, number, number, expr.span), infer)


def _member(scope: Scope, expr: Index, name: str) -> Expr | None:
    block = scope.env.domains[name]
    at = position(scope, expr.index)
    if at is None or block.indexed is None:
        return None
    scope.env.use(name)
    if not block.indexed <= at < block.indexed + block.count:
        scope.env.report.error(
            "domain-member",
            f"`{name}` has no member {at}",
            expr.span,
            f"its members are {block.indexed} to {block.indexed + block.count - 1}",
        )
        return None
    return Const(block.first + at - block.indexed, DOMAIN)


def map_entry_index(
    scope: Scope, expr: Syntax, name: str, infer: Infer, as_word: AsWord
) -> Expr | None:
    """The index of map ``name``: a domain (or one that may be none), a vCPU or a number."""
    kind = scope.env.states[name].index
    if isinstance(kind, Bounded):
        return as_word(scope, expr, scope.env.geometry.word_bits)
    value = infer(scope, expr)
    if value is None:
        return None
    wanted = OPTIONAL_DOMAIN if kind == DOMAIN else kind
    if isinstance(value, Untyped) or wanted is None or not assignable(value.type, wanted):
        mismatch(scope, expr.span, f"a {kind}", value)
        return None
    return value


def map_entry(scope: Scope, expr: Index, name: str, infer: Infer, as_word: AsWord) -> Expr | None:
    """A map read at an index."""
    env = scope.env
    if not scope.state or (expr.primed and not scope.after):
        env.report.error(
            "name-misplaced",
            f"`{name}` is state, which {scope.place} cannot read",
            expr.span,
            "move the condition to a rule",
        )
        return None
    env.use(name)
    place = map_entry_index(scope, expr.index, name, infer, as_word)
    if place is None:
        return None
    return core.State(name, place, expr.primed, env.states[name].type)
