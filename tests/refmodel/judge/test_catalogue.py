"""The registry: every property of sections 7.3 and 7.4 has a judge of its own."""

import re
from pathlib import Path

import pytest

from smcproof.refmodel.judge import catalogue
from smcproof.spec.property import CATALOGUE, USER_MODES, Quantity, property_spec
from tests.refmodel.judge.court import Hear

ROOT = Path(__file__).resolve().parents[3]


def stated() -> set[str]:
    """The properties that sections 7.3 and 7.4 state."""
    text = (ROOT / "spec" / "7-properties.md").read_text(encoding="utf-8")
    body = text.partition("## 7.3 ")[2].partition("## 7.5 ")[0]
    heads = re.findall(r"^\*\*`([^`]+)`\*\*", body, re.MULTILINE)
    names = set()
    for head in heads:
        mode = re.match(r"prove NAME : (\w+) E", head)
        names.add(mode[1] if mode else re.match(r"\w+", head)[0])  # type: ignore[index]
    return names


def test_every_stated_property_has_a_judge() -> None:
    found = stated()
    assert "canonical_id" in found
    assert "always" in found
    assert len(found) >= 32
    single_step = {name for name in found if property_spec(name).scope.value != "history"}
    assert single_step <= set(catalogue.JUDGES)
    assert set(catalogue.JUDGES) <= set(CATALOGUE) | set(USER_MODES)


@pytest.mark.parametrize("name", sorted(catalogue.JUDGES))
def test_a_judge_is_of_its_propertys_quantity(name: str) -> None:
    judge = catalogue.JUDGES[name]
    existential = property_spec(name).quantity is Quantity.EXISTENTIAL
    assert isinstance(judge, catalogue.ExistentialJudge) == existential
    assert judge.name == name
    assert (ROOT / "refmodel" / "judge" / f"{name}.py").is_file()


def test_judges_import_nothing_of_the_solver() -> None:
    for path in (ROOT / "refmodel" / "judge").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "checker" not in text, path.name
        assert "z3" not in text, path.name


def test_universal_and_existential_are_not_confused(hear: Hear) -> None:
    body = "domain vm { id = 1; }\nrule a : fid == 1 => return 0;\notherwise => return -1;"
    court = hear(body, "no_dead_rule")
    with pytest.raises(TypeError):
        court.judged(court.call(1))
    court = hear(body, "pc_rule")
    with pytest.raises(TypeError):
        court.witnessed(court.call(1))
    with pytest.raises(TypeError):
        assert court.goals


@pytest.mark.parametrize(
    "name",
    sorted(
        set(catalogue.JUDGES)
        - {"no_unauthorized_forwarding", "never_panics", "least_privilege", "always", "reachable"}
    ),
)
def test_other_properties_ignore_events(hear: Hear, name: str) -> None:
    arguments = {
        "range_covers": "(psci, { a })",
        "client_id": "(tee)",
        "lifecycle_only_hypervisor": "(tee)",
        "scalar_in_range": "(psci)",
        "reserved_ids": "({ 1 }, { a })",
        "monitor_exclusive": "(vm, mon)",
    }
    court = hear(
        "use psci, optee;\ndomain vm { id = 1; }\nhandler mon;\n"
        "callee tee { fast 0..63; lifecycle psci.CPU_ON; }\n"
        "rule a : fid == 1 => deliver mon resuming at;\notherwise => return -1;\n"
        "on destroy(d) => forward { x0 = psci.CPU_ON.smc32; x1 = 0x5_0000_0000; };",
        name + arguments.get(name, ""),
    )
    trial = court.event("destroy", 0)
    assert not catalogue.premise(trial)
    if isinstance(catalogue.judge_of(court.claim), catalogue.UniversalJudge):
        assert catalogue.judged(trial) is None
    else:
        assert catalogue.witnessed(trial) == frozenset()
