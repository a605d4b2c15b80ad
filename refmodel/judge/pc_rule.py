"""`pc_rule`: the caller resumes where the outcome says, as hardware would have it."""

from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """A call answered by `undef` with ELR past the call."""
    step = trial.step
    if not isinstance(step, Step) or step.exception is None or not step.exception.after:
        return None
    return Finding(
        "an Undefined exception has ELR at the call", f"{shown_decider(step)} puts ELR past it"
    )
