"""What a claim's exceptions leave out [PROPERTY-EXCEPTION]."""

from collections.abc import Iterator
from dataclasses import replace

from smcproof.refmodel.judge.leaving import leaving
from smcproof.refmodel.judge.trial import Trial
from smcproof.refmodel.judge.words import identifier
from smcproof.spec.call import Call
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import EventStep, Step


def call_left_out(policy: CorePolicy, claim: Claim, call: Call) -> bool:
    """By canon(x0) as entered, by caller or by conduit."""
    for entry in claim.exemptions:
        if entry.ids is not None and identifier(policy, call) in entry.ids:
            return True
        if entry.callers is not None and call.caller in entry.callers:
            return True
        if entry.conduit is not None and entry.conduit == int(call.conduit):
            return True
    return False


def event_left_out(policy: CorePolicy, claim: Claim, step: EventStep) -> bool:
    """By canon(x0) as it leaves, whatever value it may have; an event that sends nothing never."""
    excepted = IntervalSet()
    for entry in claim.exemptions:
        excepted = excepted | (entry.ids or IntervalSet())
    sent = tuple(leaving(policy, step))
    return bool(sent) and all(smc.ids.issubset(excepted) for smc in sent)


def left_out(trial: Trial) -> bool:
    """Whether the step itself is left out."""
    if isinstance(trial.step, Step):
        return call_left_out(trial.policy, trial.claim, trial.step.call)
    return event_left_out(trial.policy, trial.claim, trial.step)


def emitted(trial: Trial) -> Iterator[Trial]:
    """The events that a call emitted, each to be judged like any other, but for those that are left
    out. An exception for the call does not leave them out."""
    if isinstance(trial.step, Step):
        for event in trial.step.emitted:
            inner = replace(trial, step=event)
            if not left_out(inner):
                yield inner
