"""The solver's meaning of one concrete step: the same terms with constants put in and simplified
(test T1, and the prover's column of ``replay``)."""

from collections.abc import Callable
from dataclasses import dataclass

import z3

from smcproof.checker.symbolic.dispatcher import SymbolicStep, outcome_word
from smcproof.checker.symbolic.env import Sorts, SymbolicCall, SymbolicState, index_bits
from smcproof.checker.symbolic.factory import constant, truth, width_of
from smcproof.spec.call import Call
from smcproof.spec.core import StateVariable
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.state import MachineState, MapValue, StateValue
from smcproof.spec.types import NONE, Bounded, DomainType, VcpuType

Choose = Callable[[str, int], int]
"""The value of a free register: the place (``loose.sent.0``, ``leaked.written``) and register."""


@dataclass(frozen=True, slots=True)
class SolverStep:
    """What the solver's terms say of one call; compare with ``smcproof.spec.record.Step``.

    ``undecided`` lists terms that did not come out as constants, which is a bug of the encoding.
    """

    rule: str | None
    outcome: str | None
    effective: str | None
    handler: str | None
    sends: tuple[tuple[str, tuple[int, ...]], ...]
    written: frozenset[int]
    registers: tuple[int, ...]
    pc: int
    target: int
    values: tuple[StateValue, ...]
    undecided: tuple[str, ...]


def concrete_call(policy: CorePolicy, call: Call) -> SymbolicCall:
    sorts = Sorts(policy)
    geometry = policy.geometry
    return SymbolicCall(
        caller=constant(call.caller, sorts.domain_bits),
        vcpu=constant(call.vcpu, width_of(policy.most_vcpus)),
        el=constant(call.el, 2),
        aarch32=truth(call.aarch32),
        conduit=constant(call.conduit, 2),
        imm=constant(call.imm, max(geometry.imm_bits, 1)),
        x=tuple(
            constant(value, bits)
            for value, bits in zip(call.x, geometry.register_bits, strict=True)
        ),
        condition_passed=truth(call.condition_passed),
    )


def concrete_state(policy: CorePolicy, state: MachineState) -> SymbolicState:
    sorts = Sorts(policy)
    found: SymbolicState = {}
    for entry, value in zip(policy.states, state.values, strict=True):
        if isinstance(value, MapValue):
            bits = index_bits(policy, entry)
            array: z3.ExprRef = z3.K(z3.BitVecSort(bits), sorts.value(value.default, entry.type))
            for index, held in value.entries:
                array = z3.Store(array, constant(index, bits), sorts.value(held, entry.type))
            found[entry.name] = array
        else:
            found[entry.name] = sorts.value(value, entry.type)
    return found


class _Reader:
    """Reads constants off simplified terms, with free registers put in."""

    def __init__(self, substitutions: list[tuple[z3.ExprRef, z3.ExprRef]]) -> None:
        self._substitutions = substitutions
        self.undecided: list[str] = []

    def simplified(self, term: z3.ExprRef) -> z3.ExprRef:
        if self._substitutions:
            term = z3.substitute(term, *self._substitutions)
        return z3.simplify(term)

    def number(self, term: z3.ExprRef, what: str) -> int:
        found = self.simplified(term)
        if isinstance(found, z3.BitVecNumRef):
            return found.as_long()
        if z3.is_true(found) or z3.is_false(found):
            return int(z3.is_true(found))
        self.undecided.append(what)
        return 0

    def holds(self, term: z3.BoolRef, what: str) -> bool:
        return self.number(term, what) == 1


def evaluate_step(
    policy: CorePolicy,
    state: MachineState,
    call: Call,
    answer: tuple[int, ...],
    choose: Choose | None = None,
) -> SolverStep:
    """What the terms say of ``call`` in ``state`` with the callee's ``answer``; free registers are 0
    without ``choose``."""
    geometry = policy.geometry
    step = SymbolicStep(
        policy,
        concrete_call(policy, call),
        concrete_state(policy, state),
        tuple(
            constant(value, bits)
            for value, bits in zip(answer, geometry.register_bits, strict=True)
        ),
        "run",
    )
    places = [f"sent.{at}" for at in range(len(step.sends))] + ["written"]
    substitutions: list[tuple[z3.ExprRef, z3.ExprRef]] = []
    for kind in ("loose", "leaked"):
        for place in places:
            for index, bits in enumerate(geometry.register_bits):
                value = 0 if choose is None else choose(f"{kind}.{place}", index)
                name = z3.BitVec(f"run.{kind}.{place}.x{index}", bits)
                substitutions.append((name, constant(value, bits)))
    read = _Reader(substitutions)
    taken = next(
        (
            entry
            for entry in step.taken
            if outcome_word(entry.rule) != "pass" and read.holds(entry.condition, "rule")
        ),
        None,
    )
    leaf = next((entry for entry in step.leaves if read.holds(entry.condition, "leaf")), None)
    sends: list[tuple[str, tuple[int, ...]]] = []
    for at, send in enumerate(step.sends):
        if not read.holds(send.present, f"sent.{at}"):
            continue
        reached = [
            callee for callee, here in send.reaches.items() if read.holds(here, f"reach.{at}")
        ]
        registers = tuple(
            read.number(register.term, f"sent.{at}.x{index}")
            for index, register in enumerate(send.registers)
        )
        sends.append((",".join(reached), registers))
    written = frozenset(
        index
        for index in range(geometry.registers)
        if read.holds(step.written(index), f"written.x{index}")
        or read.holds(step.may_write(index), f"may_write.x{index}")
    )
    return SolverStep(
        rule=None if taken is None else taken.rule.name,
        outcome=None if leaf is None else leaf.outcome,
        effective=None if leaf is None else leaf.effective,
        handler=None if leaf is None else leaf.handler,
        sends=tuple(sends),
        written=written,
        registers=tuple(
            read.number(step.register(index).term, f"res.x{index}")
            for index in range(geometry.registers)
        ),
        pc=read.number(step.pc, "pc"),
        target=read.number(step.target, "target"),
        values=tuple(
            _state_value(policy, entry, step.after[entry.name], before, read)
            for entry, before in zip(policy.states, state.values, strict=True)
        ),
        undecided=tuple(read.undecided),
    )


def _state_value(
    policy: CorePolicy, entry: StateVariable, term: z3.ExprRef, before: StateValue, read: _Reader
) -> StateValue:
    if not isinstance(before, MapValue):
        return _value(policy, entry, read.number(term, entry.name))
    assert isinstance(term, z3.ArrayRef)
    found = before
    bits = index_bits(policy, entry)
    for index in _indices(policy, entry):
        value = read.number(term[constant(index, bits)], f"{entry.name}[{index}]")
        found = found.set(index, _value(policy, entry, value))
    return found


def _value(policy: CorePolicy, entry: StateVariable, value: int) -> int:
    if isinstance(entry.type, DomainType) and value >= policy.domain_count:
        return NONE
    return value


def _indices(policy: CorePolicy, entry: StateVariable) -> range:
    match entry.index:
        case Bounded(low=low, high=high):
            return range(low, high + 1)
        case VcpuType():
            return range(policy.domain_count * policy.most_vcpus)
        case _:
            return range(policy.domain_count)
