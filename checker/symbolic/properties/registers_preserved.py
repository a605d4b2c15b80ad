"""Only result registers change."""

from smcproof.checker.symbolic.factory import TRUE, Truth, conjunction, disjunction
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    step = words.step
    resumes = disjunction((words.completed, step.where(outcome="deliver")))
    changed: list[Truth] = []
    for owned in context.policy.forms:
        outside = disjunction(
            step.written(index)
            for index in range(context.policy.geometry.registers)
            if index not in owned.results
        )
        changed.append(conjunction((words.identifier_in(owned.ids), outside)))
    return (Query(TRUE, conjunction((resumes, disjunction(changed))), (words,)),)
