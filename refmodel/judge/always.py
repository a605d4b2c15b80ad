"""`prove NAME : always E`: E holds for every call by a domain and every SMC of it."""

from smcproof.refmodel.evaluator import holds
from smcproof.refmodel.judge.kind import kind
from smcproof.refmodel.judge.parameter import statement
from smcproof.refmodel.judge.situation import situations
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.valuation import runs
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A call by a domain."""
    return isinstance(trial.step, Step)


def judge(trial: Trial) -> Finding | None:
    """An SMC, or none if the call sends none, for which E is false in some run."""
    step, stated = trial.step, statement(trial.claim)
    if not isinstance(step, Step):
        return None
    doubt: Finding | None = None
    for index, frame in situations(trial.policy, step):
        tried = runs(frame, stated)
        if any(not holds(stated, run) for run in tried):
            return Finding(trial.claim.title, f"{kind(trial.policy, step)}: it is false", index)
        if not tried:
            doubt = doubt or Finding(
                trial.claim.title,
                "whether it holds depends on the value of a free register",
                index,
                undecided=True,
            )
    return doubt
