"""`twin_consistency`: both widths of a function get the same kind of answer."""

from dataclasses import replace

from smcproof.refmodel.judge.same_answer import different_kind
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import identifier, plain
from smcproof.spec.call import Call
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step


def partners(policy: CorePolicy, call: Call) -> tuple[Call, ...]:
    """The SMC64 forms of a plain AArch64 call in the SMC32 form whose arguments have zero upper
    halves."""
    geometry = policy.geometry
    if call.aarch32 or not plain(policy, call):
        return ()
    for number in range(1, geometry.arguments):
        if call.x[number] >> geometry.narrow_bits[number]:
            return ()
    canonical = identifier(policy, call)
    found: list[Call] = []
    for _, function in policy.functions_at(canonical):
        if function.smc32 == canonical and function.smc64 is not None:
            found.append(replace(call, x=(function.smc64, *call.x[1:])))
    return tuple(found)


def premise(trial: Trial) -> bool:
    """The call is the SMC32 one of such a pair; so a function in use has both forms."""
    return isinstance(trial.step, Step) and bool(partners(trial.policy, trial.step.call))


def judge(trial: Trial) -> Finding | None:
    """The two forms get different kinds."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step):
        return None
    for partner in partners(policy, step.call):
        found = different_kind(policy, step, trial.again(partner))
        if found is not None:
            return Finding(f"{partner.x[0]:#x} as {step.call.x[0]:#x}: {found.first}", found.second)
    return None
