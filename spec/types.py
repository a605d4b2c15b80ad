"""Types of expressions and state variables [SYNTAX-TYPES]."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bool:
    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class Word:
    """An unsigned word of ``bits`` bits."""

    bits: int

    def __str__(self) -> str:
        return f"word of {self.bits} bits"


@dataclass(frozen=True, slots=True)
class DomainType:
    """A domain, by ordinal; ``optional`` adds ``none``, whose value is -1 [EVAL-DOMAIN]."""

    optional: bool = False

    def __str__(self) -> str:
        return "domain?" if self.optional else "domain"


@dataclass(frozen=True, slots=True)
class VcpuType:
    """A vCPU: its domain's ordinal times the most vCPUs of any domain, plus its index."""

    def __str__(self) -> str:
        return "vcpu"


@dataclass(frozen=True, slots=True)
class Enum:
    """A declared enumeration; the value is the member's position."""

    name: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Bounded:
    """An integer from ``low`` to ``high``; in arithmetic it is a word [EVAL-BOUNDED]."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


Type: TypeAlias = Bool | Word | DomainType | VcpuType | Enum | Bounded

BOOL = Bool()
DOMAIN = DomainType()
OPTIONAL_DOMAIN = DomainType(optional=True)
VCPU = VcpuType()

NONE = -1
"""The value of ``none``."""


@dataclass(frozen=True, slots=True)
class MapType:
    """A map from domains, vCPUs or ``low..high`` to a value [STATE-MAP]."""

    index: DomainType | VcpuType | Bounded
    value: Type

    def __str__(self) -> str:
        return f"{self.value}[{self.index}]"
