"""A step as ``run``, ``prove`` and ``replay`` print it."""

from smcproof.checker.call_text import (
    describe_call,
    event_text,
    outcome_text,
    registers_text,
    sent_text,
    state_changes,
    value_text,
)
from smcproof.checker.terminal import say
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import EventStep, Step


def print_step(
    policy: CorePolicy, step: Step | EventStep, indent: str, *, call: bool = True
) -> None:
    """The call (if wanted), which rule decided and what came of it."""
    if isinstance(step, EventStep):
        _print_event(policy, step, indent)
        return
    if call:
        say(f"{indent}call      ", (describe_call(policy, step.call), "bold"))
        if any(step.call.x[1:]):
            rest = registers_text((0, *step.call.x[1:]), policy.geometry)
            say(f"{indent}          {rest}")
    place = f"{step.span.source.path}:{step.span.line}"
    layer = "" if step.layer == "main" else f" of layer `{step.layer}`"
    clause = f", clause `{step.clause}`" if step.clause is not None else ""
    say(f"{indent}decided   rule `{step.rule}`{layer} ({place}){clause}")
    say(f"{indent}outcome   {outcome_text(step)}")
    for sent in step.sends:
        say(f"{indent}sent      {sent_text(policy, sent)}")
    if step.answer is not None and any(step.answer):
        answer = " ".join(f"r{at}={value:#x}" for at, value in enumerate(step.answer) if value)
        say(f"{indent}answered  {answer} others 0")
    if step.written:
        bits = policy.geometry.register_bits
        written = " ".join(f"x{at}={value_text(value, bits[at])}" for at, value in step.written)
        say(f"{indent}written   {written}")
    for change in state_changes(policy, step.before, step.after):
        say(f"{indent}state     {change}")
    for event in step.emitted:
        _print_event(policy, event, indent)


def _print_event(policy: CorePolicy, step: EventStep, indent: str) -> None:
    say(f"{indent}event     ", (event_text(policy, step), "bold"))
    if step.span is not None:
        say(f"{indent}decided   `{step.clause}` ({step.span.source.path}:{step.span.line})")
    for sent in step.sends:
        say(f"{indent}sent      {sent_text(policy, sent)}")
    for change in state_changes(policy, step.before, step.after):
        say(f"{indent}state     {change}")
