"""Whether one of the rules or layers that a claim names decides a call."""

from smcproof.refmodel.judge.parameter import names
from smcproof.refmodel.judge.trial import Finding
from smcproof.refmodel.judge.wording import shown_decider, shown_identifier
from smcproof.refmodel.judge.words import identifier
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import Step


def decided_otherwise(policy: CorePolicy, claim: Claim, step: Step) -> Finding | None:
    """What is wrong if neither one of the claim's ``rules`` nor a rule of a layer among them
    decided."""
    rules = names(claim, "rules")
    if step.rule in rules or step.layer in rules:
        return None
    which = shown_identifier(policy, identifier(policy, step.call))
    listed = ", ".join(f"`{rule}`" for rule in rules)
    return Finding(f"{which} is decided by {listed}", f"{shown_decider(step)} decides it")
