"""A refused call leaves the state unchanged."""

from smcproof.checker.symbolic.answers import variables_differ
from smcproof.checker.symbolic.factory import conjunction
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    step = words.step
    changed = variables_differ(context.policy, step.state, step.after)
    return (Query(words.refused, conjunction((words.refused, changed)), (words,)),)
