"""`reserved_ids`: the identifiers are decided by the named rules only."""

from smcproof.refmodel.judge.decided_by import decided_otherwise
from smcproof.refmodel.judge.parameter import members
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import identifier, well_formed
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A well-formed call with canon(x0) among the identifiers."""
    step = trial.step
    return (
        isinstance(step, Step)
        and well_formed(step.call)
        and identifier(trial.policy, step.call) in members(trial.claim, "ids")
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call that neither one of the rules nor a rule of a layer named decides."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial):
        return None
    return decided_otherwise(trial.policy, trial.claim, step)
