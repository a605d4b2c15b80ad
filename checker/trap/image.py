"""A dispatcher as the machine takes it: segments, the address of its vectors, and what else it may
touch [TRAP-IMAGE].
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from smcproof.checker.trap.elf import Program, Segment
from smcproof.checker.trap.layout import PAGE, Level, Region
from smcproof.checker.trap.memory import Block, Permission, foreign
from smcproof.checker.trap.sysreg import SysReg

VECTOR_ALIGNMENT = 0x800


class MemoryKind(Enum):
    """How memory outside the image behaves: as RAM, as zeros that swallow writes, or as registers
    that remember what was written."""

    RAM = "ram"
    ZERO = "zero"
    REMEMBER = "remember"


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory outside image and stack that the dispatcher may touch."""

    region: Region
    kind: MemoryKind = MemoryKind.RAM
    write: bool = True


@dataclass(frozen=True, slots=True)
class Image:
    """A dispatcher. ``outcomes`` maps addresses whose execution ends a call to their labels;
    ``sysregs`` are set before anything runs; ``remember`` are patterns of system registers that the
    emulator lacks and that keep what is written; ``stack`` is in bytes. ValueError for vectors that
    are not aligned and for memory where the harness has its own."""

    segments: tuple[Segment, ...]
    vectors: int
    outcomes: Mapping[int, str] = field(default_factory=dict[int, str])
    memory: tuple[Memory, ...] = ()
    sysregs: tuple[tuple[SysReg, int], ...] = ()
    remember: tuple[str, ...] = ()
    stack: int = 16384

    def __post_init__(self) -> None:
        if self.vectors % VECTOR_ALIGNMENT:
            raise ValueError(
                f"the vectors at {self.vectors:#x} are not aligned to {VECTOR_ALIGNMENT:#x} bytes"
            )
        for segment in self.segments:
            if not foreign(Region("segment", segment.address, segment.size)):
                raise ValueError(
                    f"the segment at {segment.address:#x} lies where the harness has its own memory"
                )
        for memory in self.memory:
            if memory.region.base % PAGE or memory.region.size % PAGE or not memory.region.size:
                raise ValueError(f"`{memory.region.name}` does not consist of whole pages")
            if not foreign(memory.region):
                raise ValueError(
                    f"`{memory.region.name}` lies where the harness has its own memory"
                )


def image_of(
    program: Program,
    vectors: str,
    outcomes: Mapping[str, str] | None = None,
    **more: object,
) -> Image:
    """The image of a linked program; ``outcomes`` maps symbols to labels. KeyError for a symbol that
    the program lacks."""
    labels = {program.symbol(name): label for name, label in (outcomes or {}).items()}
    return Image(program.segments, program.symbol(vectors), labels, **more)  # type: ignore[arg-type]


def load(segments: tuple[Segment, ...]) -> list[tuple[Block, Permission]]:
    """Fresh memory holding the segments, in blocks of equal permission. Where segments share a page
    it has the permissions of both."""
    pages: dict[int, Permission] = {}
    for segment in segments:
        permission = Permission.READ
        permission |= Permission.WRITE if segment.write else Permission.NONE
        permission |= Permission.EXECUTE if segment.execute else Permission.NONE
        for page in range(segment.address // PAGE, -(-segment.end // PAGE)):
            pages[page] = pages.get(page, Permission.NONE) | permission
    blocks: list[tuple[Block, Permission]] = []
    run: list[int] = []
    for page in sorted(pages):
        if run and (page != run[-1] + 1 or pages[page] != pages[run[0]]):
            blocks.append((_block(run), pages[run[0]]))
            run = []
        run.append(page)
    if run:
        blocks.append((_block(run), pages[run[0]]))
    for segment in segments:
        for block, _ in blocks:
            _copy(segment, block)
    return blocks


def _block(run: list[int]) -> Block:
    return Block(Region("image", run[0] * PAGE, len(run) * PAGE))


def _copy(segment: Segment, block: Block) -> None:
    first = max(segment.address, block.region.base)
    last = min(segment.address + len(segment.data), block.region.end)
    if first < last:
        at = first - segment.address
        block.view[block.offset(first) : block.offset(last)] = segment.data[at : at + last - first]


def dispatcher_level(level: Level) -> Level:
    """``level`` if a dispatcher may stand there; ValueError otherwise."""
    if level not in (Level.EL2, Level.EL3):
        raise ValueError(f"a dispatcher stands at el2 or el3, not at {level}")
    return level
