"""Comparisons: of words, of domains, vCPUs, enumerations and conditions [ELAB-COMPARISON]."""

from collections.abc import Callable
from typing import TypeAlias

from smcproof.grammar.elaborate.mismatch import assignable, mismatch
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.sets import Infer
from smcproof.grammar.elaborate.values import Typed, Untyped, fits, literal, widen, word_bits
from smcproof.spec.core import Compare, Expr, Fact, Not, Relation
from smcproof.spec.expr import Binary, Name
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.types import Type

Wanted: TypeAlias = Callable[[Scope, Syntax, Type | None], Typed | None]

COMPARISONS = {
    "==": (Relation.EQ, False, False),
    "!=": (Relation.EQ, False, True),
    "<": (Relation.LT, False, False),
    "<=": (Relation.LE, False, False),
    ">": (Relation.LT, True, False),
    ">=": (Relation.LE, True, False),
}
"""By token: the relation, whether its sides are swapped, whether it is negated."""

OUTCOMES = ("forward", "return", "handle", "deliver", "undef", "stop", "resume", "skip", "panic")


def comparison(scope: Scope, expr: Binary, infer: Infer, wanted: Wanted) -> Expr | None:
    """``LEFT == RIGHT`` and the like; ``wanted`` infers a side for which the other says its type."""
    relation, swapped, negated = COMPARISONS[expr.operator]
    if relation is Relation.EQ and isinstance(expr.left, Name) and expr.left.parts == ("outcome",):
        return _outcome_test(scope, expr, negated)
    left = infer(scope, expr.left)
    left_type = None if left is None or isinstance(left, Untyped) else left.type
    right = wanted(scope, expr.right, left_type)
    if isinstance(expr.left, Name) and left is None and right is not None:
        return None
    if left is None or right is None:
        return None
    built = _compare_values(scope, expr, relation, left, right, swapped=swapped)
    if built is None:
        return None
    return Not(built) if negated else built


def _compare_values(
    scope: Scope, expr: Binary, relation: Relation, left: Typed, right: Typed, *, swapped: bool
) -> Expr | None:
    env = scope.env
    if isinstance(left, Untyped) and isinstance(right, Untyped):
        env.report.error(
            "comparison-constant",
            "both sides of this comparison are constants",
            expr.span,
            "compare with a register, a field or a state variable",
        )
        return None
    numbers = [
        isinstance(side, Untyped) or word_bits(side, env.geometry) is not None
        for side in (left, right)
    ]
    if all(numbers):
        return _compare_words(scope, expr, relation, left, right, swapped=swapped)
    if isinstance(left, Untyped) or isinstance(right, Untyped) or any(numbers):
        odd, other = (left, right) if not numbers[0] else (right, left)
        what = "a number" if isinstance(other, Untyped) else f"a {other.type}"
        mismatch(scope, expr.span, what, odd)
        return None
    same = assignable(left.type, right.type) or assignable(right.type, left.type)
    if not same:
        env.report.error(
            "type-mismatch",
            f"a {left.type} is compared with a {right.type}",
            expr.span,
            "compare values of one type",
        )
        return None
    if relation is not Relation.EQ:
        env.report.error(
            "comparison-order",
            f"a {left.type} has no order",
            expr.span,
            "use `==` or `!=`",
        )
        return None
    return Compare(Relation.EQ, left, right)


def _compare_words(
    scope: Scope, expr: Binary, relation: Relation, left: Typed, right: Typed, *, swapped: bool
) -> Expr:
    geometry = scope.env.geometry
    bits = max(
        word_bits(side, geometry) or 0 for side in (left, right) if not isinstance(side, Untyped)
    )
    for syntax, side in ((expr.left, left), (expr.right, right)):
        if isinstance(side, Untyped) and not fits(side.value, bits):
            scope.env.report.warning(
                "literal-out-of-range",
                f"`{syntax.span.text}` does not fit the {bits} bits it is compared with",
                syntax.span,
                "the comparison always comes out the same; compare a wider register",
            )
            bits = max(bits, side.value.bit_length() + (side.value < 0))
    first, second = (
        literal(side.value, bits) if isinstance(side, Untyped) else widen(side, bits)
        for side in (left, right)
    )
    return Compare(relation, second, first) if swapped else Compare(relation, first, second)


def _outcome_test(scope: Scope, expr: Binary, negated: bool) -> Expr | None:
    right = expr.right
    if not scope.facts:
        scope.env.report.error(
            "name-misplaced",
            f"`outcome` is a word of properties, which {scope.place} cannot read",
            expr.left.span,
            "use it in `prove`",
        )
        return None
    if not isinstance(right, Name) or str(right) not in OUTCOMES:
        scope.env.report.error(
            "outcome-unknown",
            f"`{right.span.text}` is no outcome",
            right.span,
            f"use one of {', '.join(OUTCOMES)}",
        )
        return None
    fact = Fact("outcome", str(right))
    return Not(fact) if negated else fact
