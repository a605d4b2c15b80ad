"""A call with a non-zero immediate reaches nobody and does not succeed."""

from smcproof.checker.symbolic.factory import conjunction, constant, disjunction, equal
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.call import Conduit


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    listed = context.claim.argument("conduits")
    names = listed if isinstance(listed, tuple) else ()
    over = disjunction(
        equal(context.call.conduit, constant(int(conduit), 2))
        for conduit in Conduit
        if str(conduit) in names
    )
    premise = conjunction((over, words.visible_imm_not_zero))
    leaves = disjunction(send.present for send in words.step.sends)
    return (
        Query(premise, conjunction((premise, disjunction((leaves, words.may_succeed)))), (words,)),
    )
