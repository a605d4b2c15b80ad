"""`range_covers`: every function of the service is decided by one of the rules."""

from smcproof.refmodel.judge.decided_by import decided_otherwise
from smcproof.refmodel.judge.parameter import name
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import identifier, is_function_of, plain
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A plain call of a function of the service, on any conduit."""
    step, policy = trial.step, trial.policy
    return (
        isinstance(step, Step)
        and plain(policy, step.call)
        and is_function_of(
            policy.vocabulary(name(trial.claim, "service")), identifier(policy, step.call)
        )
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call that neither one of the rules nor a rule of a layer named decides."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial):
        return None
    return decided_otherwise(trial.policy, trial.claim, step)
