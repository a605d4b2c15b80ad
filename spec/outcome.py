"""Abstract syntax of outcomes, effects and rules, as written [SYNTAX-OUTCOME]."""

from dataclasses import dataclass
from typing import TypeAlias

from smcproof.spec.expr import Apply, Expr, Name, RegisterMap
from smcproof.spec.span import Span


@dataclass(frozen=True, slots=True)
class Forward:
    """``forward [{ map }] [returning { map }] [issuing { effects }]``."""

    sent: RegisterMap | None
    returning: RegisterMap | None
    issuing: "Effect | None"
    span: Span


@dataclass(frozen=True, slots=True)
class Return:
    """``return CODE`` or ``return { map }``."""

    answer: Expr | RegisterMap
    span: Span


@dataclass(frozen=True, slots=True)
class Handle:
    """``handle H``."""

    handler: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Deliver:
    """``deliver H resuming at|after [writing { map }]``."""

    handler: Name
    after: bool
    writing: RegisterMap | None
    span: Span


@dataclass(frozen=True, slots=True)
class Undef:
    """``undef [elr at|after] [vector N]``; ``vector`` is a byte offset or None for the
    architecture's."""

    after: bool
    vector: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Stop:
    """``stop vcpu|domain [{ map }]``."""

    domain: bool
    written: RegisterMap | None
    span: Span


@dataclass(frozen=True, slots=True)
class Resume:
    """``resume at E with { map }``."""

    target: Expr
    written: RegisterMap
    span: Span


@dataclass(frozen=True, slots=True)
class Leave:
    """``skip``, ``panic``, ``pass``, ``none`` or ``never``."""

    word: str
    span: Span


Outcome: TypeAlias = Forward | Return | Handle | Deliver | Undef | Stop | Resume | Leave


@dataclass(frozen=True, slots=True)
class Assign:
    """``TARGET := VALUE``."""

    target: Expr
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """``{ S; S; }``: simultaneous."""

    effects: tuple["Effect", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class If:
    """``if G S [else S]``."""

    condition: Expr
    then: "Effect"
    otherwise: "Effect | None"
    span: Span


Effect: TypeAlias = Assign | Block | If


@dataclass(frozen=True, slots=True)
class Reaches:
    """``reaches T [with { map }]``: an SMC that a handler issues for the caller."""

    callee: Name
    sent: RegisterMap | None
    span: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """``rule NAME : GUARD => OUTCOME [then EFFECT];``; ``otherwise`` has neither name nor guard.

    Clauses of handlers (``on GUARD => ..``) and of events have the same shape without a name.
    """

    name: Name | None
    guard: Expr | None
    outcome: Outcome
    effect: Effect | None
    reaches: tuple[Reaches, ...]
    emits: tuple[Apply, ...]
    span: Span
    head: Span
