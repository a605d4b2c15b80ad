"""Set images are exact: compared with trying every value on small sets."""

from hypothesis import given
from hypothesis import strategies as st

from smcproof.refmodel.judge.halves import canonical_image, everything, low_parts, with_low_part
from smcproof.spec.geometry import FULL, TINY
from smcproof.spec.interval import IntervalSet
from smcproof.spec.smccc import canon
from smcproof.spec.word import truncate

SMALL = st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127)), max_size=4).map(
    IntervalSet.of
)


@given(SMALL, st.integers(1, 7))
def test_low_parts_are_all_low_parts(values: IntervalSet, bits: int) -> None:
    assert low_parts(values, bits) == IntervalSet.points(truncate(v, bits) for v in values)


def test_low_parts_of_every_register_are_every_word() -> None:
    assert low_parts(everything(64), 32) == everything(32)
    assert low_parts(IntervalSet.of(((0xFFFF_FFFF, 0x1_0000_0000),)), 32) == IntervalSet.points(
        [0, 0xFFFF_FFFF]
    )


@given(SMALL)
def test_canonical_image_of_the_tiny_machine(values: IntervalSet) -> None:
    assert canonical_image(values, TINY) == IntervalSet.points(canon(v, TINY) for v in values)


def test_canonical_image_of_the_full_machine() -> None:
    around = IntervalSet.of(((0x8400_FFFE, 0x8401_0003), (0x5_3201_0000, 0x5_3201_0001)))
    assert canonical_image(around, FULL) == IntervalSet.of(
        ((0x8400_0000, 0x8400_0003), (0x8400_FFFE, 0x8400_FFFF), (0x3201_0000, 0x3201_0001))
    )
    whole = canonical_image(everything(64), FULL)
    assert 0x8401_0000 not in whole
    assert 0x8402_0000 in whole
    assert 0x3201_0000 in whole


@given(SMALL, st.integers(0, 7), SMALL)
def test_with_low_part_finds_the_least(
    values: IntervalSet, low_part: int, without: IntervalSet
) -> None:
    expected = [v for v in values if truncate(v, 3) == low_part and v not in without]
    assert with_low_part(values, low_part, 3, without) == (expected[0] if expected else None)
