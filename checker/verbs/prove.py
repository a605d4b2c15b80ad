"""``smcproof prove POLICY``: verdicts, and counterexamples for what fails."""

import os
import time
from pathlib import Path

import click

from smcproof.checker.case_file import DEFAULT_FOLDER, case_report, store_case
from smcproof.checker.claims import chosen_claims
from smcproof.checker.exit_status import ExitStatus
from smcproof.checker.options import json_option, write_json
from smcproof.checker.progress import Progress
from smcproof.checker.prove import Proof, ProveLimits, is_existential, overall, prove
from smcproof.checker.step_text import print_step
from smcproof.checker.terminal import say
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.verdict import Verdict

_STYLE = {
    Verdict.PROVED: "bold green",
    Verdict.VIOLATED: "bold red",
    Verdict.UNKNOWN: "bold yellow",
    Verdict.VACUOUS: "bold yellow",
}


@click.command("prove")
@click.argument("policy")
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="NAME",
    help="Prove only this property (a name, a label, or any property with its arguments).",
)
@click.option("--property-seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True)
@click.option(
    "--property-memory", type=click.IntRange(min=64), default=1024, show_default=True, metavar="MIB"
)
@click.option("--minimize-seconds", type=click.FloatRange(min=0), default=20.0, show_default=True)
@click.option("--recheck", is_flag=True, help="Decide every unsat again by another route.")
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="Properties at a time.")
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_FOLDER),
    show_default=True,
    help="Where counterexamples are stored.",
)
@json_option
def command(
    policy: str,
    properties: tuple[str, ...],
    property_seconds: float,
    property_memory: int,
    minimize_seconds: float,
    recheck: bool,
    jobs: int | None,
    cases: Path,
    json_to: str | None,
) -> int:
    """Prove the properties that the policy claims. Exit 1 if one fails unexpectedly, 3 if one is
    UNKNOWN and nothing worse."""
    found = chosen_claims(policy, properties)
    if isinstance(found, ExitStatus):
        return found
    loaded, claims = found
    limits = ProveLimits(
        seconds=property_seconds,
        mebibytes=property_memory,
        minimize=minimize_seconds,
        jobs=jobs or os.cpu_count() or 1,
        recheck=recheck,
    )
    started = time.monotonic()
    proofs: list[Proof] = []
    rows: list[dict[str, object]] = []
    with Progress("proving", len(claims), enabled=json_to != "-") as progress:
        for proof in prove(loaded, claims, limits, progress.advance):
            proofs.append(proof)
            stored = _store(loaded, proof, cases)
            rows.append(_row(loaded, proof, stored))
            if json_to is None:
                _print(loaded, proof, stored)
    if json_to is not None:
        write_json(
            json_to,
            {
                "schema": "smcproof.prove/1",
                "policy": policy,
                "sha256": loaded.source.sha256,
                "verdicts": rows,
            },
        )
    else:
        _summary(proofs, time.monotonic() - started)
    return overall(proofs)


def _store(policy: CorePolicy, proof: Proof, folder: Path) -> Path | None:
    """Stores a counterexample; None if there is none, or if the folder cannot be written."""
    case = proof.outcome.case
    if case is None or proof.internal is not None:
        return None
    try:
        return store_case(folder, case_report(policy, proof.claim, case, proof.replayed))
    except OSError as problem:
        say(f"cannot store the counterexample in {folder}: {problem.strerror}", error=True)
        return None


def _print(policy: CorePolicy, proof: Proof, stored: Path | None) -> None:
    outcome, claim = proof.outcome, proof.claim
    if proof.internal is not None:
        say(("INTERNAL ERROR  ", "bold red"), claim.title)
        say(f"    {proof.internal}")
        return
    note = " (by definition)" if outcome.by_definition else ""
    expected = ""
    if claim.expected is not None:
        met = claim.expected == str(outcome.verdict)
        expected = (
            f"  expected: {claim.expected_reason}" if met else f"  expected {claim.expected}!"
        )
    say(
        (f"{outcome.verdict!s:<9}", _STYLE[outcome.verdict]),
        f" {claim.title}{note}",
        (f"  {outcome.seconds:.2f} s", "dim"),
        expected,
    )
    if claim.exemption_reason is not None:
        excepted = ", ".join(entry.text for entry in claim.exemptions)
        say(f"    except    {excepted}: {claim.exemption_reason}")
    for text in outcome.useless_exceptions:
        say(f"    the exception `{text}` excludes nothing: remove it ({claim.span})")
    if outcome.verdict in (Verdict.UNKNOWN, Verdict.VACUOUS) and outcome.reason:
        say(f"    reason    {outcome.reason}")
    if outcome.case is not None and proof.replayed is not None:
        _print_counterexample(policy, proof, stored)
    if is_existential(claim) and outcome.verdict is Verdict.VIOLATED:
        for goal in outcome.reached:
            shadows = f", shadowed by {', '.join(goal.shadows)}" if goal.shadows else ""
            say(f"    nothing reaches `{goal.label}`{shadows}")


def _print_counterexample(policy: CorePolicy, proof: Proof, stored: Path | None) -> None:
    outcome, replayed = proof.outcome, proof.replayed
    assert outcome.case is not None
    assert replayed is not None
    steps = replayed.steps
    for at, step in enumerate(steps):
        if at:
            say("    compared with")
        print_step(policy, step, "    ")
    if replayed.finding is not None:
        say("    expected  ", (replayed.finding.expected, "green"))
        say("    actual    ", (replayed.finding.actual, "red"))
    if not outcome.initially:
        say(f"    in state  {_state(policy, proof)} (not shown reachable)")
    if not outcome.case.minimal:
        say("    not minimal: the time for making it so ran out")
    if stored is not None:
        say(f"    replay    smcproof replay {stored}")


def _state(policy: CorePolicy, proof: Proof) -> str:
    from smcproof.checker.call_text import state_text

    assert proof.outcome.case is not None
    return state_text(policy, proof.outcome.case.state)


def _summary(proofs: list[Proof], seconds: float) -> None:
    counts: dict[str, int] = {}
    for proof in proofs:
        word = "internal error" if proof.internal else str(proof.outcome.verdict)
        counts[word] = counts.get(word, 0) + 1
    text = ", ".join(f"{number} {word}" for word, number in counts.items())
    unexpected = sum(proof.status is ExitStatus.FOUND for proof in proofs)
    verdict = f"; {unexpected} unexpected" if unexpected else ""
    rests = sorted({entry for proof in proofs for entry in proof.outcome.assumes})
    say(f"{text} in {seconds:.1f} s{verdict}")
    if rests:
        say(f"rests on: {', '.join(rests)}")


def _row(policy: CorePolicy, proof: Proof, stored: Path | None) -> dict[str, object]:
    """One verdict in the schema ``smcproof.prove/1``; what does not apply is absent."""
    outcome, claim = proof.outcome, proof.claim
    row: dict[str, object] = {
        "property": claim.title,
        "verdict": str(outcome.verdict),
        "seconds": round(outcome.seconds, 3),
        "file": claim.span.source.path,
        "line": claim.span.line,
        "assumes": list(outcome.assumes),
        "ok": proof.status is ExitStatus.OK,
    }
    if outcome.by_definition:
        row["by_definition"] = True
    if outcome.rechecked:
        row["rechecked"] = True
    if outcome.reason:
        row["reason"] = outcome.reason
    if proof.internal is not None:
        row["internal"] = proof.internal
    if claim.exemptions:
        row["exceptions"] = {
            "excluded": [entry.text for entry in claim.exemptions],
            "because": claim.exemption_reason,
        }
    if outcome.useless_exceptions:
        row["useless_exceptions"] = list(outcome.useless_exceptions)
    if claim.expected is not None:
        row["expected"] = {"verdict": claim.expected, "because": claim.expected_reason}
    if outcome.case is not None and proof.internal is None:
        report = case_report(policy, claim, outcome.case, proof.replayed)
        if stored is not None:
            report["stored"] = str(stored)
        row["counterexample" if outcome.initially else "unreached"] = report
    witnesses = {
        goal.label: case_report(policy, claim, goal.case, None)["case"]
        for goal in outcome.reached
        if goal.case is not None
    }
    if witnesses:
        row["witness"] = witnesses
    missing = [goal for goal in outcome.reached if goal.case is None]
    if missing:
        row["unreachable"] = [
            {"goal": goal.label, "shadowed_by": list(goal.shadows)} for goal in missing
        ]
    return row
