"""``smcproof replay CASE``: a stored counterexample, in every meaning."""

from pathlib import Path

import click

from smcproof.checker.agreement import disagreements
from smcproof.checker.call_text import outcome_text, value_text
from smcproof.checker.case_file import StoredCase, read_case_file
from smcproof.checker.case_json import CaseError, read_case
from smcproof.checker.claims import COMMAND_LINE
from smcproof.checker.exit_status import ExitStatus, worst
from smcproof.checker.options import json_option, write_json
from smcproof.checker.policy_file import load_policy_file
from smcproof.checker.replay import EncodingBug, Replayed, replay
from smcproof.checker.step_text import print_step
from smcproof.checker.terminal import say
from smcproof.grammar.load import load_source
from smcproof.spec.case import Case
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.span import Source


@click.command("replay")
@click.argument(
    "cases", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CASE..."
)
@click.option("--policy", "policy_path", metavar="FILE", help="The policy, if it has moved.")
@json_option
def command(cases: tuple[Path, ...], policy_path: str | None, json_to: str | None) -> int:
    """Replay stored counterexamples: exit 1 while they violate their property, 0 once they do not, 4
    if the meanings disagree."""
    status = ExitStatus.OK
    rows: list[dict[str, object]] = []
    for path in cases:
        try:
            found, row = _replay(path, policy_path, quiet=json_to is not None)
        except CaseError as problem:
            raise click.UsageError(str(problem)) from problem
        except OSError as problem:
            raise click.UsageError(f"cannot read {path}: {problem.strerror}") from problem
        status = worst(status, found)
        rows.append(row)
    if json_to is not None:
        write_json(json_to, {"schema": "smcproof.replay/1", "cases": rows})
    return status


def _policy_of(stored: StoredCase, given: str | None) -> tuple[CorePolicy, Claim]:
    path = given
    if path is None:
        beside = [Path(stored.policy_file), stored.path.parent / stored.policy_file]
        path = str(next((place for place in beside if place.exists()), beside[0]))
    loaded = load_policy_file(path)
    if loaded is None or loaded.policy is None:
        raise CaseError(f"the policy {path} cannot be loaded; check it, or give it with --policy")
    policy = loaded.policy
    if policy.source.sha256 != stored.policy_sha256:
        say(
            f"note: {path} has changed since the case was stored; replaying in it as it is now",
            error=True,
        )
    claim = next((entry for entry in policy.claims if entry.title == stored.title), None)
    if claim is None:
        extra = (Source(COMMAND_LINE, f"prove {stored.title};"),)
        again = load_source(policy.source, extra).policy
        if again is None:
            raise CaseError(f"the policy no longer claims `{stored.title}`, nor can it")
        return again, again.claims[-1]
    return policy, claim


def _replay(path: Path, given: str | None, *, quiet: bool) -> tuple[ExitStatus, dict[str, object]]:
    stored = read_case_file(path)
    policy, claim = _policy_of(stored, given)
    case = read_case(policy, stored.body)
    try:
        replayed = replay(policy, claim, case)
    except EncodingBug as problem:
        raise CaseError(f"{path}: {problem}") from problem
    problems = _compare(policy, case, replayed)
    violated = replayed.finding is not None and not replayed.finding.undecided
    row: dict[str, object] = {
        "case": str(path),
        "policy": policy.source.path,
        "property": claim.title,
        "violated": violated,
        "disagreements": list(problems),
    }
    if replayed.finding is not None:
        row["finding"] = {
            "expected": replayed.finding.expected,
            "actual": replayed.finding.actual,
        }
    if not quiet:
        _print(policy, claim, replayed, problems, violated=violated)
    if problems:
        return ExitStatus.INTERNAL, row
    return (ExitStatus.FOUND if violated else ExitStatus.OK), row


def _compare(policy: CorePolicy, case: Case, replayed: Replayed) -> tuple[str, ...]:
    """Where the prover's meaning of the steps and the reference's differ."""
    from smcproof.checker.symbolic.evaluation import evaluate_step

    found: list[str] = []
    for run, step in enumerate(replayed.steps):
        if not isinstance(step, Step):
            continue
        chosen = {
            (choice.place, choice.register): choice.value
            for choice in case.choices
            if choice.run == run
        }
        chosen = {**_least(step), **chosen}
        solver = evaluate_step(
            policy,
            step.before,
            step.call,
            step.answer or (0,) * policy.geometry.registers,
            lambda place, index, chosen=chosen: chosen.get((place, index), 0),  # type: ignore[misc]
        )
        found.extend(disagreements(solver, step))
    return tuple(found)


def _least(step: Step) -> dict[tuple[str, int], int]:
    """What the replay chose for free registers that the case leaves open."""
    from smcproof.spec.record import Leaked, Loose

    found: dict[tuple[str, int], int] = {}
    places = [(f"sent.{at}", enumerate(sent.registers)) for at, sent in enumerate(step.sends)]
    for place, registers in [*places, ("written", iter(step.written))]:
        for index, value in registers:
            if isinstance(value, (Loose, Leaked)) and value.chosen is not None:
                kind = "loose" if isinstance(value, Loose) else "leaked"
                found[f"{kind}.{place}", index] = value.chosen
    return found


def _print(
    policy: CorePolicy,
    claim: Claim,
    replayed: Replayed,
    problems: tuple[str, ...],
    *,
    violated: bool,
) -> None:
    say((claim.title, "bold"), f"  ({claim.span})")
    for at, step in enumerate(replayed.steps):
        if at:
            say("    compared with")
        print_step(policy, step, "    ")
        if isinstance(step, Step):
            _side_by_side(policy, step, agree=not problems)
    for problem in problems:
        say(("    meanings disagree  ", "bold red"), problem)
    if replayed.finding is not None:
        say("    expected  ", (replayed.finding.expected, "green"))
        say("    actual    ", (replayed.finding.actual, "red"))
    say(("violated", "bold red") if violated else ("not violated", "bold green"))


def _side_by_side(policy: CorePolicy, step: Step, *, agree: bool) -> None:
    """What each meaning says; where they agree one column speaks for all."""
    bits = policy.geometry.register_bits
    who = "prover = reference" if agree else "reference"
    say(f"    {who}: {outcome_text(step)}")
    changed = dict(step.written)
    for index, value in changed.items():
        say(f"        x{index:<3} {step.call.x[index]:#x} -> {value_text(value, bits[index])}")
