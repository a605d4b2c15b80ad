"""Assembly sources to linked programs, with the C compiler of the ``ziglang`` package.

ziglang is looked up only when something must be built. What was built is kept in the user's cache
directory under a hash of the sources, the options and the compiler's version.
"""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path

from smcproof.checker.trap.elf import Program, read_elf

TARGET = ("-target", "aarch64-freestanding", "-mcpu=cortex_a57")
"""Without the CPU model zig's assembler refuses SMC."""


class AssemblyError(RuntimeError):
    """The sources do not build; the message is the compiler's."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to build: ``name`` decides the language by its suffix."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Build:
    """What to build. ``script`` is a linker script; ``macros`` are defined in every source; headers
    lie beside the sources and are not compiled themselves."""

    sources: tuple[Source, ...]
    script: str
    macros: Mapping[str, int] = field(default_factory=dict[str, int])
    headers: tuple[Source, ...] = ()
    options: tuple[str, ...] = ()


def link_script(sections: Mapping[str, tuple[int, str]]) -> str:
    """A linker script that puts the input sections of each pattern at its address."""
    lines = (
        f"    {name} {address:#x} : {{ {pattern} }}"
        for name, (address, pattern) in sections.items()
    )
    return "SECTIONS\n{\n" + "\n".join(lines) + "\n}\n"


def build(what: Build, cache: Path | None = None) -> Program:
    """The linked program, from the cache if it was built before. ``cache`` replaces the user's cache
    directory. Raises ``AssemblyError``."""
    directory = cache if cache is not None else cache_directory()
    stored = directory / f"{_key(what)}.elf"
    try:
        return read_elf(stored.read_bytes())
    except (OSError, ValueError):
        data = _compile(what)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=directory)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, stored)
    except OSError:
        pass  # a cache that cannot be written costs time, not correctness
    return read_elf(data)


def cache_directory() -> Path:
    """Where built programs are kept."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "smcproof" / "trap"


def compiler() -> Path:
    """The zig executable of the ``ziglang`` package; ``AssemblyError`` if it is not installed."""
    spec = util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise AssemblyError(
            "the machine-code meaning needs a C compiler: install the package `ziglang`"
        )
    return Path(spec.origin).parent / ("zig.exe" if os.name == "nt" else "zig")


def _key(what: Build) -> str:
    try:
        version = metadata.version("ziglang")
    except metadata.PackageNotFoundError:
        version = "none"
    digest = hashlib.sha256()
    parts: Sequence[object] = (
        version,
        TARGET,
        what.sources,
        what.headers,
        what.script,
        sorted(what.macros.items()),
        what.options,
    )
    digest.update(repr(parts).encode())
    return digest.hexdigest()


def _compile(what: Build) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for source in what.sources + what.headers:
            (directory / source.name).write_text(source.text, encoding="utf-8")
        (directory / "script.ld").write_text(what.script, encoding="utf-8")
        command = [
            str(compiler()),
            "cc",
            *TARGET,
            "-nostdlib",
            "-static",
            "-g0",
            *what.options,
            *(f"-D{key}={value:#x}" for key, value in what.macros.items()),
            *(source.name for source in what.sources),
            "-Wl,-T,script.ld",
            "-Wl,--no-gc-sections",
            "-Wl,-e,0",
            "-o",
            "out.elf",
        ]
        try:
            done = subprocess.run(
                command, cwd=directory, capture_output=True, text=True, timeout=300, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AssemblyError(f"the compiler did not run: {error}") from error
        if done.returncode:
            raise AssemblyError(done.stderr.strip() or "the compiler failed without a message")
        return (directory / "out.elf").read_bytes()
