"""Every completed call writes x0."""

from smcproof.checker.symbolic.factory import conjunction, negation
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    vague = words.step.may_write(0)
    unwritten = conjunction((words.completed, negation(words.step.written(0)), negation(vague)))
    return (
        Query(
            words.completed,
            unwritten,
            (words,),
            undecided=conjunction((words.completed, vague)),
            reason="contract: a handler without clauses may leave x0 unwritten",
        ),
    )
