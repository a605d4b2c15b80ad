"""CPU targets that leave are the caller's vCPUs."""

from smcproof.checker.symbolic.env import in_block
from smcproof.checker.symbolic.factory import conjunction, disjunction, member, negation
from smcproof.checker.symbolic.properties.leaving import (
    argument_term,
    canon_sent,
    functions_with,
    is_smc64,
    sent_terms,
)
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.interval import IntervalSet


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    premise, foreign = [], []
    for send in words.step.sends:
        canon = canon_sent(words, send)
        smc64 = is_smc64(context, canon)
        for function, argument, _ in functions_with(context, "cpu"):
            here = conjunction((send.present, member(canon, function.ids)))
            premise.append(here)
            target = argument_term(context, argument, sent_terms(send), smc64)
            own = disjunction(
                conjunction(
                    (
                        in_block(context.call.caller, block.first, block.count),
                        member(target, IntervalSet.points(block.vcpus)),
                    )
                )
                for block in context.policy.domains
            )
            foreign.append(conjunction((here, negation(own))))
    return (Query(disjunction(premise), disjunction(foreign), (words,)),)
