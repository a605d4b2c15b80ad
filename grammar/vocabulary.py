"""Reads vocabularies from TOML: the shipped ones by name, a user's by path [SYNTAX-VOCABULARY]."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from smcproof.spec.diagnostic import Diagnostics
from smcproof.spec.geometry import GEOMETRIES, Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Source, Span
from smcproof.spec.vocabulary import (
    ArgumentSpec,
    ErrorForm,
    Function,
    Piece,
    Size,
    SpanPart,
    Vocabulary,
    parse_version,
)

_KINDS = {"value", "id", "address", "size", "cpu", "flags", "handle", "client"}
_SPACES = {"ram", "machine", "virtual"}
_ROLES = {"version", "features", "lifecycle", "resume"}


class VocabularyError(Exception):
    """A vocabulary file that cannot be read: what, where (text to find in the file) and what to do."""

    def __init__(self, message: str, near: str, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.near = near
        self.help = help


def shipped() -> tuple[str, ...]:
    """The names of the vocabularies that come with smcproof."""
    folder = files("smcproof.spec.services")
    return tuple(
        sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml"))
    )


@cache
def load_shipped(name: str) -> Vocabulary:
    """A shipped vocabulary at its newest version; KeyError if there is none of that name."""
    if name not in shipped():
        raise KeyError(name)
    text = (files("smcproof.spec.services") / f"{name}.toml").read_text(encoding="utf-8")
    return read_vocabulary(tomllib.loads(text))


def load_user(path: Path, shown: str, where: Span, report: Diagnostics) -> Vocabulary | None:
    """A user's vocabulary, or None with errors in ``report``; ``where`` is the ``use`` line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        report.error(
            "vocabulary-unreadable",
            f"cannot read the vocabulary `{shown}`: {reason}",
            where,
            "give a path relative to the policy file",
        )
        return None
    source = Source(shown, text)
    try:
        return read_vocabulary(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        found = re.search(r"at line (\d+), column (\d+)", str(problem))
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        line = min(line, source.line_count)
        start = source.line_start(line) + column - 1
        report.error(
            "vocabulary-syntax",
            f"this is not TOML: {str(problem).split(' (at ')[0].lower()}",
            Span(source, start, start + 1, line, column),
            "see the vocabulary format in spec/2-syntax.md",
        )
    except VocabularyError as problem:
        report.error("vocabulary", problem.message, _find(source, problem.near), problem.help)
    return None


def _find(source: Source, near: str) -> Span:
    start = max(source.text.find(near), 0)
    line = source.text.count("\n", 0, start) + 1
    column = start - source.line_start(line) + 1
    return Span(source, start, min(start + max(len(near), 1), len(source.text)), line, column)


Table = Mapping[str, object]


def _table(value: object, near: str) -> Table:
    if not isinstance(value, Mapping):
        raise VocabularyError(
            f"`{near}` is not a table", near, f"write `[{near}]` with keys below it"
        )
    return {str(key): entry for key, entry in value.items()}


def _text(table: Table, key: str, near: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise VocabularyError(f"`{near}` has no text `{key}`", near, f'add `{key} = ".."`')
    return value


def _number(table: Table, key: str, near: str) -> int | None:
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise VocabularyError(
            f"`{key}` of `{near}` is not a non-negative number", near, f"write `{key} = 0x..`"
        )
    return value


def _list(table: Table, key: str, near: str) -> list[object]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise VocabularyError(f"`{key}` of `{near}` is not a list", near, f"write `{key} = [..]`")
    return list(value)


def _flag(table: Table, key: str, near: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise VocabularyError(
            f"`{key}` of `{near}` is not true or false", near, "write one of them"
        )
    return value


def _known(table: Table, allowed: set[str], near: str) -> None:
    for key in table:
        if key not in allowed:
            raise VocabularyError(
                f"`{key}` is no key of `{near}`", key, f"use one of {', '.join(sorted(allowed))}"
            )


def _interval(text: object) -> tuple[int, int]:
    try:
        low, _, high = str(text).partition("..")
        return int(low, 0), int(high or low, 0)
    except ValueError:
        raise VocabularyError(
            f"`{text}` is not a range", str(text), 'write `"0x..LOW..0x..HIGH"`'
        ) from None


def _version(text: str) -> tuple[int, ...]:
    try:
        return parse_version(text)
    except ValueError:
        raise VocabularyError(f"`{text}` is not a version", text, 'write `"1.0"`') from None


def read_vocabulary(data: Mapping[str, object]) -> Vocabulary:
    """A vocabulary from parsed TOML; raises ``VocabularyError`` with what to mend."""
    top = _table(data, "vocabulary")
    _known(
        top,
        {
            "name", "title", "source", "geometry", "versions", "prefix", "window", "span",
            "results", "form", "function",
        },
        "a vocabulary",
    )  # fmt: skip
    name = _text(top, "name", "name")
    geometry = GEOMETRIES.get(_text(top, "geometry", name, "full"))
    if geometry is None:
        raise VocabularyError("unknown geometry", "geometry", f"use one of {', '.join(GEOMETRIES)}")
    versions = tuple(_version(str(entry)) for entry in _list(top, "versions", name)) or ((1, 0),)
    forms = tuple(
        (key, _form(key, _table(entry, key)))
        for key, entry in _table(top.get("form", {}), "form").items()
    )
    if not forms:
        raise VocabularyError(
            f"`{name}` says nothing about errors", name, "add `[form.code]` with `codes`"
        )
    prefix = _text(top, "prefix", name, "")
    functions = tuple(
        _function(key, _table(entry, key), prefix, dict(forms), geometry)
        for key, entry in _table(top.get("function", {}), "function").items()
    )
    span = []
    for entry in _list(top, "span", name):
        part = _table(entry, "span")
        _known(part, {"owner", "numbers", "fast"}, "span")
        numbers = IntervalSet.of((_interval(part.get("numbers")),))
        owner = _number(part, "owner", "span") or 0
        span.append(SpanPart(owner, numbers, _flag(part, "fast", "span")))
    first, last = _registers(_text(top, "results", name, f"x0..x{geometry.results - 1}"))
    return Vocabulary(
        name=name,
        title=_text(top, "title", name, name),
        source=_text(top, "source", name, ""),
        geometry=geometry.name,
        version=versions[-1],
        versions=versions,
        functions=functions,
        window=IntervalSet.of(_interval(entry) for entry in _list(top, "window", name)),
        span=tuple(span),
        forms=forms,
        results=tuple(range(first, last + 1)),
    )


def _registers(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"x(\d+)\.\.x(\d+)", text)
    if not found:
        raise VocabularyError(f"`{text}` is not a run of registers", text, 'write `"x0..x3"`')
    return int(found[1]), int(found[2])


def _form(key: str, table: Table) -> ErrorForm:
    _known(table, {"codes", "unknown", "success", "marker", "code_register"}, f"form.{key}")
    codes: list[tuple[str, int]] = []
    for code, value in _table(table.get("codes", {}), "codes").items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise VocabularyError(f"the code `{code}` is not a number", code, "write `NAME = -1`")
        codes.append((code, value))
    unknown = _text(table, "unknown", f"form.{key}")
    if unknown not in dict(codes):
        raise VocabularyError(f"`{unknown}` is not among the codes", unknown, "list it in `codes`")
    success = []
    for value in _list(table, "success", key):
        if isinstance(value, bool) or not isinstance(value, int):
            raise VocabularyError(f"`{value}` is not a number", "success", "write `success = [0]`")
        success.append(value)
    register = _text(table, "code_register", key, "w0")
    if not re.fullmatch(r"w\d+", register):
        raise VocabularyError(f"`{register}` is not wN", register, 'write `code_register = "w2"`')
    return ErrorForm(
        tuple(codes), unknown, tuple(success), _number(table, "marker", key), int(register[1:])
    )


def _function(
    name: str, table: Table, prefix: str, forms: Mapping[str, ErrorForm], geometry: Geometry
) -> Function:
    _known(
        table,
        {"smc32", "smc64", "since", "aliases", "arguments", "power", "role", "form", "source"},
        name,
    )
    smc32, smc64 = _number(table, "smc32", name), _number(table, "smc64", name)
    if smc32 is None and smc64 is None:
        raise VocabularyError(
            f"`{name}` has no identifier", name, "add `smc32 = 0x..` or `smc64 = 0x..`"
        )
    for key, fid in (("smc32", smc32), ("smc64", smc64)):
        if fid is None:
            continue
        if fid >> geometry.id_bits:
            raise VocabularyError(
                f"`{key}` of `{name}` has more than {geometry.id_bits} bits",
                name,
                "an identifier is what w0 holds",
            )
    role = table.get("role")
    if role is not None and role not in _ROLES:
        raise VocabularyError(f"`{role}` is no role", str(role), f"use one of {sorted(_ROLES)}")
    form = table.get("form")
    if form is not None and form not in forms:
        raise VocabularyError(f"there is no `[form.{form}]`", name, f"use one of {sorted(forms)}")
    arguments = tuple(
        _argument(_table(entry, name), name, geometry) for entry in _list(table, "arguments", name)
    )
    names = {argument.name for argument in arguments}
    for argument in arguments:
        if argument.size.argument is not None and argument.size.argument not in names:
            raise VocabularyError(
                f"the size of `{argument.name}` is no argument of `{name}`",
                name,
                f"use one of {sorted(names)}",
            )
    return Function(
        name=name,
        smc32=smc32,
        smc64=smc64,
        since=_version(_text(table, "since", name, "0.0")),
        aliases=(
            *(str(alias) for alias in _list(table, "aliases", name)),
            *((prefix + name,) if prefix else ()),
        ),
        arguments=arguments,
        power=_flag(table, "power", name),
        role=None if role is None else str(role),
        form=None if form is None else str(form),
        source=_text(table, "source", name, ""),
    )


def _argument(table: Table, near: str, geometry: Geometry) -> ArgumentSpec:
    _known(
        table,
        {"name", "register", "kind", "space", "size", "zero_is_none", "limits", "limits32"},
        f"an argument of {near}",
    )
    name = _text(table, "name", near)
    register = table.get("register")
    if isinstance(register, Mapping):
        parts = [str(register.get("hi")), str(register.get("lo"))]
    else:
        parts = [str(register)]
    pieces = []
    for part in parts:
        found = re.fullmatch(r"([xw])(\d+)", part)
        if not found or int(found[2]) >= geometry.registers:
            raise VocabularyError(
                f"`{part}` is not a register of `{name}` in `{near}`",
                near,
                'write `register = "x1"` or `{ hi = "w1", lo = "w2" }`',
            )
        pieces.append(Piece(int(found[2]), found[1] == "w"))
    kind = _text(table, "kind", near)
    if kind not in _KINDS:
        raise VocabularyError(f"`{kind}` is no kind", kind, f"use one of {sorted(_KINDS)}")
    space = table.get("space")
    if (kind == "address") != (space is not None) or (space is not None and space not in _SPACES):
        raise VocabularyError(
            f"an address has a space, nothing else has one: `{name}` in `{near}`",
            near,
            f"add `space` to an address, one of {sorted(_SPACES)}",
        )
    limits, limits32 = (
        None if table.get(key) is None else IntervalSet.of((_interval(table[key]),))
        for key in ("limits", "limits32")
    )
    return ArgumentSpec(
        name=name,
        pieces=tuple(pieces),
        kind=kind,
        space=None if space is None else str(space),
        size=_size(table.get("size"), near, geometry),
        zero_is_none=_flag(table, "zero_is_none", near),
        limits=limits,
        limits32=limits32 if limits32 is not None else limits,
    )


def _size(value: object, near: str, geometry: Geometry) -> Size:
    match value:
        case None:
            return Size()
        case int() if not isinstance(value, bool) and value >= 0:
            return Size(constant=value)
        case "page":
            return Size(constant=geometry.page)
        case str():
            return Size(argument=value)
        case Mapping():
            table = _table(value, near)
            unit = _number(table, "unit", near)
            return Size(argument=_text(table, "argument", near), unit=1 if unit is None else unit)
        case _:
            raise VocabularyError(
                f"a size of `{near}` is neither bytes, `page` nor an argument",
                near,
                'write `size = 4`, `size = "page"` or `size = "length"`',
            )
