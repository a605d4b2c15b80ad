"""The core language: typed, without names to resolve, defaults or sugar [SYNTAX-CORE].

Elaboration produces it and all three meanings consume it. Expressions and outcomes together are 25
kinds of node; everything else here is a declaration that holds them.
"""

from dataclasses import dataclass
from enum import Enum as PythonEnum
from typing import TypeAlias

from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Span
from smcproof.spec.types import BOOL, Bool, Type, Word

# ---- expressions ---------------------------------------------------------------------------


class Bank(PythonEnum):
    """Which registers a ``Register`` reads: entering, leaving, the callee's results, or what the
    caller sees afterwards."""

    IN = "in"
    SENT = "sent"
    RESULT = "r"
    AFTER = "res"


@dataclass(frozen=True, slots=True)
class Const:
    """A value of ``type``: words unsigned, bool 0 or 1, domains by ordinal, ``none`` -1."""

    value: int
    type: Type


@dataclass(frozen=True, slots=True)
class Register:
    """Register ``index`` of ``bank`` at its full width."""

    bank: Bank
    index: int
    type: Word


@dataclass(frozen=True, slots=True)
class Input:
    """A fact of the step that is no register: ``conduit`` (0 smc, 1 hvc, 2 svc), ``imm``, ``el``,
    ``aarch32``, ``condition_passed``, ``caller``, ``vcpu``, ``pc`` (bytes from the call instruction
    to where the caller resumes) or ``parameter.N`` of an event."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Attribute:
    """Constant ``name`` of the domain that ``domain`` names."""

    domain: "Expr"
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class State:
    """State variable ``variable``, at ``index`` if it is a map; ``after`` is the state after the
    step. Outside a map's index range it reads as the initial value [STATE-MAP-RANGE]."""

    variable: str
    index: "Expr | None"
    after: bool
    type: Type


@dataclass(frozen=True, slots=True)
class Slice:
    """Bits ``high`` to ``low``, inclusive."""

    operand: "Expr"
    high: int
    low: int
    type: Word


@dataclass(frozen=True, slots=True)
class Extend:
    """``operand`` (a word, a bounded integer or a bool) with zeros above it."""

    operand: "Expr"
    type: Word


class Operator(PythonEnum):
    """Arithmetic on words of one width; all wrap, shifts are logical [EVAL-WORD]."""

    ADD = "+"
    SUB = "-"
    MUL = "*"
    AND = "&"
    OR = "|"
    XOR = "^"
    SHL = "<<"
    SHR = ">>"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Operator
    left: "Expr"
    right: "Expr"
    type: Word


class Relation(PythonEnum):
    """Unsigned comparison of operands of one type; ``EQ`` on any type, the others on words."""

    EQ = "=="
    LT = "<"
    LE = "<="


@dataclass(frozen=True, slots=True)
class Compare:
    relation: Relation
    left: "Expr"
    right: "Expr"
    type: Bool = BOOL


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Expr"
    type: Bool = BOOL


@dataclass(frozen=True, slots=True)
class Connective:
    """All (``and``) or any (``or``) of the operands."""

    conjunction: bool
    operands: tuple["Expr", ...]
    type: Bool = BOOL


@dataclass(frozen=True, slots=True)
class If:
    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"
    type: Type


@dataclass(frozen=True, slots=True)
class Member:
    """``value`` (a word, or a domain by ordinal) is in ``constant``, or, where that is None, in the
    set that attribute ``attribute`` of ``domain`` holds."""

    value: "Expr"
    constant: IntervalSet | None
    domain: "Expr | None" = None
    attribute: str = ""
    type: Bool = BOOL


@dataclass(frozen=True, slots=True)
class Within:
    """``size`` bytes from ``base`` lie in one region of ``space`` (ram or machine) of ``domain``
    [EVAL-REGION]. Both operands have the word width."""

    base: "Expr"
    size: "Expr"
    domain: "Expr"
    space: str
    type: Bool = BOOL


@dataclass(frozen=True, slots=True)
class Fact:
    """A word of properties about a finished step, such as ``refused`` or ``reaches(T)``
    [PROPERTY-WORDS]. ``argument`` is the name of a callee, handler or rule, or empty."""

    name: str
    argument: str
    type: Bool = BOOL


Expr: TypeAlias = (
    Const
    | Register
    | Input
    | Attribute
    | State
    | Slice
    | Extend
    | Arithmetic
    | Compare
    | Not
    | Connective
    | If
    | Member
    | Within
    | Fact
)

TRUE = Const(1, BOOL)
FALSE = Const(0, BOOL)


# ---- register maps -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Free:
    """A register value that the policy does not fix [EVAL-LOOSE]: any value in one of ``intervals``
    or in ``space`` of the caller, chosen independently of secrets; with neither, any value.
    ``leaked`` is whatever the dispatcher left there and may depend on anything."""

    intervals: tuple[tuple[Expr, Expr], ...] = ()
    space: str | None = None
    leaked: bool = False


Source: TypeAlias = Expr | Free
Registers: TypeAlias = tuple[tuple[int, Source], ...]
"""Values by register number, ascending; registers that are not listed keep what they hold."""


# ---- effects and outcomes ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assign:
    """``variable[index] := value`` where ``guard`` holds. All assignments of a step read the state
    before it; a later one to the same place wins [STATE-SIMULTANEOUS]."""

    guard: Expr
    variable: str
    index: Expr | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Forward:
    """``sent`` leaves (every register listed); the caller gets ``results``."""

    sent: Registers
    results: Registers


@dataclass(frozen=True, slots=True)
class Answer:
    """``return``: the caller gets ``written`` and resumes past the call."""

    written: Registers


@dataclass(frozen=True, slots=True)
class Handle:
    """``handle``: the contract of ``handler`` decides."""

    handler: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """``deliver``: the frozen call goes to ``handler``; the caller resumes at or after it."""

    handler: str
    after: bool
    written: Registers


@dataclass(frozen=True, slots=True)
class Undefined:
    """``undef``: an Undefined exception at the caller's level; ``after`` is ELR past the call,
    ``vector`` a byte offset or None for the architecture's."""

    after: bool
    vector: int | None


@dataclass(frozen=True, slots=True)
class Stop:
    """``stop``: the vCPU or the domain does not run again."""

    domain: bool
    written: Registers


@dataclass(frozen=True, slots=True)
class Resume:
    """``resume at``: every register of ``written`` is set, the others are zero."""

    target: Expr
    written: Registers


@dataclass(frozen=True, slots=True)
class Leave:
    """``skip``, ``panic``, ``pass`` (on to the next layer), ``none`` (of an event) or ``never`` (a
    handler that does not return)."""

    word: str


Outcome: TypeAlias = Forward | Answer | Handle | Deliver | Undefined | Stop | Resume | Leave


# ---- declarations that hold them -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Affine:
    """``base + step * position``, modulo the word width, for the member at ``position`` of a family,
    counted from 0 whatever its declared index."""

    base: int
    step: int

    def at(self, position: int) -> int:
        return self.base + self.step * position


@dataclass(frozen=True, slots=True)
class Region:
    """Addresses ``low`` to ``high``, inclusive."""

    low: Affine
    high: Affine


@dataclass(frozen=True, slots=True)
class DomainBlock:
    """One ``domain`` declaration: ``count`` domains with ordinals from ``first``; ``indexed`` is the
    first member's index, None for a single domain.

    ``attributes`` and ``sets`` are what guards read; ``ram`` and ``machine`` are merged regions.
    ``levels`` are the exception levels it calls from, ``aarch32`` and ``aarch64`` its states.
    """

    name: str
    first: int
    count: int
    indexed: int | None
    id: Affine
    attributes: tuple[tuple[str, Affine, Type], ...]
    sets: tuple[tuple[str, IntervalSet], ...]
    ram: tuple[Region, ...]
    machine: tuple[Region, ...]
    vcpus: tuple[int, ...]
    levels: tuple[int, ...]
    aarch64: bool
    aarch32: bool
    absent: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Callee:
    """Who receives calls that leave. ``exclusive`` asks for the ghost of [STATE-GHOST]; the rest is
    what the callee declares about its answers and functions."""

    name: str
    exclusive: bool
    yields: Expr
    rejected: Expr
    release: IntervalSet
    naming: Expr | None
    free: IntervalSet
    lifecycle: IntervalSet
    span: Span


@dataclass(frozen=True, slots=True)
class Allow:
    """``issuers`` (ordinals; ``hypervisor`` besides) may make ``callee`` see ``ids`` when ``guard``
    holds over what leaves."""

    issuers: IntervalSet
    hypervisor: bool
    callee: str
    ids: IntervalSet
    guard: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class StateVariable:
    """``index`` is None for a plain variable. Initially every entry is ``initial``."""

    name: str
    index: Type | None
    type: Type
    initial: int
    frozen: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One part of a guard with its place, so that a trace can say which part failed."""

    test: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Send:
    """An SMC that a handler issues for the caller; every register that leaves is listed."""

    callee: str
    sent: Registers


@dataclass(frozen=True, slots=True)
class Emit:
    """An event that a handler raises after the call, with arguments."""

    event: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """``otherwise`` has no conjuncts. ``issuing`` applies when the call leaves, ``effects`` with the
    outcome (of a forward: with the answer)."""

    name: str
    guard: tuple[Conjunct, ...]
    outcome: Outcome
    issuing: tuple[Assign, ...]
    effects: tuple[Assign, ...]
    sends: tuple[Send, ...]
    emits: tuple[Emit, ...]
    span: Span
    head: Span

    @property
    def is_otherwise(self) -> bool:
        return self.name == "otherwise"


@dataclass(frozen=True, slots=True)
class Layer:
    """Rules in order; the policy's own rules are the last layer, named ``main``."""

    name: str
    rules: tuple[Rule, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Handler:
    """A contract: its clauses in order, or None where only ``may write results`` is known."""

    name: str
    level: int | None
    clauses: tuple[Rule, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Event:
    """An event with its parameters' types; the first clause that matches decides, none means that
    only liveness changes."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    clauses: tuple[Rule, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Route:
    """Routing keys ``low`` to ``high`` reach ``callee``."""

    low: int
    high: int
    callee: str
