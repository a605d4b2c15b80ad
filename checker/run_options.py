"""Domains, identifiers and states as words on a command line."""

import re

from smcproof.refmodel.effects import apply_effects
from smcproof.refmodel.evaluator import Frame
from smcproof.spec.core import TRUE, Assign, Const
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.state import MachineState, index_exists, initial_state, value_exists
from smcproof.spec.types import BOOL, NONE, Bounded, DomainType, Enum, Type
from smcproof.spec.word import truncate


class RunError(Exception):
    """A word on the command line that means nothing for this policy."""


def caller_of(policy: CorePolicy, text: str) -> int:
    """The ordinal of ``dom0`` or ``guest[3]``."""
    found = re.fullmatch(r"([A-Za-z_]\w*)(?:\[(\d+)\])?", text)
    block = next((entry for entry in policy.domains if found and entry.name == found[1]), None)
    if found is None or block is None:
        known = ", ".join(
            entry.name if entry.indexed is None else f"{entry.name}[{entry.indexed}]"
            for entry in policy.domains
        )
        raise RunError(f"`{text}` is no domain of the policy; it has {known}")
    if (block.indexed is None) != (found[2] is None):
        example = block.name if block.indexed is None else f"{block.name}[{block.indexed}]"
        raise RunError(f"`{text}` is no single domain; write {example}")
    if block.indexed is None:
        return block.first
    at = int(found[2]) - block.indexed
    if not 0 <= at < block.count:
        last = block.indexed + block.count - 1
        raise RunError(f"`{block.name}` has members {block.indexed} to {last}")
    return block.first + at


def identifier_of(policy: CorePolicy, text: str) -> int:
    """x0 from a number or from a function of a vocabulary in use."""
    try:
        value = int(text.replace("_", ""), 0)
    except ValueError:
        value = _function(policy, text)
    if not 0 <= value < 1 << policy.geometry.register_bits[0]:
        raise RunError(f"`{text}` does not fit x0")
    return value


def _function(policy: CorePolicy, text: str) -> int:
    parts = text.split(".")
    vocabulary = next((entry for entry in policy.vocabularies if entry.name == parts[0]), None)
    function = None
    if vocabulary is not None and len(parts) in (2, 3):
        function = vocabulary.function(parts[1])
    if function is None:
        known = ", ".join(entry.name for entry in policy.vocabularies) or "none"
        raise RunError(
            f"`{text}` is neither a number nor a function of a vocabulary in use ({known})"
        )
    if len(parts) == 3:
        forms = {"smc32": function.smc32, "smc64": function.smc64}
        value = forms.get(parts[2])
        if value is None:
            raise RunError(f"`{text}` does not exist")
        return value
    value = function.smc32 if function.smc32 is not None else function.smc64
    assert value is not None
    return value


def state_of(policy: CorePolicy, words: tuple[str, ...]) -> MachineState:
    """The initial state with ``VAR=VALUE`` or ``VAR[INDEX]=VALUE`` put in."""
    state = initial_state(policy)
    for text in words:
        found = re.fullmatch(r"\s*(\w+)(?:\[([^\]]*)\])?\s*=\s*(.+)", text)
        variable = next(
            (entry for entry in policy.states if found and entry.name == found[1]), None
        )
        if found is None or variable is None:
            known = ", ".join(entry.name for entry in policy.states) or "no state"
            raise RunError(f"--state {text}: write VAR=VALUE; the policy has {known}")
        value = _value(policy, found[3].strip(), variable.type, text)
        if not value_exists(variable, value):
            raise RunError(f"--state {text}: the value lies outside {variable.type}")
        index = None
        if variable.index is not None:
            if found[2] is None:
                raise RunError(
                    f"--state {text}: `{variable.name}` is a map; write VAR[INDEX]=VALUE"
                )
            number = _value(policy, found[2].strip(), variable.index, text)
            if not index_exists(policy, variable, number):
                raise RunError(f"--state {text}: there is no such entry")
            index = Const(number, variable.index)
        elif found[2] is not None:
            raise RunError(f"--state {text}: `{variable.name}` is no map")
        assign = Assign(TRUE, variable.name, index, Const(value, variable.type))
        state = apply_effects(policy, state, (assign,), Frame(policy, state))
    return state


def _value(policy: CorePolicy, text: str, kind: Type, whole: str) -> int:
    match kind:
        case DomainType(optional=True) if text == "none":
            return NONE
        case DomainType():
            return caller_of(policy, text)
        case Enum(members=members) if text in members:
            return members.index(text)
        case Enum(members=members):
            raise RunError(f"--state {whole}: `{text}` is none of {', '.join(members)}")
        case _ if kind == BOOL:
            if text in ("true", "false"):
                return int(text == "true")
            raise RunError(f"--state {whole}: `{text}` is not true or false")
        case _:
            try:
                number = int(text.replace("_", ""), 0)
            except ValueError:
                raise RunError(f"--state {whole}: `{text}` is no number") from None
            return number if isinstance(kind, Bounded) else truncate(number, 64)
