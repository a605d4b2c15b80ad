"""The kind of an answer: outcome, callee or handler, and class [PROPERTY-KIND]."""

from dataclasses import dataclass

from smcproof.refmodel.judge.words import refused, unknown
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step


@dataclass(frozen=True, slots=True)
class Kind:
    """``party`` is the callee that a forward reached, or the handler of handle and deliver;
    ``manner`` is unknown, refused or other."""

    outcome: str
    party: str | None
    manner: str

    def __str__(self) -> str:
        shown = self.outcome
        if self.party is not None:
            shown += f" {'to ' if self.outcome == 'forward' else ''}`{self.party}`"
        return shown if self.manner == "other" else f"{shown}, {self.manner}"


def kind(policy: CorePolicy, step: Step) -> Kind:
    """The kind of one step; what a callee answers does not count."""
    party = step.handler if step.outcome in ("handle", "deliver") else None
    if step.outcome == "forward":
        party = step.sends[0].callee
    if step.effective == "forward":
        manner = "other"
    elif unknown(policy, step):
        manner = "unknown"
    else:
        manner = "refused" if refused(policy, step) else "other"
    return Kind(step.outcome, party, manner)
