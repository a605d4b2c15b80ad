"""The policies of tests/properties: the judge finds a violation in each failing one, in the initial
state, and none at the edges of the passing one, in any state."""

import re
from pathlib import Path

import pytest

from smcproof.grammar.load import load_source, read_source
from smcproof.refmodel.judge import catalogue
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.state import initial_state
from tests.refmodel.judge.edges import states, trials

POLICIES = Path(__file__).resolve().parents[2] / "properties"
UNIVERSAL = sorted(
    name for name, judge in catalogue.JUDGES.items() if isinstance(judge, catalogue.UniversalJudge)
)
EXISTENTIAL = sorted(set(catalogue.JUDGES) - set(UNIVERSAL))


def load(name: str, which: str) -> tuple[CorePolicy, Claim]:
    """The policy and its one claim; nothing at all is reported about it."""
    source = read_source(POLICIES / name / f"{which}.smc")
    loaded = load_source(source)
    assert not loaded.diagnostics, loaded.diagnostics
    assert loaded.policy is not None
    assert len(loaded.policy.claims) == 1
    claim = loaded.policy.claims[0]
    assert claim.property == name
    assert not claim.exemptions
    head = source.text.splitlines()[:3]
    assert head[0].startswith("// ")
    assert head[1].startswith("// ")
    assert head[2] == "smcproof 1;"
    assert re.search(r"\bP\d+", head[1])
    return loaded.policy, claim


@pytest.mark.parametrize("name", UNIVERSAL)
def test_failing_is_violated_in_the_initial_state(name: str) -> None:
    policy, claim = load(name, "failing")
    for trial in trials(policy, claim, initial_state(policy)):
        found = catalogue.judged(trial)
        if found is not None and not found.undecided:
            return
    pytest.fail("no edge call violates it")


SUCH_A_CALL = sorted(
    set(UNIVERSAL)
    - {"no_unauthorized_forwarding", "lifecycle_only_hypervisor", "psci_virtual", "check_width"}
)
"""Properties whose violations all meet the premise, by the text."""


@pytest.mark.parametrize("name", SUCH_A_CALL)
def test_nothing_outside_the_premise_is_violated(name: str) -> None:
    for which in ("failing", "passing"):
        policy, claim = load(name, which)
        for trial in trials(policy, claim, initial_state(policy)):
            assert catalogue.premise(trial) or catalogue.judged(trial) is None


@pytest.mark.parametrize("name", UNIVERSAL)
def test_passing_is_not_violated_at_its_edges(name: str) -> None:
    policy, claim = load(name, "passing")
    met = 0
    for state in states(policy):
        for trial in trials(policy, claim, state):
            met += catalogue.premise(trial)
            assert catalogue.judged(trial) is None, trial.step
    assert met > 0


@pytest.mark.parametrize("name", EXISTENTIAL)
@pytest.mark.parametrize(("which", "reached"), [("passing", True), ("failing", False)])
def test_goals_are_reached_in_passing_only(name: str, which: str, reached: bool) -> None:
    policy, claim = load(name, which)
    seen: frozenset[str] = frozenset()
    for state in states(policy):
        for trial in trials(policy, claim, state):
            seen |= catalogue.witnessed(trial)
    assert (seen == set(catalogue.goals(policy, claim))) == reached
