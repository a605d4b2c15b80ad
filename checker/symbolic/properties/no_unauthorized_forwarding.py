"""Every SMC that leaves, from any issuer, is covered by an ``allow``."""

from smcproof.checker.symbolic.compiler import SymbolicFrame, condition
from smcproof.checker.symbolic.env import canonical
from smcproof.checker.symbolic.events import SymbolicEvent
from smcproof.checker.symbolic.factory import conjunction, disjunction, member, negation
from smcproof.checker.symbolic.properties.leaving import covers
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    leaves, uncovered = [], []
    for send in words.step.sends:
        leaves.append(send.present)
        covered = disjunction(
            covers(context, allow, words, send)
            for allow in context.policy.allows
            if not allow.hypervisor
        )
        uncovered.append(conjunction((send.present, negation(covered))))
    calls = Query(disjunction(leaves), disjunction(uncovered), (words,))
    return (calls, *(_event(context, event) for event in context.events()))


def _event(context: Context, event: SymbolicEvent) -> Query:
    leaves, uncovered, ids = [], [], []
    for leaf in event.leaves:
        sent = event.sent(leaf)
        if sent is None:
            continue
        frame = SymbolicFrame(
            context.policy, event.state, None, event.parameters, sent=sent, side=event.constraints
        )
        canon = canonical(sent[0], context.policy.geometry)
        covered = disjunction(
            conjunction(
                (
                    event.reaches(sent)[allow.callee],
                    member(canon, allow.ids),
                    condition(allow.guard, frame),
                )
            )
            for allow in context.policy.allows
            if allow.hypervisor
        )
        leaves.append(leaf.condition)
        uncovered.append(conjunction((leaf.condition, negation(covered))))
        ids.append(sent[0])
    return Query(disjunction(leaves), disjunction(uncovered), event=event, issued_ids=tuple(ids))
