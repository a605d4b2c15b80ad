"""No call and no event makes the dispatcher panic."""

from smcproof.checker.symbolic.factory import TRUE
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    calls = Query(TRUE, words.step.where(effective="panic"), (words,))
    return (calls, *(Query(TRUE, event.panics(), event=event) for event in context.events()))
