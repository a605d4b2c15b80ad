"""Callees' claims on identifiers that routing never looks up [LINT-ROUTE]."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.smccc import routing_key


def lint_routing(policy: CorePolicy, env: Environment) -> None:
    routed = {route.callee for route in policy.routes}
    for callee in policy.callees:
        if callee.name not in routed:
            env.report.warning(
                "callee-unrouted",
                f"no identifier reaches `{callee.name}`",
                callee.span,
                "let it claim some with `fast`, `yielding` or `ids`",
            )
    for route in policy.routes:
        if route.low == route.high and routing_key(route.low, policy.geometry) != route.low:
            callee = policy.callee(route.callee)
            env.report.warning(
                "route-never",
                f"`{callee.name}` claims {route.low:#x}, which routing never looks up",
                callee.span,
                "routing ignores the hint and the must-be-zero bits of a fast call",
            )
