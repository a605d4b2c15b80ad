"""`no_argument_leak`: what leaves does not depend on what the dispatcher left in registers."""

from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.spec.record import Leaked, Step


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """A register of an SMC that leaves holds a leaked value. Nothing else that leaves can depend on
    one: what is sent is computed from what entered and from state."""
    step = trial.step
    if not isinstance(step, Step):
        return None
    for index, sent in enumerate(step.sends):
        for number, value in enumerate(sent.registers):
            if isinstance(value, Leaked):
                return Finding(
                    "what leaves does not depend on what the dispatcher left in registers",
                    f"{shown_decider(step)} leaks into x{number}",
                    index,
                )
    return None
