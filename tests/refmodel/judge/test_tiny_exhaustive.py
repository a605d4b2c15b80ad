"""On the tiny machine every call and every value of every free register is tried: a judge that
reasons over sets of values must say what it says of the single ones."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from smcproof.refmodel.judge import catalogue, words
from smcproof.refmodel.judge.trial import Trial
from smcproof.refmodel.registers import route
from smcproof.spec.call import Conduit
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Sent, Step, Value, possible
from tests.refmodel.judge.court import Court, Hear

BODY = """
    domain a { id = 1; vcpus = 0, 2; ram = 1..2; }
    domain b { id = 2; vcpus = 1; ram = 0..0, 3..3; }
    callee fw { fast 0..0; lifecycle tsvc.MAP; }
    callee other { fast 1..1; yielding 0..1; }
    allow a -> fw : tsvc.ON when sent.x1 != 3;
    allow b -> fw : tsvc.* when sent.x2 == caller.id[1:0];
    allow b -> other : 0x28, 0x38, 0x00;
    handler open;
    handler h { on fid == 0x23 => return { x0 = any in { 0, -1 }; }
                                  reaches fw with { x0 = 0x30; x1 = any in 1..2; };
                otherwise => stop vcpu { x0 = any in 0..2; }; }
    rule on     : tsvc.ON and conduit == smc => forward { x1 = any in 0..x1; x2 = any in 1..2; };
    rule either : tsvc.ON => forward { x0 = any in { 0x20, 0x21, 0x30 }; };
    rule map    : tsvc.MAP => forward { x1 = leaked; x2 = any; };
    rule plain  : fid in { 0x28, 0x38, 0x00 } => forward { x2 = x1; };
    rule codes  : fid in { 0x24, 0x34 } => return { x0 = any in 0x3d..0x41; };
    rule errors : fid in { 0x25, 0x35 } => return { x0 = any in { 0x3e, 0x3f, 0x7e, 0x7f }; };
    rule one    : fid in { 0x2c, 0x3c } => return { x0 = any in { 0x3f, 0x7f }; };
    rule leaks  : fid in { 0x2d, 0x3d } => return { x0 = leaked; };
    rule hand   : fid in { 0x22, 0x23, 0x32, 0x33 } => handle h;
    rule blank  : fid in { 0x26, 0x36 } => handle open;
    otherwise => return NOT_SUPPORTED;
"""


def _values(policy: CorePolicy, number: int, value: Value) -> tuple[int, ...]:
    return tuple(possible(value, policy.geometry.register_bits[number]))


def runs(policy: CorePolicy, step: Step) -> Iterator[Step]:
    """The step with every combination of values of its free registers."""
    sends: list[list[Sent]] = []
    for sent in step.sends:
        choices = [_values(policy, at, value) for at, value in enumerate(sent.registers)]
        sends.append([Sent(route(policy, picked[0]), picked) for picked in product(*choices)])
    results = [_values(policy, number, value) for number, value in step.written]
    for picked_sends in product(*sends):
        for picked in product(*results):
            written = tuple(
                (number, value) for (number, _), value in zip(step.written, picked, strict=True)
            )
            registers = list(step.registers)
            for number, value in written:
                registers[number] = value
            yield replace(
                step, sends=tuple(picked_sends), written=written, registers=tuple(registers)
            )


def steps(court: Court) -> Iterator[Step]:
    """Every x0 and x1 over both conduits, of `a` with x2 = 0 and of `b` with x2 = 1."""
    conduits = (Conduit.SMC, Conduit.HVC)
    for caller, conduit, x0, x1 in product((0, 1), conduits, range(128), range(4)):
        yield court.step(court.call(x0, x1, caller, caller=caller, conduit=conduit))


PROPERTIES = (
    "no_unauthorized_forwarding",
    "exact_id",
    "fail_closed",
    "error_form",
    "client_id(fw)",
    "lifecycle_only_hypervisor(fw)",
    "arguments_in_domain",
    "args_width",
    "cpu_targets_own",
    "scalar_in_range(tsvc)",
    "narrow : always not reaches(fw) or sent.x1 != 2",
    "answer : always res.x0 != 0x40",
)


@pytest.mark.parametrize("prove", PROPERTIES)
def test_some_run_violates_exactly_what_is_violated(tiny: Hear, prove: str) -> None:
    court = tiny(BODY, prove)
    seen = {True: 0, False: 0}
    for step in steps(court):
        trial = Trial(court.policy, court.claim, step, court.step)
        found = catalogue.judged(trial)
        assert found is None or not found.undecided
        single = any(
            catalogue.judged(replace(trial, step=run)) is not None
            for run in runs(court.policy, step)
        )
        assert (found is not None) == single, (found, step)
        seen[single] += 1
    assert seen[True]
    assert seen[False]


def test_words_hold_for_every_value(tiny: Hear) -> None:
    court = tiny(BODY, "pc_rule")
    policy = court.policy
    for step in steps(court):
        each = tuple(runs(policy, step))
        for word in (words.refused, words.unknown, words.succeeds):
            assert word(policy, step) == all(word(policy, run) for run in each), (word, step)
        assert words.may_succeed(policy, step) == any(
            words.may_succeed(policy, run) for run in each
        )


@pytest.mark.parametrize("prove", ["least_privilege", "some : reachable res.x0 == 0x40"])
def test_some_run_is_a_witness_exactly_where_the_step_is(tiny: Hear, prove: str) -> None:
    court = tiny(BODY, prove)
    seen: frozenset[str] = frozenset()
    for step in steps(court):
        trial = Trial(court.policy, court.claim, step, court.step)
        single: frozenset[str] = frozenset()
        for run in runs(court.policy, step):
            single |= catalogue.witnessed(replace(trial, step=run))
        assert catalogue.witnessed(trial) == single
        seen |= single
    assert seen
