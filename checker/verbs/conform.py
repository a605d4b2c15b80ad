"""``smcproof conform POLICY RECORDING...``: recorded answers of a real system."""

from pathlib import Path

import click

from smcproof.checker.conform import CallerUnknown, Cause, Judged, causes, conform
from smcproof.checker.exit_status import ExitStatus, worst
from smcproof.checker.options import json_option, write_json
from smcproof.checker.policy_file import load_policy
from smcproof.checker.recording import Recording, RecordingError, read_recording
from smcproof.checker.terminal import say

MOST_SHOWN = 12


@click.command("conform")
@click.argument("policy")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@click.option("--caller", metavar="DOMAIN", help="Take every recorded call as this domain's.")
@json_option
def command(
    policy: str, recordings: tuple[str, ...], caller: str | None, json_to: str | None
) -> int:
    """Say which recorded call the policy does not explain, by cause, the smallest first."""
    loaded = load_policy(policy)
    if loaded is None:
        return ExitStatus.USAGE
    status = ExitStatus.OK
    everything: list[Judged] = []
    for path in recordings:
        try:
            recording = read_recording(Path(path), path)
            judged = list(conform(loaded, recording, caller))
        except (RecordingError, CallerUnknown) as problem:
            raise click.UsageError(str(problem)) from problem
        except OSError as problem:
            raise click.UsageError(f"cannot read {path}: {problem.strerror}") from problem
        everything.extend(judged)
        if json_to is None:
            _print(recording, judged)
        if not all(entry.agrees for entry in judged):
            status = worst(status, ExitStatus.FOUND)
    if json_to is not None:
        write_json(json_to, _report(policy, everything))
    return status


def _print(recording: Recording, judged: list[Judged]) -> None:
    agree = [entry for entry in judged if entry.agrees]
    open_ = [entry for entry in agree if entry.open_because is not None]
    title = " ".join(part for part in (recording.system, recording.version) if part)
    say((recording.path, "bold"), f"  {title}" if title else "")
    for cause in causes(judged):
        _print_cause(cause)
    for entry in open_[:MOST_SHOWN]:
        say(
            ("  open      ", "yellow"),
            f"line {entry.call.line}: {entry.call.name or hex(entry.call.x[0])}: {entry.open_because}",
        )
    if len(open_) > MOST_SHOWN:
        say(f"  open      .. and {len(open_) - MOST_SHOWN} more (all with --json)")
    disagree = len(judged) - len(agree)
    say(
        f"  {len(judged)} calls: ",
        (f"{len(agree)} agree", "green"),
        f" ({len(open_)} of them open), ",
        (f"{disagree} disagree", "bold red" if disagree else "green"),
    )


def _print_cause(cause: Cause) -> None:
    number = len(cause.calls)
    place = ""
    if cause.calls[0].step is not None:
        place = f" ({cause.calls[0].step.span})"
    say(
        ("  disagree  ", "bold red"),
        f"{cause.what} of rule `{cause.rule}`{place}: {number} call{'s' * (number != 1)}",
    )
    for entry in cause.calls[:3]:
        call = entry.call
        say(
            f"      line {call.line}: {call.caller} {call.conduit}"
            + (f" imm {call.imm:#x}" if call.imm else "")
            + f" x0={call.x[0]:#x}  {call.name}"
        )
        for mismatch in entry.mismatches[:4]:
            say(
                f"          {mismatch.what}: the policy says {mismatch.expected}, "
                f"recorded {mismatch.recorded}"
            )
    if number > 3:
        say(f"      .. and {number - 3} more")


def _report(policy: str, judged: list[Judged]) -> dict[str, object]:
    agree = [entry for entry in judged if entry.agrees]
    open_ = [entry for entry in agree if entry.open_because is not None]
    return {
        "schema": "smcproof.conform/1",
        "policy": policy,
        "calls": len(judged),
        "agree": len(agree),
        "disagree": len(judged) - len(agree),
        "open": len(open_),
        "disagreements": [
            {
                "rule": cause.rule,
                "what": cause.what,
                "calls": [_call(entry) for entry in cause.calls],
            }
            for cause in causes(judged)
        ],
        "open_calls": [{**_place(entry), "because": entry.open_because} for entry in open_],
    }


def _place(entry: Judged) -> dict[str, object]:
    call = entry.call
    return {
        "recording": call.path,
        "line": call.line,
        "name": call.name,
        "caller": call.caller,
        "conduit": str(call.conduit),
        "imm": call.imm,
        "x0": f"{call.x[0]:#x}",
    }


def _call(entry: Judged) -> dict[str, object]:
    return {
        **_place(entry),
        "mismatches": [
            {"what": part.what, "policy": part.expected, "recorded": part.recorded}
            for part in entry.mismatches
        ],
    }
