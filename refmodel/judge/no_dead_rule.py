"""`no_dead_rule`: every rule decides some call."""

from smcproof.refmodel.judge.trial import Trial
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.goals import goal_labels
from smcproof.spec.record import Step


def goals(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """The rules of all layers, `otherwise` apart."""
    return goal_labels(policy, claim)


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def witnesses(trial: Trial) -> frozenset[str]:
    """The rules that matched: one a layer, down to the one whose outcome is not `pass`."""
    step = trial.step
    if not isinstance(step, Step):
        return frozenset()
    matched = {entry.rule for entry in step.tried if entry.failed is None}
    return frozenset(matched & set(goals(trial.policy, trial.claim)))
