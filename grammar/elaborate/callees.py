"""Callees, who receives what leaves, and what is allowed to leave [ELAB-CALLEE]."""

from dataclasses import dataclass

from smcproof.grammar.elaborate.constants import constant
from smcproof.grammar.elaborate.environment import Environment, nearest
from smcproof.grammar.elaborate.expressions import boolean, word
from smcproof.grammar.elaborate.identifiers import id_set
from smcproof.grammar.elaborate.scope import allow_scope, callee_scope
from smcproof.grammar.elaborate.sets import domains_named
from smcproof.spec.core import FALSE, TRUE, Allow, Callee, Expr, Route
from smcproof.spec.diagnostic import Note
from smcproof.spec.interval import IntervalSet
from smcproof.spec.policy import Allow as AllowSyntax
from smcproof.spec.policy import Callee as CalleeSyntax
from smcproof.spec.policy import CalleeProperty
from smcproof.spec.smccc import owners
from smcproof.spec.span import Span

UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class RoutingClaim:
    """One range that a callee claims; the fewer identifiers, the more specific."""

    callee: str
    ids: IntervalSet
    span: Span


def elaborate_callee(env: Environment, declared: CalleeSyntax, claims: list[RoutingClaim]) -> None:
    if not env.declare(declared.name, "callee"):
        return
    name = str(declared.name)
    conditions: dict[str, Expr] = {"yields": FALSE, "rejected": FALSE}
    ids: dict[str, IntervalSet] = {}
    naming: Expr | None = None
    exclusive = False
    seen: set[str] = set()
    for entry in declared.properties:
        keyword = entry.keyword
        if keyword in seen and keyword not in ("fast", "yielding", "ids"):
            env.report.error(
                "property-twice", f"`{keyword}` stands twice", entry.span, "keep one of them"
            )
            continue
        seen.add(keyword)
        match keyword:
            case "exclusive":
                exclusive = True
            case "yields" | "rejected" if entry.condition is not None:
                scope = callee_scope(env, answer=keyword == "rejected")
                built = boolean(scope, entry.condition)
                conditions[keyword] = FALSE if built is None else built
            case "release":
                ids[keyword] = id_set(env, entry.ranges)
                if entry.condition is not None:
                    naming = word(
                        callee_scope(env, answer=False), entry.condition, env.geometry.word_bits
                    )
            case "free" | "lifecycle":
                ids[keyword] = id_set(env, entry.ranges)
            case _:
                claims.extend(_claims(env, name, entry))
    env.callees[name] = Callee(
        name=name,
        exclusive=exclusive,
        yields=conditions["yields"],
        rejected=conditions["rejected"],
        release=ids.get("release", IntervalSet()),
        naming=naming,
        free=ids.get("free", IntervalSet()),
        lifecycle=ids.get("lifecycle", IntervalSet()),
        span=declared.name.span,
    )


def _claims(env: Environment, callee: str, entry: CalleeProperty) -> list[RoutingClaim]:
    found: list[RoutingClaim] = []
    for part in entry.ranges:
        if entry.keyword == "ids":
            members = id_set(env, (part,))
            if members:
                found.append(RoutingClaim(callee, members, part.span))
            continue
        first = constant(env, part.low)
        last = first if part.high is None else constant(env, part.high)
        if first is None or last is None:
            continue
        most = (1 << env.geometry.owner.width) - 1
        if not 0 <= first <= last <= most:
            env.report.error(
                "owner-range",
                f"owning entities are 0 to {most}",
                part.span,
                f"write `{entry.keyword} LOW..HIGH;` with the lower number first",
            )
            continue
        ids = owners(first, last, env.geometry, fast=entry.keyword == "fast")
        found.append(RoutingClaim(callee, ids, part.span))
    return found


def routes(env: Environment, claims: list[RoutingClaim]) -> tuple[Route, ...]:
    """The routing table: every key goes to the callee with the most specific claim on it."""
    for at, claim in enumerate(claims):
        for other in claims[:at]:
            if other.ids.size == claim.ids.size and other.ids & claim.ids:
                env.report.error(
                    "route-equal",
                    f"`{claim.callee}` and `{other.callee}` claim the same identifiers equally",
                    claim.span,
                    "make one claim narrower with `ids A..B;`",
                    Note(f"`{other.callee}` claims them here", other.span),
                )
    taken = IntervalSet()
    found: list[Route] = []
    for claim in sorted(claims, key=lambda claim: claim.ids.size):
        mine = claim.ids - taken
        taken = taken | claim.ids
        found.extend(Route(low, high, claim.callee) for low, high in mine.parts)
    return tuple(sorted(found, key=lambda route: route.low))


def elaborate_allow(env: Environment, declared: AllowSyntax) -> Allow | None:
    issuer, callee = str(declared.issuer), str(declared.callee)
    hypervisor = issuer == "hypervisor"
    issuers = IntervalSet() if hypervisor else domains_named(env, declared.issuer)
    if issuers is None:
        close = nearest(issuer, [*env.domains, *env.groups, "hypervisor"])
        env.report.error(
            "domain-unknown",
            f"`{issuer}` is no domain, family or group",
            declared.issuer.span,
            f"did you mean `{close}`?" if close else "declare it, or write `hypervisor`",
        )
        return None
    if callee == UNCLAIMED:
        env.report.error(
            "allow-unclaimed",
            "nothing can be allowed to reach `unclaimed`",
            declared.callee.span,
            "declare a callee that claims these identifiers",
        )
        return None
    if callee not in env.callees:
        close = nearest(callee, list(env.callees))
        env.report.error(
            "callee-unknown",
            f"`{callee}` is no callee",
            declared.callee.span,
            f"did you mean `{close}`?" if close else "declare it with `callee NAME { .. }`",
        )
        return None
    env.use(callee)
    ids = id_set(env, declared.ids)
    guard: Expr | None = TRUE
    if declared.guard is not None:
        guard = boolean(allow_scope(env, hypervisor=hypervisor), declared.guard)
    if guard is None:
        return None
    return Allow(issuers, hypervisor, callee, ids, guard, declared.span)
