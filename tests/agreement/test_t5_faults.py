"""T5: every planted fault is noticed, so that agreement means something."""

from collections.abc import Callable
from importlib import import_module

import pytest

from smcproof.checker.symbolic.factory import FALSE
from smcproof.checker.symbolic.query import Context, Goal, Query
from smcproof.refmodel.judge import catalogue
from smcproof.spec.span import Source
from tests.agreement.comparison import compare_claims, compare_policy, is_full_size
from tests.agreement.faults import FAULTS, Fault
from tests.agreement.test_t1_terms import compare_once, elaborated
from tests.strategies.calls import interesting_words
from tests.strategies.chooser import SeededChooser
from tests.strategies.focus import FOCUSES
from tests.strategies.full_policies import full_policy

MOST_TRIED = 14
NAMES = list(FOCUSES)
_MODULES = {"mine": ("always", "user"), "goal": ("reachable", "user")}


def policies_for(focus: str, most: int = MOST_TRIED) -> list[int]:
    """The numbers of small policies made for a property."""
    first = NAMES.index(focus)
    numbers = range(first, first + len(NAMES) * (most + 4), len(NAMES))
    return [number for number in numbers if not is_full_size(number)][:most]


def noticed(focus: str) -> bool:
    """Whether some policy shows a disagreement, or the fault breaks a meaning altogether."""
    for number in policies_for(focus):
        try:
            if any(entry.problem is not None for entry in compare_policy(number)):
                return True
        except (AssertionError, TypeError, ValueError):
            return True
    return False


def noticed_by_terms() -> bool:
    """Whether T1 shows a disagreement on random full policies."""
    for seed in range(40, 60):
        choose = SeededChooser(seed)
        policy = elaborated(full_policy(choose, rules=4))
        words = interesting_words(policy)
        try:
            if any(compare_once(choose, policy, words) for _ in range(8)):
                return True
        except (AssertionError, TypeError, ValueError):
            return True
    return False


def noticed_on(text: str) -> bool:
    policy = elaborated(Source("fault.smc", text))
    return any(entry.problem is not None for entry in compare_claims(policy))


def is_noticed(fault: Fault) -> bool:
    if fault.text is not None:
        return noticed_on(fault.text)
    return noticed_by_terms() if fault.focus is None else noticed(fault.focus)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title)
def test_fault_is_noticed(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    original = getattr(fault.owner, fault.name)
    monkeypatch.setattr(fault.owner, fault.name, fault.make(original))
    assert is_noticed(fault)


@pytest.mark.parametrize("text", sorted({fault.text for fault in FAULTS if fault.text}))
def test_without_a_fault_nothing_is_noticed(text: str) -> None:
    assert not noticed_on(text)


def _blind_queries(original: Callable[[Context], tuple[Query, ...]]) -> object:
    def queries(context: Context) -> tuple[Query, ...]:
        return tuple(
            Query(query.premise, FALSE, query.runs, query.event, query.issued_ids)
            for query in original(context)
        )

    return queries


def _blind_goals(original: Callable[[Context], tuple[Goal, ...]]) -> object:
    def goals(context: Context) -> tuple[Goal, ...]:
        return tuple(Goal(goal.label, FALSE, goal.runs, goal.event) for goal in original(context))

    return goals


@pytest.mark.slow
@pytest.mark.parametrize("focus", NAMES)
def test_blind_statement_is_noticed(focus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property whose solver side never sees a violation, or never reaches its goal."""
    name = _MODULES.get(focus, (focus, focus))[1]
    module = import_module(f"smcproof.checker.symbolic.properties.{name}")
    if hasattr(module, "goals"):
        monkeypatch.setattr(module, "goals", _blind_goals(module.goals))
    if hasattr(module, "queries"):
        monkeypatch.setattr(module, "queries", _blind_queries(module.queries))
    assert noticed(focus)


@pytest.mark.slow
@pytest.mark.parametrize("focus", NAMES)
def test_blind_judge_is_noticed(focus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property whose judge never finds anything."""
    name = _MODULES.get(focus, (focus, focus))[0]
    judge = catalogue.JUDGES[name]
    if isinstance(judge, catalogue.UniversalJudge):
        blind: catalogue.Judge = catalogue.UniversalJudge(
            judge.name, judge.premise, lambda _trial: None, judge.partners
        )
    else:
        blind = catalogue.ExistentialJudge(
            judge.name, judge.premise, judge.goals, lambda _trial: frozenset()
        )
    monkeypatch.setitem(catalogue.JUDGES, name, blind)
    assert noticed(focus)


def test_faults_are_planted_one_at_a_time() -> None:
    """Each fault names a function that exists, and no two are the same."""
    assert all(hasattr(fault.owner, fault.name) for fault in FAULTS)
    assert len({fault.title for fault in FAULTS}) == len(FAULTS)
