"""`fail_closed`: what is refused or unknown returns no success code."""

from smcproof.refmodel.judge.halves import low_parts
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown
from smcproof.refmodel.judge.words import (
    answered_here,
    identifier,
    names_function,
    refused,
    service,
    stopped,
    well_formed,
    width,
    written,
)
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step
from smcproof.spec.word import truncate


def premise(trial: Trial) -> bool:
    """A well-formed call that names no function in use, or that is refused."""
    step, policy = trial.step, trial.policy
    return (
        isinstance(step, Step)
        and well_formed(step.call)
        and (not names_function(policy, identifier(policy, step.call)) or refused(policy, step))
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call, answered here or stopped, that writes x0 with what may, at its width, be a
    success code of its service's form."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step) or not premise(trial):
        return None
    if not answered_here(step) and not stopped(step):
        return None
    values = written(policy, step, 0)
    if values is None:
        return None
    bits = width(policy, step.call)
    owned = service(policy, identifier(policy, step.call))
    successes = IntervalSet.points(truncate(code, bits) for code in owned.form.success)
    found = low_parts(values, bits) & successes
    if not found:
        return None
    what = "is refused" if refused(policy, step) else "names no function"
    return Finding(
        f"a call that {what} returns no success code of `{owned.service}`",
        f"x0 comes back as {shown(found)} at {bits} bits",
    )
