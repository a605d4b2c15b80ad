"""`monitor_exclusive`: while the condition holds the monitor gets every call untouched."""

from smcproof.refmodel.evaluator import Frame, holds
from smcproof.refmodel.judge.parameter import condition, members, name
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A call of the domain in a state where the condition holds."""
    step = trial.step
    return (
        isinstance(step, Step)
        and step.call.caller in members(trial.claim, "domain")
        and holds(condition(trial.claim, "when"), Frame(trial.policy, step.before))
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call whose outcome is not `deliver` to the monitor, resuming at the call, or that
    writes a register, sends an SMC or changes state."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial):
        return None
    monitor = name(trial.claim, "handler")
    expected = f"the call is delivered to `{monitor}`, resuming at it, and nothing else changes"
    if step.outcome != "deliver" or step.handler != monitor:
        return Finding(expected, f"{shown_decider(step)}: {step.outcome}")
    if step.pc != 0:
        return Finding(expected, "the caller does not resume at the call")
    if step.written:
        return Finding(expected, f"x{step.written[0][0]} is written")
    if step.sends:
        return Finding(expected, f"an SMC reaches `{step.sends[0].callee}`", 0)
    if step.after != step.before:
        return Finding(expected, "state changes")
    return None
