"""Identifier ranges that cross an owning entity, identifiers that can never match
[LINT-IDENTIFIER]."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core import Expr, If, Member, Register, Slice
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import policy_rules, subexpressions
from smcproof.spec.interval import IntervalSet
from smcproof.spec.smccc import canon
from smcproof.spec.span import Span


def _is_identifier(expr: Expr) -> bool:
    """x0, w0 or canon(x0) of any bank."""
    while isinstance(expr, (Slice, If)):
        expr = expr.operand if isinstance(expr, Slice) else expr.otherwise
    return isinstance(expr, Register) and expr.index == 0


def lint_identifiers(policy: CorePolicy, env: Environment) -> None:
    geometry = policy.geometry
    owner = geometry.owner.low
    for rule in policy_rules(policy):
        for conjunct in rule.guard:
            for node in subexpressions(conjunct.test):
                if not isinstance(node, Member) or node.constant is None:
                    continue
                if not _is_identifier(node.value):
                    continue
                for low, high in node.constant.parts:
                    if low >> owner != high >> owner:
                        env.report.warning(
                            "range-crosses-owner",
                            f"the identifiers {low:#x}..{high:#x} belong to several owning entities",
                            conjunct.span,
                            "end the range where the owner changes, or name the functions",
                        )
                if policy.identifier == "canon":
                    _check_hint(policy, env, node.constant, conjunct.span)


def _check_hint(policy: CorePolicy, env: Environment, ids: IntervalSet, span: Span) -> None:
    for low, high in ids.parts:
        if low == high and canon(low, policy.geometry) != low:
            env.report.warning(
                "identifier-never",
                f"no canonical identifier is {low:#x}: its hint bit is set",
                span,
                "write the identifier without the hint, or `identifier w0;`",
            )
