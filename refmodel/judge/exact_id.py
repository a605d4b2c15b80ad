"""`exact_id`: identifiers in the span of a service in use that name no function are unknown."""

from smcproof.refmodel.judge.kind import kind
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.words import identifier, names_function, unknown, well_formed
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.smccc import field


def spanning_service(policy: CorePolicy, canonical: int) -> str | None:
    """The first service whose span lists the identifier's owner and number; width and must-be-zero
    bits do not matter, nor does the fast bit unless the span is of fast calls only."""
    geometry = policy.geometry
    owner, number = field(canonical, geometry.owner), field(canonical, geometry.number)
    fast = field(canonical, geometry.fast) == 1
    for vocabulary in policy.vocabularies:
        for part in vocabulary.span:
            if part.owner == owner and number in part.numbers and (fast or not part.fast_only):
                return vocabulary.name
    return None


def premise(trial: Trial) -> bool:
    """A well-formed call with canon(x0) in a span and naming no function in use."""
    step = trial.step
    if not isinstance(step, Step) or not well_formed(step.call):
        return False
    canonical = identifier(trial.policy, step.call)
    return (
        not names_function(trial.policy, canonical)
        and spanning_service(trial.policy, canonical) is not None
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call that is not unknown."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial) or unknown(trial.policy, step):
        return None
    canonical = identifier(trial.policy, step.call)
    service = spanning_service(trial.policy, canonical)
    return Finding(
        f"{canonical:#x} is unknown: it names no function, and lies in the span of `{service}`",
        str(kind(trial.policy, step)),
    )
