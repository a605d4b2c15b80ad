"""Declarations of a core policy, with every property spelled out."""

from smcproof.grammar.elaborate.environment import RESERVED
from smcproof.grammar.printer.expressions import print_expr
from smcproof.grammar.printer.identifiers import identifiers
from smcproof.grammar.printer.rules import block, rule_lines
from smcproof.grammar.printer.values import (
    braced,
    constant,
    domains,
    number,
    span,
    type_text,
)
from smcproof.spec.core import (
    TRUE,
    Affine,
    Allow,
    Callee,
    DomainBlock,
    Event,
    Handler,
    Layer,
    Region,
    Route,
    StateVariable,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.types import BOOL, Enum

UNCLAIMED = "unclaimed"


def registers_text(registers: tuple[int, ...]) -> str:
    """``x0..x3``, or a list where they are no run."""
    if len(registers) > 1 and registers == tuple(range(registers[0], registers[-1] + 1)):
        return f"x{registers[0]}..x{registers[-1]}"
    return ", ".join(f"x{register}" for register in registers) or "none"


def _affine(value: Affine) -> str:
    """``base + n * step`` for the member at position n."""
    match value.step:
        case 0:
            return number(value.base)
        case 1:
            return f"{number(value.base)} + n"
        case step:
            return f"{number(value.base)} + n * {number(step)}"


def domain_lines(policy: CorePolicy, domain: DomainBlock) -> list[str]:
    """A domain, or a family with ``n`` for the position of a member, from 0."""
    first, last = domain.first, domain.first + domain.count - 1
    head = f"domain {domain.name}"
    found = [f"ordinal = {first};"]
    if domain.indexed is not None:
        head += f"[{domain.indexed}..{domain.indexed + domain.count - 1}]"
        found = [f"ordinal = {first} + n;  // n = 0..{last - first}"]
    found.append(f"id = {_affine(domain.id)};")
    states = [
        name for name, runs in (("aarch64", domain.aarch64), ("aarch32", domain.aarch32)) if runs
    ]
    found.append(f"state = {', '.join(states)};")
    found.append(f"el = {', '.join(map(str, domain.levels))};")
    found.append(f"vcpus = {', '.join(map(number, domain.vcpus))};")
    for name, regions in (("ram", domain.ram), ("machine", domain.machine)):
        texts = [_region(region) for region in regions]
        found.append(f"{name} = {', '.join(texts) or 'none'};")
    for name, value, kind in domain.attributes:
        text = _affine(value)
        if kind == BOOL and value in (Affine(0, 0), Affine(1, 0)):
            text = constant(policy, value.base, kind)
        found.append(f"attribute {name} : {type_text(kind)} = {text};")
    for name, members in domain.sets:
        found.append(f"attribute {name} : set = {braced(identifiers(policy, members))};")
    found.append("absent;" if domain.absent else "present;")
    return block(head, found)


def _region(region: Region) -> str:
    return f"{_affine(region.low)} .. {_affine(region.high)}"


def callee_lines(policy: CorePolicy, callee: Callee) -> list[str]:
    naming = callee.naming
    named = "nothing" if naming is None else print_expr(policy, naming)
    return block(
        f"callee {callee.name}",
        [
            "exclusive;" if callee.exclusive else "shared;",
            f"yields when {print_expr(policy, callee.yields)};",
            f"rejected when {print_expr(policy, callee.rejected)};",
            f"release {braced(identifiers(policy, callee.release))} naming {named};",
            f"free {braced(identifiers(policy, callee.free))};",
            f"lifecycle {braced(identifiers(policy, callee.lifecycle))};",
        ],
    )


def route_lines(policy: CorePolicy, routes: tuple[Route, ...]) -> list[str]:
    """All routing keys in order; what nobody claims is ``unclaimed``."""
    found: list[str] = []
    at, most = 0, (1 << policy.geometry.id_bits) - 1
    for route in routes:
        if route.low > at:
            found.append(f"route {span(at, route.low - 1)} -> {UNCLAIMED};")
        found.append(f"route {span(route.low, route.high)} -> {route.callee};")
        at = route.high + 1
    if at <= most:
        found.append(f"route {span(at, most)} -> {UNCLAIMED};")
    return found


def allow_line(policy: CorePolicy, allow: Allow) -> str:
    issuers = [*domains(policy, allow.issuers), *(["hypervisor"] if allow.hypervisor else [])]
    guard = "" if allow.guard == TRUE else f" when {print_expr(policy, allow.guard)}"
    ids = braced(identifiers(policy, allow.ids))
    return f"allow {', '.join(issuers) or 'nobody'} -> {allow.callee} : {ids}{guard};"


def enum_line(enum: Enum) -> str:
    return f"enum {enum.name} {braced(enum.members)}"


def state_line(policy: CorePolicy, state: StateVariable) -> str:
    index = "" if state.index is None else f"[{type_text(state.index)}]"
    initial = constant(policy, state.initial, state.type)
    frozen = " frozen" if state.frozen else ""
    return f"state {state.name} : {type_text(state.type)}{index} = {initial}{frozen};"


def layer_lines(policy: CorePolicy, layer: Layer) -> list[str]:
    lines = [line for rule in layer.rules for line in rule_lines(policy, rule)]
    return block(f"layer {layer.name}", lines)


def handler_lines(policy: CorePolicy, handler: Handler) -> list[str]:
    """A contract; without clauses nothing but the registers that it may write is known."""
    head = f"handler {handler.name}"
    if handler.level is not None:
        head += f" at el{handler.level}"
    if handler.clauses is None:
        return [f"{head};"]
    lines = [line for rule in handler.clauses for line in rule_lines(policy, rule)]
    return block(head, lines)


def event_lines(policy: CorePolicy, event: Event) -> list[str]:
    names = event_parameters(policy, event)
    kinds = (type_text(kind) for _, kind in event.parameters)
    shown = ", ".join(f"{name} : {kind}" for name, kind in zip(names, kinds, strict=True))
    lines = [line for rule in event.clauses for line in rule_lines(policy, rule, names)]
    return block(f"event {event.name}({shown})", lines)


def event_parameters(policy: CorePolicy, event: Event) -> tuple[str, ...]:
    """The names of an event's parameters; one that means something else too is ``parameter.N``."""
    names = [name for name, _ in event.parameters]
    taken = {
        *RESERVED,
        *(state.name for state in policy.states),
        *(domain.name for domain in policy.domains),
        *(name for name, _ in policy.groups),
        *(member for enum in policy.enums for member in enum.members),
        *(vocabulary.name for vocabulary in policy.vocabularies),
    }
    return tuple(
        f"parameter.{at}" if name in taken or names.count(name) > 1 else name
        for at, name in enumerate(names)
    )
