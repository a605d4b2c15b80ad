"""What a random policy must have for a property to be decided either way: with the habit it is
violated, without it proved, and neither vacuously nor by definition."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Focus:
    """``habits`` break the property, ``keeps`` make it speak of something while it holds, ``wishes``
    are what the policy needs for either; ``arguments`` is a geometry it needs."""

    habits: tuple[str, ...]
    keeps: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    arguments: int | None = None
    power: str | None = None


FOCUSES: dict[str, Focus] = {
    "no_unauthorized_forwarding": Focus(("forward-all",)),
    "canonical_id": Focus(("wide-compare",)),
    "imm_zero": Focus(("ignore-imm",), wishes=("imm",)),
    "exact_id": Focus(("success-for-unknown", "vague-handler")),
    "twin_consistency": Focus(("one-width",)),
    "conduit_parity": Focus(("one-conduit",), wishes=("conduits",)),
    "range_covers": Focus(("wrong-decider",)),
    "reserved_ids": Focus(("wrong-decider",)),
    "result_written": Focus(("no-result",)),
    "fail_closed": Focus(("success-for-unknown",)),
    "error_form": Focus(("narrow-error", "foreign-error")),
    "no_result_leak": Focus(("leaky-results",), ("ghost-leak",)),
    "no_argument_leak": Focus(("leaky-arguments",), ("ghost-leak",), arguments=2),
    "client_id": Focus(("no-client-id", "shared-id", "zero-id"), wishes=("domains",)),
    "lifecycle_only_hypervisor": Focus(("lifecycle-open",)),
    "arguments_in_domain": Focus(("address-unchecked",), arguments=2),
    "args_width": Focus(("dirty-arguments",), arguments=2),
    "check_width": Focus(("upper-half-check",), arguments=2),
    "no_smc64_from_aarch32": Focus(("smc64-from-aarch32",), wishes=("aarch32",)),
    "least_privilege": Focus(("unused-allow",)),
    "no_dead_rule": Focus(("dead-rule",)),
    "cpu_targets_own": Focus(("power-forwarded",), ("own-cpu",), arguments=2, power="psci"),
    "pc_rule": Focus(("elr-after",), ("ghost-elr",), wishes=("imm",)),
    "registers_preserved": Focus(("write-more",), ("ghost-write",)),
    "condition_failed_is_skip": Focus(("condition-ignored",), wishes=("aarch32",)),
    "state_atomic": Focus(("keep-state",), ("state-on-success",), wishes=("flag",)),
    "never_panics": Focus(("panic",), ("ghost-panic",)),
    "psci_virtual": Focus(("power-forwarded",), power="psci"),
    "scalar_in_range": Focus(("scalar-unchecked",), power="tiny"),
    "monitor_exclusive": Focus(("touch-delivery",), ("deliver-all",)),
    "mine": Focus(("no-client-id",)),
    "goal": Focus(("one-width-tee",)),
}  # fmt: skip

HABITS = (
    *dict.fromkeys(habit for focus in FOCUSES.values() for habit in focus.habits),
    "hint-ignored", "loose-answer", "skip-known", "power-forwarded",
)  # fmt: skip
