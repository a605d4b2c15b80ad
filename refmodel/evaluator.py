"""The value of a core expression, by its definition [EVAL-*]."""

from dataclasses import dataclass
from typing import assert_never

from smcproof.refmodel.memory import within
from smcproof.spec import word
from smcproof.spec.call import Call, imm_visible
from smcproof.spec.core import (
    Arithmetic,
    Attribute,
    Bank,
    Compare,
    Connective,
    Const,
    Expr,
    Extend,
    Fact,
    If,
    Input,
    Member,
    Not,
    Operator,
    Register,
    Relation,
    Slice,
    State,
    Within,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Value, exact
from smcproof.spec.state import MachineState, MapValue, StateValue, index_exists
from smcproof.spec.types import NONE, Bounded, DomainType, Word


@dataclass(frozen=True, slots=True)
class Frame:
    """What an expression can read. ``sent`` and ``answer`` exist after a call has left, ``after``,
    ``registers`` and ``pc`` once the step is done. ``reached`` is the callee; ``facts`` holds the
    words of properties that are true."""

    policy: CorePolicy
    state: MachineState
    call: Call | None = None
    parameters: tuple[int, ...] = ()
    sent: tuple[Value, ...] | None = None
    answer: tuple[int, ...] | None = None
    reached: str | None = None
    after: MachineState | None = None
    registers: tuple[Value, ...] | None = None
    pc: int | None = None
    facts: frozenset[tuple[str, str]] = frozenset()


def evaluate(expr: Expr, frame: Frame) -> int:
    """The value of ``expr``: words unsigned, bools 0 or 1, domains by ordinal, ``none`` -1."""
    match expr:
        case Const(value=value):
            return value
        case Register(bank=bank, index=index):
            return _register(frame, bank, index)
        case Input(name=name):
            return _input(frame, name)
        case Attribute(domain=domain, name=name):
            return attribute(frame.policy, evaluate(domain, frame), name)
        case State(variable=variable, index=index, after=after):
            return _state(frame, variable, index, after)
        case Slice(operand=operand, high=high, low=low):
            return word.extract(evaluate(operand, frame), high, low)
        case Extend(operand=operand):
            return evaluate(operand, frame)
        case Arithmetic(operator=operator, left=left, right=right, type=kind):
            return _arithmetic(operator, evaluate(left, frame), evaluate(right, frame), kind.bits)
        case Compare(relation=relation, left=left, right=right):
            return _compare(relation, evaluate(left, frame), evaluate(right, frame))
        case Not(operand=operand):
            return 1 - evaluate(operand, frame)
        case Connective(conjunction=True, operands=operands):
            return int(all(evaluate(operand, frame) for operand in operands))
        case Connective(operands=operands):
            return int(any(evaluate(operand, frame) for operand in operands))
        case If(condition=condition, then=then, otherwise=otherwise):
            return evaluate(then if evaluate(condition, frame) else otherwise, frame)
        case Member(value=value, constant=constant, domain=domain, attribute=name):
            members = constant
            if members is None and domain is not None:
                members = attribute_set(frame.policy, evaluate(domain, frame), name)
            return int(members is not None and evaluate(value, frame) in members)
        case Within(base=base, size=size, domain=domain, space=space):
            ordinal = evaluate(domain, frame)
            at, length = evaluate(base, frame), evaluate(size, frame)
            return int(within(frame.policy, ordinal, space, at, length))
        case Fact(name=name, argument=argument):
            return _fact(frame, name, argument)
        case _:
            assert_never(expr)


def holds(expr: Expr, frame: Frame) -> bool:
    return evaluate(expr, frame) == 1


def _register(frame: Frame, bank: Bank, index: int) -> int:
    """A register that does not exist in this step reads as zero [EVAL-ABSENT]."""
    match bank:
        case Bank.IN:
            return 0 if frame.call is None else frame.call.x[index]
        case Bank.SENT:
            return 0 if frame.sent is None else exact(frame.sent[index])
        case Bank.RESULT:
            return 0 if frame.answer is None else frame.answer[index]
        case Bank.AFTER:
            return 0 if frame.registers is None else exact(frame.registers[index])


def _input(frame: Frame, name: str) -> int:
    if name.startswith("parameter."):
        return frame.parameters[int(name.removeprefix("parameter."))]
    if name == "pc":
        return word.truncate(frame.pc or 0, frame.policy.geometry.word_bits)
    call = frame.call
    if call is None:
        return 0
    match name:
        case "conduit":
            return int(call.conduit)
        case "imm":
            return call.imm if imm_visible(call.conduit, call.aarch32) else 0
        case "el":
            return call.el
        case "aarch32":
            return int(call.aarch32)
        case "condition_passed":
            return int(call.condition_passed)
        case "caller":
            return call.caller
        case "vcpu":
            return call.caller * frame.policy.most_vcpus + call.vcpu
        case _:
            raise KeyError(name)


def attribute(policy: CorePolicy, domain: int, name: str) -> int:
    """A constant of a domain. An attribute that its declaration does not give is zero
    [EVAL-ATTRIBUTE]."""
    if name == "id":
        return policy.domain_id(domain)
    if name.startswith("vcpu"):
        return domain * policy.most_vcpus + int(name.removeprefix("vcpu"))
    block = policy.block_of(domain)
    for known, value, kind in block.attributes:
        if known == name:
            number = value.at(domain - block.first)
            return word.truncate(number, kind.bits) if isinstance(kind, Word) else number
    return absent_attribute(policy, name)


def absent_attribute(policy: CorePolicy, name: str) -> int:
    """What an attribute reads as where its domain does not declare it: ``none`` for ``domain?``, else
    the value numbered 0, or the lower bound."""
    for block in policy.domains:
        for known, _, kind in block.attributes:
            if known == name:
                match kind:
                    case DomainType(optional=True):
                        return NONE
                    case Bounded(low=low):
                        return low
                    case _:
                        return 0
    return 0


def attribute_set(policy: CorePolicy, domain: int, name: str) -> IntervalSet:
    """A set attribute of a domain; empty where its declaration does not give it."""
    return dict(policy.block_of(domain).sets).get(name, IntervalSet())


def state_value(policy: CorePolicy, state: MachineState, name: str) -> StateValue:
    position = next(at for at, variable in enumerate(policy.states) if variable.name == name)
    return state.values[position]


def _state(frame: Frame, name: str, index: Expr | None, after: bool) -> int:
    state = frame.after if after else frame.state
    if state is None:
        raise ValueError("the state after a step is read before it is known")
    variable = frame.policy.state(name)
    value = state_value(frame.policy, state, name)
    if not isinstance(value, MapValue):
        return value
    at = NONE if index is None else evaluate(index, frame)
    return value.at(at) if index_exists(frame.policy, variable, at) else variable.initial


def _arithmetic(operator: Operator, left: int, right: int, bits: int) -> int:
    match operator:
        case Operator.ADD:
            return word.add(left, right, bits)
        case Operator.SUB:
            return word.sub(left, right, bits)
        case Operator.MUL:
            return word.mul(left, right, bits)
        case Operator.AND:
            return left & right
        case Operator.OR:
            return left | right
        case Operator.XOR:
            return left ^ right
        case Operator.SHL:
            return word.shift_left(left, right, bits)
        case Operator.SHR:
            return word.shift_right(left, right, bits)


def _compare(relation: Relation, left: int, right: int) -> int:
    match relation:
        case Relation.EQ:
            return int(left == right)
        case Relation.LT:
            return int(left < right)
        case Relation.LE:
            return int(left <= right)


def _fact(frame: Frame, name: str, argument: str) -> int:
    """``yields`` and ``rejected`` are what the reached callee declares; the rest is given."""
    if name not in ("yields", "rejected"):
        return int((name, argument) in frame.facts)
    if frame.reached is None or frame.answer is None or frame.reached == "unclaimed":
        return 0
    callee = frame.policy.callee(frame.reached)
    return evaluate(callee.yields if name == "yields" else callee.rejected, frame)
