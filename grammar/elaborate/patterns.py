"""Function patterns: ``psci.CPU_ON(target, entry, _)`` tests the identifier and names the arguments
[ELAB-PATTERN]."""

from smcproof.grammar.elaborate.constants import function_of, unknown_function
from smcproof.grammar.elaborate.environment import bindable
from smcproof.grammar.elaborate.identifiers import named_set
from smcproof.grammar.elaborate.names import plain_fid
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.values import (
    bit_set,
    fits,
    literal,
    slice_word,
    widen,
    word_bits,
)
from smcproof.spec.core import (
    Arithmetic,
    Compare,
    Connective,
    Expr,
    If,
    Member,
    Operator,
    Register,
    Relation,
)
from smcproof.spec.expr import Apply, Chain, Name, Number
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.types import Word
from smcproof.spec.vocabulary import ArgumentSpec, Function

WILDCARD = "_"


def bindings(scope: Scope, guard: Syntax) -> dict[str, Expr]:
    """The names that patterns among the guard's top conjuncts bind. A pattern deeper inside may be
    false while the rest holds, so it must not bind."""
    conjuncts = guard.operands if isinstance(guard, Chain) and guard.operator == "and" else (guard,)
    found: dict[str, Expr] = {}
    for conjunct in conjuncts:
        if not isinstance(conjunct, Apply):
            continue
        function = function_of(scope.env, conjunct.name)
        if function is None:
            continue
        for argument, spec in zip(conjunct.arguments, function[0].patterns, strict=False):
            if not isinstance(argument, Name) or argument.parts == (WILDCARD,):
                continue
            name = str(argument)
            if name in found or not bindable(scope.env, argument):
                scope.env.report.error(
                    "pattern-name",
                    f"`{name}` cannot be bound here",
                    argument.span,
                    "bind each plain name once, and none that means something already",
                )
                continue
            value = argument_value(scope, *function, spec)
            if value is not None:
                found[name] = value
    return found


def argument_value(
    scope: Scope, function: Function, width: str | None, spec: ArgumentSpec
) -> Expr | None:
    """An argument at the width of the form called: narrow for a function without SMC64 form, zero-extended
    to the word width where the form decides; in two registers, joined."""
    geometry = scope.env.geometry
    bank = scope.plain
    if bank is None:
        return None
    both = function.smc32 is not None and function.smc64 is not None and width is None
    only64 = width == "smc64" or (width is None and function.smc32 is None)
    x0 = Register(bank, 0, Word(geometry.register_bits[0]))
    whole: Expr | None = None
    for piece in spec.pieces:
        register = Register(bank, piece.register, Word(geometry.register_bits[piece.register]))
        low = slice_word(register, geometry.narrow_bits[piece.register] - 1, 0)
        if len(spec.pieces) == 1 and (piece.narrow or not (both or only64)):
            return low
        narrow, wide = widen(low, geometry.word_bits), widen(register, geometry.word_bits)
        part: Expr
        if piece.narrow or (not both and not only64):
            part = narrow
        elif only64:
            part = wide
        else:
            part = If(bit_set(x0, geometry.smc64.high), wide, narrow, Word(geometry.word_bits))
        if whole is None:
            whole = part
        else:
            shift = literal(geometry.narrow_bits[piece.register], geometry.word_bits)
            high = Arithmetic(Operator.SHL, whole, shift, Word(geometry.word_bits))
            whole = Arithmetic(Operator.OR, high, part, Word(geometry.word_bits))
    return whole


def match_pattern(scope: Scope, expr: Apply) -> Expr | None:
    """The condition of a pattern: its identifiers, and equality where an argument is a number."""
    env = scope.env
    members = named_set(env, expr.name)
    function = function_of(env, expr.name)
    if members is None or function is None:
        unknown_function(env, expr.name)
        return None
    specs = function[0].patterns
    if len(specs) != len(expr.arguments):
        takes = ", ".join(spec.name for spec in specs) or "nothing"
        env.report.error(
            "pattern-arguments",
            f"`{expr.name}` takes {len(specs)} arguments, not {len(expr.arguments)}",
            expr.span,
            f"it takes ({takes}); write `_` for one that does not matter"
            if specs
            else f"write `{expr.name}` without parentheses",
        )
        return None
    fid = plain_fid(scope, expr.span)
    if fid is None:
        return None
    tests: list[Expr] = [Member(fid, members)]
    for argument, spec in zip(expr.arguments, specs, strict=True):
        if isinstance(argument, Name):
            if argument.parts == (WILDCARD,) or str(argument) in scope.locals:
                continue
            env.report.error(
                "pattern-place",
                f"`{argument}` is bound where the pattern may not hold",
                argument.span,
                "bind names in a pattern that is a top part of an `and`, or write `_`",
            )
            return None
        value = argument_value(scope, *function, spec)
        if not isinstance(argument, Number) or value is None:
            env.report.error(
                "pattern-argument",
                "a pattern takes names, `_` and numbers",
                argument.span,
                "bind a name and compare it",
            )
            return None
        bits = word_bits(value, env.geometry) or env.geometry.word_bits
        if not fits(argument.value, bits):
            env.report.error(
                "literal-too-wide",
                f"`{argument.span.text}` does not fit {bits} bits",
                argument.span,
                "use a smaller value",
            )
            return None
        tests.append(Compare(Relation.EQ, value, literal(argument.value, bits)))
    return tests[0] if len(tests) == 1 else Connective(True, tuple(tests))
