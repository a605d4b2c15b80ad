"""Recorded answers of real systems: JSON Lines, one call a line (docs/formats.md).

A recording is a sequence: state carries from line to line.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smcproof.spec.call import Conduit
from smcproof.spec.geometry import FULL


class RecordingError(Exception):
    """A line that cannot be read: ``path:line`` and what is wrong with it."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True, slots=True)
class TakenException:
    """An exception taken at the caller's level; ``elr`` in bytes from the call instruction."""

    ec: int
    elr: int
    vector: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The call left for a user-level handler; fields that the recording lacks are None."""

    exit_reason: int | None
    nr: int | None
    flags: int | None
    pc_minus_insn: int | None


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call and its answer. ``out`` holds the registers whose value changed; ``pc`` is in bytes
    from the call instruction, None where an exception was taken."""

    path: str
    line: int
    caller: str
    vcpu: int
    el: int
    conduit: Conduit
    imm: int
    name: str
    x: tuple[int, ...]
    out: tuple[tuple[int, int], ...]
    pc: int | None
    exception: TakenException | None
    delivered: Delivered | None


@dataclass(frozen=True, slots=True)
class Recording:
    path: str
    system: str
    version: str
    calls: tuple[RecordedCall, ...]


_KEYS = {
    "caller", "vcpu", "el", "conduit", "imm", "name", "x", "more", "out", "pc", "exception",
    "delivered",
}  # fmt: skip


def read_recording(path: Path, shown: str | None = None) -> Recording:
    """The recording in a file; raises OSError or ``RecordingError``."""
    name = shown or str(path)
    system, version = "", ""
    calls: list[RecordedCall] = []
    for number, entry in _lines(path, name):
        if "recording" in entry:
            if entry["recording"] != 1 or number != 1:
                raise RecordingError(
                    name, number, "only a first line may be a header, of version 1"
                )
            system, version = str(entry.get("system", "")), str(entry.get("version", ""))
            continue
        calls.append(_call(name, number, entry))
    if not calls:
        raise RecordingError(name, 1, "the recording holds no call")
    return Recording(name, system, version, tuple(calls))


def _lines(path: Path, name: str) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as problem:
        raise RecordingError(name, 1, "this is not UTF-8 text") from problem
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as problem:
            raise RecordingError(name, number, f"this is not JSON: {problem}") from problem
        if not isinstance(entry, dict):
            raise RecordingError(name, number, "a line is a JSON object")
        yield number, {str(key): value for key, value in entry.items()}


class _Reader:
    """Reads the fields of one line; every mistake names the field."""

    def __init__(self, path: str, line: int, entry: dict[str, object]) -> None:
        self.path, self.line, self.entry = path, line, entry

    def fail(self, message: str) -> RecordingError:
        return RecordingError(self.path, self.line, message)

    def number(self, value: object, key: str, bits: int) -> int:
        if isinstance(value, str):
            try:
                value = int(value, 0)
            except ValueError:
                raise self.fail(f"`{key}` is no number: `{value}`") from None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(f"`{key}` is no number")
        if not 0 <= value < 1 << bits:
            raise self.fail(f"`{key}` does not fit {bits} bits: {value}")
        return value

    def text(self, key: str) -> str:
        value = self.entry.get(key)
        if not isinstance(value, str):
            raise self.fail(f"`{key}` is missing or no text")
        return value

    def registers(self, key: str) -> dict[int, int]:
        value = self.entry.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(f"`{key}` is no object of registers")
        found: dict[int, int] = {}
        for name, number in value.items():
            match = re.fullmatch(r"x(\d+)", str(name))
            if not match or int(match[1]) >= FULL.registers:
                raise self.fail(f"`{name}` in `{key}` is no register x0 to x{FULL.registers - 1}")
            index = int(match[1])
            found[index] = self.number(number, f"{key}.{name}", FULL.register_bits[index])
        return found

    def table(self, key: str) -> dict[str, object] | None:
        value = self.entry.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fail(f"`{key}` is no object")
        return {str(name): part for name, part in value.items()}


def _call(path: str, line: int, entry: dict[str, object]) -> RecordedCall:
    read = _Reader(path, line, entry)
    for key in entry:
        if key not in _KEYS:
            raise read.fail(f"`{key}` is no field of a recording")
    conduits = {str(conduit): conduit for conduit in Conduit}
    conduit = conduits.get(read.text("conduit"))
    if conduit is None:
        raise read.fail(f"`conduit` is one of {', '.join(conduits)}")
    given = entry.get("x")
    if not isinstance(given, list) or not 1 <= len(given) <= FULL.arguments:
        raise read.fail(f"`x` is a list of at most {FULL.arguments} registers")
    x = [0] * FULL.registers
    for index, value in enumerate(given):
        x[index] = read.number(value, f"x[{index}]", FULL.register_bits[index])
    for index, number in read.registers("more").items():
        x[index] = number
    exception = _exception(read)
    pc = entry.get("pc")
    if (pc is None) == (exception is None):
        raise read.fail("exactly one of `pc` and `exception` is set")
    return RecordedCall(
        path=path,
        line=line,
        caller=read.text("caller"),
        vcpu=read.number(entry.get("vcpu", 0), "vcpu", 16),
        el=read.number(entry.get("el"), "el", 2),
        conduit=conduit,
        imm=read.number(entry.get("imm", 0), "imm", FULL.imm_bits),
        name=str(entry.get("name", "")),
        x=tuple(x),
        out=tuple(sorted(read.registers("out").items())),
        pc=None if pc is None else read.number(pc, "pc", FULL.word_bits),
        exception=exception,
        delivered=_delivered(read),
    )


def _exception(read: _Reader) -> TakenException | None:
    table = read.table("exception")
    if table is None:
        return None
    return TakenException(
        *(read.number(table.get(key), f"exception.{key}", 32) for key in ("ec", "elr", "vector"))
    )


def _delivered(read: _Reader) -> Delivered | None:
    table = read.table("delivered")
    if table is None:
        return None
    return Delivered(
        *(
            None if table.get(key) is None else read.number(table[key], f"delivered.{key}", 64)
            for key in ("exit_reason", "nr", "flags", "pc_minus_insn")
        )
    )
