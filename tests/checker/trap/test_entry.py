"""Golden syndromes and vectors, with the sections of the Arm ARM (DDI 0487) that define them."""

import pytest

from smcproof.checker.trap.entry import (
    Cause,
    decode,
    encode,
    entered_pstate,
    syndrome,
    syndrome_hvc32,
    syndrome_smc32,
    syndrome_svc32,
    take,
    target_level,
    vector_offset,
)
from smcproof.checker.trap.layout import Level
from smcproof.spec.call import Conduit

IMMEDIATES = (0, 1, 0xEA1, 0x8000, 0xFFFF)


@pytest.mark.parametrize("imm", IMMEDIATES)
def test_golden_syndromes_of_a64_calls(imm: int) -> None:
    """ "ISS encoding for an exception from SMC / HVC / SVC instruction execution in AArch64 state":
    EC 0x17, 0x16, 0x15, IL 1, imm16 in ISS[15:0] [TRAP-SYNDROME]."""
    assert syndrome(Cause.SMC, imm) == 0x5E00_0000 + imm
    assert syndrome(Cause.SMC_TRAPPED, imm) == 0x5E00_0000 + imm
    assert syndrome(Cause.HVC, imm) == 0x5A00_0000 + imm
    assert syndrome(Cause.SVC, imm) == 0x5600_0000 + imm


def test_golden_syndrome_of_undefined() -> None:
    """ "ISS encoding for exceptions with an unknown reason": EC 0, IL 1, ISS 0, whatever the
    immediate."""
    assert syndrome(Cause.UNDEFINED, 0xFFFF) == 0x0200_0000


@pytest.mark.parametrize("imm", IMMEDIATES)
def test_golden_syndromes_of_aarch32_hvc_and_svc(imm: int) -> None:
    """EC 0x12 and 0x11 ("... in AArch32 state"); IL is 0 only for the 16-bit T32 SVC."""
    assert syndrome_hvc32(imm) == 0x4A00_0000 + imm
    assert syndrome_svc32(imm, t32=False) == 0x4600_0000 + imm
    assert syndrome_svc32(imm, t32=True) == 0x4400_0000 + imm


@pytest.mark.parametrize(
    ("condition", "may_have_failed", "expected"),
    [
        (None, False, 0x4E00_0000),
        (0b1110, False, 0x4FE0_0000),
        (0b0000, True, 0x4F08_0000),
        (0b1011, True, 0x4FB8_0000),
        (None, True, 0x4E08_0000),
    ],
)
def test_golden_syndromes_of_aarch32_smc(
    condition: int | None, may_have_failed: bool, expected: int
) -> None:
    """ "ISS encoding for an exception from SMC instruction execution in AArch32 state": CV 24, COND
    23:20, CCKNOWNPASS 19, no immediate."""
    assert syndrome_smc32(condition=condition, may_have_failed=may_have_failed) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (0xD400_0003, (Conduit.SMC, 0)),
        (0xD400_0023, (Conduit.SMC, 1)),
        (0xD401_D423, (Conduit.SMC, 0xEA1)),
        (0xD41F_FFE3, (Conduit.SMC, 0xFFFF)),
        (0xD41F_FFE2, (Conduit.HVC, 0xFFFF)),
        (0xD400_0001, (Conduit.SVC, 0)),
        (0xD400_0000, None),  # unallocated
        (0xD420_0000, None),  # BRK
        (0xD440_0000, None),  # HLT
        (0xD400_0007, None),  # LL is not 0
        (0xD4A0_0003, None),  # DCPS3
        (0xD503_201F, None),  # NOP
    ],
)
def test_instruction_words(word: int, expected: tuple[Conduit, int] | None) -> None:
    """ "Exception generation" in the A64 index by encoding."""
    assert decode(word) == expected
    if expected is not None:
        assert encode(*expected) == word


@pytest.mark.parametrize(
    ("cause", "source", "target"),
    [
        (Cause.SMC_TRAPPED, Level.EL1, Level.EL2),
        (Cause.SMC, Level.EL1, Level.EL3),
        (Cause.SMC, Level.EL2, Level.EL3),
        (Cause.SMC, Level.EL3, Level.EL3),
        (Cause.HVC, Level.EL1, Level.EL2),
        (Cause.HVC, Level.EL2, Level.EL2),
        (Cause.HVC, Level.EL3, Level.EL3),
        (Cause.SVC, Level.EL0, Level.EL1),
        (Cause.SVC, Level.EL1, Level.EL1),
        (Cause.SVC, Level.EL2, Level.EL2),
        (Cause.UNDEFINED, Level.EL0, Level.EL1),
        (Cause.UNDEFINED, Level.EL1, Level.EL1),
        (Cause.UNDEFINED, Level.EL2, Level.EL2),
    ],
)
def test_target_levels(cause: Cause, source: Level, target: Level) -> None:
    """AArch64.CallSecureMonitor, .CallHypervisor, .CallSupervisor, .UndefinedFault [TRAP-TARGET]."""
    assert target_level(cause, source) is target


@pytest.mark.parametrize("cause", [Cause.SVC, Cause.UNDEFINED])
def test_tge_routes_el0_to_el2(cause: Cause) -> None:
    """HCR_EL2.TGE matters for exceptions from EL0 only."""
    assert target_level(cause, Level.EL0, tge=True) is Level.EL2
    assert target_level(cause, Level.EL1, tge=True) is Level.EL1


@pytest.mark.parametrize(
    ("source", "target", "sp_elx", "below_aarch32", "offset"),
    [
        (Level.EL1, Level.EL1, False, False, 0x000),
        (Level.EL1, Level.EL1, True, False, 0x200),
        (Level.EL2, Level.EL2, True, True, 0x200),
        (Level.EL1, Level.EL2, True, False, 0x400),
        (Level.EL1, Level.EL2, False, False, 0x400),
        (Level.EL1, Level.EL3, True, False, 0x400),
        (Level.EL2, Level.EL3, True, True, 0x600),
        (Level.EL0, Level.EL1, False, True, 0x600),
    ],
)
def test_vector_offsets(
    source: Level, target: Level, sp_elx: bool, below_aarch32: bool, offset: int
) -> None:
    """ "Exception vectors": table of offsets from the vector base [TRAP-VECTOR]."""
    found = vector_offset(source, target, sp_elx=sp_elx, below_aarch32=below_aarch32)
    assert found == offset


@pytest.mark.parametrize(
    ("before", "level", "after"),
    [
        (0x6000_0005, Level.EL2, 0x6000_03C9),
        (0xF000_0004, Level.EL3, 0xF000_03CD),
        (0x0000_0145, Level.EL1, 0x0000_03C5),
        (0x9030_0009, Level.EL3, 0x9000_03CD),  # SS and IL are cleared
    ],
)
def test_pstate_after_entry(before: int, level: Level, after: int) -> None:
    """AArch64.TakeException: PSTATE.<D,A,I,F> = '1111', SP = '1', SS = IL = '0' [TRAP-PSTATE]."""
    assert entered_pstate(before, level) == after


def test_a_whole_entry() -> None:
    """[TRAP-ENTRY]"""
    entry = take(Cause.SMC_TRAPPED, 0x8000_0004, 0x123)
    assert (entry.level, entry.offset, entry.syndrome, entry.pstate) == (
        Level.EL2,
        0x400,
        0x5E00_0123,
        0x8000_03C9,
    )
