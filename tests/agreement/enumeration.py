"""The verdict on a claim by trying every call in every state, with the judges (test T3).

Nothing here knows the solver: this is what PROVED is measured against.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.judge.catalogue import (
    ExistentialJudge,
    exempt,
    goals,
    judge_of,
    judged,
    premise,
    witnessed,
)
from smcproof.refmodel.judge.trial import Trial
from smcproof.refmodel.machine import arrives, raise_event
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import EventStep, Step
from smcproof.spec.state import MachineState, can_call, initial_state
from smcproof.spec.types import Bool, Bounded, DomainType, Enum, Type, VcpuType, Word
from smcproof.spec.verdict import Verdict
from smcproof.spec.word import sign_extend


@dataclass(frozen=True, slots=True)
class Enumerated:
    """The verdict, and how many (call, state, answer) cases were tried."""

    verdict: Verdict
    cases: int


def all_calls(policy: CorePolicy) -> Iterator[Call]:
    """Every call that can arrive."""
    geometry = policy.geometry
    words = list(product(*(range(1 << bits) for bits in geometry.register_bits)))
    for block in policy.domains:
        for caller in range(block.first, block.first + block.count):
            heads = product(
                range(len(block.vcpus)),
                block.levels,
                (False, True),
                (Conduit(number) for number in policy.conduits),
                range(1 << geometry.imm_bits),
                (True, False),
            )
            for vcpu, el, aarch32, conduit, imm, passed in heads:
                shape = Call(caller, vcpu, el, aarch32, conduit, imm, words[0], passed)
                if arrives(policy, shape):
                    for x in words:
                        yield Call(caller, vcpu, el, aarch32, conduit, imm, x, passed)


def values_of(policy: CorePolicy, kind: Type) -> range:
    match kind:
        case Bool():
            return range(2)
        case Enum(members=members):
            return range(len(members))
        case DomainType(optional=optional):
            return range(-1 if optional else 0, policy.domain_count)
        case Bounded(low=low, high=high):
            return range(low, high + 1)
        case VcpuType():
            return range(policy.domain_count * policy.most_vcpus)
        case Word(bits=bits):
            return range(1 << bits)


def all_states(policy: CorePolicy) -> Iterator[MachineState]:
    """Every state that the types allow, with all domains live; the initial one comes first."""
    start = initial_state(policy)
    yield start
    ranges = [values_of(policy, variable.type) for variable in policy.states]
    for values in product(*ranges):
        state = MachineState(tuple(values))
        if state != start:
            yield state


def all_answers(policy: CorePolicy) -> tuple[tuple[int, ...], ...]:
    geometry = policy.geometry
    columns = [
        [sign_extend(value, free, bits) for value in range(1 << free)]
        for free, bits in zip(geometry.answer_bits, geometry.register_bits, strict=True)
    ]
    return tuple(product(*columns))


class Space:
    """All steps of a policy, made once and judged for every claim."""

    def __init__(self, policy: CorePolicy) -> None:
        self.policy = policy
        self.calls = tuple(all_calls(policy))
        self.answers = all_answers(policy)
        self._known: dict[tuple[MachineState, Call, tuple[int, ...]], Step] = {}

    def step(self, state: MachineState, call: Call, answer: tuple[int, ...]) -> Step:
        key = (state, call, answer)
        found = self._known.get(key)
        if found is None:
            found = dispatch(self.policy, state, call, answer)
            self._known[key] = found
            if found.answer is None:
                for other in self.answers:
                    self._known[state, call, other] = found
        return found

    def trials(self, claim: Claim, state: MachineState) -> Iterator[Trial]:
        """Every step from ``state``: calls by domains that can call, and events."""
        for call in self.calls:
            if not can_call(self.policy, state, call.caller, call.vcpu):
                continue
            seen: set[int] = set()
            for answer in self.answers:
                step = self.step(state, call, answer)
                if id(step) in seen:
                    continue
                seen.add(id(step))
                yield Trial(self.policy, claim, step, self._again(state, answer))
        for event in self.events(state):
            yield Trial(self.policy, claim, event, self._again(state, self.answers[0]))

    def _again(self, state: MachineState, answer: tuple[int, ...]):  # type: ignore[no-untyped-def]
        return lambda call: self.step(state, call, answer)

    def events(self, state: MachineState) -> Iterator[EventStep]:
        for event in self.policy.events:
            if not event.clauses:
                continue
            ranges = [values_of(self.policy, kind) for _, kind in event.parameters]
            for arguments in product(*ranges):
                if event.name == "destroy" and arguments[0] in state.dead:
                    continue
                if event.name == "create" and arguments[0] not in state.dead:
                    continue
                for answer in self.answers:
                    yield raise_event(self.policy, state, event.name, tuple(arguments), answer)


def enumerate_claim(space: Space, claim: Claim) -> Enumerated:
    """The verdict by [PROPERTY-UNIVERSAL], [PROPERTY-EXISTENTIAL] and [PROPERTY-VACUOUS]."""
    if isinstance(judge_of(claim), ExistentialJudge):
        return _existential(space, claim)
    return _universal(space, claim)


def _universal(space: Space, claim: Claim) -> Enumerated:
    met = undecided = violated = False
    cases = 0
    start = initial_state(space.policy)
    for state in all_states(space.policy):
        for trial in space.trials(claim, state):
            cases += 1
            if not met and premise(trial) and not exempt(trial):
                met = True
            finding = judged(trial)
            if finding is None:
                continue
            if finding.undecided:
                undecided = True
            else:
                violated = True
                if state == start:
                    return Enumerated(Verdict.VIOLATED, cases)
    if not met:
        return Enumerated(Verdict.VACUOUS, cases)
    if violated or undecided:
        return Enumerated(Verdict.UNKNOWN, cases)
    return Enumerated(Verdict.PROVED, cases)


def _existential(space: Space, claim: Claim) -> Enumerated:
    wanted = set(goals(space.policy, claim))
    if not wanted:
        return Enumerated(Verdict.VACUOUS, 0)
    initially: set[str] = set()
    anywhere: set[str] = set()
    cases = 0
    start = initial_state(space.policy)
    for state in all_states(space.policy):
        for trial in space.trials(claim, state):
            cases += 1
            reached = witnessed(trial)
            anywhere |= reached
            if state == start:
                initially |= reached
                if initially >= wanted:
                    return Enumerated(Verdict.PROVED, cases)
    if wanted - anywhere:
        return Enumerated(Verdict.VIOLATED, cases)
    return Enumerated(Verdict.UNKNOWN, cases)
