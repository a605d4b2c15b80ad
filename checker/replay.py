"""A case in the reference model: the step happens again, and the judge says whether it violates
(test T2) [PROPERTY-VERDICT]."""

from collections.abc import Callable
from dataclasses import dataclass

from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.judge.catalogue import judged, witnessed
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.machine import arrives, raise_event
from smcproof.spec.call import Call
from smcproof.spec.case import Case
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import EventStep, Leaked, Loose, Step


class EncodingBug(Exception):
    """The solver and the reference model disagree about a case: an internal error of the tool, never
    a verdict on the policy."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The case's steps as the reference model has them, and what the judge says of them."""

    steps: tuple[Step | EventStep, ...]
    finding: Finding | None


def _chooser(case: Case, run: int) -> Callable[[str, int, Loose | Leaked], int]:
    """The case's choices of a run; a register that the case leaves open gets its least value."""
    chosen = {
        (choice.place, choice.register): choice.value
        for choice in case.choices
        if choice.run == run
    }

    def choose(place: str, register: int, value: Loose | Leaked) -> int:
        kind = "loose" if isinstance(value, Loose) else "leaked"
        least = value.allowed.least if isinstance(value, Loose) else 0
        return chosen.get((f"{kind}.{place}", register), least)

    return choose


def _run(policy: CorePolicy, case: Case, call: Call, run: int) -> Step:
    if not arrives(policy, call):
        raise EncodingBug("the call of the case cannot arrive")
    try:
        return dispatch(policy, case.state, call, case.answer, _chooser(case, run))
    except ValueError as problem:
        raise EncodingBug(str(problem)) from problem


def trial_of(policy: CorePolicy, claim: Claim, case: Case) -> Trial:
    """The case as the judge wants it. Raises ``EncodingBug`` where it cannot happen."""

    def again(call: Call) -> Step:
        run = next((at for at, known in enumerate(case.calls) if at and known == call), 1)
        return _run(policy, case, call, run)

    if case.event is not None:
        step = raise_event(
            policy, case.state, case.event, case.arguments, case.answer, _chooser(case, 0)
        )
        return Trial(policy, claim, step, again)
    first = _run(policy, case, case.calls[0], 0)
    other = None
    for call in case.calls[1:]:
        if call == case.calls[0]:
            other = _run(policy, case, call, 1)
    return Trial(policy, claim, first, again, other)


def replay(policy: CorePolicy, claim: Claim, case: Case) -> Replayed:
    """The steps of a universal claim's case and the judge's finding."""
    trial = trial_of(policy, claim, case)
    finding = judged(trial)
    steps: list[Step | EventStep] = [trial.step]
    steps.extend(_run(policy, case, call, run) for run, call in enumerate(case.calls) if run > 0)
    return Replayed(tuple(steps), finding)


def confirm(policy: CorePolicy, claim: Claim, case: Case) -> Replayed:
    """As ``replay``; raises ``EncodingBug`` unless the judge finds the violation."""
    found = replay(policy, claim, case)
    if found.finding is None or found.finding.undecided:
        raise EncodingBug(f"the judge does not see the violation of {claim.title}")
    return found


def confirm_witness(policy: CorePolicy, claim: Claim, case: Case, label: str) -> Replayed:
    """The steps of an existential claim's witness; raises ``EncodingBug`` unless the judge agrees that
    it reaches the goal."""
    trial = trial_of(policy, claim, case)
    if label not in witnessed(trial):
        raise EncodingBug(f"the judge does not see that {claim.title} reaches `{label}`")
    return Replayed((trial.step,), None)
