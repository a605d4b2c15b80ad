"""`cpu_targets_own`: CPU targets that leave are the caller's vCPUs."""

from smcproof.refmodel.judge.address import is_wide, outside, read
from smcproof.refmodel.judge.functions_sent import passed
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """An SMC by a domain leaves as a function in use that has a CPU argument."""
    return any(True for _ in passed(trial.policy, trial.step, "cpu"))


def judge(trial: Trial) -> Finding | None:
    """Such an SMC where that argument is not the affinity of one of the caller's vCPUs."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step):
        return None
    caller = step.call.caller
    own = IntervalSet.points(policy.block_of(caller).vcpus)
    for entry in passed(policy, step, "cpu"):
        wide = is_wide(entry.function, entry.canonical)
        target = read(policy.geometry, entry.sent.sent.registers, entry.argument, wide=wide)
        found = target.least_in(outside(policy, own))
        if found is not None:
            return Finding(
                f"{entry.shown} is the affinity of a vCPU of `{policy.domain_name(caller)}`",
                f"it leaves as {found:#x}",
                entry.sent.index,
            )
    return None
