"""What is to be proved and tried: claims and examples with everything that they rest on."""

from smcproof.grammar.printer.expressions import print_expr, print_operand
from smcproof.grammar.printer.identifiers import identifiers
from smcproof.grammar.printer.registers import constants, register_map
from smcproof.grammar.printer.rules import assign_lines, block, indented, outcome_lines
from smcproof.grammar.printer.values import braced, domains, number, quoted
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core_policy import ArgumentValue, Claim, CorePolicy, Example, Exemption
from smcproof.spec.interval import IntervalSet
from smcproof.spec.property import property_spec


def claim_lines(policy: CorePolicy, claim: Claim) -> list[str]:
    head = f"prove {quoted(claim.title)} : {claim.property}"
    if claim.arguments:
        kinds = {entry.name: entry.kind for entry in property_spec(claim.property).parameters}
        shown = [
            f"{name} = {_argument(policy, kinds.get(name, ''), value)}"
            for name, value in claim.arguments
        ]
        head += f"({', '.join(shown)})"
    found: list[str] = []
    if claim.label is not None:
        found.append(f"label {claim.label}")
    if claim.statement is not None:
        found.append(print_expr(policy, claim.statement))
    for exemption in claim.exemptions:
        found.append(f"except {_exemption(policy, exemption)} as {quoted(exemption.text)}")
    if claim.exemption_reason is not None:
        found.append(f"because {quoted(claim.exemption_reason)}")
    if claim.expected is not None:
        reason = claim.expected_reason
        because = "" if reason is None else f" because {quoted(reason)}"
        found.append(f"expect {claim.expected}{because}")
    lines = [head, *indented(found)]
    lines[-1] += ";"
    return lines


def _argument(policy: CorePolicy, kind: str, value: ArgumentValue) -> str:
    match value:
        case None:
            return "none"
        case str():
            return value
        case tuple():
            return braced(value)
        case IntervalSet():
            of_domains = kind in ("domain", "group")
            return braced((domains if of_domains else identifiers)(policy, value))
        case _:
            return print_operand(policy, value)


def _exemption(policy: CorePolicy, exemption: Exemption) -> str:
    found: list[str] = []
    if exemption.ids is not None:
        found.append(f"ids {braced(identifiers(policy, exemption.ids))}")
    if exemption.callers is not None:
        found.append(f"callers {braced(domains(policy, exemption.callers))}")
    if exemption.conduit is not None:
        found.append(f"conduit {Conduit(exemption.conduit)}")
    return " ".join(found)


def example_lines(policy: CorePolicy, example: Example) -> list[str]:
    found = _call(policy, example.call)
    found.extend(block("answered", constants(policy, example.answered)))
    found.extend(assign_lines(policy, "before", example.before))
    if isinstance(example.expected, str):
        found.append(f"=> {example.expected}")
    else:
        found.extend(outcome_lines(policy, example.expected))
    checked = register_map(policy, example.checked, leaves=True, others=None)
    if checked:
        found.extend(block("checking", checked))
    if example.callee is not None:
        found.append(f"to {example.callee}")
    if example.after is not None:
        found.extend(assign_lines(policy, "after", example.after) or ["after {}"])
    found[-1] += ";"
    return [f"example {quoted(example.title)}", *indented(found)]


def _call(policy: CorePolicy, call: Call) -> list[str]:
    state = "aarch32" if call.aarch32 else "aarch64"
    passed = "passed" if call.condition_passed else "failed"
    head = (
        f"{policy.domain_name(call.caller)} vcpu {call.vcpu} el {call.el} {state} "
        f"{call.conduit} imm {number(call.imm)} condition {passed} with"
    )
    return block(head, constants(policy, tuple(enumerate(call.x))))
