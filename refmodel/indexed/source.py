"""Core expressions as Python source text [EVAL-*].

In the text ``x`` holds the entering registers, ``c`` the call's other inputs by position (``CALL``),
``s`` the state's values, ``t`` the registers that left, ``r`` the callee's results and ``k`` the number
of the callee reached.
"""

from dataclasses import dataclass
from typing import assert_never

from smcproof.refmodel.evaluator import attribute, attribute_set
from smcproof.refmodel.memory import within
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
    Slice,
    State,
    Within,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.state import MapValue, index_exists
from smcproof.spec.word import mask

CALL = ("caller", "vcpu", "el", "aarch32", "conduit", "imm", "condition_passed")
"""The positions of ``c``; ``vcpu`` is the vCPU's number and ``imm`` reads as 0 where invisible."""


@dataclass(frozen=True)
class Names:
    """What generated text may refer to besides its parameters."""

    policy: CorePolicy
    bound: dict[str, object]

    def bind(self, prefix: str, value: object) -> str:
        """A global name for a constant object."""
        name = f"{prefix}{len(self.bound)}"
        self.bound[name] = value
        return name


def text(expr: Expr, names: Names) -> str:
    """Source for the value of ``expr``; conditions come out as truth values."""
    match expr:
        case Const(value=value):
            return str(value)
        case Register(bank=bank, index=index):
            return f"{_BANKS[bank]}[{index}]"
        case Input(name=name):
            return f"c[{CALL.index(name)}]"
        case Attribute(domain=domain, name=name):
            return f"{_attributes(names, name)}[{text(domain, names)}]"
        case State():
            return _state(expr, names)
        case Slice(operand=operand, high=high, low=low):
            inner = text(operand, names)
            shifted = f"({inner}>>{low})" if low else inner
            return f"({shifted}&{mask(high - low + 1)})"
        case Extend(operand=operand):
            return f"int({text(operand, names)})"
        case Arithmetic():
            return _arithmetic(expr, names)
        case Compare(relation=relation, left=left, right=right):
            return f"({text(left, names)}{relation.value}{text(right, names)})"
        case Not(operand=operand):
            return f"(not {text(operand, names)})"
        case Connective(conjunction=conjunction, operands=operands):
            word = " and " if conjunction else " or "
            return f"({word.join(text(operand, names) for operand in operands)})"
        case If(condition=condition, then=then, otherwise=otherwise):
            return (
                f"({text(then, names)} if {text(condition, names)} else {text(otherwise, names)})"
            )
        case Member():
            return _member(expr, names)
        case Within(base=base, size=size, domain=domain, space=space):
            policy = names.policy

            def inside(at: int, ordinal: int, length: int) -> bool:
                return within(policy, ordinal, space, at, length)

            function = names.bind("within", inside)
            return f"{function}({text(base, names)},{text(domain, names)},{text(size, names)})"
        case Fact(name=name):
            return _fact(name, names)
        case _:
            assert_never(expr)


_BANKS = {Bank.IN: "x", Bank.SENT: "t", Bank.RESULT: "r", Bank.AFTER: "y"}


def _attributes(names: Names, name: str) -> str:
    policy = names.policy

    class ByDomain(dict[int, int]):
        """Attribute values, computed when first asked for."""

        def __missing__(self, ordinal: int) -> int:
            value = attribute(policy, ordinal, name)
            self[ordinal] = value
            return value

    return names.bind("attribute", ByDomain())


def _arithmetic(expr: Arithmetic, names: Names) -> str:
    left, right = text(expr.left, names), text(expr.right, names)
    bits = expr.type.bits
    match expr.operator:
        case Operator.AND | Operator.OR | Operator.XOR:
            return f"({left}{expr.operator.value}{right})"
        case Operator.SHR:
            return f"({left}>>min({right},{bits}))"
        case Operator.SHL:
            return f"(({left}<<min({right},{bits}))&{mask(bits)})"
        case _:
            return f"(({left}{expr.operator.value}{right})&{mask(bits)})"


def _member(expr: Member, names: Names) -> str:
    value = text(expr.value, names)
    if expr.constant is not None:
        return contains(value, expr.constant, names)
    assert expr.domain is not None
    policy, name = names.policy, expr.attribute

    def listed(ordinal: int, tested: int) -> bool:
        return tested in attribute_set(policy, ordinal, name)

    return f"{names.bind('listed', listed)}({text(expr.domain, names)},{value})"


def contains(value: str, members: IntervalSet, names: Names) -> str:
    """Source for "the value is in the set"."""
    if not members:
        return "False"
    if members.size <= 64:
        if members.size == 1:
            return f"({value}=={members.least})"
        return f"({value} in {names.bind('set', frozenset(members))})"
    if len(members.parts) == 1:
        low, high = members.parts[0]
        return f"({low}<={value}<={high})"
    return f"({value} in {names.bind('intervals', members)})"


def _state(expr: State, names: Names) -> str:
    policy = names.policy
    position = next(
        at for at, variable in enumerate(policy.states) if variable.name == expr.variable
    )
    if expr.index is None:
        return f"s[{position}]"
    variable = policy.states[position]

    def entry(held: MapValue, index: int) -> int:
        return held.at(index) if index_exists(policy, variable, index) else variable.initial

    return f"{names.bind('entry', entry)}(s[{position}],{text(expr.index, names)})"


def _fact(name: str, names: Names) -> str:
    """``yields`` and ``rejected`` of the callee reached; by definition they are all a rule can ask."""
    parts = []
    for number, callee in enumerate(names.policy.callees):
        declared = callee.yields if name == "yields" else callee.rejected
        parts.append(f"(k=={number} and {text(declared, names)})")
    return f"({' or '.join(parts) or 'False'})"
