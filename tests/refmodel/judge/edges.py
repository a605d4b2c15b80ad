"""Calls and events at the edges of a policy: spellings of identifiers, argument values, callers,
conduits, states and answers where decisions change."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.judge.trial import Trial
from smcproof.refmodel.machine import arrives, raise_event
from smcproof.refmodel.memory import regions
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.state import MachineState, MapValue, can_call, initial_state
from smcproof.spec.types import BOOL, Bounded, DomainType, Enum

WORD = (1 << 64) - 1
UPPER, HINT, MBZ, FAST, WIDE = 1 << 32, 1 << 16, 1 << 17, 1 << 31, 1 << 30
OTHERS = (0, 0x0400_0000, 0x8200_0000, 0xC200_0001, 0x8500_0000, 0xBF00_FF01, 0xFFFF_FFFF)
ANSWERS = ((), (WORD,), (0x8400_0060, 0, WORD), (1, 2, 3, 4))


def identifiers(policy: CorePolicy) -> list[int]:
    """Every function's, and some that nobody may know."""
    found = {
        fid
        for vocabulary in policy.vocabularies
        for function in vocabulary.functions
        for fid in (function.smc32, function.smc64)
        if fid is not None
    }
    ends = {
        end
        for vocabulary in policy.vocabularies
        for low, high in vocabulary.window.parts
        for end in (low, high)
    }
    return sorted(found | ends | set(OTHERS))


def spellings(fid: int) -> tuple[int, ...]:
    return (
        fid,
        UPPER | fid,
        fid ^ HINT,
        UPPER | fid ^ HINT,
        fid ^ MBZ,
        fid ^ FAST,
        fid ^ WIDE,
    )


def arguments(policy: CorePolicy) -> list[tuple[int, ...]]:
    """x1 and up: scalars at their limits, dirty upper halves, addresses at the ends of regions."""
    scalars = (0, 1, 3, 4, 15, 16, 96, 97, 192, 193, 0x100, UPPER, UPPER | 1, WORD)
    found: list[tuple[int, ...]] = [(value,) for value in scalars]
    found += [(0, value) for value in (1, 4, UPPER)]
    found += [(UPPER | 1,) * 7, (0,) * 6 + (9,)]
    page = policy.geometry.page
    for low, high in regions(policy, 0, "machine"):
        for base in (low, low - 1, high + 1 - page, high + 2 - page, high + 1):
            found += [(base, base, 1), (base, low, 2), (low, base, 0)]
    return found


def _callers(policy: CorePolicy) -> set[int]:
    """The first and the last domain of each declaration."""
    firsts = {block.first for block in policy.domains}
    return firsts | {block.first + block.count - 1 for block in policy.domains}


def _shapes(policy: CorePolicy) -> Iterator[tuple[int, Conduit, bool, bool, int]]:
    """Caller, conduit, execution state, condition and immediate."""
    return product(_callers(policy), Conduit, (False, True), (True, False), (0, 1))


def calls(policy: CorePolicy) -> Iterator[Call]:
    """Calls that arrive: every identifier's spellings, every function with every argument value,
    every shape of a few identifiers."""
    known = identifiers(policy)
    named = [
        fid
        for vocabulary in policy.vocabularies
        for function in vocabulary.functions[:12]
        for fid in function.ids
    ]
    plain = (0, Conduit.SMC, False, True, 0)
    shapes = tuple(_shapes(policy))
    asked: list[tuple[tuple[int, ...], tuple[int, Conduit, bool, bool, int]]] = []
    asked += [((x0,), shape) for fid in known for x0 in spellings(fid) for shape in shapes[:4]]
    asked += [((fid, *x), plain) for fid in known for x in arguments(policy)]
    asked += [((fid,), shape) for fid in (*named, *OTHERS) for shape in shapes]
    for x, (caller, conduit, aarch32, passed, imm) in asked:
        registers = x + (0,) * (policy.geometry.registers - len(x))
        level = policy.block_of(caller).levels[0]
        call = Call(caller, 0, level, aarch32, conduit, imm, registers, passed)
        if not arrives(policy, call):
            call = replace(call, aarch32=not aarch32)
        if arrives(policy, call):
            yield call


def states(policy: CorePolicy) -> Iterator[MachineState]:
    """The initial state, and those in which one plain variable has another value."""
    start = initial_state(policy)
    yield start
    for at, variable in enumerate(policy.states):
        if isinstance(start.values[at], MapValue):
            continue
        values: Iterable[int] = ()
        match variable.type:
            case Bounded(low=low, high=high):
                values = range(low, high + 1)
            case Enum(members=members):
                values = range(len(members))
            case DomainType():
                values = range(-1, policy.domain_count)
            case kind if kind == BOOL:
                values = (0, 1)
            case _:
                pass
        for value in values:
            if value != start.values[at]:
                yield start.with_value(at, value)


def _events(policy: CorePolicy) -> Iterator[tuple[str, tuple[int, ...]]]:
    for event in policy.events:
        domains = [sorted(_callers(policy)) for _ in event.parameters]
        for picked in product(*domains):
            yield event.name, picked


def trials(policy: CorePolicy, claim: Claim, state: MachineState) -> Iterator[Trial]:
    """A trial for each edge call, with each answer where it is forwarded, and for each event."""

    def trial(call: Call, answer: tuple[int, ...]) -> Trial:
        padded = answer + (0,) * (policy.geometry.registers - len(answer))

        def again(other: Call) -> Step:
            return dispatch(policy, state, other, padded)

        return Trial(policy, claim, again(call), again)

    for call in calls(policy):
        if not can_call(policy, state, call.caller, call.vcpu):
            continue
        first = trial(call, ANSWERS[0])
        yield first
        if isinstance(first.step, Step) and first.step.answer is not None:
            for answer in ANSWERS[1:]:
                yield trial(call, answer)
    for name, picked in _events(policy):
        step = raise_event(policy, state, name, picked)
        yield Trial(policy, claim, step, lambda call: dispatch(policy, state, call))
