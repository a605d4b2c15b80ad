"""Recorded behaviour of a real system against a policy: which call the policy does not explain
(docs/command-line.md, conform)."""

from collections.abc import Iterator
from dataclasses import dataclass

from smcproof.checker.recording import RecordedCall, Recording
from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.machine import arrives
from smcproof.refmodel.matching import NoRule
from smcproof.spec.call import Call
from smcproof.spec.core import Bank, Forward, Free, Register, Rule
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import FULL
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Leaked, Loose, Step, Undef, Value, possible
from smcproof.spec.state import MachineState, can_call, initial_state
from smcproof.spec.word import truncate

ARCHITECTURE_VECTORS = (0x000, 0x200)
"""Where an exception taken at the caller's own level can go: SP_EL0 or SP_ELx (Arm ARM D1.3.1)."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that the policy says otherwise than the recording."""

    what: str
    expected: str
    recorded: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One recorded call under the policy. ``open_because`` says what leaves the answer to a handler
    or callee, where the policy does and the recording stays within it."""

    call: RecordedCall
    step: Step | None
    mismatches: tuple[Mismatch, ...]
    open_because: str | None

    @property
    def agrees(self) -> bool:
        return not self.mismatches


@dataclass(frozen=True, slots=True)
class Cause:
    """Disagreements with one cause: the rule that decided and what came out otherwise."""

    rule: str
    what: str
    calls: tuple[Judged, ...]


class CallerUnknown(Exception):
    """The recording's caller is no domain of the policy."""


def conform(
    policy: CorePolicy, recording: Recording, caller: str | None = None
) -> Iterator[Judged]:
    """Each recorded call in turn, the state carried along. ``caller`` makes every call that domain's.
    Raises ``CallerUnknown``."""
    state = initial_state(policy)
    for recorded in recording.calls:
        call = _call(policy, recorded, caller)
        judged, state = judge_call(policy, state, recorded, call)
        yield judged


def _call(policy: CorePolicy, recorded: RecordedCall, caller: str | None) -> Call:
    name = caller or recorded.caller
    for block in policy.domains:
        if block.name == name and block.indexed is None:
            return Call(
                caller=block.first,
                vcpu=recorded.vcpu,
                el=recorded.el,
                aarch32=not block.aarch64,
                conduit=recorded.conduit,
                imm=recorded.imm,
                x=recorded.x,
            )
    known = ", ".join(block.name for block in policy.domains if block.indexed is None)
    raise CallerUnknown(
        f"{recorded.path}:{recorded.line}: the caller `{name}` is no domain of the policy; "
        f"choose one with --caller: {known}"
    )


def judge_call(
    policy: CorePolicy, state: MachineState, recorded: RecordedCall, call: Call
) -> tuple[Judged, MachineState]:
    """One recorded call in ``state``, and the state after it."""
    if not arrives(policy, call):
        reason = f"such a call does not arrive at {policy.level}"
        return _failed(recorded, "arrival", "no such call", reason), state
    if not can_call(policy, state, call.caller, call.vcpu):
        return _failed(recorded, "liveness", "the caller has stopped", "it calls"), state
    try:
        step = dispatch(policy, state, call)
        if step.answer is not None:
            step = dispatch(policy, state, call, _answer(policy, step, recorded))
    except NoRule as problem:
        return _failed(recorded, "rule", str(problem), "an answer"), state
    mismatches = tuple(_mismatches(policy, step, recorded))
    return Judged(recorded, step, mismatches, _open_because(policy, step)), step.after


def _failed(recorded: RecordedCall, what: str, expected: str, got: str) -> Judged:
    return Judged(recorded, None, (Mismatch(what, expected, got),), None)


def _final_rule(policy: CorePolicy, step: Step) -> Rule:
    if step.clause is not None and step.handler is not None:
        clauses = policy.handler(step.handler).clauses or ()
        return next(clause for clause in clauses if clause.name == step.clause)
    return next(
        rule
        for layer in policy.layers
        if layer.name == step.layer
        for rule in layer.rules
        if rule.name == step.rule
    )


def _answer(policy: CorePolicy, step: Step, recorded: RecordedCall) -> tuple[int, ...]:
    """The callee's results, read off the registers that the policy copies back unchanged."""
    out = dict(recorded.out)
    found = [0] * policy.geometry.registers
    outcome = _final_rule(policy, step).outcome
    assert isinstance(outcome, Forward)
    for index, source in outcome.results:
        if isinstance(source, Register) and source.bank is Bank.RESULT:
            found[source.index] = out.get(index, step.call.x[index])
    return tuple(found)


def _mismatches(policy: CorePolicy, step: Step, recorded: RecordedCall) -> Iterator[Mismatch]:
    yield from _ending(step, recorded)
    out = dict(recorded.out)
    for index, value in enumerate(step.registers):
        bits = policy.geometry.register_bits[index]
        seen = out.get(index, step.call.x[index])
        allowed = possible(value, bits)
        if step.call.aarch32:
            low = policy.geometry.narrow_bits[index]
            seen &= (1 << low) - 1
            if not any(entry & ((1 << low) - 1) == seen for entry in _some(allowed)):
                yield Mismatch(f"x{index}", shown(value, bits), f"{seen:#x}")
        elif seen not in allowed:
            yield Mismatch(f"x{index}", shown(value, bits), f"{seen:#x}")


def _some(allowed: IntervalSet) -> Iterator[int]:
    for low, high in allowed.parts:
        yield from range(low, min(high, low + (1 << 16)) + 1)


def _ending(step: Step, recorded: RecordedCall) -> Iterator[Mismatch]:
    """How the call ended: where the caller resumed, which exception it took, who got the call."""
    seen = _seen_ending(recorded)
    if step.exception is not None:
        yield from _exception(step.exception, recorded, seen)
        return
    if step.outcome == "deliver" and recorded.delivered is None:
        yield Mismatch("delivery", f"deliver {step.handler}", seen)
        return
    if step.outcome != "deliver" and recorded.delivered is not None:
        yield Mismatch("delivery", step.outcome, seen)
        return
    if step.pc is None:
        yield Mismatch("ending", step.effective, seen)
    elif recorded.pc is None:
        yield Mismatch("exception", f"resumes at +{step.pc}", seen)
    elif recorded.pc != step.pc:
        yield Mismatch("pc", f"+{step.pc}", f"+{recorded.pc}")
    delivered = recorded.delivered
    if delivered is not None and delivered.pc_minus_insn not in (None, step.pc):
        yield Mismatch("pc", f"+{step.pc}", f"+{delivered.pc_minus_insn} when delivered")


def _seen_ending(recorded: RecordedCall) -> str:
    if recorded.exception is not None:
        taken = recorded.exception
        return f"exception EC {taken.ec:#x}, ELR +{taken.elr}, vector {taken.vector:#x}"
    if recorded.delivered is not None:
        return "delivered to a user-level handler"
    return f"resumed at +{recorded.pc}"


def _exception(expected: Undef, recorded: RecordedCall, seen: str) -> Iterator[Mismatch]:
    taken = recorded.exception
    elr = 4 if expected.after else 0
    if taken is None or taken.ec != 0:
        yield Mismatch("exception", "undef", seen)
        return
    if taken.elr != elr:
        yield Mismatch("elr", f"+{elr}", f"+{taken.elr}")
    vectors = ARCHITECTURE_VECTORS if expected.vector is None else (expected.vector,)
    if taken.vector not in vectors:
        yield Mismatch("vector", " or ".join(f"{at:#x}" for at in vectors), f"{taken.vector:#x}")


def shown(value: Value, bits: int) -> str:
    """A register's value, or the set it may come from, for a message."""
    match value:
        case int():
            return f"{value:#x}"
        case Leaked():
            return "anything (leaked)"
        case Loose(allowed=allowed):
            if allowed.parts == ((0, (1 << bits) - 1),):
                return "any value"
            parts = [
                f"{low:#x}" if low == high else f"{low:#x}..{high:#x}"
                for low, high in allowed.parts
            ]
            return f"one of {', '.join(parts[:8])}{', ..' if len(parts) > 8 else ''}"


def _open_because(policy: CorePolicy, step: Step) -> str | None:
    """What leaves the answer open: a loose register, or a callee's result."""
    loose = [
        index
        for index, value in step.written
        if not isinstance(value, int)
        and possible(value, policy.geometry.register_bits[index]).size > 1
    ]
    rule = _final_rule(policy, step)
    if loose:
        registers = ", ".join(f"x{index}" for index in loose)
        if step.handler is None:
            return f"rule `{step.rule}` leaves {registers} loose"
        where = f"clause on line {rule.span.line}" if step.clause else "no clauses"
        return f"handler `{step.handler}` ({where}) leaves {registers} loose"
    if isinstance(rule.outcome, Forward) and any(
        isinstance(source, (Free, Register)) for _, source in rule.outcome.results
    ):
        return f"callee `{step.sends[0].callee}` answers what rule `{step.rule}` forwards"
    return None


def causes(judged: list[Judged]) -> tuple[Cause, ...]:
    """The disagreements by cause, the smallest first; within one, the smallest call first."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for entry in judged:
        if not entry.agrees:
            rule = "no rule" if entry.step is None else entry.step.rule
            groups.setdefault((rule, entry.mismatches[0].what), []).append(entry)
    found = [
        Cause(rule, what, tuple(sorted(calls, key=_size))) for (rule, what), calls in groups.items()
    ]
    return tuple(sorted(found, key=lambda cause: (len(cause.calls), _size(cause.calls[0]))))


def _size(entry: Judged) -> tuple[int, int, int, tuple[int, ...]]:
    call = entry.call
    return (int(call.conduit), call.imm, truncate(call.x[0], FULL.id_bits), call.x)
