"""The catalogue of properties: names, parameters and how each is decided [PROPERTY-CATALOGUE].

The statements are in ``spec/7-properties.md``. This table is shared; what a property *means* is
written twice, once in ``checker/symbolic/properties`` and once in ``refmodel/judge``.
"""

from dataclasses import dataclass
from enum import Enum


class Quantity(Enum):
    """Whether a property speaks of all calls or asks for one."""

    UNIVERSAL = "universal"
    EXISTENTIAL = "existential"


class Scope(Enum):
    """What a property speaks of: one step, two runs of one step, or a history."""

    CALL = "call"
    PAIR = "pair"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Parameter:
    """``kind`` is callee, service, ids, rules, conduits, domain, group, handler, layer or condition.
    A parameter with a ``default`` (its text) may be left out."""

    name: str
    kind: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class PropertySpec:
    name: str
    parameters: tuple[Parameter, ...]
    quantity: Quantity
    scope: Scope
    summary: str


def _universal(
    name: str, summary: str, *parameters: Parameter, scope: Scope = Scope.CALL
) -> PropertySpec:
    return PropertySpec(name, parameters, Quantity.UNIVERSAL, scope, summary)


def _existential(name: str, summary: str, *parameters: Parameter) -> PropertySpec:
    return PropertySpec(name, parameters, Quantity.EXISTENTIAL, Scope.CALL, summary)


_T = Parameter("callee", "callee")
_S = Parameter("service", "service")
_PAIR = Scope.PAIR
_HISTORY = Scope.HISTORY

CATALOGUE: dict[str, PropertySpec] = {
    spec.name: spec
    for spec in (
        _universal("no_unauthorized_forwarding", "every SMC that leaves is covered by an `allow`"),
        _universal(
            "exclusive_ownership", "no domain reaches the callee while another owns it", _T,
            scope=_HISTORY,
        ),
        _universal(
            "released_on_destroy", "nothing of a destroyed domain stays with the callee", _T,
            scope=_HISTORY,
        ),
        _universal(
            "canonical_id", "a decision depends on the canonical identifier only", scope=_PAIR
        ),
        _universal(
            "imm_zero", "a call with a non-zero immediate reaches nobody and does not succeed",
            Parameter("conduits", "conduits", "smc"),
        ),
        _universal("exact_id", "identifiers that name no function are unknown"),
        _universal(
            "twin_consistency", "both widths of a function get the same kind of answer", scope=_PAIR
        ),
        _universal(
            "conduit_parity", "SMC and HVC get the same decision and results", scope=_PAIR
        ),
        _universal(
            "range_covers", "every function of the service is decided by one of the rules", _S,
            Parameter("rules", "rules"),
        ),
        _universal("result_written", "every completed call writes x0"),
        _universal("fail_closed", "what is refused or unknown returns no success code"),
        _universal("error_form", "a refusal has the form and width of its service"),
        _universal(
            "no_result_leak", "results do not depend on what the dispatcher left in registers",
            scope=_PAIR,
        ),
        _universal(
            "no_argument_leak", "what leaves does not depend on what the dispatcher left",
            scope=_PAIR,
        ),
        _universal("client_id", "every call by a domain that reaches the callee carries its id", _T),
        _universal(
            "lifecycle_only_hypervisor", "the callee's lifecycle calls come from the hypervisor", _T
        ),
        _universal("arguments_in_domain", "every address that leaves lies in its caller's memory"),
        _universal("args_width", "arguments of SMC32 calls leave zero-extended"),
        _universal(
            "check_width", "upper halves of SMC32 arguments change nothing", scope=_PAIR
        ),
        _universal("no_smc64_from_aarch32", "an SMC64 identifier from AArch32 is unknown"),
        _existential("least_privilege", "every `allow` is used by some call"),
        _existential("no_dead_rule", "every rule decides some call"),
        _universal(
            "psci_virtual", "no power function reaches a callee", Parameter("except", "ids", "")
        ),
        _universal("cpu_targets_own", "CPU targets that leave are the caller's vCPUs"),
        _universal(
            "monitor_exclusive", "while the condition holds the monitor gets every call untouched",
            Parameter("domain", "domain"), Parameter("handler", "handler"),
            Parameter("when", "condition", "true"),
        ),
        _universal(
            "layer_final", "what the layer refuses gets through in no other spelling",
            Parameter("layer", "layer"), scope=_PAIR,
        ),
        _universal(
            "same_rules", "members of the group are treated alike", Parameter("group", "group"),
            scope=_PAIR,
        ),
        _universal(
            "reserved_ids", "the identifiers are decided by the named rules only",
            Parameter("ids", "ids"), Parameter("rules", "rules"),
        ),
        _universal(
            "version_first", "before negotiation only the version call answers", _S, scope=_HISTORY
        ),
        _universal(
            "features_match", "the feature query tells the truth", _S, scope=_PAIR
        ),
        _universal("state_atomic", "a refused call leaves the state unchanged"),
        _universal("scalar_in_range", "scalar arguments outside their limits are refused", _S),
        _universal("never_panics", "no call makes the dispatcher panic"),
        _universal("config_frozen", "frozen variables do not change after the first call",
                   scope=_HISTORY),
        _universal("pc_rule", "the caller resumes where the outcome says"),
        _universal("registers_preserved", "only result registers change"),
        _universal("condition_failed_is_skip", "a call whose condition failed is skipped"),
        _universal("total", "every call has an outcome"),
        _universal(
            "resume_only_by_owner", "an outstanding call is resumed by its own domain only", _T,
            scope=_HISTORY,
        ),
    )
}  # fmt: skip

USER_MODES: dict[str, PropertySpec] = {
    "always": _universal("always", "holds for every call by a domain"),
    "invariant": _universal("invariant", "holds in every reachable state", scope=_HISTORY),
    "step": _universal("step", "holds for every step from a reachable state", scope=_HISTORY),
    "reachable": _existential("reachable", "some reachable call satisfies it"),
}


def property_spec(name: str) -> PropertySpec:
    """The catalogue's or a user mode's entry; KeyError if there is none."""
    return CATALOGUE[name] if name in CATALOGUE else USER_MODES[name]
