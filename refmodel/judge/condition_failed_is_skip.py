"""`condition_failed_is_skip`: a call whose condition failed is skipped."""

from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A call whose condition failed arrives."""
    return isinstance(trial.step, Step) and not trial.step.call.condition_passed


def judge(trial: Trial) -> Finding | None:
    """Such a call with another outcome than `skip`."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial) or step.outcome == "skip":
        return None
    return Finding(
        "a call whose condition failed is skipped", f"{shown_decider(step)}: {step.outcome}"
    )
