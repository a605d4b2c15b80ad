"""What existential properties ask for, by label: one goal an ``allow``, one a rule, one a statement
[PROPERTY-EXISTENTIAL]."""

from collections import Counter

from smcproof.spec.core import Allow
from smcproof.spec.core_policy import Claim, CorePolicy


def goal_labels(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """The labels of a claim's goals, in the order of the text."""
    match claim.property:
        case "least_privilege":
            return allow_labels(policy)
        case "no_dead_rule":
            return tuple(rule.name for rule in policy.rules if not rule.is_otherwise)
        case _:
            return (claim.label or claim.title,)


def allow_labels(policy: CorePolicy) -> tuple[str, ...]:
    """One an ``allow``, in their order: its head and its line, with the column where two would be
    alike."""
    brief = [_label(policy, allow, exact=False) for allow in policy.allows]
    often = Counter(brief)
    return tuple(
        label if often[label] == 1 else _label(policy, allow, exact=True)
        for label, allow in zip(brief, policy.allows, strict=True)
    )


def _label(policy: CorePolicy, allow: Allow, *, exact: bool) -> str:
    head = " ".join(allow.span.text.partition(":")[0].split())
    place = f"line {allow.span.line}"
    if allow.span.source != policy.source:
        place = f"{allow.span.source.path} {place}"
    return f"{head} ({place}, column {allow.span.column})" if exact else f"{head} ({place})"
