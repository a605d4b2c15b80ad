"""An elaborated policy: the declarations of the core, and what is to be proved and tried of it
[SYNTAX-CORE]."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from smcproof.spec.call import Call
from smcproof.spec.core import (
    Allow,
    Assign,
    Callee,
    DomainBlock,
    Event,
    Expr,
    Handler,
    Layer,
    Outcome,
    Registers,
    Route,
    Rule,
    StateVariable,
)
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.service import OwnedForm, owned_forms
from smcproof.spec.span import Source, Span
from smcproof.spec.types import Enum
from smcproof.spec.vocabulary import Function, Vocabulary

ArgumentValue: TypeAlias = str | IntervalSet | tuple[str, ...] | Expr | None


@dataclass(frozen=True, slots=True)
class Exemption:
    """Calls that a claim leaves out: by canonical identifier, caller ordinal or conduit number.
    ``text`` is the exception as written."""

    ids: IntervalSet | None
    callers: IntervalSet | None
    conduit: int | None
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One property to prove. ``property`` names the catalogue's or is ``always``, ``invariant``,
    ``step`` or ``reachable``, whose ``statement`` is then set; ``title`` is what reports print."""

    title: str
    property: str
    label: str | None
    arguments: tuple[tuple[str, ArgumentValue], ...]
    statement: Expr | None
    exemptions: tuple[Exemption, ...]
    exemption_reason: str | None
    expected: str | None
    expected_reason: str | None
    span: Span

    def argument(self, name: str) -> ArgumentValue:
        return dict(self.arguments).get(name)


@dataclass(frozen=True, slots=True)
class Example:
    """A single call and what is expected of it. ``answered`` is the callee's answer by register;
    ``before`` and ``after`` set and expect state. ``expected`` is an outcome, whose register maps
    are checked value by value, or one of refused, unknown, succeeds, completed."""

    title: str
    call: Call
    answered: tuple[tuple[int, int], ...]
    before: tuple[Assign, ...]
    expected: Outcome | str
    checked: Registers
    callee: str | None
    after: tuple[Assign, ...] | None
    span: Span


@dataclass(frozen=True)
class CorePolicy:
    """Everything that the three meanings need. ``layers`` end with ``main``; ``routes`` are disjoint
    and sorted; ``identifier`` is w0, canon or x0; ``results`` are the registers a forward returns
    by default."""

    name: str
    level: str
    geometry: Geometry
    source: Source
    included: tuple[Source, ...]
    conduits: tuple[int, ...]
    identifier: str
    serialized: bool
    results: tuple[int, ...]
    domains: tuple[DomainBlock, ...]
    hypervisor_id: int
    groups: tuple[tuple[str, IntervalSet], ...]
    callees: tuple[Callee, ...]
    routes: tuple[Route, ...]
    allows: tuple[Allow, ...]
    enums: tuple[Enum, ...]
    states: tuple[StateVariable, ...]
    layers: tuple[Layer, ...]
    handlers: tuple[Handler, ...]
    events: tuple[Event, ...]
    vocabularies: tuple[Vocabulary, ...]
    claims: tuple[Claim, ...]
    examples: tuple[Example, ...]

    @cached_property
    def forms(self) -> tuple[OwnedForm, ...]:
        return owned_forms(self.vocabularies, self.geometry)

    @cached_property
    def domain_count(self) -> int:
        return sum(block.count for block in self.domains)

    @cached_property
    def most_vcpus(self) -> int:
        """The most vCPUs of any domain; vCPU numbers are strided by it [CALL-VCPU]."""
        return max((len(block.vcpus) for block in self.domains), default=1)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of all layers, in order."""
        return tuple(rule for layer in self.layers for rule in layer.rules)

    @property
    def main(self) -> Layer:
        return self.layers[-1]

    def block_of(self, ordinal: int) -> DomainBlock:
        """The declaration that domain ``ordinal`` belongs to; KeyError if there is none."""
        for block in self.domains:
            if block.first <= ordinal < block.first + block.count:
                return block
        raise KeyError(ordinal)

    def domain_name(self, ordinal: int) -> str:
        """``dom0`` or ``guest[3]``; ``none`` for -1."""
        if ordinal < 0:
            return "none"
        block = self.block_of(ordinal)
        if block.indexed is None:
            return block.name
        return f"{block.name}[{ordinal - block.first + block.indexed}]"

    def domain_id(self, ordinal: int) -> int:
        block = self.block_of(ordinal)
        return block.id.at(ordinal - block.first) % (1 << self.geometry.client_bits)

    def handler(self, name: str) -> Handler:
        return next(handler for handler in self.handlers if handler.name == name)

    def callee(self, name: str) -> Callee:
        return next(callee for callee in self.callees if callee.name == name)

    def state(self, name: str) -> StateVariable:
        return next(state for state in self.states if state.name == name)

    def vocabulary(self, name: str) -> Vocabulary:
        return next(entry for entry in self.vocabularies if entry.name == name)

    def functions_at(self, word: int) -> tuple[tuple[Vocabulary, Function], ...]:
        """Every function in use that canonical identifier ``word`` names."""
        return tuple(
            (vocabulary, function)
            for vocabulary in self.vocabularies
            for function in vocabulary.functions
            if word in function.ids
        )
