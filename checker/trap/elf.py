"""A linked AArch64 program as segments and symbols, read from an ELF file [TRAP-IMAGE].

pyelftools is imported only when a file is read. Whatever is wrong with a file is an ``ElfError``
that says what, never another exception.
"""

from dataclasses import dataclass
from io import BytesIO


class ElfError(ValueError):
    """Not an ELF file that can be loaded; the message says why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """``size`` bytes at ``address``, the first of them ``data`` and the rest zero."""

    address: int
    data: bytes
    size: int
    write: bool = False
    execute: bool = False

    @property
    def end(self) -> int:
        return self.address + self.size


@dataclass(frozen=True, slots=True)
class Program:
    """What a linker made."""

    segments: tuple[Segment, ...]
    symbols: dict[str, int]

    def symbol(self, name: str) -> int:
        """The address of ``name``; KeyError with the name if there is none."""
        return self.symbols[name]


def read_elf(data: bytes) -> Program:
    """The loadable segments and defined symbols of a little-endian AArch64 executable."""
    from elftools.common.exceptions import ELFError, ELFParseError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    try:
        file = ELFFile(BytesIO(data))
        machine = file["e_machine"]
        if machine != "EM_AARCH64" or not file.little_endian:
            raise ElfError(f"the file is for {machine}, not for little-endian AArch64")
        segments = tuple(
            Segment(
                address=segment["p_vaddr"],
                data=segment.data(),
                size=segment["p_memsz"],
                write=bool(segment["p_flags"] & 2),
                execute=bool(segment["p_flags"] & 1),
            )
            for segment in file.iter_segments()
            if segment["p_type"] == "PT_LOAD" and segment["p_memsz"]
        )
        symbols = {
            symbol.name: symbol["st_value"]
            for section in file.iter_sections()
            if isinstance(section, SymbolTableSection)
            for symbol in section.iter_symbols()
            if symbol.name and symbol["st_shndx"] != "SHN_UNDEF"
        }
    except (ELFError, ELFParseError, ConstructError) as error:
        raise ElfError(f"the file is no ELF file that can be read: {error}") from error
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError) as error:
        if isinstance(error, ElfError):
            raise
        raise ElfError(f"the file is damaged: {error}") from error
    for segment in segments:
        if len(segment.data) > segment.size:
            raise ElfError(f"the segment at {segment.address:#x} has more data than memory")
    return Program(segments, symbols)
