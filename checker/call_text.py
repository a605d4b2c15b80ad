"""Calls, identifiers, registers and steps as a person reads them."""

from smcproof.spec.call import Call
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import EventStep, Leaked, Loose, Sent, Step, Value
from smcproof.spec.smccc import canon, field
from smcproof.spec.state import MachineState, MapValue
from smcproof.spec.types import BOOL, DomainType, Enum, Type, VcpuType
from smcproof.spec.word import mask, truncate

OWNERS = {
    0: "Arm architecture",
    1: "CPU service",
    2: "SiP service",
    3: "OEM service",
    4: "standard secure service",
    5: "standard hypervisor service",
    6: "vendor hypervisor service",
    7: "vendor EL3 monitor service",
}


def owner_name(owner: int) -> str:
    """The owning entity of bits 29:24 (Arm DEN0028, table 6-1)."""
    if owner in OWNERS:
        return OWNERS[owner]
    if owner in (48, 49):
        return "trusted applications"
    if owner >= 50:
        return "trusted OS"
    return "reserved"


def names_of(policy: CorePolicy, word: int) -> tuple[str, ...]:
    """The functions that a canonical identifier names, as a policy writes them."""
    found: list[str] = []
    for vocabulary, function in policy.functions_at(word):
        suffix = ""
        if function.smc32 is not None and function.smc64 is not None:
            suffix = ".smc32" if word == function.smc32 else ".smc64"
        found.append(f"{vocabulary.name}.{function.name}{suffix}")
    return tuple(found)


def describe_identifier(policy: CorePolicy, x0: int) -> str:
    """``psci.CPU_ON.smc64, with the hint bit set``, or the fields of an identifier without name."""
    geometry = policy.geometry
    word = canon(x0, geometry)
    names = names_of(policy, word)
    text = " = ".join(names) if names else _nameless(word, geometry)
    remarks: list[str] = []
    if x0 >> geometry.id_bits:
        remarks.append("bits above w0 set")
    if truncate(x0, geometry.id_bits) != word:
        remarks.append("hint bit set")
    return f"{text} ({', '.join(remarks)})" if remarks else text


def _nameless(word: int, geometry: Geometry) -> str:
    kind = "fast" if word & geometry.fast.mask else "yielding"
    width = "SMC64" if word & geometry.smc64.mask else "SMC32"
    owner = field(word, geometry.owner)
    number = field(word, geometry.number)
    name = owner_name(owner) if geometry.name == "full" else "owner"
    mbz = field(word, geometry.mbz)
    extra = f", must-be-zero bits {mbz:#x}" if mbz and word & geometry.fast.mask else ""
    return f"no name: {kind} {width}, {name} ({owner}), number {number:#x}{extra}"


def describe_call(policy: CorePolicy, call: Call) -> str:
    """``guest[3] smc optee.VM_CREATED``: who calls what, over which conduit."""
    block = policy.block_of(call.caller)
    text = policy.domain_name(call.caller)
    if len(block.vcpus) > 1:
        text += f" vcpu {call.vcpu}"
    if len(block.levels) > 1:
        text += f" el {call.el}"
    if block.aarch32 and block.aarch64:
        text += " aarch32" if call.aarch32 else ""
    text += f" {call.conduit}"
    if call.imm:
        text += f" imm {call.imm:#x}"
    if not call.condition_passed:
        text += " (condition failed)"
    return f"{text} {call.x[0]:#x}  {describe_identifier(policy, call.x[0])}"


def registers_text(values: tuple[Value, ...] | tuple[int, ...], geometry: Geometry) -> str:
    """``x1=0x5 x2=0x0 ..``; runs of zeros are left out, with a word for it."""
    shown = [
        f"x{index}={value_text(value, geometry.register_bits[index])}"
        for index, value in enumerate(values)
        if value != 0
    ]
    zero = sum(1 for value in values if value == 0)
    rest = " others 0" if zero and shown else ""
    return (" ".join(shown) or "all 0") + rest


def value_text(value: Value, bits: int) -> str:
    """A register's value: exact, a set, or leaked."""
    match value:
        case int():
            return f"{value:#x}"
        case Loose(allowed=allowed, chosen=chosen):
            text = set_text(allowed, bits)
        case Leaked(chosen=chosen):
            text = "leaked"
    return text if chosen is None else f"{chosen:#x} (of {text})"


def set_text(allowed: IntervalSet, bits: int) -> str:
    if allowed.parts == ((0, mask(bits)),):
        return "any"
    parts = [
        f"{low:#x}" if low == high else f"{low:#x}..{high:#x}" for low, high in allowed.parts[:6]
    ]
    more = ", .." if len(allowed.parts) > 6 else ""
    return f"{{{', '.join(parts)}{more}}}"


def typed_value(policy: CorePolicy, value: int, kind: Type) -> str:
    """A state value in the policy's words."""
    if kind == BOOL:
        return "true" if value else "false"
    match kind:
        case DomainType():
            return policy.domain_name(value)
        case Enum(members=members):
            return members[value] if value < len(members) else str(value)
        case VcpuType():
            return (
                f"{policy.domain_name(value // policy.most_vcpus)}.vcpu{value % policy.most_vcpus}"
            )
        case _:
            return str(value)


def state_text(policy: CorePolicy, state: MachineState) -> str:
    """``holder = dom0, lost = false``; maps by the entries that differ from the initial value."""
    parts: list[str] = []
    for variable, value in zip(policy.states, state.values, strict=True):
        if isinstance(value, MapValue):
            default = typed_value(policy, value.default, variable.type)
            parts.append(f"{variable.name}[..] = {default}")
            assert variable.index is not None
            parts.extend(
                f"{variable.name}[{typed_value(policy, index, variable.index)}] = "
                f"{typed_value(policy, entry, variable.type)}"
                for index, entry in value.entries
            )
        else:
            parts.append(f"{variable.name} = {typed_value(policy, value, variable.type)}")
    parts.extend(f"{policy.domain_name(domain)} not live" for domain in sorted(state.dead))
    parts.extend(f"{policy.domain_name(domain)} stopped" for domain in sorted(state.silent))
    parts.extend(
        f"vcpu {typed_value(policy, vcpu, VcpuType())} stopped" for vcpu in sorted(state.halted)
    )
    return ", ".join(parts) or "none"


def state_changes(policy: CorePolicy, before: MachineState, after: MachineState) -> tuple[str, ...]:
    """Only what changed: ``holder: none -> dom0``."""
    found: list[str] = []
    for variable, old, new in zip(policy.states, before.values, after.values, strict=True):
        if old == new:
            continue
        if isinstance(old, MapValue) and isinstance(new, MapValue):
            assert variable.index is not None
            for index in sorted({key for key, _ in (*old.entries, *new.entries)}):
                if old.at(index) != new.at(index):
                    found.append(
                        f"{variable.name}[{typed_value(policy, index, variable.index)}]: "
                        f"{typed_value(policy, old.at(index), variable.type)} -> "
                        f"{typed_value(policy, new.at(index), variable.type)}"
                    )
        elif isinstance(old, int) and isinstance(new, int):
            found.append(
                f"{variable.name}: {typed_value(policy, old, variable.type)} -> "
                f"{typed_value(policy, new, variable.type)}"
            )
    found.extend(f"{policy.domain_name(d)} stopped" for d in sorted(after.silent - before.silent))
    found.extend(
        f"vcpu {typed_value(policy, vcpu, VcpuType())} stopped"
        for vcpu in sorted(after.halted - before.halted)
    )
    found.extend(f"{policy.domain_name(d)} destroyed" for d in sorted(after.dead - before.dead))
    found.extend(f"{policy.domain_name(d)} created" for d in sorted(before.dead - after.dead))
    return tuple(found)


def sent_text(policy: CorePolicy, sent: Sent) -> str:
    """``to optee_os: optee.CALL_WITH_ARG  x0=.. x7=..``."""
    first = sent.registers[0]
    name = describe_identifier(policy, first) if isinstance(first, int) else "loose identifier"
    return f"to {sent.callee}: {name}  {registers_text(sent.registers, policy.geometry)}"


def outcome_text(step: Step) -> str:
    """The outcome as the policy's author would say it, with where the caller resumes."""
    text = step.outcome
    if step.handler is not None:
        text += f" {step.handler}"
    if step.contract is not None:
        text += f" -> {step.contract}"
    if step.exception is not None:
        where = "after" if step.exception.after else "at"
        text += f", ELR {where} the call"
        if step.exception.vector is not None:
            text += f", vector {step.exception.vector:#x}"
    elif step.effective == "stop":
        text += " domain" if step.stops_domain else " vcpu"
    elif step.target is not None:
        text += f" at {step.target:#x}"
    elif step.pc is not None:
        text += f", resumes at +{step.pc}"
    return text


def event_text(policy: CorePolicy, step: EventStep) -> str:
    """``destroy(guest[3])``."""
    declared = next(entry for entry in policy.events if entry.name == step.event)
    arguments = ", ".join(
        typed_value(policy, value, kind)
        for value, (_, kind) in zip(step.arguments, declared.parameters, strict=True)
    )
    return f"{step.event}({arguments})"
