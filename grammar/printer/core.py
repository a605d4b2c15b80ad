"""A whole core policy: every declaration and every decision, without defaults or sugar
[SYNTAX-CORE]."""

from smcproof.grammar.printer.claims import claim_lines, example_lines
from smcproof.grammar.printer.declarations import (
    allow_line,
    callee_lines,
    domain_lines,
    enum_line,
    event_lines,
    handler_lines,
    layer_lines,
    registers_text,
    route_lines,
    state_line,
)
from smcproof.grammar.printer.rules import block
from smcproof.grammar.printer.services import service_lines
from smcproof.grammar.printer.values import domains, number
from smcproof.spec.call import Conduit
from smcproof.spec.core_policy import CorePolicy


def print_core(policy: CorePolicy) -> str:
    """The listing that ``check --core`` prints. It depends on the policy's meaning only, not on its
    layout, and policies that differ in meaning print differently."""
    sections = [
        _headers(policy),
        [line for vocabulary in policy.vocabularies for line in service_lines(vocabulary)],
        _callers(policy),
        [line for callee in policy.callees for line in callee_lines(policy, callee)],
        route_lines(policy, policy.routes),
        [allow_line(policy, allow) for allow in policy.allows],
        [
            *(enum_line(enum) for enum in policy.enums),
            *(state_line(policy, state) for state in policy.states),
        ],
        *(handler_lines(policy, handler) for handler in policy.handlers),
        *(layer_lines(policy, layer) for layer in policy.layers),
        *(event_lines(policy, event) for event in policy.events),
        *(claim_lines(policy, claim) for claim in policy.claims),
        *(example_lines(policy, example) for example in policy.examples),
    ]
    lines: list[str] = []
    for section in sections:
        if section and lines:
            lines.append("")
        lines.extend(section)
    whole = block(f"core {policy.name} at {policy.level}", lines)
    return "".join(f"{line.rstrip()}\n" for line in whole)


def _headers(policy: CorePolicy) -> list[str]:
    return [
        f"geometry {policy.geometry.name};",
        f"conduits {', '.join(str(Conduit(conduit)) for conduit in policy.conduits)};",
        f"identifier {policy.identifier};",
        f"results {registers_text(policy.results)};",
        "serialized;" if policy.serialized else "interleaved;",
    ]


def _callers(policy: CorePolicy) -> list[str]:
    found = [f"hypervisor {{ id = {number(policy.hypervisor_id)}; }}"]
    for domain in policy.domains:
        found.extend(domain_lines(policy, domain))
    for name, members in policy.groups:
        found.append(f"group {name} = {', '.join(domains(policy, members)) or 'nobody'};")
    return found
