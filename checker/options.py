"""Options that several verbs share."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def json_option(function: F) -> F:
    """``--json FILE`` or ``--json -``: the report in a stable schema."""
    return click.option(
        "--json",
        "json_to",
        metavar="FILE",
        default=None,
        help="Write the report as JSON to FILE, or to standard output for `-`.",
    )(function)


def write_json(target: str, report: Mapping[str, object]) -> None:
    """The report to a file, or to stdout for ``-``; a file that cannot be written is bad usage."""
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if target == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise click.UsageError(f"cannot write {target}: {problem.strerror}") from problem
