"""Outcomes by the table of [DISPATCH-OUTCOMES]: what each does to the caller."""

from dataclasses import dataclass, replace
from typing import assert_never

from smcproof.refmodel.evaluator import Frame, evaluate
from smcproof.refmodel.registers import Choose, send
from smcproof.spec.core import (
    Answer,
    Deliver,
    Forward,
    Handle,
    Leave,
    Outcome,
    Registers,
    Resume,
    Stop,
    Undefined,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Sent, Undef


@dataclass(frozen=True, slots=True)
class CallerEffect:
    """What an outcome does to the caller; ``written`` is still to be evaluated. ``pc`` is in bytes from
    the call instruction."""

    word: str
    written: Registers = ()
    sends: tuple[Sent, ...] = ()
    pc: int | None = None
    target: int | None = None
    exception: Undef | None = None
    stops_domain: bool = False


CALL_WIDTH = 4
"""Bytes of the call instruction: SMC and HVC have 4 in every state, SVC 4 in AArch64 [DISPATCH-PC]."""


def caller_effect(
    policy: CorePolicy,
    frame: Frame,
    outcome: Outcome,
    choose: Choose | None,
) -> CallerEffect:
    """One outcome, by the table of [DISPATCH-OUTCOMES]."""
    past = CALL_WIDTH
    match outcome:
        case Forward(sent=sent, results=results):
            left = send(policy, frame, sent, "sent.0", choose)
            return CallerEffect("forward", results, (left,), past)
        case Answer(written=written):
            return CallerEffect("return", written, pc=past)
        case Handle():
            return CallerEffect("handle", pc=past)
        case Deliver():
            return CallerEffect("deliver")
        case Undefined(after=after, vector=vector):
            return CallerEffect("undef", exception=Undef(after, vector))
        case Stop(domain=domain, written=written):
            return CallerEffect("stop", written, stops_domain=domain)
        case Resume(target=target, written=written):
            return CallerEffect("resume", written, target=evaluate(target, frame))
        case Leave(word="skip"):
            return CallerEffect("skip", pc=past)
        case Leave(word=word):
            return CallerEffect(word)
        case _:
            assert_never(outcome)


def delivered(outcome: Deliver, inner: CallerEffect, has_clause: bool) -> CallerEffect:
    """A delivered call resumes at or after it, unless the handler's clause ends it otherwise."""
    pc = CALL_WIDTH if outcome.after else 0
    if not has_clause:
        return CallerEffect("deliver", outcome.written, pc=pc)
    if inner.word in ("return", "forward", "handle"):
        own = dict(outcome.written)
        own.update(inner.written)
        return replace(inner, written=tuple(sorted(own.items())), pc=pc)
    return inner
