"""The verdict on one claim [PROPERTY-UNIVERSAL] [PROPERTY-EXISTENTIAL] [PROPERTY-VACUOUS]."""

import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from smcproof.checker.symbolic.assumptions import assumptions
from smcproof.checker.symbolic.concretizer import concrete, fields
from smcproof.checker.symbolic.factory import Truth, conjunction, negation
from smcproof.checker.symbolic.guarantees import by_definition
from smcproof.checker.symbolic.query import Context, Goal, Query
from smcproof.checker.symbolic.solver import Answer, Found, Limits, holds_nowhere, search
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.property import Quantity, property_spec
from smcproof.spec.verdict import Outcome, Reached, Verdict

Queries = Callable[[Context], tuple[Query, ...]]
Goals = Callable[[Context], tuple[Goal, ...]]

_USER = {"always": "user", "reachable": "user"}


class TwoRoutesDisagree(Exception):
    """The solver gave two answers to one question: an internal error, never a verdict."""


def _is_decided(name: str) -> bool:
    return find_spec(f"smcproof.checker.symbolic.properties.{_USER.get(name, name)}") is not None


def _module(name: str) -> object:
    return import_module(f"smcproof.checker.symbolic.properties.{_USER.get(name, name)}")


def _queries(name: str) -> Queries:
    found: Queries = getattr(_module(name), "queries")  # noqa: B009
    return found


def _goals(name: str) -> Goals:
    found: Goals = getattr(_module(name), "goals")  # noqa: B009
    return found


def verify(policy: CorePolicy, claim: Claim, limits: Limits, *, recheck: bool = False) -> Outcome:
    """The verdict on ``claim`` over single calls. Raises ``TwoRoutesDisagree``."""
    started = time.monotonic()
    if not _is_decided(claim.property):
        return Outcome(Verdict.UNKNOWN, "this version decides single calls, not histories")
    if property_spec(claim.property).quantity is Quantity.EXISTENTIAL:
        outcome = _existential(policy, claim, limits, recheck=recheck)
    else:
        outcome = _universal(policy, claim, limits, recheck=recheck)
    return Outcome(
        verdict=outcome.verdict,
        reason=outcome.reason,
        case=outcome.case,
        reached=outcome.reached,
        initially=outcome.initially,
        by_definition=outcome.by_definition,
        assumes=assumptions(policy, claim),
        useless_exceptions=outcome.useless_exceptions,
        rechecked=outcome.rechecked,
        seconds=time.monotonic() - started,
    )


def _has_maps(policy: CorePolicy) -> bool:
    return any(entry.index is not None for entry in policy.states)


def _asked(context: Context, query: Query, part: Truth) -> Truth:
    """``part`` in a step that can happen and is not excepted."""
    return conjunction((context.background(query), part, negation(context.exempt(query))))


def _search(context: Context, query: Query, part: Truth, limits: Limits) -> Found:
    return search(
        _asked(context, query, part),
        fields(context, query),
        limits,
        has_maps=_has_maps(context.policy),
    )


def _exists(context: Context, condition: Truth, limits: Limits) -> Answer:
    """Whether anything satisfies ``condition``; nothing is minimised."""
    return search(condition, [], limits, has_maps=_has_maps(context.policy)).answer


def _universal(policy: CorePolicy, claim: Claim, limits: Limits, *, recheck: bool) -> Outcome:
    anywhere = Context(policy, claim, initially=False)
    queries = _queries(claim.property)(anywhere)
    useless = _useless_exceptions(anywhere, queries, limits)
    if useless:
        return Outcome(Verdict.UNKNOWN, "exception", useless_exceptions=useless)
    met = [_exists(anywhere, _asked(anywhere, query, query.premise), limits) for query in queries]
    if all(answer is Answer.UNSAT for answer in met):
        again = recheck and _nowhere(policy, claim, limits, lambda query: query.premise)
        return Outcome(Verdict.VACUOUS, _why_vacuous(claim), rechecked=again)
    if by_definition(policy, claim):
        return Outcome(Verdict.PROVED, by_definition=True)
    start = Context(policy, claim, initially=True)
    for query in _queries(claim.property)(start):
        found = _search(start, query, query.violation, limits)
        if found.model is not None:
            case = concrete(start, query, found.model, minimal=found.minimal)
            return Outcome(Verdict.VIOLATED, case=case)
        if found.answer is Answer.UNKNOWN:
            return Outcome(Verdict.UNKNOWN, found.reason)
    for query in queries:
        if not policy.states and not any(block.absent for block in policy.domains):
            break
        found = _search(anywhere, query, query.violation, limits)
        if found.model is not None:
            case = concrete(anywhere, query, found.model, minimal=found.minimal)
            return Outcome(Verdict.UNKNOWN, "state-not-shown-reachable", case=case, initially=False)
        if found.answer is Answer.UNKNOWN:
            return Outcome(Verdict.UNKNOWN, found.reason)
    for query in queries:
        if _exists(anywhere, _asked(anywhere, query, query.undecided), limits) is not Answer.UNSAT:
            return Outcome(Verdict.UNKNOWN, query.reason)
    again = recheck and _nowhere(policy, claim, limits, lambda query: query.violation)
    return Outcome(Verdict.PROVED, rechecked=again)


def _why_vacuous(claim: Claim) -> str:
    if claim.exemptions:
        return "nothing is left of the premise: no call meets it, or its exceptions take all"
    return "no call meets the premise"


def _useless_exceptions(
    context: Context, queries: tuple[Query, ...], limits: Limits
) -> tuple[str, ...]:
    """The exceptions that leave out no step that meets the premise."""
    found: list[str] = []
    for entry in context.claim.exemptions:
        used = any(
            _exists(
                context,
                conjunction(
                    (
                        context.background(query),
                        query.premise,
                        context.exempted_by(entry, query),
                    )
                ),
                limits,
            )
            is not Answer.UNSAT
            for query in queries
        )
        if not used:
            found.append(entry.text)
    return tuple(found)


def _nowhere(
    policy: CorePolicy, claim: Claim, limits: Limits, part: Callable[[Query], Truth]
) -> bool:
    """Decides again, on fresh terms and by another solver, that no step has ``part``. False if the
    second route could not tell; raises ``TwoRoutesDisagree`` if it says otherwise."""
    sure = True
    for initially in (True, False):
        context = Context(policy, claim, initially=initially)
        for query in _queries(claim.property)(context):
            answer, _ = holds_nowhere(_asked(context, query, part(query)), limits)
            if answer is Answer.SAT:
                raise TwoRoutesDisagree(claim.title)
            sure = sure and answer is Answer.UNSAT
    return sure


def _impossible_again(policy: CorePolicy, claim: Claim, label: str, limits: Limits) -> bool:
    """As ``_nowhere``, for a goal of an existential claim."""
    context = Context(policy, claim, initially=False)
    sure = True
    for goal in _goals(claim.property)(context):
        if goal.label == label:
            answer, _ = holds_nowhere(_wanted(context, goal), limits)
            if answer is Answer.SAT:
                raise TwoRoutesDisagree(claim.title)
            sure = sure and answer is Answer.UNSAT
    return sure


def _wanted(context: Context, goal: Goal) -> Truth:
    """The goal is met by a step that can happen and is not excepted."""
    return conjunction((context.background(goal), goal.condition, negation(context.exempt(goal))))


def _existential(policy: CorePolicy, claim: Claim, limits: Limits, *, recheck: bool) -> Outcome:
    """PROVED with a witness for every goal in the initial state; VIOLATED if one has none in any."""
    start = Context(policy, claim, initially=True)
    anywhere = Context(policy, claim, initially=False)
    first = _goals(claim.property)(start)
    later = _goals(claim.property)(anywhere)
    if not first:
        return Outcome(Verdict.VACUOUS, "there is nothing to reach")
    reached: list[Reached] = []
    impossible: list[Reached] = []
    open_: list[str] = []
    for label in dict.fromkeys(goal.label for goal in first):
        found = _goal(start, [goal for goal in first if goal.label == label], limits)
        if found.model is not None and found.goal is not None:
            case = concrete(start, found.goal, found.model, minimal=False)
            reached.append(Reached(label, case))
            continue
        stateful = bool(policy.states) or any(block.absent for block in policy.domains)
        more = (
            _goal(anywhere, [goal for goal in later if goal.label == label], limits)
            if stateful and found.answer is Answer.UNSAT
            else found
        )
        if more.answer is Answer.UNSAT:
            impossible.append(Reached(label, None, _shadows(policy, claim, label, limits)))
        else:
            reason = "state-not-shown-reachable" if more.answer is Answer.SAT else more.reason
            open_.append(f"{label}: {reason}")
    if impossible:
        again = recheck and all(
            _impossible_again(policy, claim, goal.label, limits) for goal in impossible
        )
        return Outcome(Verdict.VIOLATED, reached=tuple(impossible), rechecked=again)
    if open_:
        return Outcome(Verdict.UNKNOWN, "; ".join(open_), reached=tuple(reached))
    return Outcome(Verdict.PROVED, reached=tuple(reached))


class _GoalFound:
    """What a search for a goal gave: the goal that was met, with its model."""

    def __init__(self, found: Found, goal: Goal | None) -> None:
        self.answer = found.answer
        self.model = found.model
        self.minimal = found.minimal
        self.reason = found.reason
        self.goal = goal


def _goal(context: Context, goals: list[Goal], limits: Limits) -> _GoalFound:
    """The first of the alternatives that can be met."""
    last = Found(Answer.UNSAT)
    for goal in goals:
        found = search(_wanted(context, goal), [], limits, has_maps=_has_maps(context.policy))
        if found.answer is Answer.SAT:
            return _GoalFound(found, goal)
        if found.answer is Answer.UNKNOWN:
            last = found
    return _GoalFound(last, None)


def _shadows(policy: CorePolicy, claim: Claim, label: str, limits: Limits) -> tuple[str, ...]:
    """For a rule that decides nothing: the rules before it that take what its guard admits."""
    if claim.property != "no_dead_rule":
        return ()
    context = Context(policy, claim, initially=False)
    step = context.words.step
    target = next(taken for taken in step.taken if taken.rule.name == label)
    admits = step.guard_of(target.rule)
    found: list[str] = []
    for taken in step.taken:
        if taken.rule is target.rule:
            break
        asked = conjunction(
            (context.background(Goal(label, admits, (context.words,))), admits, taken.condition)
        )
        if _exists(context, asked, limits) is Answer.SAT:
            found.append(taken.rule.name)
    return tuple(found)


def uncovered_call(policy: CorePolicy, claim: Claim, limits: Limits) -> Outcome | None:
    """A call that no rule decides [DISPATCH-TOTAL], as a VIOLATED outcome; None if there is none."""
    context = Context(policy, claim, initially=False)
    query = Query(context.words.step.uncovered, context.words.step.uncovered, (context.words,))
    found = _search(context, query, query.violation, limits)
    if found.model is None:
        return None if found.answer is Answer.UNSAT else Outcome(Verdict.UNKNOWN, found.reason)
    case = concrete(context, query, found.model, minimal=found.minimal)
    return Outcome(Verdict.VIOLATED, case=case)
