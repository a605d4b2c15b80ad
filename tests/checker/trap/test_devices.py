"""The watched page, other memory and registers that the emulator lacks [TRAP-DEVICE]."""

import pytest

from smcproof.checker.trap import layout
from smcproof.checker.trap.batch import Batch
from smcproof.checker.trap.image import Memory, MemoryKind
from smcproof.checker.trap.layout import Region
from smcproof.checker.trap.machine import Machine
from smcproof.checker.trap.results import Faulted, FaultKind, Fetch, Results
from tests.checker.trap.dispatchers import ADVANCE, framed

BAD = 5
UART = Region("uart", 0x0900_0000, 0x1000)


def load(target: int) -> str:
    parts = [target >> shift & 0xFFFF for shift in (0, 16, 32)]
    return (
        f"        movz x2, #{parts[0]}\n"
        f"        movk x2, #{parts[1]}, lsl #16\n        movk x2, #{parts[2]}, lsl #32\n"
    )


def run(handler: str, calls: int = 1, content: bytes = b"", **more: object) -> Results:
    machine = Machine(framed(handler, **more))
    machine.watched[: len(content)] = content
    batch = Batch()
    for _ in range(calls):
        batch.add((BAD,))
    return machine.run(batch)


def test_the_watched_page_is_read_through_the_harness() -> None:
    """Values and accesses: address, size, order."""
    handler = (
        load(layout.WATCHED.base + 0x20)
        + """
        ldr     x0, [x2]
        ldrh    w1, [x2, #8]
        ldp     w3, w4, [x2, #12]
"""
    )
    results = run(handler + ADVANCE, content=bytes(range(0x40)))
    call = results[0]
    assert call.x[0] == 0x2726_2524_2322_2120
    assert call.x[1] == 0x2928
    expected = [(0x20, 4), (0x24, 4), (0x28, 2), (0x2C, 4), (0x30, 4)]
    assert call.fetches == tuple(Fetch(offset, size, None) for offset, size in expected)
    assert call.double_fetches == ()


@pytest.mark.parametrize(
    ("second", "twice"),
    [
        ("ldr x4, [x2]", tuple(range(8))),
        ("ldrb w4, [x2, #3]", (3,)),
        ("ldr w4, [x2, #4]", (4, 5, 6, 7)),
        ("ldr x4, [x2, #8]", ()),
        ("str x4, [x2]", ()),
    ],
)
def test_double_fetches(second: str, twice: tuple[int, ...]) -> None:
    """Bytes that one call reads more than once [TRAP-DOUBLE-FETCH]."""
    handler = load(layout.WATCHED.base) + f"        ldr x3, [x2]\n        {second}\n"
    results = run(handler + ADVANCE, calls=3)
    assert [call.double_fetches for call in results] == [twice] * 3


def test_writes_to_the_watched_page() -> None:
    handler = (
        load(layout.WATCHED.base)
        + "        ldr w0, [x2]\n        add w3, w0, #1\n        str w3, [x2]\n"
    )
    results = run(handler + ADVANCE, calls=3)
    assert [call.x[0] for call in results] == [0, 1, 2]
    assert [call.fetches[1] for call in results] == [Fetch(0, 4, at) for at in (1, 2, 3)]


@pytest.mark.parametrize(
    ("kind", "values"),
    [(MemoryKind.RAM, [0, 1, 2]), (MemoryKind.REMEMBER, [0, 1, 2]), (MemoryKind.ZERO, [0, 0, 0])],
)
def test_kinds_of_other_memory(kind: MemoryKind, values: list[int]) -> None:
    handler = (
        load(UART.base + 8) + "        ldr x0, [x2]\n        add x3, x0, #1\n        str x3, [x2]\n"
    )
    results = run(handler + ADVANCE, calls=3, memory=(Memory(UART, kind),))
    assert [call.x[0] for call in results] == values


@pytest.mark.parametrize("kind", list(MemoryKind))
def test_memory_that_may_only_be_read(kind: MemoryKind) -> None:
    handler = load(UART.base + 8) + "        ldr x0, [x2]\n        str x0, [x2]\n"
    results = run(handler + ADVANCE, memory=(Memory(UART, kind, write=False),))
    ending = results.ending(0)
    assert isinstance(ending, Faulted)
    assert (ending.kind, ending.address) == (FaultKind.WRITE, UART.base + 8)


REGISTER = """
        mrs     x0, S3_0_C12_C12_5
        add     x1, x0, #1
        msr     S3_0_C12_C12_5, x1
        mrs     xzr, S3_0_C12_C12_5
        mrs     x2, S3_0_C15_C2_0
        msr     S3_0_C12_C12_6, xzr
"""


def test_registers_that_the_emulator_lacks_are_remembered_if_asked_for() -> None:
    """The GIC's and implementation-defined ones keep what was written [TRAP-SYSREG]."""
    results = run(REGISTER + ADVANCE, calls=3, remember=("ICC_*", "S3_*"))
    assert [call.x[0] for call in results] == [0, 1, 2]


def test_and_fault_otherwise() -> None:
    results = run(REGISTER + ADVANCE, remember=("S3_*",))
    ending = results.ending(0)
    assert isinstance(ending, Faulted)
    assert ending.kind is FaultKind.UNDEFINED


def test_memory_must_not_overlap_the_harness_or_the_image() -> None:
    with pytest.raises(ValueError, match="harness"):
        framed(ADVANCE, memory=(Memory(Region("log", layout.LOG.base, 0x1000)),))
    with pytest.raises(ValueError, match="whole pages"):
        framed(ADVANCE, memory=(Memory(Region("half", 0x1000, 0x800)),))
    overlapping = framed(ADVANCE, memory=(Memory(Region("twice", 0x4000_0000, 0x1000)),))
    with pytest.raises(ValueError, match="overlaps"):
        Machine(overlapping)
