"""Arithmetic on words and on literals [ELAB-ARITHMETIC]."""

from smcproof.grammar.elaborate.mismatch import mismatch
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.sets import Infer
from smcproof.grammar.elaborate.values import Typed, Untyped, fits, literal, widen, word_bits
from smcproof.spec import core
from smcproof.spec.core import Operator
from smcproof.spec.expr import Binary, Unary
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.span import Span
from smcproof.spec.types import Word

_ARITHMETIC = {operator.value: operator for operator in Operator}


def prefix(scope: Scope, expr: Unary, infer: Infer) -> Typed | None:
    """``-E`` or ``~E``."""
    operator, span = expr.operator, expr.span
    value = infer(scope, expr.operand)
    if value is None:
        return None
    if isinstance(value, Untyped):
        return Untyped(-value.value if operator == "-" else ~value.value)
    bits = word_bits(value, scope.env.geometry)
    if bits is None:
        mismatch(scope, span, "a word", value)
        return None
    whole = widen(value, bits)
    zero, ones = literal(0, bits), literal(-1, bits)
    if operator == "-":
        return core.Arithmetic(Operator.SUB, zero, whole, Word(bits))
    return core.Arithmetic(Operator.XOR, whole, ones, Word(bits))


def arithmetic(scope: Scope, expr: Binary, infer: Infer) -> Typed | None:
    """Literals are folded exactly; words are widened to the wider of the two."""
    left, right = infer(scope, expr.left), infer(scope, expr.right)
    if left is None or right is None:
        return None
    operator = _ARITHMETIC[expr.operator]
    if isinstance(left, Untyped) and isinstance(right, Untyped):
        return _fold(scope, operator, left.value, right.value, expr.span)
    if (
        operator is Operator.MUL
        and not isinstance(left, Untyped)
        and not isinstance(right, Untyped)
    ):
        scope.env.report.error(
            "product",
            "this multiplies two values that are both unknown",
            expr.span,
            "one factor must be a constant",
        )
        return None
    bits = _common_width(scope, (expr.left, left), (expr.right, right))
    if bits is None:
        return None
    first, second = (
        literal(side.value, bits) if isinstance(side, Untyped) else widen(side, bits)
        for side in (left, right)
    )
    return core.Arithmetic(operator, first, second, Word(bits))


def _common_width(scope: Scope, *sides: tuple[Syntax, Typed]) -> int | None:
    """The width of the widest side; literals must fit it."""
    bits = 0
    for syntax, side in sides:
        if isinstance(side, Untyped):
            continue
        width = word_bits(side, scope.env.geometry)
        if width is None:
            mismatch(scope, syntax.span, "a word", side)
            return None
        bits = max(bits, width)
    for syntax, side in sides:
        if isinstance(side, Untyped) and not fits(side.value, bits):
            scope.env.report.error(
                "literal-too-wide",
                f"`{syntax.span.text}` does not fit the {bits} bits of the other side",
                syntax.span,
                f"use a value up to {(1 << bits) - 1:#x}",
            )
            return None
    return bits


def _fold(scope: Scope, operator: Operator, left: int, right: int, span: Span) -> Untyped | None:
    shift = operator in (Operator.SHL, Operator.SHR)
    if shift and not 0 <= right < scope.env.geometry.word_bits:
        scope.env.report.error(
            "shift-amount",
            f"a shift by {right} leaves nothing",
            span,
            f"shift by 0 to {scope.env.geometry.word_bits - 1}",
        )
        return None
    match operator:
        case Operator.ADD:
            return Untyped(left + right)
        case Operator.SUB:
            return Untyped(left - right)
        case Operator.MUL:
            return Untyped(left * right)
        case Operator.AND:
            return Untyped(left & right)
        case Operator.OR:
            return Untyped(left | right)
        case Operator.XOR:
            return Untyped(left ^ right)
        case Operator.SHL:
            return Untyped(left << right)
        case Operator.SHR:
            return Untyped(left >> right)
