"""`least_privilege`: every `allow` is used by some call, or by some event if the hypervisor has
it."""

from smcproof.refmodel.judge.allowing import covers
from smcproof.refmodel.judge.leaving import leaving
from smcproof.refmodel.judge.trial import Trial
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.goals import goal_labels


def goals(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """One goal an `allow`, in their order."""
    return goal_labels(policy, claim)


def premise(_: Trial) -> bool:
    """Any call or event."""
    return True


def witnesses(trial: Trial) -> frozenset[str]:
    """The `allow`s that cover an SMC of this call or event."""
    policy, step = trial.policy, trial.step
    return frozenset(
        label
        for label, allow in zip(goals(policy, trial.claim), policy.allows, strict=True)
        for sent in leaving(policy, step)
        if covers(policy, allow, step, sent)
    )
