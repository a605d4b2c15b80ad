"""``smcproof run POLICY``: one call through the reference dispatcher, and why."""

import re

import click

from smcproof.checker.call_text import describe_call, registers_text, state_text
from smcproof.checker.case_json import call_json, step_json
from smcproof.checker.exit_status import ExitStatus
from smcproof.checker.options import json_option, write_json
from smcproof.checker.policy_file import load_policy
from smcproof.checker.run_options import RunError, caller_of, identifier_of, state_of
from smcproof.checker.step_text import print_step
from smcproof.checker.terminal import say
from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.machine import arrives
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.state import MachineState


@click.command("run")
@click.argument("policy")
@click.argument("registers", nargs=-1, metavar="FID [xN=V]... [rN=V]...")
@click.option("--caller", required=True, metavar="DOMAIN", help="dom0, guest[3], ..")
@click.option("--smc", "conduit", flag_value="smc", help="Over SMC (the default where it arrives).")
@click.option("--hvc", "conduit", flag_value="hvc")
@click.option("--svc", "conduit", flag_value="svc")
@click.option("--imm", default="0", metavar="N", help="The instruction's immediate.")
@click.option("--vcpu", type=int, default=0)
@click.option("--el", type=int, default=None, help="The caller's exception level.")
@click.option("--aarch32", is_flag=True)
@click.option("--condition-failed", is_flag=True, help="An AArch32 SMC whose condition failed.")
@click.option("--state", "states", multiple=True, metavar="VAR=VALUE")
@json_option
def command(
    policy: str,
    registers: tuple[str, ...],
    caller: str,
    conduit: str | None,
    imm: str,
    vcpu: int,
    el: int | None,
    aarch32: bool,
    condition_failed: bool,
    states: tuple[str, ...],
    json_to: str | None,
) -> int:
    """Run one call: FID is a number or a function such as psci.CPU_ON; rN is what a callee answers."""
    loaded = load_policy(policy)
    if loaded is None:
        return ExitStatus.USAGE
    try:
        x, answer = _registers(loaded, registers)
        ordinal = caller_of(loaded, caller)
        block = loaded.block_of(ordinal)
        call = Call(
            caller=ordinal,
            vcpu=vcpu,
            el=block.levels[0] if el is None else el,
            aarch32=aarch32 or not block.aarch64,
            conduit=_conduit(loaded, conduit),
            imm=_number(imm, loaded.geometry.imm_bits, "--imm"),
            x=x,
            condition_passed=not condition_failed,
        )
        state = state_of(loaded, states)
    except RunError as problem:
        raise click.UsageError(str(problem)) from problem
    if not arrives(loaded, call):
        raise click.UsageError(
            f"no such call arrives at {loaded.level}: {describe_call(loaded, call)} "
            f"from EL{call.el} (spec/1-calls.md, 1.2)"
        )
    step = dispatch(loaded, state, call, answer)
    if json_to is not None:
        write_json(json_to, _report(loaded, step, policy))
        return ExitStatus.OK
    _print(loaded, step, state)
    return ExitStatus.OK


def _number(text: str, bits: int, what: str) -> int:
    try:
        value = int(text.replace("_", ""), 0)
    except ValueError:
        raise RunError(f"{what}: `{text}` is no number") from None
    if value < 0:
        value += 1 << bits
    if not 0 <= value < 1 << bits:
        raise RunError(f"{what}: {text} does not fit {bits} bits")
    return value


def _registers(
    policy: CorePolicy, words: tuple[str, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The entering registers and the callee's answer."""
    geometry = policy.geometry
    x = [0] * geometry.registers
    r = [0] * geometry.registers
    seen: set[str] = set()
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            if "fid" in seen:
                raise RunError(f"`{word}` is a second identifier; write registers as x1=0x5")
            seen.add("fid")
            x[0] = identifier_of(policy, word)
            continue
        found = re.fullmatch(r"([xr])(\d+)", name)
        if not found or int(found[2]) >= geometry.registers:
            raise RunError(f"`{name}` is no register: write x1=.. or r0=..")
        if name in seen or (name == "x0" and "fid" in seen):
            raise RunError(f"`{name}` is given twice")
        seen.add(name)
        index = int(found[2])
        target = x if found[1] == "x" else r
        target[index] = _number(value, geometry.register_bits[index], name)
    if "fid" not in seen and "x0" not in seen:
        raise RunError("no identifier: write a number, a function such as psci.VERSION, or x0=..")
    return tuple(x), tuple(r)


def _conduit(policy: CorePolicy, name: str | None) -> Conduit:
    conduits = {str(conduit): conduit for conduit in Conduit}
    if name is None:
        return Conduit(policy.conduits[0])
    if conduits[name] not in policy.conduits:
        known = " or ".join(str(Conduit(number)) for number in policy.conduits)
        raise RunError(f"no {name} arrives at {policy.level}; use {known}")
    return conduits[name]


def _print(policy: CorePolicy, step: Step, state: MachineState) -> None:
    say(("call      ", "bold"), describe_call(policy, step.call))
    if any(step.call.x[1:]):
        say(f"          {registers_text((0, *step.call.x[1:]), policy.geometry)}")
    if policy.states:
        say(f"in state  {state_text(policy, state)}")
    say(("tried", "bold"))
    names = [
        f"{tried.layer}.{tried.rule}" if tried.layer != "main" else tried.rule
        for tried in step.tried
    ]
    width = max(len(name) for name in names)
    rules = {(layer.name, rule.name): rule for layer in policy.layers for rule in layer.rules}
    for handler in policy.handlers:
        rules.update({(handler.name, clause.name): clause for clause in handler.clauses or ()})
    for name, tried in zip(names, step.tried, strict=True):
        where = f"line {tried.span.line:<4}"
        if tried.failed is None:
            say(f"  {where} {name:<{width}}  ", ("matches", "green"))
        else:
            part = rules[tried.layer, tried.rule].guard[tried.failed]
            text = " ".join(part.span.text.split())
            say(f"  {where} {name:<{width}}  ", ("no", "dim"), f": {text} is false")
    print_step(policy, step, "", call=False)


def _report(policy: CorePolicy, step: Step, path: str) -> dict[str, object]:
    return {
        "schema": "smcproof.run/1",
        "policy": path,
        "call": call_json(policy, step.call),
        "step": step_json(policy, step),
        "tried": [
            {
                "layer": tried.layer,
                "rule": tried.rule,
                "line": tried.span.line,
                "failed": tried.failed,
            }
            for tried in step.tried
        ],
    }
