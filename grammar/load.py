"""A policy from files: parse, include, elaborate, lint [SYNTAX-FILE]."""

from dataclasses import dataclass
from pathlib import Path

from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.policy import elaborate
from smcproof.grammar.lint import lint
from smcproof.grammar.parser import parse
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.diagnostic import Diagnostic, Diagnostics
from smcproof.spec.policy import Example, Include, Item, PolicyFile, Prove
from smcproof.spec.span import Source

LANGUAGE_VERSION = 1
MOST_INCLUDES = 64


@dataclass(frozen=True, slots=True)
class Loaded:
    """The policy, or None if ``diagnostics`` has errors."""

    policy: CorePolicy | None
    diagnostics: tuple[Diagnostic, ...]


def read_source(path: Path, shown: str | None = None) -> Source:
    """A file's text; raises OSError or UnicodeDecodeError."""
    return Source(shown or str(path), path.read_bytes().decode("utf-8"))


def load_source(source: Source, extra: tuple[Source, ...] = ()) -> Loaded:
    """Parses and elaborates a policy; included files are looked for beside it. ``extra`` are
    declarations from elsewhere, such as a property named on the command line."""
    report = Diagnostics()
    file = parse(source, report)
    if file is None:
        return Loaded(None, report.sorted())
    included: list[Source] = []
    items = _included_items(file, source, report, included, (_identity(source),))
    if file.version is None:
        report.error(
            "version-missing",
            "the file does not say its language version",
            file.span if file.policy is None else file.policy.name.span,
            f"start it with `smcproof {LANGUAGE_VERSION};`",
        )
    _check_version(file, report)
    if file.policy is None:
        report.error(
            "policy-missing",
            "the file has no policy",
            file.span,
            "add `policy NAME at el2 { .. }`; a file of declarations is for `include`",
        )
        return Loaded(None, report.sorted())
    more: list[Item] = []
    for text in extra:
        added = parse(text, report)
        more.extend(() if added is None else added.items)
    env = Environment(report, source, file.policy.name.span)
    everything = (*items, *file.items, *file.policy.items, *more)
    policy = elaborate(file.policy, everything, env, tuple(included))
    if not report.has_errors:
        lint(policy, env)
    return Loaded(None if report.has_errors else policy, report.sorted())


def _check_version(file: PolicyFile, report: Diagnostics) -> None:
    if file.version is not None and file.version.value != LANGUAGE_VERSION:
        report.error(
            "version-unknown",
            f"this is written in language version {file.version.value}",
            file.version.span,
            f"this smcproof reads version {LANGUAGE_VERSION}",
        )


def _check_level(
    file: PolicyFile, inner: PolicyFile, include: Include, report: Diagnostics
) -> None:
    """A policy that takes over another's rules stands at the same level."""
    if file.policy is None or inner.policy is None:
        return
    if str(file.policy.level) != str(inner.policy.level):
        report.error(
            "include-level",
            f"`{include.path.value}` is a policy at {inner.policy.level}",
            include.path.span,
            f"this one is at {file.policy.level}; include one of the same level",
        )


def _identity(source: Source) -> str:
    return str(Path(source.path).resolve())


def _included_items(
    file: PolicyFile,
    source: Source,
    report: Diagnostics,
    included: list[Source],
    open_files: tuple[str, ...],
) -> tuple[Item, ...]:
    """The declarations of all included files, depth first, each file once. An included policy gives
    everything but what it proves and its examples [SYNTAX-INCLUDE]."""
    items: list[Item] = []
    for include in file.includes:
        path = Path(source.path).parent / include.path.value
        try:
            text = read_source(path)
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
            report.error(
                "include-unreadable",
                f"cannot read `{include.path.value}`: {(reason or 'unknown error').lower()}",
                include.path.span,
                "give a path relative to this file",
            )
            continue
        except ValueError:
            report.error(
                "include-unreadable",
                "this is no file name",
                include.path.span,
                "give a path relative to this file",
            )
            continue
        identity = _identity(text)
        if identity in open_files:
            report.error(
                "include-cycle",
                f"`{include.path.value}` includes itself",
                include.path.span,
                "break the cycle",
            )
            continue
        if identity in {_identity(known) for known in included}:
            continue
        included.append(text)
        if len(included) > MOST_INCLUDES:
            report.error(
                "include-many",
                f"more than {MOST_INCLUDES} files are included",
                include.path.span,
                "merge some of them",
            )
            break
        inner = parse(text, report)
        if inner is None:
            continue
        _check_version(inner, report)
        if inner.policy is not None:
            _check_level(file, inner, include, report)
        items.extend(_included_items(inner, text, report, included, (*open_files, identity)))
        items.extend(inner.items)
        if inner.policy is not None:
            items.extend(
                item for item in inner.policy.items if not isinstance(item, (Prove, Example))
            )
    return tuple(items)
