"""Who can make a call reach something: the question of ``who`` as solver goals."""

from dataclasses import dataclass

from smcproof.checker.symbolic.concretizer import concrete, fields
from smcproof.checker.symbolic.env import in_block
from smcproof.checker.symbolic.factory import Truth, conjunction, disjunction, member, negation
from smcproof.checker.symbolic.properties.leaving import canon_sent
from smcproof.checker.symbolic.query import Context, Goal
from smcproof.checker.symbolic.solver import Answer, Limits, search
from smcproof.spec.case import Case
from smcproof.spec.core import DomainBlock
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.interval import IntervalSet


@dataclass(frozen=True, slots=True)
class Reach:
    """For one domain or family over one conduit. ``word`` is never, always or when; ``initially``
    tells whether ``yes`` starts in the initial state. ``yes`` is a call that reaches the target,
    ``no`` one with a named identifier that does not."""

    domain: str
    conduit: int
    word: str
    yes: Case | None
    no: Case | None
    initially: bool


def reaches(
    policy: CorePolicy,
    claim: Claim,
    ids: IntervalSet | None,
    callee: str | None,
    limits: Limits,
) -> tuple[Reach, ...]:
    """Who can make a call with one of ``ids`` leave (whoever gets it), or make any call reach
    ``callee``."""
    found: list[Reach] = []
    for block in policy.domains:
        for conduit in policy.conduits:
            found.append(_one(policy, claim, block, conduit, ids, callee, limits))
    return tuple(found)


def _one(
    policy: CorePolicy,
    claim: Claim,
    block: DomainBlock,
    conduit: int,
    ids: IntervalSet | None,
    callee: str | None,
    limits: Limits,
) -> Reach:
    for initially in (True, False):
        context = Context(policy, claim, initially=initially)
        words = context.words
        mine: list[Truth] = [
            in_block(context.call.caller, block.first, block.count),
            member(context.call.conduit, IntervalSet.points([conduit])),
            words.well_formed,
        ]
        if callee is not None:
            hit = disjunction(send.reaches[callee] for send in words.step.sends)
        else:
            assert ids is not None
            mine.append(words.identifier_in(ids))
            hit = disjunction(
                conjunction((send.present, member(canon_sent(words, send), ids)))
                for send in words.step.sends
            )
        yes = _case(context, conjunction((*mine, hit)), limits)
        if yes is None and initially and policy.states:
            continue
        if yes is None:
            return Reach(block.name, conduit, "never", None, None, True)
        no = None
        if callee is None:
            no = _case(context, conjunction((*mine, negation(hit))), limits)
        word = "always" if callee is None and no is None else "when"
        return Reach(block.name, conduit, word, yes, no, initially)
    raise AssertionError("the loop returns")


def _case(context: Context, condition: Truth, limits: Limits) -> Case | None:
    goal = Goal("who", condition, (context.words,))
    asked = conjunction((context.background(goal), condition))
    has_maps = any(entry.index is not None for entry in context.policy.states)
    found = search(asked, fields(context, goal), limits, has_maps=has_maps)
    if found.answer is Answer.UNKNOWN:
        raise TimeoutError(found.reason)
    if found.model is None:
        return None
    return concrete(context, goal, found.model, minimal=found.minimal)
