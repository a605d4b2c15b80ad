"""Random calls and states for a policy, aimed at what its guards look at."""

from smcproof.refmodel.machine import arrives
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core import Compare, Const, Member
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import policy_expressions, subexpressions
from smcproof.spec.state import MachineState, MapValue, StateValue, initial_state
from smcproof.spec.types import NONE, Bool, Bounded, DomainType, Enum, Type, VcpuType
from smcproof.spec.word import mask
from tests.strategies.chooser import Chooser


def interesting_words(policy: CorePolicy) -> tuple[int, ...]:
    """Constants of the policy and their neighbours, both ends of its sets, and extremes."""
    found = {0, 1, mask(policy.geometry.word_bits)}
    for expr in policy_expressions(policy):
        for node in subexpressions(expr):
            if isinstance(node, Compare):
                for side in (node.left, node.right):
                    if isinstance(side, Const):
                        found |= {side.value - 1, side.value, side.value + 1}
            elif isinstance(node, Member) and node.constant is not None:
                for low, high in node.constant.parts[:40]:
                    found |= {low, high, low - 1, high + 1}
    most = mask(policy.geometry.word_bits)
    return tuple(sorted(value for value in found if 0 <= value <= most))


def random_call(choose: Chooser, policy: CorePolicy, words: tuple[int, ...]) -> Call:
    """A call that arrives."""
    geometry = policy.geometry
    block = choose.choice(policy.domains)
    x: list[int] = []
    for number, bits in enumerate(geometry.register_bits):
        value = choose.choice(words) if choose.chance(60) else choose.integer(0, mask(bits))
        if number == 0 and choose.chance(15):
            value ^= 1 << choose.integer(0, bits - 1)
        x.append(value & mask(bits))
    aarch32 = block.aarch32 and (not block.aarch64 or choose.chance(40))
    conduit = Conduit(choose.choice(policy.conduits))
    call = Call(
        caller=block.first + choose.integer(0, block.count - 1),
        vcpu=choose.integer(0, len(block.vcpus) - 1),
        el=choose.choice(block.levels),
        aarch32=aarch32,
        conduit=conduit,
        imm=choose.choice((0, 0, 0, 1)) & mask(geometry.imm_bits),
        x=tuple(x),
        condition_passed=True,
    )
    if aarch32 and conduit is Conduit.SMC and policy.level == "el2" and choose.chance(20):
        call = Call(call.caller, call.vcpu, call.el, True, conduit, call.imm, call.x, False)
    assert arrives(policy, call)
    return call


def random_answer(choose: Chooser, policy: CorePolicy, words: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        (choose.choice(words) if choose.chance(70) else choose.integer(0, mask(bits))) & mask(bits)
        for bits in policy.geometry.register_bits
    )


def random_state(choose: Chooser, policy: CorePolicy) -> MachineState:
    """Any state that the types allow; maps get a few entries."""
    start = initial_state(policy)
    values: list[StateValue] = []
    for variable, held in zip(policy.states, start.values, strict=True):
        if isinstance(held, MapValue):
            entries = held
            assert variable.index is not None
            for _ in range(choose.integer(0, 3)):
                index = _value(choose, policy, variable.index)
                if index != NONE:
                    entries = entries.set(index, _value(choose, policy, variable.type))
            values.append(entries)
        else:
            values.append(_value(choose, policy, variable.type))
    return MachineState(tuple(values))


def _value(choose: Chooser, policy: CorePolicy, kind: Type) -> int:
    match kind:
        case Bool():
            return choose.integer(0, 1)
        case Enum(members=members):
            return choose.integer(0, len(members) - 1)
        case DomainType(optional=optional):
            return choose.integer(NONE if optional else 0, policy.domain_count - 1)
        case VcpuType():
            return choose.integer(0, policy.domain_count * policy.most_vcpus - 1)
        case Bounded(low=low, high=high):
            return choose.integer(low, high)
        case _:
            return 0
