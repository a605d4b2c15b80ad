"""`check_width`: upper halves of SMC32 arguments change nothing."""

from dataclasses import replace

from smcproof.refmodel.judge.same_answer import difference
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import identifier, is_smc64
from smcproof.spec.call import Call
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.word import truncate


def partners(policy: CorePolicy, call: Call) -> tuple[Call, ...]:
    """The call with the upper halves of its argument registers cleared, if canon(x0) has its smc64
    bit clear."""
    geometry = policy.geometry
    if is_smc64(policy, identifier(policy, call)):
        return ()
    cleared = tuple(
        truncate(value, geometry.narrow_bits[number]) if 1 <= number < geometry.arguments else value
        for number, value in enumerate(call.x)
    )
    return (replace(call, x=cleared),)


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """A call whose canon(x0) has its smc64 bit clear and that does not get the same answer, at
    narrow width, with the halves cleared."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step):
        return None
    for partner in partners(policy, step.call):
        if partner == step.call:
            continue
        found = difference(policy, trial.again(partner), step, narrow=True)
        if found is not None:
            return Finding(
                f"as with the upper halves of x1 to x{policy.geometry.arguments - 1} cleared: "
                f"{found.first}",
                found.second,
                found.send,
            )
    return None
