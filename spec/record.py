"""What happened in one step, as plain records: what the dispatcher returns, the judges read and the
difference test compares [DISPATCH-RECORD]."""

from dataclasses import dataclass
from typing import TypeAlias

from smcproof.spec.call import Call
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Span
from smcproof.spec.state import MachineState


@dataclass(frozen=True, slots=True)
class Loose:
    """A register that may hold any of ``allowed``; ``chosen`` is the value in this run, if one was
    picked."""

    allowed: IntervalSet
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class Leaked:
    """A register that holds what the dispatcher left there; ``chosen`` as for ``Loose``."""

    chosen: int | None = None


Value: TypeAlias = int | Loose | Leaked


@dataclass(frozen=True, slots=True)
class Sent:
    """An SMC that left: who received it and every register as it left."""

    callee: str
    registers: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule that was looked at: ``failed`` is the first conjunct that did not hold, None if the
    rule matched."""

    layer: str
    rule: str
    failed: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Undef:
    """An Undefined exception: ``after`` is ELR past the call; ``vector`` None is the architecture's."""

    after: bool
    vector: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One call and what became of it.

    ``outcome`` is forward, return, handle, deliver, undef, stop, resume, skip, panic or never;
    ``contract`` is what the handler's clause did, where a handler with clauses decided. ``answer``
    are the callee's results, if the call was forwarded. ``written`` are the registers that the
    caller sees changed (or set to the same value), ``registers`` all of them afterwards. ``pc`` is
    in bytes from the call instruction; None where the caller does not resume near it, then
    ``target`` may say where. ``may_write`` are registers that a contract without clauses allows to
    be written.
    """

    call: Call
    outcome: str
    layer: str
    rule: str
    handler: str | None
    clause: str | None
    contract: str | None
    sends: tuple[Sent, ...]
    answer: tuple[int, ...] | None
    written: tuple[tuple[int, Value], ...]
    may_write: frozenset[int]
    registers: tuple[Value, ...]
    pc: int | None
    target: int | None
    exception: Undef | None
    stops_domain: bool
    before: MachineState
    after: MachineState
    emitted: tuple["EventStep", ...]
    tried: tuple[Tried, ...]
    span: Span

    @property
    def effective(self) -> str:
        """The outcome as the caller meets it: the contract's, where a handler decided."""
        return self.contract if self.contract is not None else self.outcome


@dataclass(frozen=True, slots=True)
class EventStep:
    """One event, what the hypervisor sent for it and the state after. ``clause`` is None where no
    clause matched."""

    event: str
    arguments: tuple[int, ...]
    clause: str | None
    sends: tuple[Sent, ...]
    answer: tuple[int, ...] | None
    panicked: bool
    before: MachineState
    after: MachineState
    span: Span | None


def exact(value: Value) -> int:
    """The value in this run; ValueError for a free register for which none was chosen."""
    match value:
        case int():
            return value
        case Loose(allowed=allowed, chosen=None) if allowed.size == 1:
            return allowed.least
        case Loose(chosen=int() as chosen) | Leaked(chosen=int() as chosen):
            return chosen
        case _:
            raise ValueError("no value was chosen for a free register")


def possible(value: Value, bits: int) -> IntervalSet:
    """Every value that the register may hold, whatever was chosen."""
    match value:
        case int():
            return IntervalSet.points([value])
        case Loose(allowed=allowed):
            return allowed
        case Leaked():
            return IntervalSet(((0, (1 << bits) - 1),))
