"""The user's own statements over single calls: ``always`` and ``reachable``."""

from collections.abc import Iterator

from smcproof.checker.symbolic.compiler import SymbolicFrame, condition
from smcproof.checker.symbolic.dispatcher import SymbolicSend
from smcproof.checker.symbolic.factory import (
    TRUE,
    Truth,
    choose_bits,
    conjunction,
    constant,
    disjunction,
    negation,
)
from smcproof.checker.symbolic.properties.leaving import sent_terms
from smcproof.checker.symbolic.query import Context, Goal, Query
from smcproof.checker.symbolic.words import Words


def _cases(context: Context, words: Words) -> Iterator[tuple[Truth, Truth]]:
    """For each SMC that leaves, and for a call that sends none: when, and the statement then."""
    step = words.step
    nothing = negation(disjunction(send.present for send in step.sends))
    yield nothing, _statement(context, words, None)
    for send in step.sends:
        yield send.present, _statement(context, words, send)


def _statement(context: Context, words: Words, send: SymbolicSend | None) -> Truth:
    step = words.step
    facts = words.facts()
    reached: dict[str, Truth] = {}
    if send is not None:
        reached = send.reaches
        for callee, here in send.reaches.items():
            facts["reaches", callee] = here
    forwarded = step.where(effective="forward")
    frame = SymbolicFrame(
        context.policy,
        step.state,
        step.call,
        sent=None if send is None else sent_terms(send),
        answer=tuple(
            choose_bits(forwarded, term, constant(0, term.size())) for term in step.answer
        ),
        reached={name: conjunction((forwarded, here)) for name, here in reached.items()},
        after=step.after,
        registers=tuple(
            step.register(index).term for index in range(context.policy.geometry.registers)
        ),
        pc=step.pc,
        facts=facts,
        side=step.constraints,
    )
    assert context.claim.statement is not None
    return condition(context.claim.statement, frame)


def queries(context: Context) -> tuple[Query, ...]:
    words = context.words
    violated = disjunction(
        conjunction((when, negation(statement))) for when, statement in _cases(context, words)
    )
    return (Query(TRUE, violated, (words,)),)


def goals(context: Context) -> tuple[Goal, ...]:
    words = context.words
    met = disjunction(conjunction((when, statement)) for when, statement in _cases(context, words))
    return (Goal(context.claim.label or context.claim.title, met, (words,)),)
