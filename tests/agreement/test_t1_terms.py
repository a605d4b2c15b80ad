"""T1: for random policies, states and calls the evaluator and the solver's terms give the same step."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smcproof.checker.agreement import disagreements
from smcproof.checker.symbolic.evaluation import evaluate_step
from smcproof.grammar.load import load_source
from smcproof.refmodel.dispatcher import dispatch
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Leaked, Loose
from smcproof.spec.span import Source
from tests.strategies.calls import interesting_words, random_answer, random_call, random_state
from tests.strategies.chooser import Chooser, DrawnChooser, SeededChooser
from tests.strategies.full_policies import full_policy
from tests.strategies.tiny_policies import tiny_policy


def elaborated(source: Source) -> CorePolicy:
    loaded = load_source(source)
    problems = [found.message for found in loaded.diagnostics if found.is_error]
    assert loaded.policy is not None, (problems, source.text)
    return loaded.policy


def compare_once(choose: Chooser, policy: CorePolicy, words: tuple[int, ...]) -> tuple[str, ...]:
    """One random step in both meanings; free registers get the same random values in both."""
    call = random_call(choose, policy, words)
    state = random_state(choose, policy)
    answer = random_answer(choose, policy, words)
    chosen: dict[tuple[str, int], int] = {}

    def pick(place: str, register: int, value: Loose | Leaked) -> int:
        bits = policy.geometry.register_bits[register]
        if isinstance(value, Leaked):
            found, kind = choose.integer(0, (1 << bits) - 1), "leaked"
        else:
            low, high = choose.choice(value.allowed.parts)
            found, kind = choose.choice((low, high)), "loose"
        chosen[f"{kind}.{place}", register] = found
        return found

    step = dispatch(policy, state, call, answer, pick)
    solver = evaluate_step(
        policy, state, call, answer, lambda place, register: chosen.get((place, register), 0)
    )
    return disagreements(solver, step)


@pytest.mark.parametrize("seed", range(12))
def test_seeded_full_policies(seed: int) -> None:
    choose = SeededChooser(seed)
    policy = elaborated(full_policy(choose, level="el2" if seed % 4 else "el3"))
    words = interesting_words(policy)
    for _ in range(6):
        assert compare_once(choose, policy, words) == ()


@pytest.mark.parametrize("seed", range(8))
def test_seeded_tiny_policies(seed: int) -> None:
    choose = SeededChooser(1000 + seed)
    policy = elaborated(tiny_policy(choose, small=False))
    words = interesting_words(policy)
    for _ in range(12):
        assert compare_once(choose, policy, words) == ()


@pytest.mark.slow
@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_drawn_full_policies(data: st.DataObject) -> None:
    choose = DrawnChooser(data.draw)
    policy = elaborated(full_policy(choose, rules=4))
    words = interesting_words(policy)
    for _ in range(2):
        assert compare_once(choose, policy, words) == ()
