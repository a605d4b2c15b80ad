"""The identifiers are decided by the named rules only."""

from smcproof.checker.symbolic.factory import conjunction, negation
from smcproof.checker.symbolic.properties.deciders import decided_by
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.interval import IntervalSet


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    ids = context.claim.argument("ids")
    assert isinstance(ids, IntervalSet)
    premise = conjunction((words.well_formed, words.identifier_in(ids)))
    decided = decided_by(context, words)
    return (Query(premise, conjunction((premise, negation(decided))), (words,)),)
