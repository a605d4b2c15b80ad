"""`lifecycle_only_hypervisor`: the callee's lifecycle calls come from the hypervisor."""

from smcproof.refmodel.judge.leaving import by_domain
from smcproof.refmodel.judge.parameter import name
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_identifier, shown_issuer


def premise(trial: Trial) -> bool:
    """A call by a domain reaches the callee, which declares lifecycle functions."""
    callee = name(trial.claim, "callee")
    return bool(trial.policy.callee(callee).lifecycle) and any(
        sent.callee == callee for sent in by_domain(trial.policy, trial.step)
    )


def judge(trial: Trial) -> Finding | None:
    """An SMC by a domain that reaches the callee with one of its lifecycle functions."""
    policy = trial.policy
    callee = name(trial.claim, "callee")
    lifecycle = policy.callee(callee).lifecycle
    for sent in by_domain(policy, trial.step):
        found = sent.ids & lifecycle
        if sent.callee == callee and found:
            which = shown_identifier(policy, found.least)
            return Finding(
                f"only the hypervisor sends {which} to `{callee}`",
                f"{shown_issuer(policy, trial.step)} sends it",
                sent.index,
            )
    return None
