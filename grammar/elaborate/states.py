"""Enumerations, state variables and events' signatures [ELAB-STATE]."""

from smcproof.grammar.elaborate.environment import Environment, EventSignature
from smcproof.grammar.elaborate.expressions import typed
from smcproof.grammar.elaborate.scope import Scope
from smcproof.spec.core import Const, StateVariable
from smcproof.spec.expr import Number, TypeName
from smcproof.spec.policy import Enumeration, Event, State
from smcproof.spec.types import (
    BOOL,
    DOMAIN,
    NONE,
    OPTIONAL_DOMAIN,
    VCPU,
    Bounded,
    DomainType,
    Enum,
    Type,
)

MOST_STATES = 1 << 16
"""The most values of a bounded integer, and the most entries of an indexed map."""


def elaborate_enum(env: Environment, declared: Enumeration) -> None:
    if not env.declare(declared.name, "enumeration"):
        return
    members: list[str] = []
    for member in declared.members:
        if env.declare(member, "member"):
            members.append(str(member))
    env.enums[str(declared.name)] = Enum(str(declared.name), tuple(members))


def _bounds(env: Environment, name: TypeName) -> Bounded | None:
    low = name.low.value if isinstance(name.low, Number) else 0
    high = name.high.value if isinstance(name.high, Number) else 0
    if low > high or high - low >= MOST_STATES or high >> env.geometry.word_bits:
        env.report.error(
            "type-bounds",
            f"a bounded integer has 1 to {MOST_STATES} values of at most "
            f"{env.geometry.word_bits} bits",
            name.span,
            "write `LOW..HIGH` with the lower number first",
        )
        return None
    return Bounded(low, high)


def value_type(env: Environment, name: TypeName) -> Type | None:
    """The type that state and parameters can have, or None with an error."""
    if name.low is not None:
        return _bounds(env, name)
    if name.optional and name.name != "domain":
        env.report.error(
            "type-optional", f"`{name.name}?` is no type", name.span, "only a domain may be none"
        )
        return None
    match name.name:
        case "bool":
            return BOOL
        case "domain":
            return OPTIONAL_DOMAIN if name.optional else DOMAIN
        case "vcpu":
            return VCPU
        case other if other in env.enums:
            env.use(other)
            return env.enums[other]
        case _:
            pass
    env.report.error(
        "type-unknown",
        f"`{name.name}` is no type",
        name.span,
        "use bool, domain?, an enumeration or bounds such as `0..3`",
    )
    return None


def elaborate_state(env: Environment, declared: State) -> None:
    kind = value_type(env, declared.declared)
    index = _index_type(env, declared.declared)
    if kind is None or index is False:
        return
    if kind in (DOMAIN, VCPU):
        env.report.error(
            "state-type",
            f"state cannot be a {kind}, which has no initial value",
            declared.declared.span,
            "use `domain?`, which may be none" if kind == DOMAIN else "use a map from vcpu",
        )
        return
    initial = _default(kind)
    if declared.initial is not None:
        value = typed(Scope(env, "an initial value", plain=None, banks=frozenset(), state=False,
                            caller=False), declared.initial, kind)  # fmt: skip
        if value is None:
            return
        if not isinstance(value, Const):
            env.report.error(
                "state-initial",
                "an initial value is a constant",
                declared.initial.span,
                "write the value itself",
            )
            return
        initial = value.value
    if isinstance(kind, Bounded) and not kind.low <= initial <= kind.high:
        span = declared.span if declared.initial is None else declared.initial.span
        env.report.error(
            "state-initial",
            f"the initial value {initial} lies outside {kind}",
            span,
            f"write `= {kind.low}`",
        )
        return
    if env.declare(declared.name, "state variable"):
        name = str(declared.name)
        env.states[name] = StateVariable(
            name,
            None if isinstance(index, bool) else index,
            kind,
            initial,
            declared.frozen,
            declared.name.span,
        )


def _default(kind: Type) -> int:
    match kind:
        case Bounded(low=low):
            return low
        case DomainType():
            return NONE
        case _:
            return 0


def _index_type(env: Environment, name: TypeName) -> Type | bool | None:
    """The index of a map, None for a plain variable, False after an error."""
    index = name.index
    if index is None:
        return None
    if index.low is not None:
        return _bounds(env, index) or False
    match index.name:
        case "domain":
            return DOMAIN
        case "vcpu":
            return VCPU
        case _:
            pass
    env.report.error(
        "map-index",
        f"a map cannot be indexed by `{index.name}`",
        index.span,
        "use domain, vcpu or bounds such as `0..15`",
    )
    return False


def elaborate_event(env: Environment, declared: Event) -> None:
    parameters: list[tuple[str, Type]] = []
    for parameter in declared.parameters:
        kind = value_type(env, parameter.declared)
        if kind is None or parameter.declared.index is not None:
            if kind is not None:
                env.report.error(
                    "event-parameter",
                    "a parameter cannot be a map",
                    parameter.span,
                    "pass the value that matters",
                )
            return
        parameters.append((str(parameter.name), kind))
    if env.declare(declared.name, "event"):
        name = str(declared.name)
        env.events[name] = EventSignature(name, tuple(parameters))


BUILT_IN_EVENTS = {
    "create": EventSignature("create", (("d", DOMAIN),)),
    "destroy": EventSignature("destroy", (("d", DOMAIN),)),
}
