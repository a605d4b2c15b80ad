"""Level, headers and vocabularies of a policy [ELAB-HEADER]."""

import re
from dataclasses import replace
from pathlib import Path

from smcproof.grammar.elaborate.constants import constant
from smcproof.grammar.elaborate.environment import Environment, nearest
from smcproof.grammar.vocabulary import load_shipped, load_user, shipped
from smcproof.spec.expr import Name, Number, Range
from smcproof.spec.geometry import GEOMETRIES
from smcproof.spec.policy import Header, Use
from smcproof.spec.span import Span
from smcproof.spec.vocabulary import Version, parse_version, version_text

LEVELS = {"el1": (2,), "el2": (0, 1), "el3": (0,), "monitor": (0,)}
"""The conduits that can arrive at each level, unless a header says otherwise [CALL-ARRIVES]."""

_POSSIBLE = {"el1": {2}, "el2": {0, 1, 2}, "el3": {0}, "monitor": {0}}
_CONDUITS = {"smc": 0, "hvc": 1, "svc": 2}
_IDENTIFIERS = ("w0", "canon", "x0")


def elaborate_level(env: Environment, level: Name) -> None:
    if str(level) not in LEVELS:
        env.report.error(
            "level-unknown",
            f"`{level}` is no level",
            level.span,
            f"use one of {', '.join(LEVELS)}",
        )
        return
    env.level = str(level)
    env.conduits = LEVELS[env.level]


def elaborate_geometry(env: Environment, headers: list[Header]) -> None:
    """The geometry comes first: it gives every other header its limits."""
    for header in headers:
        if header.keyword == "geometry" and isinstance(header.operands[0], Name):
            name = str(header.operands[0])
            if name not in GEOMETRIES:
                env.report.error(
                    "geometry-unknown",
                    f"there is no geometry `{name}`",
                    header.span,
                    f"use one of {', '.join(GEOMETRIES)}",
                )
            else:
                env.geometry = GEOMETRIES[name]
    geometry = env.geometry
    env.results = tuple(range(geometry.results))
    env.forwarded = tuple(range(geometry.arguments))


def elaborate_headers(env: Environment, headers: list[Header]) -> None:
    seen: dict[str, Span] = {}
    for header in headers:
        if header.keyword in seen:
            env.report.error(
                "header-twice",
                f"`{header.keyword}` stands twice",
                header.span,
                "keep one of them",
            )
            continue
        seen[header.keyword] = header.span
        match header.keyword, header.operands:
            case "identifier", (Name() as name,):
                if str(name) in _IDENTIFIERS:
                    env.identifier = str(name)
                else:
                    env.report.error(
                        "identifier-unknown",
                        f"`{name}` is no way to read an identifier",
                        name.span,
                        "use `w0`, `canon` or `x0`",
                    )
            case "results", (Range() as run,):
                env.results = _registers(env, run) or env.results
            case "forwards", (Range() as run,):
                env.forwarded = _registers(env, run) or env.forwarded
            case "answers", (Range() as run,):
                env.answers_zero = _registers(env, run) or ()
            case "serialized", _:
                env.serialized = True
            case "errors", (Number(value=bits) as number,):
                if bits not in (env.geometry.id_bits, env.geometry.register_bits[0]):
                    env.report.error(
                        "errors-width",
                        f"error codes have {env.geometry.id_bits} or "
                        f"{env.geometry.register_bits[0]} bits",
                        number.span,
                        f"write `errors {env.geometry.id_bits};`",
                    )
                env.narrow_errors = bits == env.geometry.id_bits
            case "conduits", names:
                _conduits(env, header, names)
            case _:
                pass


def _conduits(env: Environment, header: Header, names: tuple[object, ...]) -> None:
    found: list[int] = []
    for name in names:
        if not isinstance(name, Name):
            continue
        number = _CONDUITS.get(str(name))
        if number is None:
            env.report.error(
                "conduit-unknown", f"`{name}` is no conduit", name.span, "use smc, hvc or svc"
            )
        elif number not in _POSSIBLE[env.level]:
            env.report.error(
                "conduit-impossible",
                f"no {name} can arrive at {env.level}",
                name.span,
                f"at {env.level} there can be "
                + " and ".join(key for key, at in _CONDUITS.items() if at in _POSSIBLE[env.level]),
            )
        else:
            found.append(number)
    if 2 in found and len(found) > 1:
        env.report.error(
            "conduit-mixed",
            "svc arrives from EL0, where smc and hvc do not",
            header.span,
            "write two policies, or `conduits svc;` alone",
        )
    if found:
        env.conduits = tuple(sorted(set(found)))


def register_number(env: Environment, name: Name) -> int | None:
    """N of xN, or None with an error."""
    found = re.fullmatch(r"x(\d+)", str(name))
    if found and int(found[1]) < env.geometry.registers:
        return int(found[1])
    env.report.error(
        "register-unknown",
        f"`{name}` is no register that a call uses",
        name.span,
        f"use x0 to x{env.geometry.registers - 1}",
    )
    return None


def _registers(env: Environment, run: Range) -> tuple[int, ...] | None:
    if not isinstance(run.low, Name) or not (run.high is None or isinstance(run.high, Name)):
        return None
    first = register_number(env, run.low)
    last = first if run.high is None else register_number(env, run.high)
    if first is None or last is None:
        return None
    if first > last:
        env.report.error(
            "range-empty",
            f"this range is empty: x{first} comes after x{last}",
            run.span,
            "write the lower register first",
        )
        return None
    return tuple(range(first, last + 1))


def elaborate_use(env: Environment, use: Use, folder: Path) -> None:
    """Adds one vocabulary, limited to its version."""
    name = str(use.vocabulary)
    if use.path is None:
        try:
            vocabulary = load_shipped(name)
        except KeyError:
            close = nearest(name, list(shipped()))
            env.report.error(
                "vocabulary-unknown",
                f"there is no vocabulary `{name}`",
                use.vocabulary.span,
                f"did you mean `{close}`?"
                if close
                else f'use one of {", ".join(shipped())}, or your own with `use {name} from "..";`',
            )
            return
    else:
        loaded = load_user(folder / use.path.value, use.path.value, use.path.span, env.report)
        if loaded is None:
            return
        vocabulary = loaded
    if vocabulary.geometry != env.geometry.name and not (
        vocabulary.geometry.startswith("tiny") and env.geometry.name.startswith("tiny")
    ):
        env.report.error(
            "vocabulary-geometry",
            f"`{name}` is made for the geometry `{vocabulary.geometry}`",
            use.span,
            f"this policy's is `{env.geometry.name}`; choose another vocabulary",
        )
        return
    if not env.declare(use.vocabulary, "vocabulary"):
        return
    version: Version = vocabulary.versions[-1]
    if use.version is not None:
        version = parse_version(use.version)
        if version not in vocabulary.versions:
            known = ", ".join(version_text(entry) for entry in vocabulary.versions)
            env.report.error(
                "vocabulary-version",
                f"`{name}` has no version {use.version}",
                use.span,
                f"use one of {known}",
            )
            return
    env.vocabularies[name] = replace(vocabulary.at(version), name=name)


def elaborate_hypervisor(env: Environment, value: Range) -> None:
    found = constant(env, value.low)
    if found is not None:
        env.hypervisor_id = found
