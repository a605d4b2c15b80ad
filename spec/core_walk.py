"""Walking core expressions: the one place that knows every node's children."""

from collections.abc import Iterator

from smcproof.spec.core import (
    Answer,
    Arithmetic,
    Assign,
    Attribute,
    Compare,
    Connective,
    Const,
    Deliver,
    Expr,
    Extend,
    Fact,
    Forward,
    Free,
    If,
    Input,
    Member,
    Not,
    Register,
    Registers,
    Resume,
    Rule,
    Slice,
    Source,
    State,
    Stop,
    Within,
)
from smcproof.spec.core_policy import CorePolicy

EXPRESSIONS = (
    Const, Register, Input, Attribute, State, Slice, Extend, Arithmetic, Compare, Not, Connective,
    If, Member, Within, Fact,
)  # fmt: skip


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of an expression."""
    match expr:
        case Const() | Register() | Input() | Fact():
            return ()
        case Attribute(domain=domain):
            return (domain,)
        case State(index=index):
            return () if index is None else (index,)
        case Slice(operand=operand) | Extend(operand=operand) | Not(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case Connective(operands=operands):
            return operands
        case If(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Member(value=value, domain=domain):
            return (value,) if domain is None else (value, domain)
        case Within(base=base, size=size, domain=domain):
            return (base, size, domain)


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """``expr`` and all its parts, each before its own parts."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def source_expressions(source: Source) -> Iterator[Expr]:
    """The expressions in a register's source."""
    if isinstance(source, Free):
        for low, high in source.intervals:
            yield low
            yield high
    else:
        yield source


def register_expressions(registers: Registers) -> Iterator[Expr]:
    for _, source in registers:
        yield from source_expressions(source)


def assign_expressions(assigns: tuple[Assign, ...]) -> Iterator[Expr]:
    for assign in assigns:
        yield assign.guard
        if assign.index is not None:
            yield assign.index
        yield assign.value


def rule_expressions(rule: Rule) -> Iterator[Expr]:
    """Every expression that a rule holds, outermost only."""
    for conjunct in rule.guard:
        yield conjunct.test
    match rule.outcome:
        case Forward(sent=sent, results=results):
            yield from register_expressions(sent)
            yield from register_expressions(results)
        case Answer(written=written) | Deliver(written=written) | Stop(written=written):
            yield from register_expressions(written)
        case Resume(target=target, written=written):
            yield target
            yield from register_expressions(written)
        case _:
            pass
    yield from assign_expressions(rule.issuing)
    yield from assign_expressions(rule.effects)
    for send in rule.sends:
        yield from register_expressions(send.sent)
    for emit in rule.emits:
        yield from emit.arguments


def policy_rules(policy: CorePolicy) -> Iterator[Rule]:
    """The rules of layers, contracts and events."""
    yield from policy.rules
    for handler in policy.handlers:
        yield from handler.clauses or ()
    for event in policy.events:
        yield from event.clauses


def policy_expressions(policy: CorePolicy) -> Iterator[Expr]:
    """Every expression of a policy, outermost only."""
    for rule in policy_rules(policy):
        yield from rule_expressions(rule)
    for callee in policy.callees:
        yield callee.yields
        yield callee.rejected
        if callee.naming is not None:
            yield callee.naming
    for allow in policy.allows:
        yield allow.guard
    for claim in policy.claims:
        if claim.statement is not None:
            yield claim.statement
        for _, value in claim.arguments:
            if isinstance(value, EXPRESSIONS):
                yield value


def policy_assignments(policy: CorePolicy) -> Iterator[Assign]:
    for rule in policy_rules(policy):
        yield from rule.issuing
        yield from rule.effects
