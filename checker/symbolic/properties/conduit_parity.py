"""SMC and HVC get the same kind of answer, send the same and return the same."""

from smcproof.checker.symbolic.answers import kinds_differ, results_differ, sends_differ
from smcproof.checker.symbolic.factory import (
    conjunction,
    constant,
    disjunction,
    equal,
    truth,
)
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.call import Conduit


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    both = {Conduit.SMC, Conduit.HVC} <= set(context.policy.conduits)
    other = context.run("other", context.over(Conduit.HVC))
    over_smc = equal(context.call.conduit, constant(Conduit.SMC, 2))
    premise = conjunction((truth(both), over_smc, words.well_formed))
    unlike = disjunction(
        (
            kinds_differ(words, other),
            sends_differ(words.step, other.step, narrow=False, whole_x0=True),
            results_differ(words.step, other.step, narrow=False),
        )
    )
    return (Query(premise, conjunction((premise, unlike)), (words, other)),)
