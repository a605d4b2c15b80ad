"""The reference dispatcher: what becomes of one call, by definition [DISPATCH-*].

Everything that an implementation could get wrong is a field of the ``Step`` that comes back. This
is the meaning that judges the other two; ``smcproof.refmodel.indexed`` is its fast twin.
"""

from dataclasses import dataclass, replace

from smcproof.refmodel.effects import apply_effects
from smcproof.refmodel.evaluator import Frame, evaluate
from smcproof.refmodel.machine import raise_event, stop_caller
from smcproof.refmodel.matching import NoRule, decide, first_match
from smcproof.refmodel.outcomes import CallerEffect, caller_effect, delivered
from smcproof.refmodel.registers import Choose, register_values, send
from smcproof.spec.call import Call
from smcproof.spec.core import Deliver, Forward, Free, Handle, Rule
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import EventStep, Sent, Step, Tried, Value
from smcproof.spec.state import MachineState


@dataclass(frozen=True, slots=True)
class _Decision:
    """The rule that decided and, where it hands the call to a contract, the clause that did."""

    layer: str
    rule: Rule
    handler: str | None
    clause: Rule | None

    @property
    def final(self) -> Rule:
        return self.rule if self.clause is None else self.clause


def dispatch(
    policy: CorePolicy,
    state: MachineState,
    call: Call,
    answer: tuple[int, ...] | None = None,
    choose: Choose | None = None,
) -> Step:
    """What becomes of ``call`` in ``state``. ``answer`` are the callee's results r0.. if the call is
    forwarded (None: zeros); ``choose`` fixes free registers. Raises ``NoRule``."""
    frame = Frame(policy, state, call)
    tried: list[Tried] = []
    decision = _decision(policy, frame, tried)
    final = decision.final
    effect = caller_effect(policy, frame, final.outcome, choose)
    if isinstance(decision.rule.outcome, Deliver):
        effect = delivered(decision.rule.outcome, effect, decision.clause is not None)
    sends = effect.sends + tuple(
        send(policy, frame, entry.sent, f"sent.{at}", choose)
        for at, entry in enumerate(final.sends, start=len(effect.sends))
    )
    issued = apply_effects(policy, state, final.issuing, frame)
    done = replace(frame, state=issued)
    answered: tuple[int, ...] | None = None
    if isinstance(final.outcome, Forward):
        answered = answer if answer is not None else (0,) * policy.geometry.registers
        left = effect.sends[0]
        done = replace(done, sent=left.registers, answer=answered, reached=left.callee)
    own = () if decision.clause is None else decision.clause.effects
    after = apply_effects(policy, issued, decision.rule.effects + own, done)
    if effect.word == "stop":
        after = stop_caller(policy, after, call, domain=effect.stops_domain)
    emitted, after = _emit(policy, after, final, frame, choose)
    may_write = _may_write(policy, decision)
    written = effect.written
    if may_write:
        written = tuple((number, Free()) for number in sorted(may_write))
    values = register_values(policy, done, written, "written", choose)
    return _step(frame, decision, effect, sends, answered, values, may_write, emitted, after, tried)


def _decision(policy: CorePolicy, frame: Frame, tried: list[Tried]) -> _Decision:
    layer, rule = decide(policy, frame, tried)
    if not isinstance(rule.outcome, (Handle, Deliver)):
        return _Decision(layer, rule, None, None)
    handler = policy.handler(rule.outcome.handler)
    if handler.clauses is None:
        return _Decision(layer, rule, handler.name, None)
    clause = first_match(handler.clauses, handler.name, frame, tried)
    if clause is None:
        raise NoRule(f"the contract `{handler.name}`", tuple(tried))
    return _Decision(layer, rule, handler.name, clause)


def _may_write(policy: CorePolicy, decision: _Decision) -> frozenset[int]:
    """A handler of which nothing is known may write the result registers [DISPATCH-HANDLER]."""
    if isinstance(decision.rule.outcome, Handle) and decision.clause is None:
        return frozenset(range(policy.geometry.results))
    return frozenset()


def _emit(
    policy: CorePolicy, state: MachineState, rule: Rule, frame: Frame, choose: Choose | None
) -> tuple[tuple[EventStep, ...], MachineState]:
    """The events that a clause emits, one after the other, after the call's own effects; their
    arguments are read as the call saw the state [STATE-EMIT]."""
    steps: list[EventStep] = []
    for emit in rule.emits:
        arguments = tuple(evaluate(argument, frame) for argument in emit.arguments)
        step = raise_event(policy, state, emit.event, arguments, None, choose)
        steps.append(step)
        state = step.after
    return tuple(steps), state


def _step(
    frame: Frame,
    decision: _Decision,
    effect: CallerEffect,
    sends: tuple[Sent, ...],
    answer: tuple[int, ...] | None,
    written: tuple[tuple[int, Value], ...],
    may_write: frozenset[int],
    emitted: tuple[EventStep, ...],
    after: MachineState,
    tried: list[Tried],
) -> Step:
    assert frame.call is not None
    registers: list[Value] = list(frame.call.x)
    for number, value in written:
        registers[number] = value
    outcome = decision.rule.outcome
    word = effect.word
    if isinstance(outcome, (Handle, Deliver)):
        word = "handle" if isinstance(outcome, Handle) else "deliver"
    return Step(
        call=frame.call,
        outcome=word,
        layer=decision.layer,
        rule=decision.rule.name,
        handler=decision.handler,
        clause=None if decision.clause is None else decision.clause.name,
        contract=None if decision.clause is None else effect.word,
        sends=sends,
        answer=answer,
        written=written,
        may_write=may_write,
        registers=tuple(registers),
        pc=effect.pc,
        target=effect.target,
        exception=effect.exception,
        stops_domain=effect.stops_domain,
        before=frame.state,
        after=after,
        emitted=emitted,
        tried=tuple(tried),
        span=decision.rule.span,
    )
