"""What a property asks the solver: its premise, its violation, and the steps they speak of
[PROPERTY-UNIVERSAL]."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import z3

from smcproof.checker.symbolic.dispatcher import SymbolicStep
from smcproof.checker.symbolic.env import (
    SymbolicCall,
    SymbolicState,
    call_arrives,
    canonical,
    initial_state,
    legal_state,
    symbolic_answer,
    symbolic_call,
)
from smcproof.checker.symbolic.env import any_state as free_state
from smcproof.checker.symbolic.events import SymbolicEvent
from smcproof.checker.symbolic.factory import (
    FALSE,
    Bits,
    Truth,
    conjunction,
    constant,
    disjunction,
    equal,
    member,
)
from smcproof.checker.symbolic.words import Words
from smcproof.spec.core_policy import Claim, CorePolicy, Exemption


@dataclass(frozen=True, slots=True)
class Query:
    """``violation`` implies nothing about arrival or exemptions: those are asserted besides.
    ``runs`` are the steps it speaks of, the first first; ``event`` is set instead for events.
    ``send`` is the SMC at fault, by position. ``undecided`` is where a contract or a vocabulary says
    too little, for ``reason``."""

    premise: Truth
    violation: Truth
    runs: tuple[Words, ...] = ()
    event: SymbolicEvent | None = None
    issued_ids: tuple[Bits, ...] = ()
    witnesses: tuple[tuple[str, Bits], ...] = ()
    undecided: Truth = FALSE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing that an existential property asks for."""

    label: str
    condition: Truth
    runs: tuple[Words, ...] = ()
    event: SymbolicEvent | None = None


@dataclass(frozen=True)
class Context:
    """One policy and one state to ask in: the initial one, or any."""

    policy: CorePolicy
    claim: Claim
    initially: bool
    constraints: list[Truth] = field(default_factory=list[Truth])

    @cached_property
    def state(self) -> SymbolicState:
        return initial_state(self.policy) if self.initially else free_state(self.policy)

    @cached_property
    def call(self) -> SymbolicCall:
        return symbolic_call(self.policy)

    @cached_property
    def answer(self) -> tuple[Bits, ...]:
        return symbolic_answer(self.policy.geometry)

    @cached_property
    def words(self) -> Words:
        """The call that the property speaks of."""
        return self.run("first", self.call)

    def run(self, name: str, call: SymbolicCall) -> Words:
        """Another call in the same state, with the same answer."""
        return Words(
            SymbolicStep(self.policy, call, self.state, self.answer, name, self.constraints)
        )

    def leaking_otherwise(self) -> Words:
        """The call once more, alike in everything but what is leaked."""
        return Words(
            SymbolicStep(
                self.policy,
                self.call,
                self.state,
                self.answer,
                "first",
                self.constraints,
                leaks="otherwise",
            )
        )

    def with_x(self, registers: dict[int, Bits]) -> SymbolicCall:
        """The same call with other registers."""
        x = tuple(registers.get(index, term) for index, term in enumerate(self.call.x))
        return replace(self.call, x=x)

    def over(self, conduit: int) -> SymbolicCall:
        """The same call over another conduit, with immediate 0: where it was not visible it may have
        been anything."""
        imm = constant(0, self.call.imm.size())
        return replace(self.call, conduit=constant(conduit, 2), imm=imm)

    def event(self, name: str) -> SymbolicEvent:
        declared = next(entry for entry in self.policy.events if entry.name == name)
        return SymbolicEvent(
            self.policy, declared, self.state, self.answer, f"event.{name}", self.constraints
        )

    def events(self) -> tuple[SymbolicEvent, ...]:
        """Every event that has clauses."""
        return tuple(self.event(entry.name) for entry in self.policy.events if entry.clauses)

    # ---- what surrounds a query ----

    def background(self, query: "Query | Goal") -> Truth:
        """What is known whatever the property: the call arrives or the event occurs, the state is one
        that the types allow, loose values are in their sets."""
        parts: list[Truth] = [] if self.initially else [legal_state(self.policy, self.state)]
        if query.event is not None:
            parts.append(query.event.occurs(initially=self.initially))
        for words in query.runs:
            parts.append(call_arrives(self.policy, words.step.call, initially=self.initially))
        return conjunction((*parts, *self.constraints))

    def exempt(self, query: "Query | Goal") -> Truth:
        """The steps that the claim leaves out [PROPERTY-EXCEPTION]."""
        return disjunction(self.exempted_by(entry, query) for entry in self.claim.exemptions)

    def exempted_by(self, entry: Exemption, query: "Query | Goal") -> Truth:
        parts: list[Truth] = []
        for words in query.runs:
            call = words.step.call
            if entry.ids is not None:
                parts.append(words.identifier_in(entry.ids))
            elif entry.callers is not None:
                parts.append(member(call.caller, entry.callers))
            elif entry.conduit is not None:
                parts.append(equal(call.conduit, constant(entry.conduit, 2)))
        if isinstance(query, Query) and entry.ids is not None:
            for x0 in query.issued_ids:
                parts.append(member(canonical(x0, self.policy.geometry), entry.ids))
        return disjunction(parts)


def named(term: z3.ExprRef) -> Bits:
    """A term that must be a word."""
    assert isinstance(term, z3.BitVecRef)
    return term
