"""Machine states, as immutable plain values [STATE-SPACE]."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from smcproof.spec.core import StateVariable
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.types import Bounded, DomainType, VcpuType


@dataclass(frozen=True, slots=True)
class MapValue:
    """A map: ``entries`` (sorted by index) differ from ``default``; every other entry equals it."""

    default: int
    entries: tuple[tuple[int, int], ...] = ()

    def at(self, index: int) -> int:
        for known, value in self.entries:
            if known == index:
                return value
        return self.default

    def set(self, index: int, value: int) -> "MapValue":
        kept = [entry for entry in self.entries if entry[0] != index]
        if value != self.default:
            kept.append((index, value))
        return MapValue(self.default, tuple(sorted(kept)))


StateValue: TypeAlias = int | MapValue


@dataclass(frozen=True, slots=True)
class MachineState:
    """``values`` are those of the policy's state variables, in their order. Domains in ``dead`` do
    not exist, those in ``silent`` are stopped; ``halted`` are stopped vCPUs, by number
    [STATE-LIVENESS]."""

    values: tuple[StateValue, ...]
    dead: frozenset[int] = frozenset()
    silent: frozenset[int] = frozenset()
    halted: frozenset[int] = frozenset()

    def with_value(self, position: int, value: StateValue) -> "MachineState":
        values = (*self.values[:position], value, *self.values[position + 1 :])
        return replace(self, values=values)


def initial_state(policy: CorePolicy) -> MachineState:
    """Where every history starts [STATE-INITIAL]."""
    values: list[StateValue] = [
        state.initial if state.index is None else MapValue(state.initial) for state in policy.states
    ]
    dead = frozenset(
        block.first + member
        for block in policy.domains
        if block.absent
        for member in range(block.count)
    )
    return MachineState(tuple(values), dead)


def index_exists(policy: CorePolicy, variable: StateVariable, index: int) -> bool:
    """Whether a map has an entry at ``index`` [STATE-MAP-RANGE]."""
    match variable.index:
        case Bounded(low=low, high=high):
            return low <= index <= high
        case DomainType():
            return 0 <= index < policy.domain_count
        case VcpuType():
            return 0 <= index < policy.domain_count * policy.most_vcpus
        case _:
            return False


def value_exists(variable: StateVariable, value: int) -> bool:
    """Whether a value may be assigned: bounded integers keep to their bounds [STATE-RANGE]."""
    kind = variable.type
    return not isinstance(kind, Bounded) or kind.low <= value <= kind.high


def can_call(policy: CorePolicy, state: MachineState, caller: int, vcpu: int) -> bool:
    """Whether the vCPU is there and running [STATE-LIVENESS]."""
    number = caller * policy.most_vcpus + vcpu
    return caller not in state.dead and caller not in state.silent and number not in state.halted
