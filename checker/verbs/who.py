"""``smcproof who POLICY (FID|NAME|CALLEE)``: who can make a call or reach a callee."""

import time

import click

from smcproof.checker.call_text import describe_identifier, state_text
from smcproof.checker.case_json import case_json
from smcproof.checker.exit_status import ExitStatus
from smcproof.checker.options import json_option, write_json
from smcproof.checker.policy_file import load_policy
from smcproof.checker.replay import trial_of
from smcproof.checker.run_options import RunError, identifier_of
from smcproof.checker.step_text import print_step
from smcproof.checker.terminal import say
from smcproof.spec.call import Conduit
from smcproof.spec.case import Case
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step
from smcproof.spec.smccc import canon

_STYLE = {"never": "green", "always": "bold red", "when": "bold yellow"}


@click.command("who")
@click.argument("policy")
@click.argument("target", metavar="(FID|NAME|CALLEE)")
@click.option("--seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True)
@json_option
def command(policy: str, target: str, seconds: float, json_to: str | None) -> int:
    """Who can make the call TARGET leave this level, or any call reach the callee TARGET: never,
    always or under conditions, each with a replayed call."""
    loaded = load_policy(policy)
    if loaded is None:
        return ExitStatus.USAGE
    ids, callee = _target(loaded, target)
    claim = Claim(f"who {target}", "always", None, (), None, (), None, None, None, loaded.main.span)
    from smcproof.checker.symbolic.reachability import reaches
    from smcproof.checker.symbolic.solver import Limits

    try:
        found = reaches(loaded, claim, ids, callee, Limits(time.monotonic() + seconds, seconds))
    except TimeoutError as problem:
        say(f"not decided within the limit: {problem}", error=True)
        return ExitStatus.UNKNOWN
    rows: list[dict[str, object]] = []
    if json_to is None:
        what = f"callee {callee}" if callee else _named(loaded, ids)
        say("who can reach ", (what, "bold"))
    for entry in found:
        row: dict[str, object] = {
            "domain": entry.domain,
            "conduit": str(Conduit(entry.conduit)),
            "answer": entry.word,
            "initially": entry.initially,
        }
        for key, case in (("yes", entry.yes), ("no", entry.no)):
            if case is not None:
                row[key] = case_json(loaded, case)
        rows.append(row)
        if json_to is None:
            say(
                f"  {entry.domain} over {Conduit(entry.conduit)}: ",
                (entry.word, _STYLE[entry.word]),
            )
            _print_case(loaded, claim, entry.yes, "leaves", initially=entry.initially)
            _print_case(loaded, claim, entry.no, "does not", initially=entry.initially)
    if json_to is not None:
        write_json(
            json_to,
            {"schema": "smcproof.who/1", "policy": policy, "target": target, "answers": rows},
        )
    return ExitStatus.OK


def _target(policy: CorePolicy, target: str) -> tuple[IntervalSet | None, str | None]:
    if target in {entry.name for entry in policy.callees}:
        return None, target
    try:
        parts = target.split(".")
        vocabulary = next((v for v in policy.vocabularies if v.name == parts[0]), None)
        if vocabulary is not None and len(parts) == 2:
            function = vocabulary.function(parts[1])
            if function is not None:
                return function.ids, None
        return IntervalSet.points([canon(identifier_of(policy, target), policy.geometry)]), None
    except RunError as problem:
        known = ", ".join(entry.name for entry in policy.callees) or "none"
        raise click.UsageError(f"{problem}, nor a callee of the policy ({known})") from problem


def _named(policy: CorePolicy, ids: IntervalSet | None) -> str:
    return " and ".join(
        f"{value:#x} ({describe_identifier(policy, value)})" for value in ids or IntervalSet()
    )


def _print_case(
    policy: CorePolicy, claim: Claim, case: Case | None, word: str, *, initially: bool
) -> None:
    if case is None:
        return
    step = trial_of(policy, claim, case).step
    assert isinstance(step, Step)
    where = "" if initially or not policy.states else f" in state {state_text(policy, case.state)}"
    say(f"    {word}{where}:")
    print_step(policy, step, "      ")
