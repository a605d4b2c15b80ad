"""``smcproof fmt POLICY...``: canonical layout."""

from difflib import unified_diff
from pathlib import Path

import click

from smcproof.checker.diagnostics_text import print_diagnostics
from smcproof.checker.exit_status import ExitStatus, worst
from smcproof.checker.terminal import say
from smcproof.grammar.layout import format_text
from smcproof.grammar.load import read_source
from smcproof.grammar.parser import parse
from smcproof.spec.diagnostic import Diagnostics


@click.command("fmt")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; exit 1 if anything would."
)
def command(policies: tuple[str, ...], only_check: bool) -> int:
    """Rewrite policies in the canonical layout; comments are kept."""
    status = ExitStatus.OK
    for path in policies:
        status = worst(status, _format(path, only_check=only_check))
    return status


def _format(path: str, *, only_check: bool) -> ExitStatus:
    try:
        source = read_source(Path(path), path)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        say(("error", "bold red"), f": cannot read {path}: {reason.lower()}", error=True)
        return ExitStatus.USAGE
    report = Diagnostics()
    if parse(source, report) is None:
        print_diagnostics(report.sorted())
        return ExitStatus.USAGE
    text = format_text(source)
    if text == source.text:
        return ExitStatus.OK
    if only_check:
        say(f"{path}: not in canonical layout")
        lines = unified_diff(
            source.text.splitlines(), text.splitlines(), path, f"{path} (canonical)", lineterm=""
        )
        for line in lines:
            say(line)
        return ExitStatus.FOUND
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as problem:
        say(("error", "bold red"), f": cannot write {path}: {problem.strerror}", error=True)
        return ExitStatus.USAGE
    say(f"{path}: rewritten")
    return ExitStatus.OK
