"""`conduit_parity`: SMC and HVC get the same decision and results."""

from dataclasses import replace

from smcproof.refmodel.judge.same_answer import (
    different_kind,
    different_results,
    different_sends,
)
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import well_formed
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step


def partners(policy: CorePolicy, call: Call) -> tuple[Call, ...]:
    """The same call over HVC of a well-formed one over SMC, where both arrive."""
    both = int(Conduit.SMC) in policy.conduits and int(Conduit.HVC) in policy.conduits
    if not both or call.conduit is not Conduit.SMC or not well_formed(call):
        return ()
    return (replace(call, conduit=Conduit.HVC, imm=0),)


def premise(trial: Trial) -> bool:
    """The call is the SMC of such a pair; so SMC and HVC arrive."""
    return isinstance(trial.step, Step) and bool(partners(trial.policy, trial.step.call))


def judge(trial: Trial) -> Finding | None:
    """The two get different kinds, registers sent or results."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step):
        return None
    for partner in partners(policy, step.call):
        other = trial.again(partner)
        found = (
            different_kind(policy, step, other)
            or different_sends(policy, step, other, whole_x0=True, narrow=False)
            or different_results(policy, step, other, narrow=False)
        )
        if found is not None:
            return Finding(f"over hvc as over smc: {found.first}", found.second, found.send)
    return None
