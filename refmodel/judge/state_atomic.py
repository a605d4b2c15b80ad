"""`state_atomic`: a refused call leaves the state unchanged."""

from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown_state
from smcproof.refmodel.judge.words import refused
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """A call is refused."""
    return isinstance(trial.step, Step) and refused(trial.policy, trial.step)


def judge(trial: Trial) -> Finding | None:
    """A refused call after which a state variable has another value."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step) or not premise(trial):
        return None
    for variable, before, after in zip(
        policy.states, step.before.values, step.after.values, strict=True
    ):
        if before != after:
            return Finding(
                f"a refused call leaves `{variable.name}` as it was, "
                f"{shown_state(policy, variable, before)}",
                f"`{variable.name}` becomes {shown_state(policy, variable, after)}",
            )
    return None
