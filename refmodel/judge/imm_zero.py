"""`imm_zero`: a call with a non-zero immediate reaches nobody and does not succeed."""

from smcproof.refmodel.judge.parameter import names
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import immediate, may_succeed
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A call over one of the conduits with a visible immediate other than 0."""
    step = trial.step
    return (
        isinstance(step, Step)
        and str(step.call.conduit) in names(trial.claim, "conduits")
        and immediate(step.call) != 0
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call that sends an SMC or may succeed."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial):
        return None
    expected = f"a call with immediate {step.call.imm:#x} reaches nobody and does not succeed"
    if step.sends:
        return Finding(expected, f"an SMC reaches `{step.sends[0].callee}`", 0)
    if may_succeed(trial.policy, step):
        return Finding(expected, "it may succeed")
    return None
