"""Memory that is watched or has a behaviour of its own [TRAP-DEVICE] [TRAP-DOUBLE-FETCH].

Such pages are the emulator's MMIO: only accesses to them cost a call into Python.
"""

from collections.abc import Callable

from smcproof.checker.trap.emulator import Emulator
from smcproof.checker.trap.image import Memory, MemoryKind
from smcproof.checker.trap.layout import PAGE, WATCHED, Region
from smcproof.checker.trap.results import Fetch


class Watched:
    """The caller's page: what the dispatcher reads and writes there is noted. ``note`` must not
    raise."""

    def __init__(self, emulator: Emulator, note: Callable[[Fetch], None]) -> None:
        self.content = bytearray(PAGE)
        self._note = note
        emulator.mmio(WATCHED, self._read, self._write)

    def _read(self, _uc: int, offset: int, size: int) -> int:
        self._note(Fetch(offset, size, None))
        return int.from_bytes(self.content[offset : offset + size], "little")

    def _write(self, _uc: int, offset: int, size: int, value: int) -> None:
        value &= (1 << 8 * size) - 1
        self._note(Fetch(offset, size, value))
        self.content[offset : offset + size] = value.to_bytes(size, "little")


class Registerlike:
    """Memory that reads as zero, or as what was written last."""

    def __init__(self, emulator: Emulator, memory: Memory) -> None:
        self.region: Region = memory.region
        self.content: dict[int, int] = {}
        self._remember = memory.kind is MemoryKind.REMEMBER
        emulator.mmio(memory.region, self._read, self._write)

    def _read(self, _uc: int, offset: int, size: int) -> int:
        return sum(self.content.get(offset + at, 0) << 8 * at for at in range(size))

    def _write(self, _uc: int, offset: int, size: int, value: int) -> None:
        if self._remember:
            for at in range(size):
                self.content[offset + at] = value >> 8 * at & 0xFF
