"""`registers_preserved`: only result registers change."""

from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_decider
from smcproof.refmodel.judge.words import completed, identifier, service
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """Any call."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """A completed or delivered call that writes a register outside the result registers of its
    service; that a handler without clauses may write one leaves it open."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step) or not (completed(step) or step.outcome == "deliver"):
        return None
    owned = service(policy, identifier(policy, step.call))
    beyond = [number for number, _ in step.written if number not in owned.results]
    if not beyond:
        return None
    open_ones = all(number in step.may_write for number in beyond)
    results = ", ".join(f"x{number}" for number in owned.results)
    return Finding(
        f"a call of `{owned.service}` changes only {results}",
        f"handler `{step.handler}` may write x{beyond[0]}"
        if open_ones
        else f"{shown_decider(step)} writes x{beyond[0]}",
        undecided=open_ones,
    )
