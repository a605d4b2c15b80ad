"""The caller resumes where the outcome says."""

from smcproof.checker.symbolic.factory import TRUE, disjunction
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.core import Undefined


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    late = disjunction(
        leaf.condition
        for leaf in words.step.leaves
        if isinstance(leaf.final.outcome, Undefined) and leaf.final.outcome.after
    )
    return (Query(TRUE, late, (words,)),)
