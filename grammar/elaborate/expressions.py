"""Expressions to typed core expressions [ELAB-EXPRESSION].

Every function returns None after it has reported why; callers then give up on that expression only.
"""

from smcproof.grammar.elaborate.applications import apply
from smcproof.grammar.elaborate.arithmetic import arithmetic, prefix
from smcproof.grammar.elaborate.comparisons import COMPARISONS, comparison
from smcproof.grammar.elaborate.identifiers import names_identifiers, require_named_set
from smcproof.grammar.elaborate.indexing import bits, index, map_entry_index
from smcproof.grammar.elaborate.mismatch import assignable, mismatch
from smcproof.grammar.elaborate.names import plain_fid, resolve
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.sets import membership
from smcproof.grammar.elaborate.values import (
    Typed,
    Untyped,
    as_bool,
    fits,
    literal,
    slice_word,
    widen,
    word_bits,
)
from smcproof.spec import core
from smcproof.spec.core import Connective, Const, Expr, Not
from smcproof.spec.expr import (
    Apply,
    Binary,
    Bits,
    Chain,
    Index,
    Membership,
    Name,
    Number,
    Select,
    Text,
    Unary,
)
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.types import BOOL, Bounded, Enum, Type, Word


def boolean(scope: Scope, expr: Syntax) -> Expr | None:
    """``expr`` as a condition; a set of identifiers stands for ``fid in SET``."""
    match expr:
        case Chain(operator=operator, operands=operands):
            built = [boolean(scope, operand) for operand in operands]
            whole = [part for part in built if part is not None]
            if len(whole) < len(built):
                return None
            return Connective(operator == "and", tuple(whole))
        case Unary(operator="not", operand=operand):
            inner = boolean(scope, operand)
            return None if inner is None else Not(inner)
        case Binary(operator="implies", left=left, right=right):
            premise, conclusion = boolean(scope, left), boolean(scope, right)
            if premise is None or conclusion is None:
                return None
            return Connective(False, (Not(premise), conclusion))
        case Name() if expr.parts[0] not in scope.locals and names_identifiers(scope.env, expr):
            return _identifier_test(scope, expr)
        case _:
            value = infer(scope, expr)
            if value is None:
                return None
            condition = None if isinstance(value, Untyped) else as_bool(value)
            if condition is None:
                mismatch(scope, expr.span, "a condition", value)
            return condition


def _identifier_test(scope: Scope, name: Name) -> Expr | None:
    members = require_named_set(scope.env, name)
    if members is None:
        if scope.env.report_once(name.span):
            mismatch(scope, name.span, "a condition", resolve(scope, name))
        return None
    fid = plain_fid(scope, name.span)
    return None if fid is None else core.Member(fid, members)


def infer(scope: Scope, expr: Syntax) -> Typed | None:
    """``expr`` with the type that it has by itself."""
    match expr:
        case Number(value=value):
            return Untyped(value)
        case Name():
            return resolve(scope, expr)
        case Chain() | Unary(operator="not") | Binary(operator="implies"):
            return boolean(scope, expr)
        case Unary():
            return prefix(scope, expr, infer)
        case Binary(operator=operator) if operator in COMPARISONS:
            return comparison(scope, expr, infer, _wanted)
        case Binary():
            return arithmetic(scope, expr, infer)
        case Bits():
            return bits(scope, expr, infer)
        case Index():
            return index(scope, expr, infer, word)
        case Membership():
            return membership(scope, expr, infer, word)
        case Apply():
            return apply(scope, expr)
        case Text() | Select():
            scope.env.report.error(
                "expression-unexpected",
                "this is not a value",
                expr.span,
                "write a number, a register, a state variable or a comparison",
            )
            return None


def word(scope: Scope, expr: Syntax, bits: int) -> Expr | None:
    """``expr`` as a word of ``bits`` bits; narrower words are zero-extended, wider ones an error."""
    value = infer(scope, expr)
    if value is None:
        return None
    if isinstance(value, Untyped):
        if fits(value.value, bits):
            return literal(value.value, bits)
        scope.env.report.error(
            "literal-too-wide",
            f"`{expr.span.text}` does not fit {bits} bits",
            expr.span,
            f"use a value up to {(1 << bits) - 1:#x}",
        )
        return None
    have = word_bits(value, scope.env.geometry)
    if have is None:
        mismatch(scope, expr.span, f"a word of {bits} bits", value)
        return None
    if have > bits and not isinstance(value.type, Bounded):
        scope.env.report.error(
            "word-too-wide",
            f"this has {have} bits, but {bits} are wanted",
            expr.span,
            f"take a part of it: `(..)[{bits - 1}:0]`",
        )
        return None
    if have > bits:
        return slice_word(widen(value, have), bits - 1, 0)
    return widen(value, bits)


def typed(scope: Scope, expr: Syntax, wanted: Type) -> Expr | None:
    """``expr`` as a value of ``wanted``, as assignments and initial values need it. A value for a
    bounded integer is a word; its range is checked at run time [STATE-RANGE]."""
    if isinstance(wanted, Bounded):
        return word(scope, expr, scope.env.geometry.word_bits)
    if isinstance(wanted, Word):
        return word(scope, expr, wanted.bits)
    if wanted == BOOL:
        return boolean(scope, expr)
    value = _wanted(scope, expr, wanted)
    if value is None:
        return None
    if isinstance(value, Untyped) or not assignable(value.type, wanted):
        mismatch(scope, expr.span, f"a {wanted}", value)
        return None
    return value


def _wanted(scope: Scope, expr: Syntax, wanted: Type | None) -> Typed | None:
    """As ``infer``; a bare member of the wanted enumeration is found first."""
    if isinstance(wanted, Enum) and isinstance(expr, Name) and len(expr.parts) == 1:
        if expr.parts[0] in wanted.members and not expr.primed:
            scope.env.use(wanted.name)
            scope.env.use(f"{wanted.name}.{expr.parts[0]}")
            return Const(wanted.members.index(expr.parts[0]), wanted)
    return infer(scope, expr)


def map_index(scope: Scope, expr: Syntax, name: str) -> Expr | None:
    """The index at which map ``name`` is written."""
    return map_entry_index(scope, expr, name, infer, word)
