"""`never_panics`: no call and no event makes the dispatcher panic."""

from smcproof.refmodel.judge.exemption import emitted
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.spec.record import Step


def premise(_: Trial) -> bool:
    """Any call or event."""
    return True


def judge(trial: Trial) -> Finding | None:
    """A call or event whose outcome is `panic`."""
    step = trial.step
    if isinstance(step, Step):
        if step.effective == "panic":
            return Finding("the dispatcher goes on", f"{shown_decider(step)} panics")
        return next((found for event in emitted(trial) if (found := judge(event))), None)
    return Finding("the dispatcher goes on", f"`{step.clause}` panics") if step.panicked else None
