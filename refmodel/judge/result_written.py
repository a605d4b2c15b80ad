"""`result_written`: every completed call writes x0."""

from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.refmodel.judge.words import completed
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A call completes."""
    return isinstance(trial.step, Step) and completed(trial.step)


def judge(trial: Trial) -> Finding | None:
    """A completed call that does not write x0; a handler without clauses leaves that open."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial):
        return None
    expected = "a completed call writes x0"
    if 0 in step.may_write:
        return Finding(
            expected, f"handler `{step.handler}` does not say that it writes x0", undecided=True
        )
    if all(number != 0 for number, _ in step.written):
        return Finding(expected, f"{shown_decider(step)} completes it without writing x0")
    return None
