"""No power function reaches a callee."""

from smcproof.checker.symbolic.factory import conjunction, disjunction, member
from smcproof.checker.symbolic.properties.leaving import canon_sent
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.interval import IntervalSet


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    excepted = context.claim.argument("except")
    listed = IntervalSet()
    for vocabulary in context.policy.vocabularies:
        if vocabulary.name == "psci":
            for function in vocabulary.functions:
                if function.power:
                    listed = listed | function.ids
    if isinstance(excepted, IntervalSet):
        listed = listed - excepted
    violation = disjunction(
        conjunction((send.present, member(canon_sent(words, send), listed)))
        for send in words.step.sends
    )
    return (Query(words.identifier_in(listed), violation, (words,)),)
