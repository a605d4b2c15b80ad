"""Register values and identifiers in the words of findings."""

from smcproof.spec.core import StateVariable
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import EventStep, Leaked, Loose, Step, Value
from smcproof.spec.state import MapValue, StateValue
from smcproof.spec.types import Bool, DomainType, Enum

_SHOWN = 4


def shown(values: IntervalSet) -> str:
    """``0x5``, ``0x0, 0x2`` or ``0x0..0xff``."""
    parts = [f"{low:#x}" if low == high else f"{low:#x}..{high:#x}" for low, high in values.parts]
    more = ", .." if len(parts) > _SHOWN else ""
    return (", ".join(parts[:_SHOWN]) or "nothing") + more


def shown_value(value: Value) -> str:
    match value:
        case int():
            return f"{value:#x}"
        case Loose(chosen=int() as chosen):
            return f"{chosen:#x}, one of {shown(value.allowed)}"
        case Loose(allowed=allowed):
            return f"any of {shown(allowed)}"
        case Leaked():
            return "what the dispatcher left in it"


def shown_identifier(policy: CorePolicy, canonical: int) -> str:
    """``0x84000000 (psci.VERSION)``."""
    names = [
        f"{vocabulary.name}.{function.name}"
        for vocabulary, function in policy.functions_at(canonical)
    ]
    return f"{canonical:#x}" + (f" ({', '.join(names)})" if names else "")


def shown_issuer(policy: CorePolicy, step: Step | EventStep) -> str:
    if isinstance(step, Step):
        return f"`{policy.domain_name(step.call.caller)}`"
    return "the hypervisor"


def shown_decider(step: Step) -> str:
    """``rule `power` `` or ``rule `strict` of layer `xsm` ``."""
    if step.layer == "main":
        return f"rule `{step.rule}`"
    return f"rule `{step.rule}` of layer `{step.layer}`"


def shown_state(policy: CorePolicy, variable: StateVariable, value: StateValue) -> str:
    """``guest[3]``, ``run``, ``true``, ``7`` or ``{1: dom0}, else none``."""
    if isinstance(value, MapValue):
        entries = ", ".join(
            f"{index}: {shown_state(policy, variable, entry)}" for index, entry in value.entries
        )
        return f"{{{entries}}}, else {shown_state(policy, variable, value.default)}"
    match variable.type:
        case DomainType():
            return policy.domain_name(value)
        case Enum(members=members):
            return members[value]
        case Bool():
            return "true" if value else "false"
        case _:
            return str(value)
