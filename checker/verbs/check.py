"""``smcproof check POLICY...``: parse, type-check, lint, run the examples."""

import click

from smcproof.checker.diagnostics_text import diagnostic_json, print_diagnostics
from smcproof.checker.examples import run_examples
from smcproof.checker.exit_status import ExitStatus, worst
from smcproof.checker.options import json_option, write_json
from smcproof.checker.policy_file import coverage_gap, load_policy_file
from smcproof.checker.terminal import say
from smcproof.grammar.printer.core import print_core
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.diagnostic import Diagnostic


@click.command("check")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--core", is_flag=True, help="Print the elaborated core.")
@json_option
def command(policies: tuple[str, ...], core: bool, json_to: str | None) -> int:
    """Parse, type-check and lint policies; run their example lines."""
    status = ExitStatus.OK
    reports: list[dict[str, object]] = []
    for path in policies:
        found, report = _check(path, core=core, quiet=json_to is not None)
        status = worst(status, found)
        reports.append(report)
    if json_to is not None:
        write_json(json_to, {"schema": "smcproof.check/1", "policies": reports})
    return status


def _check(path: str, *, core: bool, quiet: bool) -> tuple[ExitStatus, dict[str, object]]:
    loaded = load_policy_file(path)
    if loaded is None:
        return ExitStatus.USAGE, {"file": path, "ok": False, "diagnostics": [], "examples": []}
    diagnostics: list[Diagnostic] = list(loaded.diagnostics)
    policy = loaded.policy
    if policy is not None:
        gap = coverage_gap(policy)
        if gap is not None:
            diagnostics.append(gap)
            policy = None
    print_diagnostics(diagnostics)
    report: dict[str, object] = {
        "file": path,
        "ok": policy is not None,
        "diagnostics": [diagnostic_json(entry) for entry in diagnostics],
        "examples": [],
    }
    if policy is None:
        errors = sum(entry.is_error for entry in diagnostics)
        say(f"{path}: {errors} error{'s' * (errors != 1)}", error=True)
        return ExitStatus.USAGE, report
    status, examples = _examples(policy)
    report["examples"] = examples
    if core and not quiet:
        say(print_core(policy).rstrip("\n"))
    elif not quiet:
        say(*_summary(policy, path, len(diagnostics), failed=status is not ExitStatus.OK))
    return status, report


def _examples(policy: CorePolicy) -> tuple[ExitStatus, list[dict[str, object]]]:
    """Runs the example lines; each that fails is shown with what came instead."""
    found: list[dict[str, object]] = []
    status = ExitStatus.OK
    for result in run_examples(policy):
        found.append(
            {
                "example": result.example.title,
                "ok": not result.problems,
                "problems": list(result.problems),
            }
        )
        if result.problems:
            status = ExitStatus.FOUND
            say(("example failed", "bold red"), f': "{result.example.title}"', error=True)
            say(f"  --> {result.example.span}", error=True)
            for problem in result.problems:
                say(f"  {problem}", error=True)
            say("", error=True)
    return status, found


def _summary(
    policy: CorePolicy, path: str, warnings: int, *, failed: bool
) -> tuple[str | tuple[str, str], ...]:
    def count(number: int, noun: str) -> str:
        return f"{number} {noun}{'s' * (number != 1)}"

    parts = [
        count(len(policy.rules), "rule"),
        count(policy.domain_count, "domain"),
        count(len(policy.claims), "claim"),
        count(len(policy.examples), "example"),
    ]
    if warnings:
        parts.append(count(warnings, "warning"))
    word = ("examples fail", "bold red") if failed else ("ok", "bold green")
    return (f"{path}: ", word, f" ({', '.join(parts)})")
