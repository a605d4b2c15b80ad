"""What a verdict rests on [PROPERTY-ASSUMES]."""

from smcproof.spec.core import Forward, Free, Handle
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.core_walk import policy_rules

_ROUTED = {
    "no_unauthorized_forwarding",
    "imm_zero",
    "client_id",
    "lifecycle_only_hypervisor",
    "arguments_in_domain",
    "args_width",
    "psci_virtual",
    "cpu_targets_own",
    "least_privilege",
    "canonical_id",
    "conduit_parity",
    "check_width",
    "always",
    "reachable",
}


def assumptions(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """The assumptions of a claim, in a fixed order; only those that can matter for it."""
    rules = tuple(policy_rules(policy))
    found: list[str] = []
    forwards = any(isinstance(rule.outcome, Forward) for rule in rules)
    if policy.serialized and policy.states and forwards:
        found.append("serialized")
    handles = any(isinstance(rule.outcome, Handle) for rule in rules)
    loose = any(isinstance(source, Free) for rule in rules for _, source in _all_registers(rule))
    if handles or loose:
        found.append("handler contracts and loose values")
    sends = forwards or any(rule.sends for rule in rules)
    if sends and claim.property in _ROUTED:
        found.append("callee acts on canon(x0)")
    if claim.exemptions:
        found.append("exceptions")
    return tuple(found)


def _all_registers(rule: object) -> list[tuple[int, object]]:
    outcome = getattr(rule, "outcome", None)
    found: list[tuple[int, object]] = []
    for name in ("sent", "results", "written"):
        found.extend(getattr(outcome, name, ()))
    for send in getattr(rule, "sends", ()):
        found.extend(send.sent)
    return found
