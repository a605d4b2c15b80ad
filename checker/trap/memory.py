"""Who may touch which memory, by exception level and page [TRAP-MEMORY].

The emulator asks once per page and level when it fills its TLB, so that nothing is paid on the fast
path: what a level was not granted faults, which is how stray accesses are found.
"""

import ctypes
import mmap
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntFlag

from smcproof.checker.trap.layout import HOME, HOME_END, PAGE, Level, Region


class Permission(IntFlag):
    """In the emulator's encoding."""

    NONE = 0
    READ = 1
    WRITE = 2
    EXECUTE = 4


class Block:
    """Page-aligned memory of the host that the emulator uses as it is."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._map = mmap.mmap(-1, region.size)
        self.view = memoryview(self._map)
        self.words = self.view.cast("Q")
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))

    def offset(self, address: int) -> int:
        return address - self.region.base


@dataclass(frozen=True, slots=True)
class Grant:
    """``level`` may do ``permission`` in ``region``."""

    region: Region
    level: Level
    permission: Permission


class MemoryMap:
    """Blocks that do not overlap, and the grants over them."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._bases: list[int] = []
        self._grants: list[Grant] = []

    def add(self, block: Block) -> None:
        """ValueError if it overlaps another."""
        at = bisect_right(self._bases, block.region.base)
        for other in self.blocks[max(0, at - 1) : at + 1]:
            if block.region.base < other.region.end and other.region.base < block.region.end:
                raise ValueError(
                    f"{block.region.name} at {block.region.base:#x} overlaps {other.region.name}"
                )
        self._bases.insert(at, block.region.base)
        self.blocks.insert(at, block)

    def grant(self, region: Region, level: Level, permission: Permission) -> None:
        self._grants.append(Grant(region, level, permission))

    def permission(self, page: int, level: Level) -> Permission:
        """What ``level`` may do somewhere in the page at ``page``."""
        found = Permission.NONE
        for grant in self._grants:
            region = grant.region
            if grant.level is level and region.base < page + PAGE and page < region.end:
                found |= grant.permission
        return found

    def constant(self, address: int) -> bool:
        """Whether no level may write to the page of ``address``."""
        page = address // PAGE * PAGE
        return not any(self.permission(page, level) & Permission.WRITE for level in Level)

    def find(self, address: int, size: int = 1) -> Block | None:
        """The block that holds all ``size`` bytes at ``address``."""
        at = bisect_right(self._bases, address) - 1
        if at < 0:
            return None
        block = self.blocks[at]
        return block if address + size <= block.region.end else None

    def read(self, address: int, size: int) -> bytes | None:
        """The bytes, None if they are not all in one block."""
        block = self.find(address, size)
        if block is None:
            return None
        at = block.offset(address)
        return bytes(block.view[at : at + size])

    def write(self, address: int, data: bytes) -> bool:
        """Whether the bytes were written: they must lie in one block."""
        block = self.find(address, len(data))
        if block is None:
            return False
        at = block.offset(address)
        block.view[at : at + len(data)] = data
        return True


def foreign(region: Region) -> bool:
    """Whether a region lies outside the harness's own addresses, as every image's must."""
    return region.end <= HOME or region.base >= HOME_END
