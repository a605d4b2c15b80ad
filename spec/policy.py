"""Abstract syntax of a policy file, as written [SYNTAX-POLICY]."""

from dataclasses import dataclass
from typing import TypeAlias

from smcproof.spec.expr import (
    Expr,
    Name,
    Number,
    Range,
    RegisterMap,
    SetLiteral,
    Text,
    TypeName,
)
from smcproof.spec.outcome import Effect, Outcome, Rule
from smcproof.spec.span import Span


@dataclass(frozen=True, slots=True)
class Header:
    """``identifier canon;``, ``results x0..x3;``, ``serialized;``, ``conduits svc;``,
    ``answers zero x1..x3;``, ``errors 32;``, ``forwards x0..x17;``: a keyword and its operands."""

    keyword: str
    operands: tuple[Expr | Range, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Use:
    """``arch 1.2`` or ``mysip from "mysip.toml"`` of a ``use`` line."""

    vocabulary: Name
    version: str | None
    path: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Family:
    """``[i in LOW..HIGH]``."""

    variable: Name
    low: Expr
    high: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Property:
    """``id = 1;``, ``ram = A..B, C..D;``, ``absent;`` or ``attribute NAME : TYPE = V;``."""

    name: Name
    declared: TypeName | None
    values: tuple[Range | SetLiteral, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Domain:
    """``domain NAME[family] { properties }``, or ``hypervisor { id = 0; }`` without a name."""

    name: Name | None
    family: Family | None
    properties: tuple[Property, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """``group NAME = MEMBERS;``."""

    name: Name
    members: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class CalleeProperty:
    """``fast 0..4;``, ``yields when E;``, ``release F naming w1;``, .. of a callee."""

    keyword: str
    ranges: tuple[Range, ...]
    condition: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Callee:
    """``callee NAME { .. }``."""

    name: Name
    properties: tuple[CalleeProperty, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class IdSet:
    """``set NAME = IDS;``."""

    name: Name
    ids: tuple[Range, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Allow:
    """``allow C -> T : IDS [when G];``."""

    issuer: Name
    callee: Name
    ids: tuple[Range, ...]
    guard: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Enumeration:
    """``enum NAME { A, B }``."""

    name: Name
    members: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class State:
    """``state NAME : TYPE [= INITIAL] [frozen];``."""

    name: Name
    declared: TypeName
    initial: Expr | None
    frozen: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """``d : domain`` of an event."""

    name: Name
    declared: TypeName
    span: Span


@dataclass(frozen=True, slots=True)
class Event:
    """``event NAME(PARAMETERS);``."""

    name: Name
    parameters: tuple[Parameter, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Handler:
    """``handler NAME [at el0] { on .. }``; ``clauses`` is None where there is no body."""

    name: Name
    level: Name | None
    clauses: tuple[Rule, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Layer:
    """``layer NAME { rules }``."""

    name: Name
    rules: tuple[Rule, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class On:
    """``on EVENT(NAMES) [when G] => OUTCOME [then EFFECT];``."""

    event: Name
    names: tuple[Name, ...]
    guard: Expr | None
    outcome: Outcome
    effect: Effect | None
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a property: positional, ``name = value``, ``when E`` or ``except IDS``."""

    keyword: str | None
    values: tuple[Expr | Range | SetLiteral, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exception: ``kind`` is ``ids``, ``caller`` or ``conduit``."""

    kind: str
    value: Range | Name
    span: Span


@dataclass(frozen=True, slots=True)
class Prove:
    """One property to prove. ``mode`` is None for a catalogue property named ``property``, else
    ``always``, ``invariant``, ``step`` or ``reachable`` with ``statement``; ``several`` if its line
    proves more than one."""

    label: Name | None
    property: Name | None
    arguments: tuple[Argument, ...]
    mode: str | None
    statement: Expr | None
    exemptions: tuple[Exemption, ...]
    exemption_reason: str | None
    expected: Name | None
    expected_reason: str | None
    several: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Example:
    """``example "text" : CALLER CONDUIT FID [with {..}] => EXPECTATION;``.

    ``options`` holds ``vcpu``, ``el``, ``imm`` and ``aarch32``; ``state`` is the state before and
    ``answered`` the callee's answer; ``expected`` is an outcome or a word such as ``refused``.
    """

    title: Text
    caller: Name
    member: Number | None
    options: tuple[tuple[str, Number | None], ...]
    conduit: Name
    identifier: Expr
    registers: RegisterMap | None
    state: Effect | None
    answered: RegisterMap | None
    expected: Outcome | Name
    callee: Name | None
    effect: Effect | None
    span: Span


Item: TypeAlias = (
    Header
    | Use
    | Domain
    | Group
    | Callee
    | IdSet
    | Allow
    | Enumeration
    | State
    | Event
    | Handler
    | Layer
    | Rule
    | On
    | Prove
    | Example
)


@dataclass(frozen=True, slots=True)
class Include:
    """``include "file";``."""

    path: Text
    span: Span


@dataclass(frozen=True, slots=True)
class PolicyBlock:
    """``policy NAME at LEVEL { items }``."""

    name: Name
    level: Name
    items: tuple[Item, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file: a version, includes, declarations (of an included file) and at most one policy."""

    version: Number | None
    includes: tuple[Include, ...]
    items: tuple[Item, ...]
    policy: PolicyBlock | None
    span: Span
