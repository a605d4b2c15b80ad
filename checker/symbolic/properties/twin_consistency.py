"""Both widths of a function get the same kind of answer."""

from smcproof.checker.symbolic.answers import kinds_differ
from smcproof.checker.symbolic.factory import (
    Bits,
    Truth,
    choose_bits,
    conjunction,
    constant,
    disjunction,
    equal,
    extract,
    negation,
)
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    x0 = context.call.x[0]
    twins: Bits = x0
    named: list[Truth] = []
    for vocabulary in context.policy.vocabularies:
        for function in vocabulary.functions:
            if function.smc32 is None or function.smc64 is None:
                continue
            here = equal(x0, constant(function.smc32, x0.size()))
            named.append(here)
            twins = choose_bits(here, constant(function.smc64, x0.size()), twins)
    twin = context.run("twin", context.with_x({0: twins}))
    premise = conjunction(
        (
            words.plain,
            negation(context.call.aarch32),
            disjunction(named),
            narrow_arguments(context),
        )
    )
    return (Query(premise, conjunction((premise, kinds_differ(words, twin))), (words, twin)),)


def narrow_arguments(context: Context) -> Truth:
    """The upper halves of all arguments are zero."""
    geometry = context.policy.geometry
    parts: list[Truth] = []
    for index in range(1, geometry.registers):
        register, bits = context.call.x[index], geometry.narrow_bits[index]
        if register.size() > bits:
            upper = extract(register, register.size() - 1, bits)
            parts.append(equal(upper, constant(0, upper.size())))
    return conjunction(parts)
