"""What becomes of a symbolic call: first match as conditions, outcomes as alternatives [DISPATCH-*].

Everything is built when it is asked for, so that a property's query holds only what it speaks of.
"""

from dataclasses import dataclass, field
from functools import cached_property

from smcproof.checker.symbolic.compiler import SymbolicFrame, affine, condition, word
from smcproof.checker.symbolic.env import (
    SymbolicCall,
    SymbolicState,
    in_block,
    routing_key,
)
from smcproof.checker.symbolic.factory import (
    FALSE,
    TRUE,
    Bits,
    Truth,
    at_most,
    choose_bits,
    conjunction,
    constant,
    disjunction,
    extract,
    implication,
    member,
    negation,
    variable,
)
from smcproof.checker.symbolic.transition import Update, apply_updates, emit_events
from smcproof.checker.symbolic.values import (
    Alternative,
    Anything,
    Content,
    Exact,
    Interval,
    LooseSet,
    RegisterValue,
    loose_constraint,
    merge,
)
from smcproof.spec.core import (
    Answer,
    Deliver,
    Forward,
    Free,
    Handle,
    Leave,
    Registers,
    Resume,
    Rule,
    Source,
    Stop,
    Undefined,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet


@dataclass(frozen=True, slots=True)
class Taken:
    """A rule of a layer, and the condition under which it decides."""

    layer: str
    rule: Rule
    condition: Truth


@dataclass(frozen=True, slots=True)
class Leaf:
    """One way in which a call can end: a rule, and the contract's clause if it has one.

    ``outcome`` is the rule's outcome word, ``effective`` the clause's or else the same. ``final`` is
    the clause or the rule; ``deliver`` is set where the call is delivered. ``vague`` marks a handler
    of which nothing is known.
    """

    condition: Truth
    outcome: str
    effective: str
    handler: str | None
    clause: bool
    final: Rule
    deliver: Deliver | None
    vague: bool


@dataclass(frozen=True, slots=True)
class SymbolicSend:
    """An SMC that leaves where ``present``; ``reaches`` by callee holds only there."""

    present: Truth
    registers: tuple[RegisterValue, ...]
    reaches: dict[str, Truth]


def outcome_word(rule: Rule) -> str:
    match rule.outcome:
        case Forward():
            return "forward"
        case Answer():
            return "return"
        case Handle():
            return "handle"
        case Deliver():
            return "deliver"
        case Undefined():
            return "undef"
        case Stop():
            return "stop"
        case Resume():
            return "resume"
        case Leave(word=word):
            return word


def written_by(leaf: Leaf) -> Registers:
    """The registers that the caller sees written."""
    own: dict[int, Source] = {}
    if leaf.deliver is not None:
        own.update(leaf.deliver.written)
    if leaf.deliver is not None and not (leaf.clause and leaf.effective in ("return", "forward")):
        if not leaf.clause:
            return tuple(sorted(own.items()))
        own = {}
    match leaf.final.outcome:
        case Forward(results=results):
            own.update(results)
        case Answer(written=written) | Stop(written=written) | Resume(written=written):
            own.update(written)
        case _:
            pass
    return tuple(sorted(own.items()))


@dataclass(frozen=True)
class SymbolicStep:
    """One symbolic call in a symbolic state. ``name`` tells the free variables of several runs
    apart, ``leaks`` only those of leaked registers; ``constraints`` are what is known of loose values
    and map entries that were used."""

    policy: CorePolicy
    call: SymbolicCall
    state: SymbolicState
    answer: tuple[Bits, ...]
    name: str
    constraints: list[Truth] = field(default_factory=list[Truth])
    leaks: str = "leaked"

    @cached_property
    def frame(self) -> SymbolicFrame:
        """What guards read."""
        return SymbolicFrame(self.policy, self.state, self.call, side=self.constraints)

    # ---- which rule ----

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """Every rule of every layer with the condition under which it decides [DISPATCH-LAYERS]."""
        found: list[Taken] = []
        entered: Truth = TRUE
        for layer in self.policy.layers:
            open_: Truth = entered
            passed: list[Truth] = []
            for rule in layer.rules:
                guard = self.guard_of(rule)
                here = conjunction((open_, guard))
                found.append(Taken(layer.name, rule, here))
                if outcome_word(rule) == "pass":
                    passed.append(here)
                open_ = conjunction((open_, negation(guard)))
            entered = disjunction((*passed, open_))
        return tuple(found)

    @cached_property
    def uncovered(self) -> Truth:
        """No rule matches, or a call reaches a contract none of whose clauses does."""
        decided = disjunction(
            taken.condition for taken in self.taken if outcome_word(taken.rule) != "pass"
        )
        gaps = [negation(decided)]
        for handler in self.policy.handlers:
            if handler.clauses is not None:
                into = disjunction(
                    taken.condition
                    for taken in self.taken
                    if isinstance(taken.rule.outcome, (Handle, Deliver))
                    and taken.rule.outcome.handler == handler.name
                )
                gaps.append(
                    conjunction(
                        (
                            into,
                            *(negation(self.guard_of(clause)) for clause in handler.clauses),
                        )
                    )
                )
        return disjunction(gaps)

    def guard_of(self, rule: Rule) -> Truth:
        """The rule's own guard, whatever comes before it."""
        return conjunction(condition(part.test, self.frame) for part in rule.guard)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every way to end, contracts' clauses included. Rules that hand to one contract in the same
        way share its clauses."""
        found: list[Leaf] = []
        entries: dict[tuple[str, Deliver | None], list[Truth]] = {}
        first: dict[tuple[str, Deliver | None], Rule] = {}
        for taken in self.taken:
            match taken.rule.outcome:
                case Leave(word="pass"):
                    continue
                case Handle(handler=handler):
                    entries.setdefault((handler, None), []).append(taken.condition)
                    first.setdefault((handler, None), taken.rule)
                case Deliver(handler=handler) as deliver:
                    entries.setdefault((handler, deliver), []).append(taken.condition)
                    first.setdefault((handler, deliver), taken.rule)
                case _:
                    name = outcome_word(taken.rule)
                    found.append(
                        Leaf(taken.condition, name, name, None, False, taken.rule, None, False)
                    )
        for (handler_name, delivery), conditions in entries.items():
            into = disjunction(conditions)
            outer = "handle" if delivery is None else "deliver"
            clauses = self.policy.handler(handler_name).clauses
            if clauses is None:
                rule = first[handler_name, delivery]
                found.append(
                    Leaf(into, outer, outer, handler_name, False, rule, delivery, delivery is None)
                )
                continue
            open_: Truth = into
            for clause in clauses:
                guard = self.guard_of(clause)
                found.append(
                    Leaf(
                        conjunction((open_, guard)),
                        outer,
                        outcome_word(clause),
                        handler_name,
                        True,
                        clause,
                        delivery,
                        False,
                    )
                )
                open_ = conjunction((open_, negation(guard)))
        return tuple(found)

    def where(self, *, outcome: str | None = None, effective: str | None = None) -> Truth:
        """The condition that a call ends so."""
        return disjunction(
            leaf.condition
            for leaf in self.leaves
            if (outcome is None or leaf.outcome == outcome)
            and (effective is None or leaf.effective == effective)
        )

    # ---- registers ----

    def _content(self, source: Source, index: int, frame: SymbolicFrame) -> Content:
        if not isinstance(source, Free):
            return Exact(word(source, frame))
        if source.leaked:
            return Anything(leaked=True)
        if not source.intervals and source.space is None:
            return Anything(leaked=False)
        found = [Interval(word(low, frame), word(high, frame)) for low, high in source.intervals]
        if source.space is not None:
            found.extend(self._regions(source.space, index))
        return LooseSet(tuple(found))

    def _regions(self, space: str, index: int) -> list[Interval]:
        """The caller's memory as intervals of a register."""
        found: list[Interval] = []
        bits = self.policy.geometry.register_bits[index]
        wide = self.policy.geometry.word_bits
        most = constant((1 << bits) - 1, wide)
        for block in self.policy.domains:
            here = in_block(self.call.caller, block.first, block.count)
            for region in block.ram if space == "ram" else block.machine:
                low = affine(region.low, block, self.call.caller, wide)
                high = affine(region.high, block, self.call.caller, wide)
                held = conjunction((here, at_most(low, most)))
                last = choose_bits(at_most(high, most), high, most)
                found.append(Interval(extract(low, bits - 1, 0), extract(last, bits - 1, 0), held))
        return found

    def _register(
        self, place: str, index: int, parts: list[tuple[Truth, Content]]
    ) -> RegisterValue:
        """Alternatives with equal contents merged, and the value of this run."""
        groups: dict[object, tuple[list[Truth], Content]] = {}
        for here, content in parts:
            key: object
            match content:
                case Exact(term=term):
                    key = ("exact", term.get_id())
                case Anything(leaked=leaked):
                    key = ("anything", leaked)
                case LooseSet(intervals=intervals):
                    key = tuple(
                        (part.low.get_id(), part.high.get_id(), part.held.get_id())
                        for part in intervals
                    )
            groups.setdefault(key, ([], content))[0].append(here)
        alternatives: list[Alternative] = []
        terms: list[Bits] = []
        bits = self.policy.geometry.register_bits[index]
        for conditions, content in groups.values():
            here = disjunction(conditions)
            alternatives.append(Alternative(here, content))
            match content:
                case Exact(term=term):
                    terms.append(term)
                case Anything(leaked=True):
                    terms.append(variable(f"{self.name}.{self.leaks}.{place}.x{index}", bits))
                case _:
                    free = variable(f"{self.name}.loose.{place}.x{index}", bits)
                    terms.append(free)
                    if isinstance(content, LooseSet):
                        self.constraints.append(implication(here, loose_constraint(content, free)))
        return RegisterValue(tuple(alternatives), merge(alternatives, terms))

    # ---- what leaves ----

    @cached_property
    def sends(self) -> tuple[SymbolicSend, ...]:
        """The SMCs that leave, in order; the first slot is a forward's, if the call is forwarded."""
        slots: list[list[tuple[Truth, Registers]]] = []
        for leaf in self.leaves:
            maps: list[Registers] = []
            if isinstance(leaf.final.outcome, Forward):
                maps.append(leaf.final.outcome.sent)
            if leaf.clause:
                maps.extend(entry.sent for entry in leaf.final.sends)
            for at, sent in enumerate(maps):
                while len(slots) <= at:
                    slots.append([])
                slots[at].append((leaf.condition, sent))
        return tuple(self._send(at, parts) for at, parts in enumerate(slots))

    def _send(self, at: int, parts: list[tuple[Truth, Registers]]) -> SymbolicSend:
        present = disjunction(here for here, _ in parts)
        registers: list[RegisterValue] = []
        for index in range(self.policy.geometry.registers):
            contents = [
                (here, self._content(dict(sent)[index], index, self.frame)) for here, sent in parts
            ]
            registers.append(self._register(f"sent.{at}", index, contents))
        key = routing_key(registers[0].term, self.policy.geometry)
        reaches: dict[str, Truth] = {}
        claimed: list[Truth] = []
        for callee in self.policy.callees:
            ids = IntervalSet.of(
                (entry.low, entry.high)
                for entry in self.policy.routes
                if entry.callee == callee.name
            )
            here = member(key, ids)
            claimed.append(here)
            reaches[callee.name] = conjunction((present, here))
        reaches["unclaimed"] = conjunction((present, negation(disjunction(claimed))))
        return SymbolicSend(present, tuple(registers), reaches)

    # ---- what the caller sees ----

    @cached_property
    def answer_frame(self) -> SymbolicFrame:
        """What a forward's ``returning`` and ``then`` read: the state after issue, what left, the
        results."""
        forwarded = self.where(effective="forward")
        reached: dict[str, Truth] = {}
        sent = None
        if self.sends:
            first = self.sends[0]
            sent = tuple(register.term for register in first.registers)
            reached = {
                callee: conjunction((forwarded, here)) for callee, here in first.reaches.items()
            }
        return SymbolicFrame(
            self.policy,
            self.issued,
            self.call,
            sent=sent,
            answer=self.answer,
            reached=reached,
            side=self.constraints,
        )

    def written(self, index: int) -> Truth:
        """Whether the caller sees register ``index`` written."""
        return disjunction(
            leaf.condition for leaf in self.leaves if index in dict(written_by(leaf))
        )

    def may_write(self, index: int) -> Truth:
        """Whether only a handler of which nothing is known may have written the register."""
        if index >= self.policy.geometry.results:
            return FALSE
        return disjunction(leaf.condition for leaf in self.leaves if leaf.vague)

    def register(self, index: int) -> RegisterValue:
        """The register as the caller sees it afterwards."""
        known = self._registers.get(index)
        if known is None:
            parts: list[tuple[Truth, Content]] = []
            for leaf in self.leaves:
                source = dict(written_by(leaf)).get(index)
                content: Content
                if leaf.vague and index < self.policy.geometry.results:
                    content = Anything(leaked=False)
                elif source is None:
                    content = Exact(self.call.x[index])
                else:
                    forward = isinstance(leaf.final.outcome, Forward)
                    frame = self.answer_frame if forward else self.frame
                    content = self._content(source, index, frame)
                parts.append((leaf.condition, content))
            known = self._register("written", index, parts)
            self._registers[index] = known
        return known

    @cached_property
    def _registers(self) -> dict[int, RegisterValue]:
        return {}

    def write_mask(self) -> tuple[Truth, ...]:
        return tuple(self.written(index) for index in range(self.policy.geometry.registers))

    @cached_property
    def pc(self) -> Bits:
        """Bytes from the call instruction to where the caller resumes; 0 where it does not."""
        past = disjunction(leaf.condition for leaf in self.leaves if _resumes_past(leaf))
        bits = self.policy.geometry.word_bits
        return choose_bits(past, constant(4, bits), constant(0, bits))

    def resume_points(self) -> dict[tuple[str, object], Truth]:
        """Where the caller resumes or which exception it takes, apart from a computed address."""
        found: dict[tuple[str, object], list[Truth]] = {}
        for leaf in self.leaves:
            found.setdefault(_resume_point(leaf), []).append(leaf.condition)
        return {key: disjunction(conditions) for key, conditions in found.items()}

    @cached_property
    def target(self) -> Bits:
        """The address at which ``resume at`` puts the caller; 0 elsewhere."""
        bits = self.policy.geometry.word_bits
        found: Bits = constant(0, bits)
        for leaf in self.leaves:
            if isinstance(leaf.final.outcome, Resume):
                target = word(leaf.final.outcome.target, self.frame)
                found = choose_bits(leaf.condition, target, found)
        return found

    # ---- state ----

    @cached_property
    def issued(self) -> SymbolicState:
        """The state after issue [STATE-ISSUE]."""
        updates = [
            Update(leaf.condition, assign) for leaf in self.leaves for assign in leaf.final.issuing
        ]
        return apply_updates(self.policy, self.state, updates, self.frame)

    @cached_property
    def after(self) -> SymbolicState:
        """The state after completion."""
        updates = [
            Update(taken.condition, assign) for taken in self.taken for assign in taken.rule.effects
        ]
        updates.extend(
            Update(leaf.condition, assign)
            for leaf in self.leaves
            if leaf.clause
            for assign in leaf.final.effects
        )
        state = apply_updates(self.policy, self.issued, updates, self.answer_frame)
        return emit_events(
            self.policy,
            state,
            [(leaf.condition, emit) for leaf in self.leaves for emit in leaf.final.emits],
            self.frame,
        )


def _resumes_past(leaf: Leaf) -> bool:
    if leaf.deliver is not None and (not leaf.clause or leaf.effective in ("return", "forward")):
        return leaf.deliver.after
    return leaf.effective in ("forward", "return", "handle", "skip")


def _resume_point(leaf: Leaf) -> tuple[str, object]:
    outcome = leaf.final.outcome
    if isinstance(outcome, Undefined):
        return "undef", (outcome.after, outcome.vector)
    if isinstance(outcome, Stop):
        return "stop", outcome.domain
    if isinstance(outcome, Leave) and outcome.word != "skip":
        return "leave", outcome.word
    if isinstance(outcome, Resume):
        return "resume", None
    return "pc", _resumes_past(leaf)
