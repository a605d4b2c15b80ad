"""Constants as text: numbers, members of enumerations, domains and sets of them, quoted text."""

from collections.abc import Iterable
from typing import assert_never

from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.types import (
    NONE,
    Bool,
    Bounded,
    DomainType,
    Enum,
    Type,
    VcpuType,
    Word,
)

_LARGEST_DECIMAL = 9


def number(value: int) -> str:
    """Small numbers in decimal, others in hexadecimal, in groups of four digits."""
    return str(value) if abs(value) <= _LARGEST_DECIMAL else f"{value:#_x}"


def span(low: int, high: int) -> str:
    """``LOW .. HIGH``, or the number itself."""
    return number(low) if low == high else f"{number(low)} .. {number(high)}"


def spans(members: IntervalSet) -> tuple[str, ...]:
    return tuple(span(low, high) for low, high in members.parts)


def braced(items: Iterable[str]) -> str:
    """``{ a, b }``."""
    inside = ", ".join(items)
    return f"{{ {inside} }}" if inside else "{}"


def quoted(text: str) -> str:
    """A text as the language writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def type_text(kind: Type) -> str:
    """A type as the language writes it; a word shows its width."""
    match kind:
        case Word(bits=bits):
            return f"word{bits}"
        case Bool() | DomainType() | VcpuType() | Enum() | Bounded():
            return str(kind)
        case _:
            assert_never(kind)


def constant(policy: CorePolicy, value: int, kind: Type) -> str:
    """The constant ``value`` of type ``kind``."""
    match kind:
        case Bool():
            return ("false", "true")[value]
        case Word():
            return number(value)
        case Bounded():
            return str(value)
        case DomainType():
            return "none" if value == NONE else policy.domain_name(value)
        case VcpuType():
            ordinal, position = divmod(value, policy.most_vcpus)
            return f"{policy.domain_name(ordinal)}.vcpu{position}"
        case Enum(members=members):
            return members[value]
        case _:
            assert_never(kind)


def domains(policy: CorePolicy, members: IntervalSet) -> tuple[str, ...]:
    """Domains by name; a family by its own, a part of one as ``guest[1..3]``, and what is no domain
    of the policy by its ordinal."""
    found: list[str] = []
    known = IntervalSet.of(((0, policy.domain_count - 1),))
    for block in policy.domains:
        whole = IntervalSet.of(((block.first, block.first + block.count - 1),))
        here = members & whole
        if here == whole:
            found.append(block.name)
            continue
        for low, high in here.parts:
            first, last = (at - block.first + (block.indexed or 0) for at in (low, high))
            run = str(first) if first == last else f"{first}..{last}"
            found.append(f"{block.name}[{run}]")
    return (*found, *spans(members - known))
