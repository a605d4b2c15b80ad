"""A whole policy: declarations in the order in which they need each other [ELAB-POLICY]."""

from pathlib import Path
from typing import TypeVar

from smcproof.grammar.elaborate.callees import (
    RoutingClaim,
    elaborate_allow,
    elaborate_callee,
    routes,
)
from smcproof.grammar.elaborate.claims import elaborate_claim
from smcproof.grammar.elaborate.domains import elaborate_domain, elaborate_group
from smcproof.grammar.elaborate.emitting import check_emits
from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.examples import elaborate_example
from smcproof.grammar.elaborate.headers import (
    elaborate_geometry,
    elaborate_headers,
    elaborate_level,
    elaborate_use,
)
from smcproof.grammar.elaborate.identifiers import id_set
from smcproof.grammar.elaborate.leaving import check_leaving
from smcproof.grammar.elaborate.rules import (
    elaborate_handler,
    elaborate_layer,
    elaborate_on,
    elaborate_rules,
)
from smcproof.grammar.elaborate.states import (
    BUILT_IN_EVENTS,
    elaborate_enum,
    elaborate_event,
    elaborate_state,
)
from smcproof.spec.core import Event, Layer, Rule
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.outcome import Rule as RuleSyntax
from smcproof.spec.policy import (
    Allow,
    Callee,
    Domain,
    Enumeration,
    Example,
    Group,
    Handler,
    Header,
    IdSet,
    Item,
    On,
    PolicyBlock,
    Prove,
    State,
    Use,
)
from smcproof.spec.policy import Event as EventSyntax
from smcproof.spec.policy import Layer as LayerSyntax
from smcproof.spec.span import Source

T = TypeVar("T")


def _of(items: tuple[Item, ...], kind: type[T]) -> list[T]:
    return [item for item in items if isinstance(item, kind)]


def elaborate(
    block: PolicyBlock, items: tuple[Item, ...], env: Environment, included: tuple[Source, ...]
) -> CorePolicy:
    """The core of a policy whose declarations (with those of included files) are ``items``. Sound
    only if ``env.report`` has no errors afterwards."""
    folder = Path(env.source.path).parent
    headers = _of(items, Header)
    elaborate_level(env, block.level)
    elaborate_geometry(env, headers)
    elaborate_headers(env, headers)
    for use in _of(items, Use):
        elaborate_use(env, use, folder)
    for declared in _of(items, IdSet):
        members = id_set(env, declared.ids)
        if env.declare(declared.name, "set"):
            env.sets[str(declared.name)] = members
    for enum in _of(items, Enumeration):
        elaborate_enum(env, enum)
    for domain in _of(items, Domain):
        elaborate_domain(env, domain)
    if not env.domains:
        env.report.error(
            "no-domain",
            "nobody can call: the policy has no domain",
            block.name.span,
            "declare one, for example `domain vm { id = 1; }`",
        )
    for group in _of(items, Group):
        elaborate_group(env, group)
    for event in _of(items, EventSyntax):
        elaborate_event(env, event)
    for state in _of(items, State):
        elaborate_state(env, state)
    claims: list[RoutingClaim] = []
    for callee in _of(items, Callee):
        elaborate_callee(env, callee, claims)
    table = routes(env, claims)
    allows = [elaborate_allow(env, allow) for allow in _of(items, Allow)]
    handlers = _of(items, Handler)
    for handler in handlers:
        if env.declare(handler.name, "handler"):
            env.handlers[str(handler.name)] = handler.name.span
    layers = _declare_rules(env, items)
    policy = CorePolicy(
        name=str(block.name),
        level=env.level,
        geometry=env.geometry,
        source=env.source,
        included=included,
        conduits=env.conduits,
        identifier=env.identifier,
        serialized=env.serialized,
        results=env.results,
        domains=tuple(env.domains.values()),
        hypervisor_id=env.hypervisor_id,
        groups=tuple(env.groups.items()),
        callees=tuple(env.callees.values()),
        routes=table,
        allows=tuple(allow for allow in allows if allow is not None),
        enums=tuple(env.enums.values()),
        states=tuple(env.states.values()),
        layers=(
            *(elaborate_layer(env, layer) for layer in layers),
            Layer("main", _main_rules(env, items, block), block.name.span),
        ),
        handlers=tuple(elaborate_handler(env, handler) for handler in handlers),
        events=_events(env, items),
        vocabularies=tuple(env.vocabularies.values()),
        claims=tuple(
            claim
            for claim in (elaborate_claim(env, prove) for prove in _of(items, Prove))
            if claim is not None
        ),
        examples=tuple(
            example
            for example in (elaborate_example(env, entry) for entry in _of(items, Example))
            if example is not None
        ),
    )
    if not env.report.has_errors:
        check_leaving(env, policy)
        check_emits(env, policy)
    return policy


def _declare_rules(env: Environment, items: tuple[Item, ...]) -> list[LayerSyntax]:
    """Names all rules first, so that properties can refer to any of them."""
    layers = _of(items, LayerSyntax)
    for layer in layers:
        env.declare_rule(layer.name, "layer")
        for rule in layer.rules:
            if rule.name is not None:
                env.declare_rule(rule.name, "rule")
    for rule in _of(items, RuleSyntax):
        if rule.name is not None:
            env.declare_rule(rule.name, "rule")
    return layers


def _main_rules(env: Environment, items: tuple[Item, ...], block: PolicyBlock) -> tuple[Rule, ...]:
    rules = tuple(_of(items, RuleSyntax))
    if not rules:
        env.report.error(
            "no-rule",
            "the policy decides nothing: it has no rule",
            block.name.span,
            "add rules, or at least `otherwise => return NOT_SUPPORTED;`",
        )
    return elaborate_rules(env, rules, "main", "main")


def _events(env: Environment, items: tuple[Item, ...]) -> tuple[Event, ...]:
    clauses: dict[str, list[Rule]] = {}
    for syntax in _of(items, On):
        name = str(syntax.event)
        found = elaborate_on(env, syntax, len(clauses.get(name, [])))
        if found is not None:
            clauses.setdefault(found[0], []).append(found[1])
    signatures = {**BUILT_IN_EVENTS, **env.events}
    return tuple(
        Event(name, signature.parameters, tuple(clauses.get(name, ())), env.source_span)
        for name, signature in signatures.items()
    )
