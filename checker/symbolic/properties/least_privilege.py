"""Every ``allow`` is used by some call (existential)."""

from smcproof.checker.symbolic.compiler import SymbolicFrame, condition
from smcproof.checker.symbolic.env import canonical
from smcproof.checker.symbolic.factory import FALSE, Truth, conjunction, disjunction, member
from smcproof.checker.symbolic.properties.leaving import covers
from smcproof.checker.symbolic.query import Context, Goal
from smcproof.spec.core import Allow
from smcproof.spec.goals import allow_labels


def goals(context: Context) -> tuple[Goal, ...]:
    found: list[Goal] = []
    labels = allow_labels(context.policy)
    for label, allow in zip(labels, context.policy.allows, strict=True):
        if allow.hypervisor:
            found.extend(_events(context, allow, label))
            continue
        words = context.words
        used = disjunction(covers(context, allow, words, send) for send in words.step.sends)
        found.append(Goal(label, used, (words,)))
    return tuple(found)


def _events(context: Context, allow: Allow, label: str) -> list[Goal]:
    """One alternative for each event that has clauses; any of them will do."""
    found: list[Goal] = []
    for event in context.events():
        used: list[Truth] = []
        for leaf in event.leaves:
            sent = event.sent(leaf)
            if sent is None:
                continue
            frame = SymbolicFrame(
                context.policy, event.state, None, event.parameters, sent=sent,
                side=event.constraints,
            )  # fmt: skip
            canon = canonical(sent[0], context.policy.geometry)
            used.append(
                conjunction(
                    (
                        leaf.condition,
                        event.reaches(sent)[allow.callee],
                        member(canon, allow.ids),
                        condition(allow.guard, frame),
                    )
                )
            )
        found.append(Goal(label, disjunction(used), event=event))
    return found or [Goal(label, FALSE, (context.words,))]
