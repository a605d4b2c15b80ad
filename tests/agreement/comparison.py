"""T3 on one policy: the solver's verdict on each claim against enumeration by the judges."""

import time
from dataclasses import dataclass

from smcproof.checker.replay import EncodingBug, confirm, confirm_witness
from smcproof.checker.symbolic.solver import Limits
from smcproof.checker.symbolic.verifier import verify
from smcproof.grammar.load import load_source
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.span import Source
from smcproof.spec.verdict import Outcome, Verdict
from tests.agreement.enumeration import Space, enumerate_claim
from tests.strategies.chooser import SeededChooser
from tests.strategies.focus import FOCUSES
from tests.strategies.tiny_policies import tiny_policy

SECONDS = 120.0
FULL_EVERY = 120
"""One policy in so many has full size; the others have at most 2**12 cases."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One claim: what enumeration and the solver say, and what is wrong, if anything is."""

    seed: int
    name: str
    enumerated: Verdict
    outcome: Outcome
    cases: int
    problem: str | None


def is_full_size(number: int) -> bool:
    return number % FULL_EVERY == FULL_EVERY - 1


def policy_text(number: int) -> Source:
    """Policy ``number`` of the series: each property's turn comes round."""
    names = list(FOCUSES)
    full = is_full_size(number)
    return tiny_policy(
        SeededChooser(number),
        small=not full,
        focus=names[number % len(names)],
        claims=2 if full else 3,
    )


def policy_of(number: int) -> CorePolicy:
    loaded = load_source(policy_text(number))
    assert loaded.policy is not None, [found.message for found in loaded.diagnostics]
    return loaded.policy


def compare_policy(number: int) -> list[Compared]:
    """Every claim of one policy of the series in both meanings."""
    return compare_claims(policy_of(number), number)


def compare_claims(policy: CorePolicy, number: int = 0) -> list[Compared]:
    """Every claim of a policy in both meanings."""
    space = Space(policy)
    found: list[Compared] = []
    for claim in policy.claims:
        listed = enumerate_claim(space, claim)
        outcome = verify(policy, claim, Limits(time.monotonic() + SECONDS))
        problem = None
        if outcome.verdict is not listed.verdict:
            problem = f"enumeration says {listed.verdict}, the solver {outcome.verdict}"
        else:
            try:
                if outcome.case is not None:
                    confirm(policy, claim, outcome.case)
                for goal in outcome.reached:
                    if goal.case is not None:
                        confirm_witness(policy, claim, goal.case, goal.label)
            except EncodingBug as bug:
                problem = str(bug)
        name = claim.label or claim.property
        found.append(Compared(number, name, listed.verdict, outcome, listed.cases, problem))
    return found
