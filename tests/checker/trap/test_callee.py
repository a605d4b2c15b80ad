"""The callee's profiles, answers and log [TRAP-CALLEE]."""

import pytest

from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.callee import GARBAGE, SECRET, Profile
from smcproof.checker.trap.layout import ANSWERS_PER_CHUNK, Level
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import CallResult, Resumed
from tests.checker.trap.dispatchers import ADVANCE, el3, framed

THROUGH = "        smc #0\n" + ADVANCE
"""Forwards everything and shows the caller everything that comes back, but x29."""
SMC64, SMC32 = 0xC200_0001, 0x8200_0001
RESULTS = tuple(0x0101_0101_0101_0101 * (number + 1) for number in range(18))
X = (0, *(0x7700 + number for number in range(1, 18)))


def call(profile: Profile, w0: int, results: tuple[int, ...], calls: int = 1) -> list[CallResult]:
    machine = Machine(framed(THROUGH), profile=profile)
    batch = Batch()
    for _ in range(calls):
        batch.add((w0, *X[1:]), answers=[Answer(results)])
    return list(machine.run(batch))


def test_profile_1_0_clobbers_x4_to_x17_with_marked_secrets() -> None:
    first, second = call(Profile.V1_0, SMC64, RESULTS[:4], calls=2)
    assert first.x[:4] == second.x[:4] == RESULTS[:4]
    assert first.x[4:18] == tuple(SECRET + number for number in range(4, 18))
    assert second.x[4:18] == tuple(SECRET + 0x100 + number for number in range(4, 18))
    assert first.sends[0].answered == first.x[:18]


def test_profile_1_1_preserves_x4_to_x17() -> None:
    (one,) = call(Profile.V1_1, SMC64, RESULTS)
    assert one.x[:4] == RESULTS[:4]
    assert one.x[4:18] == X[4:]
    assert one.sends[0].answered == one.x[:18]


@pytest.mark.parametrize("count", [4, 5, 8, 17, 18])
def test_profile_1_2_returns_as_many_results_as_the_answer_has(count: int) -> None:
    (one,) = call(Profile.V1_2, SMC64, RESULTS[:count])
    assert one.x[:18] == RESULTS[:count] + X[count:]
    assert one.sends[0].answered == one.x[:18]


@pytest.mark.parametrize("profile", list(Profile))
def test_no_profile_touches_x18_to_x30(profile: Profile) -> None:
    (one,) = call(profile, SMC64, RESULTS)
    batch = Batch()
    batch.add((SMC64, *X[1:]))
    kept = batch.registers(0)
    assert one.x[18:29] == kept[18:29]
    assert one.x[30] == kept[30]


@pytest.mark.parametrize("profile", list(Profile))
def test_upper_halves_of_smc32_results_are_garbage(profile: Profile) -> None:
    """A dispatcher that believes them is found; those of x8 and up are no SMC32 results [TRAP-PROFILE]."""
    (one,) = call(profile, SMC32, RESULTS[:8])
    results = 8 if profile is Profile.V1_2 else 4
    assert [value % 2**32 for value in one.x[:results]] == [
        value % 2**32 for value in RESULTS[:results]
    ]
    upper = [value >> 32 for value in one.x[:results]]
    assert upper == [GARBAGE + 0x11 * number for number in range(results)]
    assert one.sends[0].answered == one.x[:18]


def test_answers_are_used_in_order() -> None:
    """Of a call with several SMCs; what is left over belongs to no other call."""
    handler = "        smc #0\n        mov x20, x0\n        smc #0\n        mov x1, x20\n" + ADVANCE
    machine = Machine(framed(handler))
    batch = Batch()
    batch.add((SMC64,), answers=[Answer((0xC200_0001,)), Answer((22,)), Answer((33,))])
    batch.add((SMC64,), answers=[Answer((0xC200_0002,)), Answer((55,))])
    batch.add((SMC64,))
    results = machine.run(batch)
    assert results[0].x[:2] == (22, 0xC200_0001)
    assert results[1].x[:2] == (55, 0xC200_0002)
    assert results[2].x[0] == 2**64 - 1
    assert [len(one.sends) for one in results] == [2, 2, 2]


def test_more_answers_than_a_chunk_holds() -> None:
    """Chunks become smaller; each call still gets its own."""
    machine = Machine(framed(THROUGH))
    batch = Batch()
    for number in range(100):
        batch.add((SMC64,), answers=[Answer((number,))] * 100)
    assert [one.x[0] for one in machine.run(batch)] == list(range(100))
    with pytest.raises(ValueError, match="answers for one call"):
        batch.add((SMC64,), answers=[Answer((0,))] * (ANSWERS_PER_CHUNK + 1))


def test_flags_and_stack_survive_the_callee() -> None:
    """NZCV, SP and everything from x18 on, in the dispatcher's own view."""
    handler = (
        """
        mov     x20, sp
        cmp     x20, x20                        /* Z and C */
        smc     #0
        mrs     x21, nzcv
        mov     x22, sp
        sub     x22, x22, x20
        mov     x1, x21
        mov     x2, x22
"""
        + ADVANCE
    )
    machine = Machine(framed(handler))
    batch = Batch()
    batch.add((SMC64,), answers=[Answer((1, 2, 3, 4))])
    (one,) = machine.run(batch)
    assert one.x[1:3] == (0b0110 << 28, 0)


def test_a_dispatcher_on_its_other_stack() -> None:
    """SMC from EL2t: SP_EL0 is the one that is banked."""
    handler = (
        """
        mov     x20, sp
        msr     spsel, #0
        mov     x21, #0x5550
        mov     sp, x21
        smc     #0
        mov     x1, sp
        msr     spsel, #1
        mov     x2, sp
        sub     x2, x2, x20
"""
        + ADVANCE
    )
    machine = Machine(framed(handler))
    batch = Batch()
    batch.add((SMC64,), answers=[Answer((1, 2, 3, 4))])
    (one,) = machine.run(batch)
    assert isinstance(one.ending, Resumed)
    assert one.x[1:3] == (0x5550, 0)


@pytest.mark.parametrize("profile", list(Profile))
def test_the_port_of_a_dispatcher_at_el3(profile: Profile) -> None:
    """The same profiles behind the port; there is no syndrome there [TRAP-PORT]."""
    machine = Machine(el3(), Level.EL3, profile)
    batch = Batch()
    batch.add((SMC64, *X[1:]), answers=[Answer(RESULTS)])
    (one,) = machine.run(batch)
    assert one.x[:4] == RESULTS[:4]
    assert one.x[4:] == batch.registers(0)[4:]
    (sent,) = one.sends
    assert sent.x == (SMC64, *X[1:8], *[0] * 10)
    assert (sent.esr, sent.canon) == (0, SMC64)
    if profile is Profile.V1_0:
        assert sent.answered[4:] == tuple(SECRET + number for number in range(4, 18))
