"""A symbolic event and what the hypervisor sends for it [STATE-EVENT]."""

from dataclasses import dataclass, field
from functools import cached_property

import z3

from smcproof.checker.symbolic.compiler import SymbolicFrame, condition, word
from smcproof.checker.symbolic.env import Sorts, SymbolicState, in_block, routing_key
from smcproof.checker.symbolic.factory import (
    TRUE,
    Bits,
    Truth,
    conjunction,
    disjunction,
    member,
    negation,
)
from smcproof.checker.symbolic.transition import Update, apply_updates
from smcproof.spec.core import Event, Forward, Free, Leave, Rule
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet


@dataclass(frozen=True, slots=True)
class EventLeaf:
    """A clause of the event and the condition under which it decides."""

    condition: Truth
    clause: Rule


@dataclass(frozen=True)
class SymbolicEvent:
    """One event in a symbolic state, with fresh parameters."""

    policy: CorePolicy
    event: Event
    state: SymbolicState
    answer: tuple[Bits, ...]
    name: str
    constraints: list[Truth] = field(default_factory=list[Truth])

    @cached_property
    def parameters(self) -> tuple[z3.ExprRef, ...]:
        sorts = Sorts(self.policy)
        return tuple(
            sorts.fresh(f"{self.name}.{parameter}", kind)
            for parameter, kind in self.event.parameters
        )

    def occurs(self, *, initially: bool) -> Truth:
        """Whether the event can happen: its parameters are legal, ``destroy`` needs a live domain and
        ``create`` one that is not (which is known only ``initially``)."""
        sorts = Sorts(self.policy)
        parts = [
            sorts.legal(term, kind)
            for term, (_, kind) in zip(self.parameters, self.event.parameters, strict=True)
        ]
        if initially and self.event.name in ("create", "destroy"):
            domain = self.parameters[0]
            assert isinstance(domain, z3.BitVecRef)
            absent = disjunction(
                in_block(domain, block.first, block.count)
                for block in self.policy.domains
                if block.absent
            )
            parts.append(absent if self.event.name == "create" else negation(absent))
        return conjunction(parts)

    @cached_property
    def frame(self) -> SymbolicFrame:
        return SymbolicFrame(self.policy, self.state, None, self.parameters, side=self.constraints)

    @cached_property
    def leaves(self) -> tuple[EventLeaf, ...]:
        found: list[EventLeaf] = []
        open_: Truth = TRUE
        for clause in self.event.clauses:
            guard = conjunction(condition(part.test, self.frame) for part in clause.guard)
            found.append(EventLeaf(conjunction((open_, guard)), clause))
            open_ = conjunction((open_, negation(guard)))
        return tuple(found)

    def sent(self, leaf: EventLeaf) -> tuple[Bits, ...] | None:
        """The registers that leave for a clause, None if nothing does. Free registers of an event
        are zero by default; one that the policy leaves free is not supported here and reads as a
        fresh constant."""
        if not isinstance(leaf.clause.outcome, Forward):
            return None
        registers: list[Bits] = []
        for index, source in leaf.clause.outcome.sent:
            bits = self.policy.geometry.register_bits[index]
            if isinstance(source, Free):
                registers.append(z3.BitVec(f"{self.name}.loose.x{index}", bits))
            else:
                registers.append(word(source, self.frame))
        return tuple(registers)

    def reaches(self, sent: tuple[Bits, ...]) -> dict[str, Truth]:
        """The callee that registers leaving reach."""
        key = routing_key(sent[0], self.policy.geometry)
        found: dict[str, Truth] = {}
        for callee in self.policy.callees:
            ids = IntervalSet.of(
                (entry.low, entry.high)
                for entry in self.policy.routes
                if entry.callee == callee.name
            )
            found[callee.name] = member(key, ids)
        found["unclaimed"] = negation(disjunction(found.values()))
        return found

    def panics(self) -> Truth:
        return disjunction(
            leaf.condition
            for leaf in self.leaves
            if isinstance(leaf.clause.outcome, Leave) and leaf.clause.outcome.word == "panic"
        )

    def after(self) -> SymbolicState:
        """The state after the event, liveness apart."""
        updates = [
            Update(leaf.condition, assign) for leaf in self.leaves for assign in leaf.clause.issuing
        ]
        issued = apply_updates(self.policy, self.state, updates, self.frame)
        for leaf in self.leaves:
            sent = self.sent(leaf)
            frame = SymbolicFrame(
                self.policy,
                issued,
                None,
                self.parameters,
                sent=sent,
                answer=None if sent is None else self.answer,
                reached={} if sent is None else self.reaches(sent),
                side=self.constraints,
            )
            issued = apply_updates(
                self.policy,
                issued,
                [Update(leaf.condition, assign) for assign in leaf.clause.effects],
                frame,
            )
        return issued
