"""Core expressions to z3 terms [EVAL-*]."""

from dataclasses import dataclass, field
from typing import assert_never

import z3

from smcproof.checker.symbolic.env import (
    Sorts,
    SymbolicCall,
    SymbolicState,
    in_block,
    index_bits,
    vcpu_number,
    visible_imm,
)
from smcproof.checker.symbolic.factory import (
    FALSE,
    Bits,
    Truth,
    at_most,
    choose,
    conjunction,
    constant,
    disjunction,
    equal,
    extract,
    less,
    member,
    negation,
    widen,
)
from smcproof.spec.core import (
    Affine,
    Arithmetic,
    Attribute,
    Bank,
    Compare,
    Connective,
    Const,
    DomainBlock,
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
    StateVariable,
    Within,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.types import NONE, Bounded, DomainType, Type, VcpuType, Word


@dataclass(frozen=True)
class SymbolicFrame:
    """What an expression can read, as terms; ``facts`` by name and argument, ``reached`` by callee.
    ``side`` collects what is known of map entries that were read."""

    policy: CorePolicy
    state: SymbolicState
    call: SymbolicCall | None = None
    parameters: tuple[z3.ExprRef, ...] = ()
    sent: tuple[Bits, ...] | None = None
    answer: tuple[Bits, ...] | None = None
    reached: dict[str, Truth] = field(default_factory=dict[str, Truth])
    after: SymbolicState | None = None
    registers: tuple[Bits, ...] | None = None
    pc: Bits | None = None
    facts: dict[tuple[str, str], Truth] = field(default_factory=dict[tuple[str, str], Truth])
    side: list[Truth] = field(default_factory=list[Truth])
    cache: dict[int, z3.ExprRef] = field(default_factory=dict[int, z3.ExprRef])
    kept: list[Expr] = field(default_factory=list[Expr])


def condition(expr: Expr, frame: SymbolicFrame) -> Truth:
    """A bool expression as a term."""
    found = compile_expr(expr, frame)
    assert isinstance(found, z3.BoolRef)
    return found


def word(expr: Expr, frame: SymbolicFrame) -> Bits:
    """An expression of any other type as a term."""
    found = compile_expr(expr, frame)
    assert isinstance(found, z3.BitVecRef)
    return found


def compile_expr(expr: Expr, frame: SymbolicFrame) -> z3.ExprRef:
    """The term of ``expr``; each node is compiled once for a frame."""
    known = frame.cache.get(id(expr))
    if known is None:
        known = _compile(expr, frame)
        frame.cache[id(expr)] = known
        frame.kept.append(expr)
    return known


def _compile(expr: Expr, frame: SymbolicFrame) -> z3.ExprRef:
    sorts = Sorts(frame.policy)
    match expr:
        case Const(value=value, type=kind):
            return sorts.value(value, kind)
        case Register(bank=bank, index=index, type=kind):
            return _register(frame, bank, index, kind.bits)
        case Input(name=name):
            return _input(frame, name)
        case Attribute(domain=domain, name=name, type=kind):
            return _attribute(frame, word(domain, frame), name, kind)
        case State():
            return _state(frame, expr)
        case Slice(operand=operand, high=high, low=low):
            return extract(word(operand, frame), high, low)
        case Extend(operand=operand, type=kind):
            inner = compile_expr(operand, frame)
            if isinstance(inner, z3.BoolRef):
                return choose(inner, constant(1, kind.bits), constant(0, kind.bits))
            assert isinstance(inner, z3.BitVecRef)
            return widen(inner, kind.bits)
        case Arithmetic(operator=operator, left=left, right=right):
            return _arithmetic(operator, word(left, frame), word(right, frame))
        case Compare(relation=relation, left=left, right=right):
            return _compare(frame, relation, left, right)
        case Not(operand=operand):
            return negation(condition(operand, frame))
        case Connective(conjunction=True, operands=operands):
            return conjunction(condition(operand, frame) for operand in operands)
        case Connective(operands=operands):
            return disjunction(condition(operand, frame) for operand in operands)
        case If(condition=test, then=then, otherwise=otherwise):
            return choose(
                condition(test, frame),
                compile_expr(then, frame),
                compile_expr(otherwise, frame),
            )
        case Member(value=value, constant=members, domain=domain, attribute=name):
            tested = word(value, frame)
            if members is not None:
                return member(tested, members)
            assert domain is not None
            return _attribute_member(frame, tested, word(domain, frame), name)
        case Within(base=base, size=size, domain=domain, space=space):
            return within(
                frame.policy, word(domain, frame), space, word(base, frame), word(size, frame)
            )
        case Fact(name=name, argument=argument):
            return _fact(frame, name, argument)
        case _:
            assert_never(expr)


def _register(frame: SymbolicFrame, bank: Bank, index: int, bits: int) -> Bits:
    held: tuple[Bits, ...] | None
    match bank:
        case Bank.IN:
            held = None if frame.call is None else frame.call.x
        case Bank.SENT:
            held = frame.sent
        case Bank.RESULT:
            held = frame.answer
        case Bank.AFTER:
            held = frame.registers
    return constant(0, bits) if held is None else held[index]


def _input(frame: SymbolicFrame, name: str) -> z3.ExprRef:
    if name.startswith("parameter."):
        return frame.parameters[int(name.removeprefix("parameter."))]
    geometry = frame.policy.geometry
    if name == "pc":
        return constant(0, geometry.word_bits) if frame.pc is None else frame.pc
    call = frame.call
    if call is None:
        raise ValueError(f"`{name}` is read where there is no call")
    match name:
        case "conduit":
            return call.conduit
        case "imm":
            return visible_imm(call)
        case "el":
            return call.el
        case "aarch32":
            return call.aarch32
        case "condition_passed":
            return call.condition_passed
        case "caller":
            return call.caller
        case "vcpu":
            return vcpu_number(frame.policy, call.caller, call.vcpu)
        case _:
            raise KeyError(name)


def affine(value: Affine, block: DomainBlock, domain: Bits, bits: int) -> Bits:
    """A family constant as a term over the member's ordinal."""
    if value.step == 0 or block.count == 1:
        return constant(value.base, bits)
    position = widen(domain, max(bits, domain.size()))
    position = position - constant(block.first, position.size())
    if position.size() > bits:
        position = extract(position, bits - 1, 0)
    return constant(value.base, bits) + constant(value.step, bits) * position


def _attribute(frame: SymbolicFrame, domain: Bits, name: str, kind: Type) -> z3.ExprRef:
    policy = frame.policy
    if name.startswith("vcpu"):
        index = constant(int(name.removeprefix("vcpu")), domain.size() + 8)
        return vcpu_number(policy, domain, index)
    sorts = Sorts(policy)
    found: z3.ExprRef = sorts.value(_undeclared(kind), kind)
    for block in reversed(policy.domains):
        value = block.id if name == "id" else None
        for known, given, _ in block.attributes:
            if known == name:
                value = given
        if value is None:
            term: z3.ExprRef = sorts.value(_undeclared(kind), kind)
        elif isinstance(kind, (Word, Bounded)):
            term = affine(value, block, domain, sorts.bits(kind))
        else:
            term = sorts.value(value.base, kind)
        found = choose(in_block(domain, block.first, block.count), term, found)
    return found


def _undeclared(kind: Type) -> int:
    """The value of an attribute in domains that do not declare it [EVAL-ATTRIBUTE]."""
    match kind:
        case DomainType(optional=True):
            return NONE
        case Bounded(low=low):
            return low
        case _:
            return 0


def domain_id(policy: CorePolicy, domain: Bits) -> Bits:
    """The id of a domain term, at the client register's width."""
    kind = Word(policy.geometry.client_bits)
    found = _attribute(SymbolicFrame(policy, {}), domain, "id", kind)
    assert isinstance(found, z3.BitVecRef)
    return found


def _attribute_member(frame: SymbolicFrame, value: Bits, domain: Bits, name: str) -> Truth:
    return disjunction(
        conjunction((in_block(domain, block.first, block.count), member(value, members)))
        for block in frame.policy.domains
        for known, members in block.sets
        if known == name
    )


def within(policy: CorePolicy, domain: Bits, space: str, base: Bits, size: Bits) -> Truth:
    """The range lies in one region of the domain's memory [EVAL-REGION]."""
    bits = policy.geometry.word_bits
    zero, one = constant(0, bits), constant(1, bits)
    last = base + (size - one)
    empty = equal(size, zero)
    held: list[Truth] = []
    based: list[Truth] = []
    for block in policy.domains:
        here = in_block(domain, block.first, block.count)
        regions = block.ram if space == "ram" else block.machine
        for region in regions:
            low = affine(region.low, block, domain, bits)
            high = affine(region.high, block, domain, bits)
            held.append(conjunction((here, at_most(low, base), at_most(last, high))))
            based.append(conjunction((here, at_most(low, base), at_most(base, high))))
    whole = conjunction((negation(empty), at_most(base, last), disjunction(held)))
    nothing = conjunction((empty, disjunction((equal(base, zero), *based))))
    return disjunction((whole, nothing))


def map_entry(
    policy: CorePolicy, entry: StateVariable, array: z3.ExprRef, index: Bits, side: list[Truth]
) -> z3.ExprRef:
    """A map read at ``index``; where it has no entry, its initial value [STATE-MAP-RANGE]."""
    sorts = Sorts(policy)
    initial = sorts.value(entry.initial, entry.type)
    assert isinstance(array, z3.ArrayRef)
    bits = index_bits(policy, entry)
    at = extract(index, bits - 1, 0) if index.size() > bits else widen(index, bits)
    value = array[at]
    assert isinstance(value, z3.ExprRef)
    side.append(sorts.legal(value, entry.type))
    return choose(entry_exists(policy, entry, index), value, initial)


def entry_exists(policy: CorePolicy, entry: StateVariable, index: Bits) -> Truth:
    match entry.index:
        case Bounded(low=low, high=high):
            return member_range(index, low, high)
        case DomainType():
            return member_range(index, 0, policy.domain_count - 1)
        case VcpuType():
            return member_range(index, 0, policy.domain_count * policy.most_vcpus - 1)
        case _:
            return FALSE


def member_range(term: Bits, low: int, high: int) -> Truth:
    most = (1 << term.size()) - 1
    parts: list[Truth] = []
    if low > 0:
        parts.append(at_most(constant(low, term.size()), term))
    if high < most:
        parts.append(at_most(term, constant(high, term.size())))
    return conjunction(parts)


def _state(frame: SymbolicFrame, expr: State) -> z3.ExprRef:
    state = frame.after if expr.after else frame.state
    if state is None:
        raise ValueError("the state after a step is read before it is known")
    held = state[expr.variable]
    if expr.index is None:
        return held
    entry = frame.policy.state(expr.variable)
    return map_entry(frame.policy, entry, held, word(expr.index, frame), frame.side)


def _arithmetic(operator: Operator, left: Bits, right: Bits) -> Bits:
    match operator:
        case Operator.ADD:
            return left + right
        case Operator.SUB:
            return left - right
        case Operator.MUL:
            return left * right
        case Operator.AND:
            return left & right
        case Operator.OR:
            return left | right
        case Operator.XOR:
            return left ^ right
        case Operator.SHL:
            return left << right
        case Operator.SHR:
            return z3.LShR(left, right)


def _compare(frame: SymbolicFrame, relation: Relation, left: Expr, right: Expr) -> Truth:
    first, second = compile_expr(left, frame), compile_expr(right, frame)
    if relation is Relation.EQ:
        return equal(first, second)
    assert isinstance(first, z3.BitVecRef)
    assert isinstance(second, z3.BitVecRef)
    return less(first, second) if relation is Relation.LT else at_most(first, second)


def _fact(frame: SymbolicFrame, name: str, argument: str) -> Truth:
    if name not in ("yields", "rejected"):
        return frame.facts.get((name, argument), FALSE)
    if frame.answer is None:
        return FALSE
    parts: list[Truth] = []
    for callee in frame.policy.callees:
        declared = callee.yields if name == "yields" else callee.rejected
        reached = frame.reached.get(callee.name, FALSE)
        parts.append(conjunction((reached, condition(declared, frame))))
    return disjunction(parts)
