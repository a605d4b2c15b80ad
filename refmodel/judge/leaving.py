"""SMCs that leave in a step, and by whom: the calling domain, or the hypervisor in an event. What a
contract emits sends nothing [DISPATCH-RECORD] [STATE-EMIT]."""

from collections.abc import Iterator
from dataclasses import dataclass

from smcproof.refmodel.judge.halves import canonical_image
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import EventStep, Sent, Step, possible


@dataclass(frozen=True, slots=True)
class Leaving:
    """The SMC at ``index`` of its step; ``ids`` are the canon(x0) that it may leave with."""

    index: int
    sent: Sent
    ids: IntervalSet

    @property
    def callee(self) -> str:
        return self.sent.callee


def identifiers(policy: CorePolicy, sent: Sent) -> IntervalSet:
    """canon(x0) as it leaves, for every value that x0 may have."""
    geometry = policy.geometry
    return canonical_image(possible(sent.registers[0], geometry.register_bits[0]), geometry)


def leaving(policy: CorePolicy, step: Step | EventStep) -> Iterator[Leaving]:
    """The step's own SMCs, in order: by its domain, or of an event by the hypervisor."""
    for index, sent in enumerate(step.sends):
        yield Leaving(index, sent, identifiers(policy, sent))


def by_domain(policy: CorePolicy, step: Step | EventStep) -> Iterator[Leaving]:
    """The SMCs that a domain makes."""
    if isinstance(step, Step):
        yield from leaving(policy, step)


def held(policy: CorePolicy, sent: Sent, number: int) -> IntervalSet:
    """What a register may hold as it leaves."""
    return possible(sent.registers[number], policy.geometry.register_bits[number])
