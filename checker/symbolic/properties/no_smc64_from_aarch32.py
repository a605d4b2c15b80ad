"""An SMC64 identifier from AArch32 is unknown."""

from smcproof.checker.symbolic.factory import conjunction, negation
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    premise = conjunction((words.well_formed, context.call.aarch32, words.smc64))
    return (Query(premise, conjunction((premise, negation(words.unknown))), (words,)),)
