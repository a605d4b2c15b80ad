"""System registers by name and encoding [TRAP-SYSREG]."""

import pytest

from smcproof.checker.trap.sysreg import (
    NAMED,
    Access,
    SysReg,
    decode_access,
    matches,
    parse,
    spelling,
)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("hcr_el2", (3, 4, 1, 1, 0)),
        ("TPIDR_EL2", (3, 4, 13, 0, 2)),
        ("S3_0_C12_C12_5", (3, 0, 12, 12, 5)),
        ("s3_1_c15_c2_0", (3, 1, 15, 2, 0)),
    ],
)
def test_names(name: str, encoding: tuple[int, ...]) -> None:
    assert parse(name) == encoding


@pytest.mark.parametrize("name", ["hcr", "S4_0_C1_C1_0", "S3_0_C16_C1_0", "S3_0_C1_C1", ""])
def test_unknown_names(name: str) -> None:
    with pytest.raises(ValueError, match="S<op0>_<op1>_C<n>_C<m>_<op2>"):
        parse(name)


def test_names_and_encodings_are_one_to_one() -> None:
    assert len(set(NAMED.values())) == len(NAMED)
    for name, register in NAMED.items():
        assert spelling(register) == name
        assert parse("S{}_{}_C{}_C{}_{}".format(*register)) == register
    assert spelling(SysReg(3, 0, 12, 12, 5)) == "s3_0_c12_c12_5"


@pytest.mark.parametrize(
    ("word", "access"),
    [
        (0xD53C_1100, Access(NAMED["hcr_el2"], read=True, rt=0)),
        (0xD51C_1101, Access(NAMED["hcr_el2"], read=False, rt=1)),
        (0xD518_CCBF, Access(SysReg(3, 0, 12, 12, 5), read=False, rt=31)),
        (0xD503_201F, None),  # NOP
        (0xD508_7500, None),  # IC IALLU, a system instruction
        (0xD400_0003, None),
    ],
)
def test_accesses(word: int, access: Access | None) -> None:
    """ "System register move" in the A64 index by encoding."""
    assert decode_access(word) == access


@pytest.mark.parametrize(
    ("pattern", "register", "expected"),
    [
        ("ICC_*", "S3_0_C12_C12_5", True),
        ("ICC_*", "S3_0_C4_C6_0", True),
        ("ICC_*", "S3_0_C12_C0_0", False),
        ("ICH_*", "S3_4_C12_C11_0", True),
        ("ICH_*", "S3_0_C12_C11_0", False),
        ("S3_*", "S3_1_C15_C2_0", True),
        ("S3_*", "S3_1_C11_C2_0", True),
        ("S3_*", "S3_0_C12_C12_5", False),
        ("tpidr_el2", "S3_4_C13_C0_2", True),
        ("tpidr_el2", "S3_4_C13_C0_3", False),
    ],
)
def test_patterns(pattern: str, register: str, expected: bool) -> None:
    assert matches(pattern, parse(register)) is expected
