"""What a judge is asked and what it answers: one step of a policy, and what is wrong with it
[PROPERTY-VERDICT]."""

from collections.abc import Callable
from dataclasses import dataclass

from smcproof.spec.call import Call
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import EventStep, Step


@dataclass(frozen=True)
class Trial:
    """``step`` is judged by ``claim``; its free registers have chosen values where whoever made it
    fixed them. ``again`` gives the record of another call in the same state, with the same
    callee's answer and the same choices. ``other`` is the same call once more with other leaked
    values, where somebody made such a run."""

    policy: CorePolicy
    claim: Claim
    step: Step | EventStep
    again: Callable[[Call], Step]
    other: Step | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: ``expected`` and ``actual`` in words, ``send`` the index of the SMC at fault,
    if one is. ``undecided`` findings are no violations: the contract or an unknown size leaves the
    answer open, which makes the verdict UNKNOWN."""

    expected: str
    actual: str
    send: int | None = None
    undecided: bool = False
