"""The command line: one verb a file in ``smcproof.checker.verbs``, imported when it is called."""

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from smcproof.checker.exit_status import ExitStatus

VERBS = {
    "check": "parse, type-check, lint",
    "prove": "prove the policy's properties; counterexamples for what fails",
    "run": "one call through the reference dispatcher, and why",
    "conform": "recorded answers of a real system against the policy",
    "replay": "a stored counterexample, in every meaning",
    "who": "who can make a call or reach a callee",
    "decode": "one function identifier, every field and name",
    "fmt": "canonical layout",
}


class Verbs(click.Group):
    """Imports a verb's module only when that verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"smcproof.checker.verbs.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def smcproof_version() -> str:
    try:
        return version("smcproof")
    except PackageNotFoundError:
        return "0+unknown"


def version_text() -> str:
    """This version and those of what the answers rest on, without importing any of it."""
    found = [f"smcproof {smcproof_version()}"]
    for package in ("z3-solver", "lark"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return "\n".join(found)


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(version_text())
        ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show versions, that of the solver included, and exit.",
)
def cli() -> None:
    """Formal specification and executable reference model for Arm SMC/HVC policies.

    Exit status: 0 all well; 1 a property fails, a mismatch, a disagreement; 2 bad usage or bad
    input; 3 UNKNOWN and nothing worse; 4 internal error.
    """


def main() -> None:
    """Entry point: no traceback for anything that a user can cause."""
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        status = ExitStatus.USAGE
    except click.Abort:
        click.echo("interrupted", err=True)
        status = 130
    except BrokenPipeError:
        sys.stderr.close()
        status = ExitStatus.OK
    sys.exit(int(status or 0))
