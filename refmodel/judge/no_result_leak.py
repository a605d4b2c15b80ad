"""`no_result_leak`: results do not depend on what the dispatcher left in registers."""

from smcproof.refmodel.judge.leak import dependences
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.refmodel.judge.words import runs_again
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Leaked, Step
from smcproof.spec.word import truncate


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """A call after which the caller runs again and a register that it sees and that differs between
    two runs which differ only in what is leaked: it holds a leaked value, or is computed from
    one."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step) or not runs_again(step):
        return None
    expected = "what the caller sees does not depend on what the dispatcher left in registers"
    for number, value in step.written:
        if isinstance(value, Leaked):
            return Finding(expected, f"{shown_decider(step)} leaks into x{number}")
    if trial.other is not None:
        for number in _differing(policy, step, trial.other):
            return Finding(expected, f"x{number} differs between two runs")
    doubt: Finding | None = None
    for entry in dependences(policy, step):
        if entry.decided:
            return Finding(expected, f"x{entry.number} is computed from a leaked register")
        doubt = doubt or Finding(
            expected, f"x{entry.number} may depend on a leaked register", undecided=True
        )
    return doubt


def _differing(policy: CorePolicy, step: Step, other: Step) -> list[int]:
    """The registers whose values, as the caller sees them, are known in both runs and differ."""
    geometry = policy.geometry
    bits = geometry.narrow_bits if step.call.aarch32 else geometry.register_bits
    return [
        number
        for number, (one, two) in enumerate(zip(step.registers, other.registers, strict=True))
        if isinstance(one, int)
        and isinstance(two, int)
        and truncate(one, bits[number]) != truncate(two, bits[number])
    ]
