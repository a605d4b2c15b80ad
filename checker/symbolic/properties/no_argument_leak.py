"""What leaves does not depend on what the dispatcher left in registers."""

from smcproof.checker.symbolic.factory import TRUE, conjunction, differ, disjunction
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words, otherwise = context.words, context.leaking_otherwise()
    unlike = disjunction(
        conjunction((first.present, differ(one.term, other.term)))
        for first, second in zip(words.step.sends, otherwise.step.sends, strict=True)
        for one, other in zip(first.registers, second.registers, strict=True)
    )
    return (Query(TRUE, unlike, (words, otherwise)),)
