"""Identifiers that name no function of a service in use are unknown."""

from smcproof.checker.symbolic.factory import conjunction, negation
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.interval import IntervalSet
from smcproof.spec.service import named_ids, spanned_ids


def queries(context: Context) -> tuple[Query, ...]:
    policy, words = context.policy, context.words
    spanned = IntervalSet()
    for vocabulary in policy.vocabularies:
        spanned = spanned | spanned_ids(vocabulary, policy.geometry)
    nameless = spanned - named_ids(policy.vocabularies)
    premise = conjunction((words.well_formed, words.identifier_in(nameless)))
    return (Query(premise, conjunction((premise, negation(words.unknown))), (words,)),)
