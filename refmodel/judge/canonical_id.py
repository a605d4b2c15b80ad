"""`canonical_id`: a decision depends on the canonical identifier only."""

from dataclasses import replace

from smcproof.refmodel.judge.same_answer import difference
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import identifier, refused
from smcproof.spec.call import Call
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.word import truncate


def _with_x0(call: Call, x0: int) -> Call:
    return replace(call, x=(x0, *call.x[1:]))


def partners(policy: CorePolicy, call: Call) -> tuple[Call, ...]:
    """The call with x0 replaced by w0, and by canon(x0)."""
    word = truncate(call.x[0], policy.geometry.id_bits)
    return _with_x0(call, word), _with_x0(call, identifier(policy, call))


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """A call that does not get the same answer as with x0 replaced by w0; or that is not refused
    and does not get the same answer as with x0 replaced by canon(x0)."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step):
        return None
    clean, canonical = partners(policy, step.call)
    tried = [clean] if refused(policy, step) else [clean, canonical]
    for partner in tried:
        if partner == step.call:
            continue
        found = difference(policy, trial.again(partner), step)
        if found is not None:
            expected = f"as with x0 = {partner.x[0]:#x}: {found.first}"
            return Finding(expected, found.second, found.send)
    return None
