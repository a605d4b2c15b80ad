"""`least_privilege`: every `allow` is used by some call, or by some event if the hypervisor has
it."""

from collections import Counter

from smcproof.refmodel.judge.allowing import covers
from smcproof.refmodel.judge.exemption import emitted
from smcproof.refmodel.judge.leaving import leaving
from smcproof.refmodel.judge.trial import Trial
from smcproof.spec.core import Allow
from smcproof.spec.core_policy import Claim, CorePolicy


def _label(policy: CorePolicy, allow: Allow, *, exact: bool) -> str:
    head = " ".join(allow.span.text.partition(":")[0].split())
    place = f"line {allow.span.line}"
    if allow.span.source != policy.source:
        place = f"{allow.span.source.path} {place}"
    return f"{head} ({place}, column {allow.span.column})" if exact else f"{head} ({place})"


def goals(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """One goal an `allow`, by its text and place."""
    brief = [_label(policy, allow, exact=False) for allow in policy.allows]
    often = Counter(brief)
    return tuple(
        label if often[label] == 1 else _label(policy, allow, exact=True)
        for label, allow in zip(brief, policy.allows, strict=True)
    )


def premise(trial: Trial) -> bool:
    """Any call or event."""
    return True


def witnesses(trial: Trial) -> frozenset[str]:
    """The `allow`s that cover an SMC of this call or event."""
    policy, step = trial.policy, trial.step
    found = {
        label
        for label, allow in zip(goals(policy, trial.claim), policy.allows, strict=True)
        for sent in leaving(policy, step)
        if covers(policy, allow, step, sent)
    }
    return frozenset(found).union(*(witnesses(event) for event in emitted(trial)))
