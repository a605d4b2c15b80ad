"""Sets of function identifiers, as written in rule heads, sets, ``allow`` and callees
[ELAB-IDENTIFIERS]."""

from smcproof.grammar.elaborate.constants import constant, function_of, unknown_function
from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.expr import Expr, Name, Range
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Span


def id_set(env: Environment, ranges: tuple[Range, ...]) -> IntervalSet:
    """The union of what ``ranges`` name; mistakes are reported and left out."""
    found = IntervalSet()
    for part in ranges:
        members = id_range(env, part)
        if members is not None:
            found = found | members
    return found


def id_range(env: Environment, part: Range) -> IntervalSet | None:
    """One entry of an identifier list: a function, ``service.*``, a set, a number or a range."""
    if part.high is None:
        if isinstance(part.low, Name):
            named = named_set(env, part.low)
            if named is not None:
                return named
        value = constant(env, part.low)
        if value is None:
            return None
        return _checked(env, value, value, part.span)
    low, high = constant(env, part.low), constant(env, part.high)
    if low is None or high is None:
        return None
    return _checked(env, low, low + high if part.relative else high, part.span)


def _checked(env: Environment, low: int, high: int, span: Span) -> IntervalSet | None:
    most = (1 << env.geometry.id_bits) - 1
    if low < 0 or high > most:
        env.report.error(
            "identifier-range",
            f"an identifier has {env.geometry.id_bits} bits",
            span,
            f"use values from 0 to {most:#x}",
        )
        return None
    if low > high:
        env.report.error(
            "range-empty",
            f"this range is empty: {low:#x} lies above {high:#x}",
            span,
            "write the lower bound first",
        )
        return None
    return IntervalSet.of(((low, high),))


def named_set(env: Environment, name: Name) -> IntervalSet | None:
    """The identifiers of a function, of ``service.*``, ``service.window`` or a declared set. None,
    without an error, if the name is none of them."""
    if name.primed:
        return None
    first = name.parts[0]
    if len(name.parts) == 1 and first in env.sets:
        env.use(first)
        return env.sets[first]
    vocabulary = env.vocabularies.get(first)
    if vocabulary is None:
        return None
    if len(name.parts) == 2 and name.parts[1] == "*":
        env.use(first)
        return vocabulary.ids
    found = function_of(env, name)
    if found is not None:
        function, width = found
        if width == "smc32":
            return IntervalSet.points([function.smc32 or 0])
        if width == "smc64":
            return IntervalSet.points([function.smc64 or 0])
        return function.ids
    if len(name.parts) == 2 and name.parts[1] == "window":
        env.use(first)
        return vocabulary.window
    return None


def names_identifiers(env: Environment, expr: Expr) -> bool:
    """Whether an expression in boolean position is a set of identifiers, not a value."""
    return isinstance(expr, Name) and (
        expr.parts[0] in env.vocabularies or (len(expr.parts) == 1 and expr.parts[0] in env.sets)
    )


def require_named_set(env: Environment, name: Name) -> IntervalSet | None:
    """As ``named_set``, but a name of a vocabulary that means nothing is an error."""
    found = named_set(env, name)
    if found is None and name.parts[0] in env.vocabularies:
        unknown_function(env, name)
    return found
