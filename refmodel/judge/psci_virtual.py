"""`psci_virtual`: no power function reaches a callee."""

from smcproof.refmodel.judge.leaving import by_domain
from smcproof.refmodel.judge.parameter import members
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_identifier, shown_issuer
from smcproof.refmodel.judge.words import identifier
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step

SERVICE = "psci"


def power_functions(trial: Trial) -> IntervalSet:
    """The identifiers of PSCI's power functions that are not excepted; none if it is not used."""
    found = IntervalSet()
    for vocabulary in trial.policy.vocabularies:
        if vocabulary.name == SERVICE:
            for function in vocabulary.functions:
                if function.power:
                    found = found | function.ids
    return found - members(trial.claim, "except")


def premise(trial: Trial) -> bool:
    """A call arrives whose canon(x0) is that of such a function."""
    return isinstance(trial.step, Step) and (
        identifier(trial.policy, trial.step.call) in power_functions(trial)
    )


def judge(trial: Trial) -> Finding | None:
    """An SMC by a domain whose canon(x0), as it leaves, is that of such a function."""
    power = power_functions(trial)
    for sent in by_domain(trial.policy, trial.step):
        found = sent.ids & power
        if found:
            which = shown_identifier(trial.policy, found.least)
            return Finding(
                f"{which} reaches nobody",
                f"{shown_issuer(trial.policy, trial.step)} makes `{sent.callee}` see it",
                sent.index,
            )
    return None
