"""Which claims a verb is to prove: the policy's own, or those named on the command line."""

from pathlib import Path

from smcproof.checker.diagnostics_text import print_diagnostics
from smcproof.checker.exit_status import ExitStatus
from smcproof.checker.policy_file import coverage_gap
from smcproof.checker.terminal import say
from smcproof.grammar.load import load_source, read_source
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.span import Source

COMMAND_LINE = "--property"


def chosen_claims(
    path: str, properties: tuple[str, ...]
) -> tuple[CorePolicy, tuple[Claim, ...]] | ExitStatus:
    """The policy and the claims to prove. A name on the command line picks the policy's claims of that
    name or label; if there are none, it is proved as if the policy said ``prove NAME;``. Errors are
    printed and become an exit status; nothing to prove is bad usage."""
    try:
        source = read_source(Path(path), path)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        say(("error", "bold red"), f": cannot read {path}: {reason.lower()}", error=True)
        return ExitStatus.USAGE
    first = load_source(source)
    if first.policy is None:
        print_diagnostics(found for found in first.diagnostics if found.is_error)
        return ExitStatus.USAGE
    policy = first.policy
    gap = coverage_gap(policy)
    if gap is not None:
        print_diagnostics([gap])
        return ExitStatus.USAGE
    missing = [name for name in properties if not _named(policy, name)]
    if missing:
        extra = tuple(Source(COMMAND_LINE, f"prove {name};") for name in missing)
        second = load_source(source, extra)
        if second.policy is None:
            print_diagnostics(found for found in second.diagnostics if found.is_error)
            return ExitStatus.USAGE
        policy = second.policy
    claims = policy.claims
    if properties:
        claims = tuple(
            claim
            for claim in policy.claims
            if claim.span.source.path == COMMAND_LINE
            or any(_is_called(claim, name) for name in properties)
        )
    if not claims:
        say(
            ("error", "bold red"),
            f": {path} has nothing to prove: add `prove NAME;` or use --property",
            error=True,
        )
        return ExitStatus.USAGE
    return policy, claims


def _is_called(claim: Claim, name: str) -> bool:
    return name in (claim.property, claim.label, claim.title)


def _named(policy: CorePolicy, name: str) -> bool:
    return any(_is_called(claim, name) for claim in policy.claims)
