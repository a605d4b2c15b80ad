"""Domains, families and groups [ELAB-DOMAIN]."""

from smcproof.grammar.elaborate.attributes import elaborate_attribute
from smcproof.grammar.elaborate.constants import affine, constant
from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.headers import elaborate_hypervisor
from smcproof.grammar.elaborate.sets import domains_named
from smcproof.spec.core import Affine, DomainBlock, Region
from smcproof.spec.expr import Name, Range
from smcproof.spec.interval import IntervalSet
from smcproof.spec.policy import Domain, Group, Property
from smcproof.spec.span import Span
from smcproof.spec.types import Type

MOST_DOMAINS = 1 << 20
_STATES = {"aarch64": (True, False), "aarch32": (False, True), "any": (True, True)}
_LEVELS = {"el1": (0,), "el2": (1,), "el3": (1, 2), "monitor": (1, 2)}
"""The exception levels that can call a dispatcher at each level [CALL-ARRIVES]."""


def elaborate_domain(env: Environment, domain: Domain) -> None:
    """Adds one domain or family."""
    if domain.name is None:
        _hypervisor(env, domain)
        return
    if not env.declare(domain.name, "domain"):
        return
    name = str(domain.name)
    count, lowest, variable = 1, None, None
    if domain.family is not None:
        low, high = constant(env, domain.family.low), constant(env, domain.family.high)
        if low is None or high is None:
            return
        if not 0 <= low <= high or high - low >= MOST_DOMAINS:
            env.report.error(
                "family-range",
                f"a family has from 1 to {MOST_DOMAINS} members with indices from 0 up",
                domain.family.span,
                "write `[i in LOW..HIGH]` with the lower number first",
            )
            return
        count, lowest, variable = high - low + 1, low, str(domain.family.variable)
    first = env.domain_count
    block = DomainBlock(
        name=name,
        first=first,
        count=count,
        indexed=lowest,
        id=Affine(first + 1, 1 if count > 1 else 0),
        attributes=(),
        sets=(),
        ram=(),
        machine=(),
        vcpus=(0,),
        levels=_dispatch_levels(env),
        aarch64=env.level != "monitor",
        aarch32=env.level == "monitor",
        absent=False,
        span=domain.name.span,
    )
    env.domains[name] = _properties(env, domain, block, variable)


def _dispatch_levels(env: Environment) -> tuple[int, ...]:
    """An svc that a hypervisor gets comes from EL0."""
    return (0,) if env.conduits == (2,) else _LEVELS[env.level]


def _hypervisor(env: Environment, domain: Domain) -> None:
    for entry in domain.properties:
        if (
            str(entry.name) == "id"
            and len(entry.values) == 1
            and isinstance(entry.values[0], Range)
        ):
            elaborate_hypervisor(env, entry.values[0])
        else:
            env.report.error(
                "domain-property",
                f"the hypervisor has no `{entry.name}`",
                entry.span,
                "it has only `id`",
            )


def _properties(
    env: Environment, domain: Domain, block: DomainBlock, variable: str | None
) -> DomainBlock:
    base = block.indexed or 0
    fields: dict[str, object] = {}
    attributes: list[tuple[str, Affine, Type]] = []
    sets: list[tuple[str, IntervalSet]] = []
    seen: set[str] = set()
    for entry in domain.properties:
        name = str(entry.name)
        if name in seen:
            env.report.error(
                "property-twice", f"`{name}` stands twice", entry.span, "keep one of them"
            )
            continue
        seen.add(name)
        if entry.declared is not None:
            found = elaborate_attribute(env, entry, entry.declared, variable, base, block.count)
            match found:
                case (key, IntervalSet() as members):
                    sets.append((key, members))
                case (key, value, kind):
                    attributes.append((key, value, kind))
                case _:
                    pass
            continue
        match name:
            case "id":
                given = _single(env, entry, variable, base)
                if given is not None and _fits_client(env, entry, given, block.count):
                    fields["id"] = given
            case "ram" | "machine":
                fields[name] = _regions(env, entry, variable, base, block.count)
            case "vcpus":
                fields["vcpus"] = _vcpus(env, entry)
            case "state":
                states = _state(env, entry)
                if states is not None:
                    fields["aarch64"], fields["aarch32"] = states
            case "absent" if not entry.values:
                fields["absent"] = True
            case "el":
                level = _single(env, entry, None, 0)
                if level is not None and level.base in block.levels:
                    fields["levels"] = (level.base,)
                elif level is not None:
                    env.report.error(
                        "domain-level",
                        f"nothing calls {env.level} from EL{level.base}",
                        entry.span,
                        f"use one of {', '.join(str(known) for known in block.levels)}",
                    )
            case _:
                env.report.error(
                    "domain-property",
                    f"a domain has no property `{name}`",
                    entry.span,
                    f"declare your own with `attribute {name} : TYPE = ..;`",
                )
    if "machine" not in fields:
        fields["machine"] = fields.get("ram", ())
    built = {slot: getattr(block, slot) for slot in block.__slots__}
    built.update(fields, attributes=tuple(attributes), sets=tuple(sets))
    return DomainBlock(**built)


def _rebase(value: Affine, base: int) -> Affine:
    """From the declared index to the position in the family."""
    return Affine(value.base + value.step * base, value.step)


def _single(env: Environment, entry: Property, variable: str | None, base: int) -> Affine | None:
    value = entry.values[0] if len(entry.values) == 1 else None
    if not isinstance(value, Range) or value.high is not None:
        env.report.error(
            "property-value",
            f"`{entry.name}` takes one value",
            entry.span,
            f"write `{entry.name} = ..;`",
        )
        return None
    found = affine(env, value.low, variable)
    return None if found is None else _rebase(found, base)


def _fits_client(env: Environment, entry: Property, value: Affine, count: int) -> bool:
    """Whether the ids of all members fit the client register."""
    most = (1 << env.geometry.client_bits) - 1
    if all(0 <= value.at(at) <= most for at in (0, count - 1)):
        return True
    env.report.error(
        "id-range",
        f"an id has {env.geometry.client_bits} bits",
        entry.span,
        f"use ids from 0 to {most:#x}",
    )
    return False


def _regions(
    env: Environment, entry: Property, variable: str | None, base: int, count: int
) -> tuple[Region, ...]:
    """Memory regions, sorted, with touching ones merged [EVAL-REGION]."""
    found: list[Region] = []
    bits = env.geometry.word_bits
    for value in entry.values:
        if not isinstance(value, Range) or value.high is None:
            env.report.error(
                "region", "this is no region", value.span, "write `LOW .. HIGH` or `LOW .. +LAST`"
            )
            continue
        low, high = affine(env, value.low, variable), affine(env, value.high, variable)
        if low is None or high is None:
            continue
        if value.relative:
            high = Affine(low.base + high.base, low.step + high.step)
        low, high = _rebase(low, base), _rebase(high, base)
        ends = [bound.at(at) for bound in (low, high) for at in (0, count - 1)]
        if any(low.at(at) > high.at(at) for at in (0, count - 1)):
            env.report.error(
                "range-empty", "this region is empty", value.span, "write the lower address first"
            )
        elif min(ends) < 0 or max(ends) >> bits:
            env.report.error(
                "region-range",
                f"this region does not fit an address of {bits} bits",
                value.span,
                f"use addresses up to {(1 << bits) - 1:#x}",
            )
        else:
            found.append(Region(low, high))
    return _merge(env, found, count, entry.span)


def _merge(env: Environment, regions: list[Region], count: int, span: Span) -> tuple[Region, ...]:
    merged: list[Region] = []
    for region in sorted(regions, key=lambda region: region.low.base):
        last = merged[-1] if merged else None
        if last is None:
            merged.append(region)
            continue
        gaps = [region.low.at(at) - last.high.at(at) for at in (0, count - 1)]
        if all(gap > 1 for gap in gaps):
            merged.append(region)
        elif all(gap <= 1 for gap in gaps) and _ordered(last.high, region.high, count):
            merged[-1] = Region(last.low, region.high)
        elif all(gap <= 1 for gap in gaps) and _ordered(region.high, last.high, count):
            continue
        else:
            env.report.error(
                "region-shape",
                "these regions touch for some members of the family and not for others",
                span,
                "give every region the same stride",
            )
    return tuple(merged)


def _ordered(a: Affine, b: Affine, count: int) -> bool:
    return all(a.at(at) <= b.at(at) for at in (0, count - 1))


def _vcpus(env: Environment, entry: Property) -> tuple[int, ...]:
    found: list[int] = []
    for value in entry.values:
        number = constant(env, value.low) if isinstance(value, Range) and not value.high else None
        if number is None:
            continue
        if number in found:
            env.report.error(
                "vcpu-twice", f"two vCPUs have affinity {number:#x}", value.span, "remove one"
            )
        elif number < 0 or number >> env.geometry.word_bits:
            env.report.error(
                "literal-too-wide",
                f"an affinity has {env.geometry.word_bits} bits",
                value.span,
                "use MPIDR_EL1 affinity fields",
            )
        else:
            found.append(number)
    return tuple(found) or (0,)


def _state(env: Environment, entry: Property) -> tuple[bool, bool] | None:
    value = entry.values[0] if len(entry.values) == 1 else None
    word = str(value.low) if isinstance(value, Range) and isinstance(value.low, Name) else ""
    if word not in _STATES:
        env.report.error(
            "domain-state",
            f"`{word}` is no execution state",
            entry.span,
            "use aarch64, aarch32 or any",
        )
        return None
    if env.level == "monitor" and word != "aarch32":
        env.report.error(
            "domain-state",
            "only AArch32 calls reach Monitor mode",
            entry.span,
            "write `state = aarch32;`",
        )
        return None
    return _STATES[word]


def elaborate_group(env: Environment, group: Group) -> None:
    members = IntervalSet()
    for member in group.members:
        found = domains_named(env, member)
        if found is None:
            env.report.error(
                "domain-unknown",
                f"`{member}` is no domain, family or group",
                member.span,
                "declare it before the group",
            )
        else:
            members = members | found
    if env.declare(group.name, "group"):
        env.groups[str(group.name)] = members
