"""Every function of the service is decided by one of the rules."""

from smcproof.checker.symbolic.factory import conjunction, negation
from smcproof.checker.symbolic.properties.deciders import decided_by
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    service = context.policy.vocabulary(str(context.claim.argument("service")))
    premise = conjunction((words.plain, words.identifier_in(service.ids)))
    decided = decided_by(context, words)
    return (Query(premise, conjunction((premise, negation(decided))), (words,)),)
