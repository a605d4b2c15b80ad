"""A call whose condition failed is skipped."""

from smcproof.checker.symbolic.factory import conjunction, negation
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    failed = negation(context.call.condition_passed)
    skipped = words.step.where(outcome="skip")
    return (Query(failed, conjunction((failed, negation(skipped))), (words,)),)
