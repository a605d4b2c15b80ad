"""Abstract syntax of expressions and sets, as written [SYNTAX-EXPRESSION].

Nothing here is resolved or typed: ``Name`` may be a register, a state variable, a vocabulary's
function or a predicate. Elaboration decides, and turns it into ``smcproof.spec.core``.
"""

from dataclasses import dataclass
from typing import TypeAlias

from smcproof.spec.span import Span


@dataclass(frozen=True, slots=True)
class Number:
    """An integer literal; a sign is a ``Unary`` around it."""

    value: int
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, for example the argument of ``uuid``."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name: ``x1``, ``caller.id``, ``psci.CPU_ON.smc32``; ``*`` as its last part is all of
    a vocabulary. ``primed`` is the state after the step."""

    parts: tuple[str, ...]
    span: Span
    primed: bool = False

    def __str__(self) -> str:
        return ".".join(self.parts) + ("'" if self.primed else "")


@dataclass(frozen=True, slots=True)
class Apply:
    """``NAME(ARGUMENTS)``: a function pattern, ``range``, ``visible`` or a predicate."""

    name: Name
    arguments: tuple["Expr", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """``-``, ``~`` or ``not``."""

    operator: str
    operand: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison or ``implies``; ``operator`` is the token."""

    operator: str
    left: "Expr"
    right: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Chain:
    """``a and b and c`` or ``a or b or c``; the two do not mix without parentheses."""

    operator: str
    operands: tuple["Expr", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Bits:
    """``BASE[high:low]``."""

    base: "Expr"
    high: "Expr"
    low: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``BASE[INDEX]``: one bit of a word or one entry of a map; ``primed`` as for ``Name``."""

    base: "Expr"
    index: "Expr"
    span: Span
    primed: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """``BASE.FIELD`` where BASE is not a plain dotted name."""

    base: "Expr"
    field: str
    span: Span


@dataclass(frozen=True, slots=True)
class Range:
    """``LOW .. HIGH``, inclusive; ``relative`` is ``LOW .. +LENGTH_MINUS_ONE``; a single value has no
    ``high``."""

    low: "Expr"
    high: "Expr | None"
    span: Span
    relative: bool = False


@dataclass(frozen=True, slots=True)
class SetLiteral:
    """``{ a, b .. c }``."""

    items: tuple[Range, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Membership:
    """``VALUE in SET``."""

    value: "Expr"
    container: "Expr | SetLiteral | Range"
    span: Span


Expr: TypeAlias = (
    Number | Text | Name | Apply | Unary | Binary | Chain | Bits | Index | Select | Membership
)


@dataclass(frozen=True, slots=True)
class Any:
    """``any``, ``any in { .. }``, ``any in A..B`` or ``any in caller.machine``: a loose value."""

    container: "Expr | SetLiteral | Range | None"
    span: Span


@dataclass(frozen=True, slots=True)
class Leaked:
    """``leaked``: whatever the dispatcher left in the register."""

    span: Span


MapValue: TypeAlias = Expr | Any | Leaked


@dataclass(frozen=True, slots=True)
class MapEntry:
    """``x4..x7 = VALUE``: ``first`` and ``last`` are register names as written."""

    first: Name
    last: Name | None
    value: MapValue
    span: Span


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """``{ x0 = 1; x2..x3 = 0; }``."""

    entries: tuple[MapEntry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TypeName:
    """A written type: ``bool``, ``domain?``, ``0..3``, ``bool[vcpu]``, ``domain?[0..15]``."""

    name: str
    optional: bool
    low: Expr | None
    high: Expr | None
    index: "TypeName | None"
    span: Span
