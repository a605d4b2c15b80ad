"""Running a policy's ``example`` lines: each is one call and what is expected of it
[SYNTAX-EXAMPLE]."""

from collections.abc import Iterator
from dataclasses import dataclass

from smcproof.checker.call_text import outcome_text, state_changes, state_text, value_text
from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.effects import apply_effects
from smcproof.refmodel.evaluator import Frame
from smcproof.refmodel.judge import words
from smcproof.refmodel.matching import NoRule
from smcproof.refmodel.registers import register_values
from smcproof.spec.core import (
    Answer,
    Deliver,
    Forward,
    Handle,
    Leave,
    Outcome,
    Registers,
    Resume,
    Stop,
    Undefined,
)
from smcproof.spec.core_policy import CorePolicy, Example
from smcproof.spec.record import Step, possible
from smcproof.spec.state import MachineState, initial_state


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """An example with what came otherwise; empty if all is as expected."""

    example: Example
    problems: tuple[str, ...]


def run_examples(policy: CorePolicy) -> Iterator[ExampleResult]:
    for example in policy.examples:
        yield ExampleResult(example, tuple(_problems(policy, example)))


def _problems(policy: CorePolicy, example: Example) -> Iterator[str]:
    start = initial_state(policy)
    before = apply_effects(policy, start, example.before, Frame(policy, start, example.call))
    answer = [0] * policy.geometry.registers
    for index, value in example.answered:
        answer[index] = value
    try:
        step = dispatch(policy, before, example.call, tuple(answer))
    except NoRule as problem:
        yield str(problem)
        return
    came = f"rule `{step.rule}` (line {step.span.line}) says {outcome_text(step)}"
    if isinstance(example.expected, str):
        if not _word(policy, step, example.expected):
            yield f"expected {example.expected}, but {came}"
    elif not _same_outcome(step, example.expected):
        yield f"expected {_expected_text(example.expected)}, but {came}"
    else:
        yield from _register_problems(policy, step, example)
    if example.callee is not None:
        reached = [sent.callee for sent in step.sends]
        if example.callee not in reached:
            yield f"expected it to reach {example.callee}, but it reaches {', '.join(reached) or 'nobody'}"
    if example.after is not None:
        yield from _state_problems(policy, before, step, example)


def _word(policy: CorePolicy, step: Step, word: str) -> bool:
    judge = {
        "refused": words.refused,
        "unknown": words.unknown,
        "succeeds": words.succeeds,
    }.get(word)
    return words.completed(step) if judge is None else judge(policy, step)


def _same_outcome(step: Step, expected: Outcome) -> bool:
    match expected:
        case Forward():
            return step.outcome == "forward"
        case Answer():
            return step.effective == "return"
        case Handle(handler=handler):
            return step.outcome == "handle" and step.handler == handler
        case Deliver(handler=handler, after=after):
            resumes = 4 if after else 0
            return step.outcome == "deliver" and step.handler == handler and step.pc == resumes
        case Undefined(after=after, vector=vector):
            taken = step.exception
            if taken is None or taken.after != after:
                return False
            return vector is None or taken.vector == vector
        case Stop(domain=domain):
            return step.effective == "stop" and step.stops_domain == domain
        case Resume():
            return step.effective == "resume"
        case Leave(word=word):
            return step.effective == word


def _expected_text(expected: Outcome) -> str:
    match expected:
        case Leave(word=word):
            return word
        case Handle(handler=handler) | Deliver(handler=handler):
            return f"{type(expected).__name__.lower()} {handler}"
        case _:
            return {
                "Forward": "forward", "Answer": "return", "Undefined": "undef", "Stop": "stop",
                "Resume": "resume",
            }[type(expected).__name__]  # fmt: skip


def _register_problems(policy: CorePolicy, step: Step, example: Example) -> Iterator[str]:
    """The registers that the example names: those that leave for a forward, else those written."""
    expected = example.expected
    frame = Frame(policy, step.before, step.call)
    named: Registers = ()
    if isinstance(expected, Forward):
        named = example.checked
        if not step.sends:
            return
        actual = dict(enumerate(step.sends[0].registers))
    else:
        if isinstance(expected, (Answer, Stop, Deliver, Resume)):
            named = expected.written
        actual = dict(enumerate(step.registers))
    for index, value in register_values(policy, frame, named, "expected", None):
        bits = policy.geometry.register_bits[index]
        wanted, got = possible(value, bits), possible(actual[index], bits)
        if not got.issubset(wanted):
            yield (
                f"expected x{index} = {value_text(value, bits)}, "
                f"but it is {value_text(actual[index], bits)}"
            )


def _state_problems(
    policy: CorePolicy, before: MachineState, step: Step, example: Example
) -> Iterator[str]:
    frame = Frame(policy, before, step.call, answer=step.answer)
    wanted = apply_effects(policy, step.after, example.after or (), frame)
    for change in state_changes(policy, step.after, wanted):
        held = state_text(policy, step.after)
        yield f"expected afterwards {change.replace(' -> ', ' to be ')} (state: {held})"
