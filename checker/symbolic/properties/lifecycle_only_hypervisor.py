"""The callee's lifecycle calls come from the hypervisor."""

from smcproof.checker.symbolic.factory import conjunction, disjunction, member, truth
from smcproof.checker.symbolic.properties.leaving import canon_sent, reaching
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    callee = context.policy.callee(str(context.claim.argument("callee")))
    premise = conjunction((truth(bool(callee.lifecycle)), reaching(words, callee.name)))
    violation = disjunction(
        conjunction((send.reaches[callee.name], member(canon_sent(words, send), callee.lifecycle)))
        for send in words.step.sends
    )
    return (Query(premise, violation, (words,)),)
