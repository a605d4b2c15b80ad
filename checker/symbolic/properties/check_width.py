"""Upper halves of SMC32 arguments change nothing."""

from smcproof.checker.symbolic.answers import answers_differ
from smcproof.checker.symbolic.factory import Bits, conjunction, extract, negation, widen
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    geometry = context.policy.geometry
    cleared: dict[int, Bits] = {}
    for index in range(1, geometry.arguments):
        register = context.call.x[index]
        low = extract(register, geometry.narrow_bits[index] - 1, 0)
        cleared[index] = widen(low, register.size())
    clean = context.run("clean", context.with_x(cleared))
    premise = negation(words.smc64)
    unlike = answers_differ(words, clean, narrow=True)
    return (Query(premise, conjunction((premise, unlike)), (words, clean)),)
