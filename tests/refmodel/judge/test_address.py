"""Arguments as a callee reads them, and where addresses may lie."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from smcproof.refmodel.judge.address import Reading, bases, is_wide, outside, read, value
from smcproof.refmodel.memory import within
from smcproof.spec.geometry import FULL
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Loose, Value
from smcproof.spec.vocabulary import ArgumentSpec, Function, Piece
from tests.refmodel.judge.court import Hear

SETS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=3).map(
    lambda parts: IntervalSet.of((min(part), max(part)) for part in parts)
)
TARGETS = st.lists(st.tuples(st.integers(0, 511), st.integers(0, 511)), max_size=4).map(
    IntervalSet.of
)


@given(st.lists(SETS, min_size=1, max_size=3), TARGETS)
def test_least_in_is_the_least_of_all_combinations(
    sets: list[IntervalSet], targets: IntervalSet
) -> None:
    reading = Reading(tuple((values, 3) for values in sets))
    known: list[int] = []
    for picked in product(*sets):
        whole = 0
        for part in picked:
            whole = whole << 3 | part
        known.append(whole)
    hits = [whole for whole in known if whole in targets]
    assert reading.least_in(targets) == (min(hits) if hits else None)
    assert reading.largest == max(known)
    assert reading.only == (known[0] if len(known) == 1 else None)


SPLIT = ArgumentSpec("arg", (Piece(1, True), Piece(2, True)), "address", "machine")
SPLIT64 = ArgumentSpec("arg", (Piece(1, False), Piece(2, False)), "address", "machine")
WHOLE = ArgumentSpec("arg", (Piece(1, False),), "value")
NARROW = ArgumentSpec("arg", (Piece(1, True),), "value")
X = (0, 0x1_2345_6789_ABCD, 0xFFFF_FFFF_0000_0002, *(0,) * 15)


def test_registers_are_read_at_the_width_of_the_form() -> None:
    assert value(FULL, X, WHOLE, wide=True) == X[1]
    assert value(FULL, X, WHOLE, wide=False) == 0x6789_ABCD
    assert value(FULL, X, NARROW, wide=True) == 0x6789_ABCD
    assert value(FULL, X, SPLIT, wide=False) == 0x6789_ABCD_0000_0002
    assert value(FULL, X, SPLIT64, wide=True) == 0x6789_ABCD_0000_0002  # one word in two registers


def test_the_form_is_the_one_that_the_identifier_names() -> None:
    both = Function("F", 0x8400_0003, 0xC400_0003, (), (), (), False, None, None, "")
    assert is_wide(both, 0xC400_0003)
    assert not is_wide(both, 0x8400_0003)


def test_a_loose_high_word_shifts_the_low_one() -> None:
    registers: tuple[Value, ...] = (
        0,
        Loose(IntervalSet.points([1, 3])),
        Loose(IntervalSet.of(((0x10, 0x1F),))),
        *(0,) * 15,
    )
    reading = read(FULL, registers, SPLIT, wide=False)
    assert reading.least_in(IntervalSet.of(((0x1_0000_0020, 0x3_0000_000F),))) is None
    assert reading.least_in(IntervalSet.of(((0x1_0000_0020, 0x3_0000_0010),))) == 0x3_0000_0010


def test_bases_are_where_the_bytes_lie_in_one_region(hear: Hear) -> None:
    court = hear(
        "domain vm { id = 1; ram = 0x1000..0x1fff, 0x2000..0x2fff, 0x8000..0x80ff; }\n"
        "otherwise => return 0;",
        "pc_rule",
    )
    policy = court.policy
    for size in (0, 1, 0x100, 0x101, 0x2000, 0x2001):
        allowed = bases(policy, 0, "ram", size)
        for base in (0, 0xFFF, 0x1000, 0x1FFF, 0x2EFF, 0x2F00, 0x2F01, 0x3000, 0x8000, 0x8001):
            assert (base in allowed) == within(policy, 0, "ram", base, size), (base, size)
        assert not outside(policy, allowed) & allowed
