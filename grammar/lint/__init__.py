"""Findings that are no errors but that the author would want to know, one judgement a file."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.lint.identifiers import lint_identifiers
from smcproof.grammar.lint.memory import lint_memory
from smcproof.grammar.lint.results import lint_results
from smcproof.grammar.lint.routing import lint_routing
from smcproof.grammar.lint.unused import lint_unused
from smcproof.spec.core_policy import CorePolicy


def lint(policy: CorePolicy, env: Environment) -> None:
    """Reports all lints of a policy that elaborated without errors."""
    for judge in (lint_unused, lint_memory, lint_identifiers, lint_routing, lint_results):
        judge(policy, env)
