"""Attributes of domains: constants of any type that guards can read [ELAB-ATTRIBUTE]."""

from smcproof.grammar.elaborate.constants import affine
from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.identifiers import id_set
from smcproof.grammar.elaborate.states import value_type
from smcproof.spec.core import Affine
from smcproof.spec.expr import Name, Range, SetLiteral, TypeName
from smcproof.spec.interval import IntervalSet
from smcproof.spec.policy import Property
from smcproof.spec.types import (
    BOOL,
    NONE,
    Bounded,
    DomainType,
    Enum,
    Type,
    VcpuType,
    Word,
)

BUILT_IN = ("id", "ram", "machine", "vcpus", "vcpu", "state", "absent", "el")


def elaborate_attribute(
    env: Environment,
    entry: Property,
    declared: TypeName,
    variable: str | None,
    base: int,
    count: int,
) -> tuple[str, Affine, Type] | tuple[str, IntervalSet] | None:
    """The attribute's name with its value and type, or with its set; None with an error. ``base`` is
    the first member's index in a family of ``count``."""
    name = str(entry.name)
    if name in BUILT_IN or name.startswith("vcpu"):
        env.report.error(
            "attribute-name", f"`{name}` is built in", entry.name.span, "choose another name"
        )
        return None
    if declared.name == "set" and not declared.optional and declared.index is None:
        if not _same_type(env, entry, "set"):
            return None
        ranges: list[Range] = []
        for value in entry.values:
            ranges.extend(value.items if isinstance(value, SetLiteral) else (value,))
        return name, id_set(env, tuple(ranges))
    kind = _type(env, declared)
    if kind is None or not _same_type(env, entry, str(kind)):
        return None
    written = entry.values[0] if len(entry.values) == 1 else None
    if not isinstance(written, Range) or written.high is not None:
        env.report.error(
            "attribute-value",
            f"`{name}` takes one value",
            entry.span,
            f"write `attribute {name} : {kind} = ..;`",
        )
        return None
    found = _value(env, written, kind, variable, base, count)
    return None if found is None else (name, found, kind)


def _type(env: Environment, declared: TypeName) -> Type | None:
    if declared.index is not None:
        env.report.error(
            "attribute-type",
            "an attribute cannot be a map",
            declared.span,
            "use one value or a set",
        )
        return None
    if declared.name == "word" and not declared.optional:
        return Word(env.geometry.word_bits)
    kind = value_type(env, declared)
    if isinstance(kind, VcpuType):
        env.report.error(
            "attribute-type",
            "an attribute cannot be a vcpu",
            declared.span,
            "use set, word, bool, domain, an enumeration or bounds such as `0..3`",
        )
        return None
    return kind


def _same_type(env: Environment, entry: Property, kind: str) -> bool:
    """Whether other domains declare the attribute with this type, if they do."""
    name = str(entry.name)
    known = env.attributes.setdefault(name, kind)
    if known == kind:
        return True
    env.report.error(
        "attribute-differs",
        f"`{name}` is a {known} in another domain",
        entry.span,
        "give an attribute one type everywhere",
    )
    return False


def _value(
    env: Environment, written: Range, kind: Type, variable: str | None, base: int, count: int
) -> Affine | None:
    text = written.low.span.text
    if kind == BOOL:
        if text in ("true", "false"):
            return Affine(int(text == "true"), 0)
        return _wrong(env, written, "write `true` or `false`")
    if isinstance(kind, Enum):
        if text in kind.members:
            env.use(f"{kind.name}.{text}")
            return Affine(kind.members.index(text), 0)
        return _wrong(env, written, f"use one of {', '.join(kind.members)}")
    if isinstance(kind, DomainType):
        return _domain(env, written, optional=kind.optional)
    found = affine(env, written.low, variable)
    if found is None:
        return None
    value = Affine(found.base + found.step * base, found.step)
    low, high = (
        (kind.low, kind.high)
        if isinstance(kind, Bounded)
        else (0, (1 << env.geometry.word_bits) - 1)
    )
    if any(not low <= value.at(at) <= high for at in (0, count - 1)):
        return _wrong(env, written, f"use values from {low} to {high:#x}")
    return value


def _domain(env: Environment, written: Range, *, optional: bool) -> Affine | None:
    text = written.low.span.text
    if optional and text == "none":
        return Affine(NONE, 0)
    block = env.domains.get(text) if isinstance(written.low, Name) else None
    if block is None or block.indexed is not None:
        return _wrong(env, written, "name a single domain that is declared above")
    env.use(text)
    return Affine(block.first, 0)


def _wrong(env: Environment, written: Range, help: str) -> Affine | None:
    env.report.error(
        "attribute-value",
        f"`{written.low.span.text}` is no value of this attribute",
        written.span,
        help,
    )
    return None
