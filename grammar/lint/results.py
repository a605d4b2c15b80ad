"""64-bit tests of 32-bit results: the upper half of an SMC32 result is not defined
[LINT-WIDE-RESULT]."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core import Bank, Compare, Const, Expr, Register
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import policy_rules, subexpressions
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Span


def _only_smc32(policy: CorePolicy, ids: IntervalSet) -> bool:
    """Whether some identifier is listed and all that are have the SMC32 form."""
    wide = policy.geometry.smc64.mask
    return bool(ids) and not any(
        (low | high) & wide or high - low >= wide for low, high in ids.parts
    )


def _wide_test(expr: Expr) -> int | None:
    """The register that ``expr`` compares at full width with a constant, if any."""
    for node in subexpressions(expr):
        if not isinstance(node, Compare):
            continue
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, Register) and side.bank is Bank.RESULT and isinstance(other, Const):
                return side.index
    return None


def lint_results(policy: CorePolicy, env: Environment) -> None:
    allowed = IntervalSet()
    for allow in policy.allows:
        allowed = allowed | allow.ids
    for callee in policy.callees:
        ids = IntervalSet()
        for allow in policy.allows:
            if allow.callee == callee.name:
                ids = ids | allow.ids
        if _only_smc32(policy, ids):
            for expr in (callee.yields, callee.rejected):
                _report(env, expr, callee.span)
    if _only_smc32(policy, allowed):
        for rule in policy_rules(policy):
            for assign in rule.effects:
                _report(env, assign.guard, rule.head)


def _report(env: Environment, expr: Expr, span: Span) -> None:
    index = _wide_test(expr)
    if index is not None:
        env.report.warning(
            "wide-result",
            f"`r{index}` is 64 bits wide, but every function that is allowed here returns 32",
            span,
            f"test `wr{index}`: the upper half of an SMC32 result is not defined",
        )
