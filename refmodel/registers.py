"""What registers hold after a map, and who receives what leaves [EVAL-LOOSE] [DISPATCH-ROUTING]."""

from collections.abc import Callable
from dataclasses import replace

from smcproof.refmodel.evaluator import Frame, evaluate
from smcproof.refmodel.memory import regions
from smcproof.spec import smccc
from smcproof.spec.core import Free, Registers, Source
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Leaked, Loose, Sent, Value, exact
from smcproof.spec.word import mask

Choose = Callable[[str, int, Loose | Leaked], int]
"""Picks a value for a free register: the place (``sent.N`` or ``written``), the register, the
set."""


def route(policy: CorePolicy, x0: int) -> str:
    """The callee that an SMC with this x0 reaches [DISPATCH-ROUTING]."""
    key = smccc.routing_key(x0, policy.geometry)
    for entry in policy.routes:
        if entry.low <= key <= entry.high:
            return entry.callee
    return "unclaimed"


def send(
    policy: CorePolicy, frame: Frame, sent: Registers, place: str, choose: Choose | None
) -> Sent:
    values = tuple(value for _, value in register_values(policy, frame, sent, place, choose))
    first = values[0]
    if isinstance(first, Loose) and first.chosen is None:
        return Sent(route(policy, first.allowed.least), values)
    return Sent(route(policy, exact(first)), values)


def register_values(
    policy: CorePolicy, frame: Frame, registers: Registers, place: str, choose: Choose | None
) -> tuple[tuple[int, Value], ...]:
    return tuple(
        (number, _value(policy, frame, number, source, place, choose))
        for number, source in registers
    )


def _value(
    policy: CorePolicy,
    frame: Frame,
    number: int,
    source: Source,
    place: str,
    choose: Choose | None,
) -> Value:
    """A register's value, or the set it may come from [EVAL-LOOSE]."""
    if not isinstance(source, Free):
        return evaluate(source, frame)
    value: Loose | Leaked
    value = Leaked() if source.leaked else Loose(allowed_values(policy, frame, number, source))
    if choose is None:
        return value
    picked = choose(place, number, value)
    if isinstance(value, Loose) and picked not in value.allowed:
        raise ValueError(f"{picked:#x} is not a value that {place} x{number} may hold")
    return replace(value, chosen=picked)


def allowed_values(policy: CorePolicy, frame: Frame, number: int, source: Free) -> IntervalSet:
    """The values of a loose register; a set that comes out empty allows every value
    [EVAL-LOOSE-EMPTY]."""
    everything = IntervalSet(((0, mask(policy.geometry.register_bits[number])),))
    parts = [(evaluate(low, frame), evaluate(high, frame)) for low, high in source.intervals]
    if source.space is not None and frame.call is not None:
        parts.extend(regions(policy, frame.call.caller, source.space))
    allowed = IntervalSet.of(parts) & everything
    return allowed if allowed else everything
