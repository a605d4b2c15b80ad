"""Loading a policy for a verb: errors are printed, and a policy that does not cover every call is one
[DISPATCH-TOTAL]."""

from pathlib import Path

from smcproof.checker.diagnostics_text import print_diagnostics
from smcproof.checker.terminal import say
from smcproof.grammar.load import Loaded, load_source, read_source
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.diagnostic import Diagnostic, Severity


def load_policy_file(path: str) -> Loaded | None:
    """Parses and elaborates; None if the file cannot be read, which is reported."""
    try:
        source = read_source(Path(path), path)
    except (OSError, ValueError) as problem:
        reason = (
            problem.strerror or str(problem)
            if isinstance(problem, OSError)
            else "it is not UTF-8 text"
        )
        say(("error", "bold red"), f": cannot read {path}: {reason.lower()}", error=True)
        return None
    return load_source(source)


def load_policy(path: str) -> CorePolicy | None:
    """The policy, or None after its errors were printed. Lints are for ``check``."""
    loaded = load_policy_file(path)
    if loaded is None:
        return None
    if loaded.policy is None:
        print_diagnostics(found for found in loaded.diagnostics if found.is_error)
        return None
    gap = coverage_gap(loaded.policy)
    if gap is not None:
        print_diagnostics([gap])
        return None
    return loaded.policy


def coverage_gap(policy: CorePolicy) -> Diagnostic | None:
    """The error of a policy that leaves a call without a rule; None if it covers all. The solver is
    asked only where the text does not show it."""
    open_handlers = [
        handler
        for handler in policy.handlers
        if handler.clauses is not None
        and not (handler.clauses and handler.clauses[-1].is_otherwise)
    ]
    ended = bool(policy.main.rules) and policy.main.rules[-1].is_otherwise
    if ended and not open_handlers:
        return None
    from smcproof.checker.coverage import find_gap

    message = find_gap(policy)
    if message is None:
        return None
    span = policy.main.span if not ended else open_handlers[0].span
    return Diagnostic(
        "policy-uncovered",
        message,
        span,
        "end the rules with `otherwise => return NOT_SUPPORTED;`",
        Severity.ERROR,
    )
