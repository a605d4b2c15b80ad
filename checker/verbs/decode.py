"""``smcproof decode FID``: one identifier, every field and name."""

import click

from smcproof.checker.call_text import owner_name
from smcproof.checker.exit_status import ExitStatus
from smcproof.checker.options import json_option, write_json
from smcproof.checker.terminal import say
from smcproof.grammar.vocabulary import load_shipped, shipped
from smcproof.spec.geometry import FULL
from smcproof.spec.smccc import canon, decode, routing_key
from smcproof.spec.vocabulary import ArgumentSpec
from smcproof.spec.word import truncate


@click.command("decode")
@click.argument("fid")
@json_option
def command(fid: str, json_to: str | None) -> int:
    """One function identifier: every field, and what the shipped vocabularies call it."""
    try:
        value = int(fid.replace("_", ""), 0)
    except ValueError:
        found = _by_name(fid)
        if found is None:
            raise click.UsageError(
                f"`{fid}` is neither a number nor a function such as psci.CPU_ON"
            ) from None
        value = found
    if value < 0 or value >> FULL.register_bits[0]:
        raise click.UsageError(f"`{fid}` does not fit x0")
    word = canon(value, FULL)
    fields = decode(truncate(value, FULL.id_bits), FULL)
    names = _names(word)
    if json_to is not None:
        write_json(
            json_to,
            {
                "schema": "smcproof.decode/1",
                "x0": f"{value:#x}",
                "fid": f"{truncate(value, FULL.id_bits):#x}",
                "canon": f"{word:#x}",
                "fields": fields,
                "owner": owner_name(fields["owner"]),
                "names": [
                    {"name": name, "title": title, "arguments": list(arguments)}
                    for name, title, arguments in names
                ],
            },
        )
        return ExitStatus.OK
    _print(value, word, fields, names)
    return ExitStatus.OK


def _by_name(text: str) -> int | None:
    parts = text.split(".")
    if len(parts) not in (2, 3) or parts[0] not in shipped():
        return None
    function = load_shipped(parts[0]).function(parts[1])
    if function is None:
        return None
    if len(parts) == 3:
        return {"smc32": function.smc32, "smc64": function.smc64}.get(parts[2])
    return function.smc32 if function.smc32 is not None else function.smc64


def _names(word: int) -> list[tuple[str, str, tuple[str, ...]]]:
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for name in shipped():
        vocabulary = load_shipped(name)
        if vocabulary.geometry != FULL.name:
            continue
        for function in vocabulary.functions:
            if word in function.ids:
                arguments = tuple(_argument(entry) for entry in function.arguments)
                found.append((f"{name}.{function.name}", vocabulary.title, arguments))
    return found


def _argument(entry: ArgumentSpec) -> str:
    """``x1 target_cpu``; an argument in two registers as ``w1.w2 buffer``."""
    registers = (f"{'w' if piece.narrow else 'x'}{piece.register}" for piece in entry.pieces)
    return f"{'.'.join(registers)} {entry.name}"


def _print(
    value: int, word: int, fields: dict[str, int], names: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    say((f"{value:#x}", "bold"))
    if value >> FULL.id_bits:
        say(f"  bits 63:32   {value >> FULL.id_bits:#x}   ignored by a conforming callee")
    kind = "fast call" if fields["fast"] else "yielding call"
    width = "SMC64" if fields["smc64"] else "SMC32"
    say(f"  fast   31      {fields['fast']}      {kind}")
    say(f"  smc64  30      {fields['smc64']}      {width}")
    say(f"  owner  29:24   {fields['owner']:<6} {owner_name(fields['owner'])}")
    mbz = "must be zero in a fast call" if fields["mbz"] and fields["fast"] else ""
    say(f"  mbz    23:17   {fields['mbz']:<#6x} {mbz}")
    hint = "no live SVE state (SMCCC 1.3)" if fields["hint"] and fields["fast"] else ""
    say(f"  hint   16      {fields['hint']:<6} {hint}")
    say(f"  number 15:0    {fields['number']:#x}")
    say(f"  canon          {word:#x}   what a conforming EL3 acts on")
    key = routing_key(value, FULL)
    if key != word:
        say(f"  routed as      {key:#x}")
    for name, title, arguments in names:
        say("  ", (name, "bold green"), f"   {title}")
        for argument in arguments:
            say(f"      {argument}")
    if not names:
        say("  no shipped vocabulary names it")
