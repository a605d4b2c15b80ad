"""Rules, contracts and clauses of events, part by part."""

from typing import assert_never

from smcproof.grammar.printer.expressions import print_expr
from smcproof.grammar.printer.registers import register_map
from smcproof.grammar.printer.values import number, quoted
from smcproof.spec.core import (
    TRUE,
    Answer,
    Assign,
    Deliver,
    Forward,
    Handle,
    Leave,
    Outcome,
    Resume,
    Rule,
    Stop,
    Undefined,
)
from smcproof.spec.core_policy import CorePolicy

INDENT = "    "


def indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def block(head: str, lines: list[str], end: str = "") -> list[str]:
    """``head { .. }`` with one entry a line; ``end`` follows the brace."""
    if not lines:
        return [f"{head} {{}}{end}"]
    return [f"{head} {{", *indented(lines), f"}}{end}"]


def rule_lines(
    policy: CorePolicy, rule: Rule, parameters: tuple[str, ...] | None = None
) -> list[str]:
    """One rule: its conjuncts, its outcome, what it sends, its effects and the events it raises.
    ``parameters`` are given for a clause of an event, which answers nobody."""
    answers = parameters is None
    parameters = parameters or ()
    found = [f"when {print_expr(policy, part.test, parameters)}" for part in rule.guard]
    found.extend(outcome_lines(policy, rule.outcome, parameters, answers=answers))
    for send in rule.sends:
        sent = register_map(policy, send.sent, parameters, leaves=True)
        found.extend(block(f"reaches {send.callee} with", sent))
    found.extend(assign_lines(policy, "issuing", rule.issuing, parameters))
    found.extend(assign_lines(policy, "then", rule.effects, parameters))
    for emit in rule.emits:
        values = ", ".join(print_expr(policy, value, parameters) for value in emit.arguments)
        found.append(f"emits {emit.event}({values})")
    found[-1] += ";"
    head = rule.name if rule.is_otherwise else f"rule {_name(rule.name)}"
    return [head, *indented(found)]


def _name(name: str) -> str:
    """A rule's name; one that elaboration made up is quoted."""
    return name if name.isidentifier() else quoted(name)


def outcome_lines(
    policy: CorePolicy,
    outcome: Outcome,
    parameters: tuple[str, ...] = (),
    *,
    answers: bool = True,
) -> list[str]:
    """An outcome with every register that it sets, sends or, if it ``answers`` a caller, keeps."""
    kept = "kept" if answers else None
    match outcome:
        case Forward(sent=sent, results=results):
            leaving = block("=> forward", register_map(policy, sent, parameters, leaves=True))
            back = block("returning", register_map(policy, results, parameters, others=kept))
            return [*leaving, *back]
        case Answer(written=written):
            return block("=> return", register_map(policy, written, parameters))
        case Handle(handler=handler):
            return [f"=> handle {handler}"]
        case Deliver(handler=handler, after=after, written=written):
            head = f"=> deliver {handler} resuming {_where(after)} writing"
            return block(head, register_map(policy, written, parameters))
        case Undefined(after=after, vector=vector):
            offset = "architectural" if vector is None else number(vector)
            return [f"=> undef elr {_where(after)} vector {offset}"]
        case Stop(domain=domain, written=written):
            head = f"=> stop {'domain' if domain else 'vcpu'}"
            return block(head, register_map(policy, written, parameters))
        case Resume(target=target, written=written):
            head = f"=> resume at {print_expr(policy, target, parameters)} with"
            return block(head, register_map(policy, written, parameters, others="0"))
        case Leave(word=word):
            return [f"=> {word}"]
        case _:
            assert_never(outcome)


def _where(after: bool) -> str:
    return "after" if after else "at"


def assign_lines(
    policy: CorePolicy, head: str, assigns: tuple[Assign, ...], parameters: tuple[str, ...] = ()
) -> list[str]:
    """Guarded assignments, all made at once; nothing if there are none."""
    found: list[str] = []
    for assign in assigns:
        index = assign.index
        entry = "" if index is None else f"[{print_expr(policy, index, parameters)}]"
        guard = assign.guard
        when = "" if guard == TRUE else f" when {print_expr(policy, guard, parameters)}"
        value = print_expr(policy, assign.value, parameters)
        found.append(f"{assign.variable}{entry} := {value}{when};")
    return block(head, found) if found else []
