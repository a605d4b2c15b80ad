"""While the condition holds the monitor gets every call of the domain untouched."""

from smcproof.checker.symbolic.answers import variables_differ
from smcproof.checker.symbolic.compiler import condition
from smcproof.checker.symbolic.factory import Truth, conjunction, disjunction, member, negation
from smcproof.checker.symbolic.query import Context, Query
from smcproof.spec.core import TRUE
from smcproof.spec.core_walk import EXPRESSIONS
from smcproof.spec.interval import IntervalSet


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    step = words.step
    members = context.claim.argument("domain")
    guard = context.claim.argument("when")
    handler = str(context.claim.argument("handler"))
    assert isinstance(members, IntervalSet)
    holds = condition(guard if isinstance(guard, EXPRESSIONS) else TRUE, step.frame)
    premise = conjunction((member(context.call.caller, members), holds))
    delivered = disjunction(
        leaf.condition
        for leaf in step.leaves
        if leaf.deliver is not None and leaf.deliver.handler == handler and not leaf.deliver.after
    )
    touched: list[Truth] = [negation(delivered)]
    touched.extend(step.write_mask())
    touched.extend(send.present for send in step.sends)
    touched.append(variables_differ(context.policy, step.state, step.after))
    return (Query(premise, conjunction((premise, disjunction(touched))), (words,)),)
