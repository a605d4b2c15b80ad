"""Results that are computed from a register that left with a leaked value: the caller's registers
over every value that may have leaked."""

from dataclasses import dataclass, replace

from smcproof.refmodel.effects import apply_effects
from smcproof.refmodel.evaluator import Frame, evaluate
from smcproof.refmodel.judge.valuation import registers_read, valuations
from smcproof.spec.core import Bank, Expr, Forward, Free, Rule
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import source_expressions
from smcproof.spec.record import Leaked, Step, exact
from smcproof.spec.word import truncate


@dataclass(frozen=True, slots=True)
class Dependence:
    """The caller's register ``number`` is computed from a leaked one; ``decided`` if two of its
    values were found, not only possible."""

    number: int
    decided: bool


def deciding_rule(policy: CorePolicy, step: Step) -> Rule:
    """The rule, or the clause of its handler, that decided the step."""
    if step.handler is not None and step.clause is not None:
        clauses = policy.handler(step.handler).clauses or ()
        return next(clause for clause in clauses if clause.name == step.clause)
    layer = next(layer for layer in policy.layers if layer.name == step.layer)
    return next(rule for rule in layer.rules if rule.name == step.rule)


def dependences(policy: CorePolicy, step: Step) -> tuple[Dependence, ...]:
    """The results of a forward that depend on what leaked into the SMC, at the width at which the
    caller sees them."""
    rule = deciding_rule(policy, step)
    if not isinstance(rule.outcome, Forward) or not step.sends:
        return ()
    entered = Frame(policy, step.before, step.call)
    sent = step.sends[0]
    frame = replace(
        entered,
        state=apply_effects(policy, step.before, rule.issuing, entered),
        sent=sent.registers,
        answer=step.answer,
        reached=sent.callee,
    )
    leaked = {
        (Bank.SENT, at) for at, value in enumerate(sent.registers) if isinstance(value, Leaked)
    }
    found: list[Dependence] = []
    for number, source in rule.outcome.results:
        read = registers_read(frame, source_expressions(source))
        if not read & leaked:
            continue
        values: set[int] = set()
        if not isinstance(source, Free):
            values = _values(policy, step, frame, number, source)
        if len(values) != 1:
            found.append(Dependence(number, decided=len(values) > 1))
    return tuple(found)


def _values(policy: CorePolicy, step: Step, frame: Frame, number: int, source: Expr) -> set[int]:
    """What the caller's register becomes with each leaked value; a loose register that is read has
    its chosen one. Nothing if too many values could leak."""
    assert frame.sent is not None
    geometry = policy.geometry
    bits = geometry.narrow_bits if step.call.aarch32 else geometry.register_bits
    read = registers_read(frame, (source,))
    sent = tuple(
        Leaked()
        if isinstance(value, Leaked)
        else (exact(value) if (Bank.SENT, at) in read else value)
        for at, value in enumerate(frame.sent)
    )
    return {
        truncate(evaluate(source, run), bits[number])
        for run in valuations(replace(frame, sent=sent), (source,))
    }
