"""Which SMCs an `allow` covers, over what leaves: its issuer, callee, identifiers and guard."""

from dataclasses import dataclass

from smcproof.refmodel.evaluator import Frame, holds
from smcproof.refmodel.judge.halves import canonical_image
from smcproof.refmodel.judge.leaving import Leaving
from smcproof.refmodel.judge.valuation import valuations
from smcproof.spec.core import Allow
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import EventStep, Step, possible


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Identifiers that some SMC leaves with and no `allow` covers. ``decided`` is False where too
    many values are possible to say and none was chosen."""

    ids: IntervalSet
    decided: bool = True


def frame_of(policy: CorePolicy, step: Step | EventStep, sent: Leaving) -> Frame:
    """What the guard of an `allow` reads: the state before, what entered and what left."""
    call = step.call if isinstance(step, Step) else None
    arguments = () if isinstance(step, Step) else step.arguments
    return Frame(
        policy,
        step.before,
        call,
        arguments,
        sent=sent.sent.registers,
        reached=sent.callee,
    )


def speaks_of(allow: Allow, step: Step | EventStep, sent: Leaving) -> bool:
    """Whether the `allow` is for the issuer and the callee of an SMC."""
    if allow.callee != sent.callee:
        return False
    return step.call.caller in allow.issuers if isinstance(step, Step) else allow.hypervisor


def _sent_ids(frame: Frame) -> IntervalSet:
    """canon(x0) in one valuation; x0 may still be free there if no guard reads it."""
    geometry = frame.policy.geometry
    assert frame.sent is not None
    return canonical_image(possible(frame.sent[0], geometry.register_bits[0]), geometry)


def uncovered(policy: CorePolicy, step: Step | EventStep, sent: Leaving) -> Uncovered | None:
    """What of an SMC no `allow` covers, over every value of its free registers; None if all of it
    is covered."""
    candidates = [allow for allow in policy.allows if speaks_of(allow, step, sent)]
    named = IntervalSet()
    for allow in candidates:
        named = named | allow.ids
    if not sent.ids.issubset(named):
        return Uncovered(sent.ids - named)
    runs = valuations(
        frame_of(policy, step, sent),
        [allow.guard for allow in candidates if allow.ids & sent.ids],
    )
    for run in runs:
        rest = _sent_ids(run)
        for allow in candidates:
            if rest & allow.ids and holds(allow.guard, run):
                rest = rest - allow.ids
        if rest:
            return Uncovered(rest)
    return None if runs else Uncovered(sent.ids, decided=False)


def covers(policy: CorePolicy, allow: Allow, step: Step | EventStep, sent: Leaving) -> bool:
    """Whether the SMC, with some of the values that its free registers may have, is one that the
    `allow` covers."""
    if not speaks_of(allow, step, sent) or not sent.ids & allow.ids:
        return False
    runs = valuations(frame_of(policy, step, sent), [allow.guard])
    return any(_sent_ids(run) & allow.ids and holds(allow.guard, run) for run in runs)
