"""What a dispatcher must hand back as it found it, besides the registers of each result [TRAP-AUDIT]."""

import pytest

from smcproof.checker.trap.batch import Answer, Batch
from smcproof.checker.trap.elf import Segment
from smcproof.checker.trap.image import Image
from smcproof.checker.trap.layout import Level
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import Difference, Results, Resumed
from smcproof.checker.trap.state import SIMD, STASH, marks
from tests.checker.trap.dispatchers import ADVANCE, el2, framed

BAD = 5


def run(handler: str, *audits: bool, level: Level = Level.EL2) -> Results:
    batch = Batch()
    for audit in audits:
        batch.add((BAD,), audit=audit)
    return Machine(framed(handler), level).run(batch)


CLOBBERS = {
    **{f"q{number}": f"movi v{number}.2d, #0" for number in (0, 3, 29, 30, 31)},
    "fpsr": "msr fpsr, xzr",
    "tpidr_el0": "msr tpidr_el0, xzr",
    "tpidrro_el0": "msr tpidrro_el0, xzr",
    "tpidr_el1": "msr tpidr_el1, xzr",
    "contextidr_el1": "msr contextidr_el1, x29",
    "ttbr0_el1": "msr ttbr0_el1, x29",
    "tcr_el1": "msr tcr_el1, x29",
    "mair_el1": "msr mair_el1, x29",
    "far_el1": "msr far_el1, x29",
    "par_el1": "msr par_el1, x29",
    "cntkctl_el1": "msr cntkctl_el1, x29",
    "esr_el1": "msr esr_el1, x29",
    "elr_el1": "msr elr_el1, x29",
    "spsr_el1": "msr spsr_el1, x29",
    "vbar_el1": "msr vbar_el1, xzr",
}


@pytest.mark.parametrize("register", CLOBBERS)
def test_a_clobbered_register_is_found(register: str) -> None:
    """By an audited call, and nothing else with it."""
    ignored = {"vbar_el1"}  # points elsewhere during an audit, so only the batch can tell
    results = run(f"        mov x29, #0x20\n        {CLOBBERS[register]}\n" + ADVANCE, True)
    names = [difference.register for difference in results[0].differences or ()]
    assert names == ([] if register in ignored else [register])


@pytest.mark.parametrize("register", [*CLOBBERS])
def test_the_end_of_a_batch_finds_most_of_them(register: str) -> None:
    """Not the two SIMD registers that the landings use, and not the syndromes, which an injected
    exception changes."""
    results = run(f"        mov x29, #0x20\n        {CLOBBERS[register]}\n" + ADVANCE, False)
    names = [difference.register for difference in results.drift]
    expected = [] if register in STASH | {"esr_el1", "elr_el1", "spsr_el1"} else [register]
    assert names == expected


def test_differences_say_before_and_after() -> None:
    results = run("        mov x29, #0x1234\n        msr tpidr_el1, x29\n" + ADVANCE, True)
    before = marks()["tpidr_el1"]
    assert results[0].differences == (Difference("tpidr_el1", before, 0x1234),)


def test_only_audited_calls_are_audited() -> None:
    results = run(ADVANCE, False, True, False)
    assert [call.differences for call in results] == [None, (), None]
    assert [results.audited(index) for index in range(3)] == [False, True, False]


def test_an_audited_call_is_an_ordinary_call() -> None:
    """Its result is that of a call that is not audited."""
    machine = Machine(el2())
    batch = Batch()
    for audit in (False, True):
        for w0 in (0x84000000, 0xC2000001, 0x77):
            batch.add((w0, 1, 2), audit=audit, answers=[Answer((4, 5, 6, 7))], nzcv=5, daif=3)
    results = machine.run(batch)
    for plain, audited in ((0, 3), (1, 4), (2, 5)):
        a, b = results[plain], results[audited]
        assert isinstance(a.ending, Resumed)
        assert isinstance(b.ending, Resumed)
        assert a.ending.delta == b.ending.delta
        assert (a.x, a.sp_el0, a.sp_elx, a.pstate) == (b.x, b.sp_el0, b.sp_elx, b.pstate)
        assert [sent.x for sent in a.sends] == [sent.x for sent in b.sends]


def test_every_simd_register_has_its_own_mark() -> None:
    values = [marks()[name] for name in SIMD]
    assert len(set(values)) == len(values)
    assert all(value >> 64 and value % 2**64 for value in values)


def test_damage_to_constant_bytes_that_share_a_page() -> None:
    """Data and code in one page are both writable; what must not change is compared."""
    image = framed("        adr x1, vectors\n        str wzr, [x1, #0x700]\n" + ADVANCE)
    code = image.segments[0]
    shared = Segment(code.address + 0x3000, b"", 8, write=True)
    batch = Batch()
    batch.add((BAD,))
    separate = Image((code, shared), image.vectors)
    assert "Faulted" in type(Machine(separate).run(batch).ending(0)).__name__
    together = Image((code, Segment(code.end, b"", 8, write=True)), image.vectors)
    results = Machine(together).run(batch)
    assert isinstance(results.ending(0), Resumed)
    assert results.damage
    assert all(0x700 <= address - code.address < 0x704 for address in results.damage)
