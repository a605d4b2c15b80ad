"""`no_smc64_from_aarch32`: an SMC64 identifier from AArch32 is unknown."""

from smcproof.refmodel.judge.kind import kind
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_identifier
from smcproof.refmodel.judge.words import identifier, is_smc64, unknown, well_formed
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A well-formed AArch32 call whose canon(x0) has its smc64 bit set."""
    step = trial.step
    return (
        isinstance(step, Step)
        and step.call.aarch32
        and well_formed(step.call)
        and is_smc64(trial.policy, identifier(trial.policy, step.call))
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call that is not unknown."""
    step = trial.step
    if not isinstance(step, Step) or not premise(trial) or unknown(trial.policy, step):
        return None
    which = shown_identifier(trial.policy, identifier(trial.policy, step.call))
    return Finding(f"{which} from AArch32 is unknown", str(kind(trial.policy, step)))
