"""`prove NAME : reachable E`: E holds for some call by a domain and some SMC of it."""

from smcproof.refmodel.evaluator import holds
from smcproof.refmodel.judge.parameter import statement
from smcproof.refmodel.judge.situation import situations
from smcproof.refmodel.judge.trial import Trial
from smcproof.refmodel.judge.valuation import runs
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.goals import goal_labels
from smcproof.spec.record import Step


def goals(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """One: the statement, by the claim's label."""
    return goal_labels(policy, claim)


def premise(trial: Trial) -> bool:
    """A call by a domain."""
    return isinstance(trial.step, Step)


def witnesses(trial: Trial) -> frozenset[str]:
    """The goal, if E holds for an SMC of this call, or for none if it sends none."""
    step, stated = trial.step, statement(trial.claim)
    if not isinstance(step, Step):
        return frozenset()
    met = any(
        holds(stated, run)
        for _, frame in situations(trial.policy, step)
        for run in runs(frame, stated)
    )
    return frozenset(goals(trial.policy, trial.claim)) if met else frozenset()
