"""Calls, states, steps and cases as JSON, and back (schema ``smcproof.case/1``, docs/formats.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from smcproof.checker.call_text import (
    describe_identifier,
    event_text,
    outcome_text,
    sent_text,
    state_changes,
    state_text,
    value_text,
)
from smcproof.spec.call import Call, Conduit
from smcproof.spec.case import Case, Choice
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import EventStep, Step
from smcproof.spec.state import MachineState, MapValue, StateValue

Json = Mapping[str, object]


class CaseError(Exception):
    """A case file that does not say what it must."""


def call_json(policy: CorePolicy, call: Call) -> dict[str, object]:
    return {
        "caller": policy.domain_name(call.caller),
        "ordinal": call.caller,
        "vcpu": call.vcpu,
        "el": call.el,
        "aarch32": call.aarch32,
        "conduit": str(call.conduit),
        "imm": call.imm,
        "x": [f"{value:#x}" for value in call.x],
        "condition_passed": call.condition_passed,
        "identifier": describe_identifier(policy, call.x[0]),
    }


def state_json(policy: CorePolicy, state: MachineState) -> dict[str, object]:
    values: dict[str, object] = {}
    for variable, value in zip(policy.states, state.values, strict=True):
        if isinstance(value, MapValue):
            values[variable.name] = {
                "default": value.default,
                "entries": [list(entry) for entry in value.entries],
            }
        else:
            values[variable.name] = value
    return {
        "values": values,
        "dead": sorted(state.dead),
        "silent": sorted(state.silent),
        "halted": sorted(state.halted),
        "text": state_text(policy, state),
    }


def step_json(policy: CorePolicy, step: Step | EventStep) -> dict[str, object]:
    """What happened, for reports; nothing reads it back."""
    if isinstance(step, EventStep):
        return {
            "event": event_text(policy, step),
            "clause": step.clause,
            "line": None if step.span is None else step.span.line,
            "sent": [sent_text(policy, sent) for sent in step.sends],
            "changes": list(state_changes(policy, step.before, step.after)),
        }
    bits = policy.geometry.register_bits
    return {
        "rule": step.rule,
        "layer": step.layer,
        "file": step.span.source.path,
        "line": step.span.line,
        "clause": step.clause,
        "outcome": outcome_text(step),
        "pc": step.pc,
        "sent": [
            {
                "callee": sent.callee,
                "x": [value_text(value, bits[at]) for at, value in enumerate(sent.registers)],
            }
            for sent in step.sends
        ],
        "written": {f"x{at}": value_text(value, bits[at]) for at, value in step.written},
        "changes": list(state_changes(policy, step.before, step.after)),
    }


def case_json(policy: CorePolicy, case: Case) -> dict[str, object]:
    found: dict[str, object] = {
        "calls": [call_json(policy, call) for call in case.calls],
        "state": state_json(policy, case.state),
        "answer": [f"{value:#x}" for value in case.answer],
        "choices": [
            {
                "run": choice.run,
                "place": choice.place,
                "register": choice.register,
                "value": f"{choice.value:#x}",
            }
            for choice in case.choices
        ],
        "witnesses": dict(case.witnesses),
        "minimal": case.minimal,
    }
    if case.event is not None:
        found["event"] = case.event
        found["arguments"] = list(case.arguments)
    return found


@dataclass(frozen=True, slots=True)
class _Fields:
    """Reads required fields of one object; every mistake names the field."""

    table: Json
    where: str

    def get(self, key: str) -> object:
        if key not in self.table:
            raise CaseError(f"`{key}` is missing in {self.where}")
        return self.table[key]

    def number(self, key: str) -> int:
        return number(self.get(key), f"`{key}` in {self.where}")

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if not isinstance(value, bool):
            raise CaseError(f"`{key}` in {self.where} is not true or false")
        return value

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str):
            raise CaseError(f"`{key}` in {self.where} is no text")
        return value

    def rows(self, key: str) -> list[object]:
        value = self.get(key)
        if not isinstance(value, list):
            raise CaseError(f"`{key}` in {self.where} is no list")
        return list(value)


def number(value: object, what: str) -> int:
    """An integer, or one as text in any base."""
    if isinstance(value, str):
        try:
            return int(value, 0)
        except ValueError:
            raise CaseError(f"{what} is no number") from None
    if isinstance(value, bool) or not isinstance(value, int):
        raise CaseError(f"{what} is no number")
    return value


def table(value: object, what: str) -> Json:
    if not isinstance(value, Mapping):
        raise CaseError(f"{what} is no object")
    return {str(key): entry for key, entry in value.items()}


def read_call(policy: CorePolicy, value: object) -> Call:
    fields = _Fields(table(value, "a call"), "a call")
    conduits = {str(conduit): conduit for conduit in Conduit}
    conduit = conduits.get(fields.text("conduit"))
    if conduit is None:
        raise CaseError("the conduit of a call is none of smc, hvc, svc")
    x = tuple(number(entry, "a register") for entry in fields.rows("x"))
    bits = policy.geometry.register_bits
    if len(x) != len(bits) or any(not 0 <= v < 1 << b for v, b in zip(x, bits, strict=True)):
        raise CaseError(
            f"a call has {len(bits)} registers of the geometry `{policy.geometry.name}`"
        )
    caller = fields.number("ordinal")
    if not 0 <= caller < policy.domain_count:
        raise CaseError(f"the policy has no domain number {caller}")
    return Call(
        caller=caller,
        vcpu=fields.number("vcpu"),
        el=fields.number("el"),
        aarch32=fields.flag("aarch32"),
        conduit=conduit,
        imm=fields.number("imm"),
        x=x,
        condition_passed=fields.flag("condition_passed"),
    )


def read_state(policy: CorePolicy, value: object) -> MachineState:
    fields = _Fields(table(value, "the state"), "the state")
    given = table(fields.get("values"), "`values`")
    values: list[StateValue] = []
    for variable in policy.states:
        if variable.name not in given:
            raise CaseError(f"the state has no value for `{variable.name}`")
        entry = given[variable.name]
        if variable.index is None:
            values.append(number(entry, f"`{variable.name}`"))
            continue
        held = _Fields(table(entry, f"`{variable.name}`"), f"`{variable.name}`")
        found = MapValue(held.number("default"))
        for row in held.rows("entries"):
            if not isinstance(row, list) or len(row) != 2:
                raise CaseError(f"an entry of `{variable.name}` is no pair")
            found = found.set(number(row[0], "an index"), number(row[1], "a value"))
        values.append(found)

    def numbers(key: str) -> frozenset[int]:
        return frozenset(number(entry, f"`{key}`") for entry in fields.rows(key))

    return MachineState(tuple(values), numbers("dead"), numbers("silent"), numbers("halted"))


def read_case(policy: CorePolicy, value: object) -> Case:
    """A case for ``policy``; raises ``CaseError``."""
    fields = _Fields(table(value, "the case"), "the case")
    choices: list[Choice] = []
    for row in fields.rows("choices"):
        part = _Fields(table(row, "a choice"), "a choice")
        choices.append(
            Choice(
                part.number("run"),
                part.text("place"),
                part.number("register"),
                part.number("value"),
            )
        )
    answer = tuple(number(entry, "an answer") for entry in fields.rows("answer"))
    if len(answer) != policy.geometry.registers:
        raise CaseError(f"the answer has {len(answer)} registers")
    event = None
    arguments: tuple[int, ...] = ()
    if "event" in fields.table:
        event = fields.text("event")
        arguments = tuple(number(entry, "an argument") for entry in fields.rows("arguments"))
        if event not in {entry.name for entry in policy.events}:
            raise CaseError(f"the policy has no event `{event}`")
    witnesses = table(fields.get("witnesses"), "`witnesses`")
    calls = tuple(read_call(policy, entry) for entry in fields.rows("calls"))
    if not calls and event is None:
        raise CaseError("the case has neither a call nor an event")
    return Case(
        calls=calls,
        event=event,
        arguments=arguments,
        state=read_state(policy, fields.get("state")),
        answer=answer,
        choices=tuple(choices),
        witnesses=tuple((name, number(entry, name)) for name, entry in witnesses.items()),
        minimal=fields.flag("minimal"),
    )
