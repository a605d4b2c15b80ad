"""What leaves with a loose x0 or as ``reaches T``: who receives it must be certain
[DISPATCH-LOOSE-X0]."""

from collections.abc import Iterator

from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.values import is_identifier
from smcproof.spec.core import (
    Bank,
    Const,
    Forward,
    Free,
    Member,
    Register,
    Registers,
    Rule,
    Source,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.core_walk import policy_rules
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.smccc import routing_image


def check_leaving(env: Environment, policy: CorePolicy) -> None:
    """Reports every SMC whose receiver depends on a free register, or is not the one named."""
    for rule in policy_rules(policy):
        for sent, callee in _sent(rule):
            values = _identifiers(rule, dict(sent)[0], policy.geometry)
            if values is None:
                if isinstance(dict(sent)[0], Free):
                    env.report.error(
                        "loose-identifier",
                        "the x0 that leaves decides who is reached, so it must be of constants",
                        rule.span,
                        "write `x0 = any in { .. }` with identifiers of one callee",
                    )
                elif callee is not None:
                    env.report.error(
                        "reaches-unknown",
                        f"it is not clear that this reaches `{callee}`",
                        rule.span,
                        f"set x0 to an identifier of `{callee}`, or name the functions in the clause",
                    )
                continue
            receivers = _receivers(policy, values)
            if len(receivers) > 1 and isinstance(dict(sent)[0], Free):
                env.report.error(
                    "loose-identifier",
                    f"this may reach {' or '.join(f'`{name}`' for name in sorted(receivers))}",
                    rule.span,
                    "list identifiers of one callee only",
                )
            elif callee is not None and receivers != {callee}:
                others = ", ".join(f"`{name}`" for name in sorted(receivers - {callee}))
                env.report.error(
                    "reaches-other",
                    f"this reaches {others}, not `{callee}`",
                    rule.span,
                    f"set x0 to an identifier that `{callee}` claims",
                )


def _sent(rule: Rule) -> Iterator[tuple[Registers, str | None]]:
    """The maps of SMCs that the rule sends, with the callee that ``reaches`` names."""
    if isinstance(rule.outcome, Forward):
        yield rule.outcome.sent, None
    for send in rule.sends:
        yield send.sent, send.callee


def _identifiers(rule: Rule, x0: Source, geometry: Geometry) -> IntervalSet | None:
    """The x0 that may leave, where the text shows it."""
    if isinstance(x0, Const):
        return IntervalSet.points([x0.value])
    if isinstance(x0, Free):
        if x0.leaked or x0.space is not None or not x0.intervals:
            return None
        parts: list[tuple[int, int]] = []
        for low, high in x0.intervals:
            if not isinstance(low, Const) or not isinstance(high, Const):
                return None
            parts.append((low.value, high.value))
        return IntervalSet.of(parts)
    if isinstance(x0, Register) and x0.bank is Bank.IN and x0.index == 0:
        for conjunct in rule.guard:
            test = conjunct.test
            if isinstance(test, Member) and is_identifier(test.value, x0, geometry):
                return test.constant
    return None


def _receivers(policy: CorePolicy, values: IntervalSet) -> set[str]:
    keys = routing_image(values, policy.geometry)
    found = {
        route.callee for route in policy.routes if IntervalSet(((route.low, route.high),)) & keys
    }
    routed = IntervalSet.of((route.low, route.high) for route in policy.routes)
    if not keys.issubset(routed):
        found.add("unclaimed")
    return found
