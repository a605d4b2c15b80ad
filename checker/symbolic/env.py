"""Symbolic inputs of a step: the call, the state, the callee's answer [CALL-INPUTS].

Every input is a named constant, so that a model can be read back and minimised field by field.
"""

from dataclasses import dataclass

import z3

from smcproof.checker.symbolic.factory import (
    FALSE,
    TRUE,
    Bits,
    Truth,
    choose_bits,
    conjunction,
    constant,
    disjunction,
    equal,
    flag,
    sign_extend,
    variable,
    widen,
    width_of,
)
from smcproof.spec.core import StateVariable
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import Geometry
from smcproof.spec.types import Bool, Bounded, DomainType, Enum, Type, VcpuType, Word


@dataclass(frozen=True, slots=True)
class Sorts:
    """How values of each type are represented: domains and vCPUs by number, ``none`` as the number
    after the last domain."""

    policy: CorePolicy

    @property
    def domain_bits(self) -> int:
        return width_of(self.policy.domain_count + 1)

    @property
    def vcpu_bits(self) -> int:
        return width_of(self.policy.domain_count * self.policy.most_vcpus)

    @property
    def none(self) -> int:
        return self.policy.domain_count

    def bits(self, kind: Type) -> int:
        """The width of a type that is not bool."""
        match kind:
            case Word(bits=bits):
                return bits
            case DomainType():
                return self.domain_bits
            case VcpuType():
                return self.vcpu_bits
            case Enum(members=members):
                return width_of(len(members))
            case Bounded(high=high):
                return width_of(high + 1)
            case Bool():
                raise ValueError("a bool is not a word")

    def value(self, number: int, kind: Type) -> z3.ExprRef:
        """A constant of the core as a term."""
        if isinstance(kind, Bool):
            return z3.BoolVal(number == 1)
        if isinstance(kind, DomainType) and number < 0:
            number = self.none
        return constant(number, self.bits(kind))

    def fresh(self, name: str, kind: Type) -> z3.ExprRef:
        return flag(name) if isinstance(kind, Bool) else variable(name, self.bits(kind))

    def legal(self, term: z3.ExprRef, kind: Type) -> Truth:
        """Whether a term of this representation stands for a value of the type."""
        if isinstance(kind, Bool) or not isinstance(term, z3.BitVecRef):
            return TRUE
        match kind:
            case DomainType(optional=optional):
                last = self.none if optional else self.none - 1
                return z3.ULE(term, constant(last, term.size()))
            case VcpuType():
                count = self.policy.domain_count * self.policy.most_vcpus
                return z3.ULE(term, constant(count - 1, term.size()))
            case Enum(members=members):
                return z3.ULE(term, constant(len(members) - 1, term.size()))
            case Bounded(low=low, high=high):
                return conjunction(
                    (
                        z3.ULE(constant(low, term.size()), term),
                        z3.ULE(term, constant(high, term.size())),
                    )
                )
            case Word():
                return TRUE


@dataclass(frozen=True, slots=True)
class SymbolicCall:
    """``caller`` and ``vcpu`` (an index) are words; ``conduit`` is 0 smc, 1 hvc, 2 svc."""

    caller: Bits
    vcpu: Bits
    el: Bits
    aarch32: Truth
    conduit: Bits
    imm: Bits
    x: tuple[Bits, ...]
    condition_passed: Truth


def symbolic_call(policy: CorePolicy, name: str = "call") -> SymbolicCall:
    sorts = Sorts(policy)
    geometry = policy.geometry
    return SymbolicCall(
        caller=variable(f"{name}.caller", sorts.domain_bits),
        vcpu=variable(f"{name}.vcpu", width_of(policy.most_vcpus)),
        el=variable(f"{name}.el", 2),
        aarch32=flag(f"{name}.aarch32"),
        conduit=variable(f"{name}.conduit", 2),
        imm=variable(f"{name}.imm", max(geometry.imm_bits, 1)),
        x=tuple(
            variable(f"{name}.x{number}", bits)
            for number, bits in enumerate(geometry.register_bits)
        ),
        condition_passed=flag(f"{name}.condition_passed"),
    )


def symbolic_answer(geometry: Geometry, name: str = "answer") -> tuple[Bits, ...]:
    """The callee's results: free where the geometry leaves bits free, sign-extended above them."""
    found: list[Bits] = []
    for number, (free, bits) in enumerate(
        zip(geometry.answer_bits, geometry.register_bits, strict=True)
    ):
        if free == 0:
            found.append(constant(0, bits))
        else:
            found.append(sign_extend(variable(f"{name}.r{number}", free), bits))
    return tuple(found)


SymbolicState = dict[str, z3.ExprRef]
"""By state variable: a term, or an array for a map."""


def index_bits(policy: CorePolicy, variable: StateVariable) -> int:
    assert variable.index is not None
    return Sorts(policy).bits(variable.index)


def value_sort(policy: CorePolicy, kind: Type) -> z3.SortRef:
    return z3.BoolSort() if isinstance(kind, Bool) else z3.BitVecSort(Sorts(policy).bits(kind))


def any_state(policy: CorePolicy, name: str = "state") -> SymbolicState:
    """A state about which nothing is known; see ``legal_state``."""
    sorts = Sorts(policy)
    found: SymbolicState = {}
    for entry in policy.states:
        if entry.index is None:
            found[entry.name] = sorts.fresh(f"{name}.{entry.name}", entry.type)
        else:
            found[entry.name] = z3.Array(
                f"{name}.{entry.name}",
                z3.BitVecSort(index_bits(policy, entry)),
                value_sort(policy, entry.type),
            )
    return found


def initial_state(policy: CorePolicy) -> SymbolicState:
    """Where every history starts [STATE-INITIAL]."""
    sorts = Sorts(policy)
    found: SymbolicState = {}
    for entry in policy.states:
        value = sorts.value(entry.initial, entry.type)
        if entry.index is None:
            found[entry.name] = value
        else:
            found[entry.name] = z3.K(z3.BitVecSort(index_bits(policy, entry)), value)
    return found


def legal_state(policy: CorePolicy, state: SymbolicState) -> Truth:
    """The plain variables hold values of their types; entries of maps are checked where read."""
    sorts = Sorts(policy)
    return conjunction(
        sorts.legal(state[entry.name], entry.type) for entry in policy.states if entry.index is None
    )


def in_block(term: Bits, first: int, count: int) -> Truth:
    """Whether a domain term lies in a block of ordinals."""
    if count == 1:
        return equal(term, constant(first, term.size()))
    low = constant(first, term.size())
    high = constant(first + count - 1, term.size())
    return conjunction((z3.ULE(low, term), z3.ULE(term, high)))


def canonical(x0: Bits, geometry: Geometry) -> Bits:
    """canon(x0) [CALL-CANON]."""
    word = z3.Extract(geometry.id_bits - 1, 0, x0) if x0.size() > geometry.id_bits else x0
    fast = z3.Extract(geometry.fast.high, geometry.fast.low, word) == constant(1, 1)
    return choose_bits(fast, word & constant(~geometry.hint.mask, geometry.id_bits), word)


def routing_key(x0: Bits, geometry: Geometry) -> Bits:
    """canon(x0) with the must-be-zero bits of a fast call cleared [DISPATCH-ROUTING]."""
    word = z3.Extract(geometry.id_bits - 1, 0, x0) if x0.size() > geometry.id_bits else x0
    fast = z3.Extract(geometry.fast.high, geometry.fast.low, word) == constant(1, 1)
    kept = ~(geometry.hint.mask | geometry.mbz.mask)
    return choose_bits(fast, word & constant(kept, geometry.id_bits), word)


def call_arrives(policy: CorePolicy, call: SymbolicCall, *, initially: bool) -> Truth:
    """Which calls exist [CALL-ARRIVES]; ``initially`` leaves out domains that are absent at first."""
    geometry = policy.geometry
    blocks: list[Truth] = []
    for block in policy.domains:
        if initially and block.absent:
            continue
        states: list[Truth] = []
        if not block.aarch64:
            states.append(call.aarch32)
        if not block.aarch32:
            states.append(z3.Not(call.aarch32))
        blocks.append(
            conjunction(
                (
                    in_block(call.caller, block.first, block.count),
                    disjunction(equal(call.el, constant(level, 2)) for level in block.levels),
                    z3.ULE(call.vcpu, constant(len(block.vcpus) - 1, call.vcpu.size())),
                    *states,
                )
            )
        )
    parts = [
        disjunction(blocks),
        disjunction(equal(call.conduit, constant(number, 2)) for number in policy.conduits),
    ]
    if geometry.imm_bits == 0:
        parts.append(equal(call.imm, constant(0, 1)))
    trapped = equal(call.conduit, constant(0, 2)) if policy.level == "el2" else FALSE
    parts.append(disjunction((call.condition_passed, conjunction((call.aarch32, trapped)))))
    return conjunction(parts)


def visible_imm(call: SymbolicCall) -> Bits:
    """The immediate as it can be read: 0 for an SMC from AArch32 [CALL-IMM]."""
    hidden = conjunction((call.aarch32, equal(call.conduit, constant(0, 2))))
    return choose_bits(hidden, constant(0, call.imm.size()), call.imm)


def vcpu_number(policy: CorePolicy, domain: Bits, index: Bits) -> Bits:
    """The vCPU's number [CALL-VCPU]."""
    bits = max(Sorts(policy).vcpu_bits, domain.size(), index.size())
    wide = widen(domain, bits) * constant(policy.most_vcpus, bits) + widen(index, bits)
    return z3.Extract(Sorts(policy).vcpu_bits - 1, 0, wide)
