"""Results do not depend on what the dispatcher left in registers."""

from smcproof.checker.symbolic.factory import TRUE, conjunction, differ, disjunction, negation
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words, otherwise = context.words, context.leaking_otherwise()
    step = words.step
    ended = disjunction(
        leaf.condition for leaf in step.leaves if leaf.effective in ("stop", "panic", "never")
    )
    unlike = disjunction(
        differ(step.register(index).term, otherwise.step.register(index).term)
        for index in range(context.policy.geometry.registers)
    )
    return (Query(TRUE, conjunction((negation(ended), unlike)), (words, otherwise)),)
