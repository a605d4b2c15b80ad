"""`scalar_in_range`: scalar arguments outside their limits are refused."""

from collections.abc import Iterator

from smcproof.refmodel.judge.address import is_wide, value
from smcproof.refmodel.judge.kind import kind
from smcproof.refmodel.judge.parameter import name
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown
from smcproof.refmodel.judge.words import identifier, refused, well_formed
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step


def _limited(trial: Trial) -> Iterator[tuple[str, int, IntervalSet]]:
    """The arguments with limits that a well-formed call of the service passes: name, value at the
    width of the form called, limits of that form."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step) or not well_formed(step.call):
        return
    canonical = identifier(policy, step.call)
    for function in policy.vocabulary(name(trial.claim, "service")).functions:
        if canonical not in function.ids:
            continue
        wide = is_wide(function, canonical)
        for argument in function.arguments:
            limits = argument.limits if wide else argument.limits32
            if limits is not None:
                passed = value(policy.geometry, step.call.x, argument, wide=wide)
                yield f"`{argument.name}` of `{function.name}`", passed, limits


def premise(trial: Trial) -> bool:
    """A well-formed call of a function of the service with an argument that has limits."""
    return any(True for _ in _limited(trial))


def judge(trial: Trial) -> Finding | None:
    """Such a call with the argument outside its limits that is not refused."""
    step = trial.step
    if not isinstance(step, Step) or refused(trial.policy, step):
        return None
    for shown_name, passed, limits in _limited(trial):
        if passed not in limits:
            return Finding(
                f"{shown_name} outside {shown(limits)} is refused",
                f"with {passed:#x}: {kind(trial.policy, step)}",
            )
    return None
