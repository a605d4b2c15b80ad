"""Vocabularies: the functions of a service, their arguments and their error codes, as data
[SYNTAX-VOCABULARY].

A vocabulary is a TOML file. Shipped ones lie in ``spec/services``; anybody can add one with
``use NAME from "FILE.toml";``. The format is described in ``spec/2-syntax.md``.
"""

from dataclasses import dataclass
from typing import TypeAlias

from smcproof.spec.interval import IntervalSet

Version: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A register that carries (part of) an argument; ``narrow`` is wN whatever the form called."""

    register: int
    narrow: bool


@dataclass(frozen=True, slots=True)
class Size:
    """How many bytes an address argument spans: ``constant`` bytes times ``unit``, or an argument's
    value times ``unit``; both None is unknown."""

    constant: int | None = None
    argument: str | None = None
    unit: int = 1

    @property
    def known(self) -> bool:
        return self.constant is not None or self.argument is not None


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """One argument. ``pieces`` are most significant first; ``kind`` is value, id, address, size, cpu,
    flags, handle or client; ``space`` (addresses) is ram, machine or virtual; ``limits`` are the
    legal values (``limits32`` those of the SMC32 form, where they differ)."""

    name: str
    pieces: tuple[Piece, ...]
    kind: str
    space: str | None = None
    size: Size = Size()
    zero_is_none: bool = False
    limits: IntervalSet | None = None
    limits32: IntervalSet | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its identifiers in either width and what it takes."""

    name: str
    smc32: int | None
    smc64: int | None
    since: Version
    aliases: tuple[str, ...]
    arguments: tuple[ArgumentSpec, ...]
    power: bool
    role: str | None
    form: str | None
    source: str

    @property
    def ids(self) -> IntervalSet:
        return IntervalSet.points(fid for fid in (self.smc32, self.smc64) if fid is not None)

    @property
    def patterns(self) -> tuple[ArgumentSpec, ...]:
        """The arguments that a pattern such as ``psci.CPU_ON(target, entry, context)`` binds."""
        return tuple(argument for argument in self.arguments if argument.kind != "client")


@dataclass(frozen=True, slots=True)
class ErrorForm:
    """How a service says no. In a ``code`` form the code is x0 (w0 for an SMC32 call); with a
    ``marker`` w0 holds that identifier and ``code_register`` (at 32 bits) the code."""

    codes: tuple[tuple[str, int], ...]
    unknown: str
    success: tuple[int, ...]
    marker: int | None = None
    code_register: int = 0

    def value(self, name: str) -> int | None:
        return dict(self.codes).get(name)


@dataclass(frozen=True, slots=True)
class SpanPart:
    """Identifiers of ``owner`` with one of ``numbers``, of either width and with any must-be-zero
    bits; yielding ones too unless ``fast_only``."""

    owner: int
    numbers: IntervalSet
    fast_only: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A service. ``window`` holds the identifiers whose errors take its form; ``span`` those in which
    every identifier that names no function must be unknown."""

    name: str
    title: str
    source: str
    geometry: str
    version: Version
    versions: tuple[Version, ...]
    functions: tuple[Function, ...]
    window: IntervalSet
    span: tuple[SpanPart, ...]
    forms: tuple[tuple[str, ErrorForm], ...]
    results: tuple[int, ...]

    def at(self, version: Version) -> "Vocabulary":
        """The functions that exist at ``version``."""
        kept = tuple(function for function in self.functions if function.since <= version)
        return Vocabulary(
            self.name,
            self.title,
            self.source,
            self.geometry,
            version,
            self.versions,
            kept,
            self.window,
            self.span,
            self.forms,
            self.results,
        )

    def function(self, name: str) -> Function | None:
        for function in self.functions:
            if function.name == name or name in function.aliases:
                return function
        return None

    def form(self, name: str | None) -> ErrorForm:
        """The form by name; None is the service's first and usual one."""
        return dict(self.forms)[name] if name is not None else self.forms[0][1]

    @property
    def ids(self) -> IntervalSet:
        """The identifiers of all its functions."""
        found = IntervalSet()
        for function in self.functions:
            found = found | function.ids
        return found


def parse_version(text: str) -> Version:
    """``"1.2"`` as (1, 2)."""
    return tuple(int(part) for part in text.split("."))


def version_text(version: Version) -> str:
    return ".".join(str(part) for part in version)
