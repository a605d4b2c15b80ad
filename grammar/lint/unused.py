"""Names that nothing refers to, and state that is only read or only written [LINT-UNUSED]."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core import State
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import policy_assignments, policy_expressions, subexpressions

_ALWAYS_USED = ("domain", "callee", "member", "state variable", "vocabulary")
"""Kinds that mean something by being declared, or that other findings cover."""


def lint_unused(policy: CorePolicy, env: Environment) -> None:
    for name, (kind, span) in env.declared.items():
        if kind not in _ALWAYS_USED and name not in env.used and span.source == policy.source:
            env.report.warning(
                "unused-name",
                f"the {kind} `{name}` is never used",
                span,
                "remove it, or check the spelling where it was meant",
            )
    read = {
        node.variable
        for expr in policy_expressions(policy)
        for node in subexpressions(expr)
        if isinstance(node, State)
    }
    written = {assign.variable for assign in policy_assignments(policy)}
    for variable in policy.states:
        if variable.name not in read and variable.name not in written:
            message, help = "is never used", "remove it"
        elif variable.name not in read:
            message, help = "is never read", "remove it, or test it in a rule"
        elif variable.name not in written and not variable.frozen:
            message, help = "never changes", "assign it, or declare it `frozen`"
        else:
            continue
        env.report.warning(
            "unused-state", f"the state variable `{variable.name}` {message}", variable.span, help
        )
