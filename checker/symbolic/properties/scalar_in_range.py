"""Scalar arguments outside their limits are refused."""

from smcproof.checker.symbolic.factory import (
    Truth,
    conjunction,
    disjunction,
    member,
    negation,
)
from smcproof.checker.symbolic.properties.leaving import argument_term
from smcproof.checker.symbolic.query import Context, Query


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    service = context.policy.vocabulary(str(context.claim.argument("service")))
    premise: list[Truth] = []
    outside: list[Truth] = []
    for function in service.functions:
        for argument in function.arguments:
            if argument.limits is None or argument.limits32 is None:
                continue
            here = conjunction((words.well_formed, words.identifier_in(function.ids)))
            premise.append(here)
            value = argument_term(context, argument, context.call.x, words.smc64)
            legal = disjunction(
                (
                    conjunction((words.smc64, member(value, argument.limits))),
                    conjunction((negation(words.smc64), member(value, argument.limits32))),
                )
            )
            outside.append(conjunction((here, negation(legal))))
    violation = conjunction((disjunction(outside), negation(words.refused)))
    return (Query(disjunction(premise), violation, (words,)),)
