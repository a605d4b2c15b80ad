"""Programs: assembling, linking, caching, reading ELF files."""

import random
from pathlib import Path

import pytest

from smcproof.checker.trap.assembler import AssemblyError, Build, Source, build, link_script
from smcproof.checker.trap.elf import ElfError, read_elf
from smcproof.checker.trap.image import image_of, load
from smcproof.checker.trap.memory import Permission
from tests.checker.trap.dispatchers import DATA, SCRIPT, TEXT, program

SMALL = Build(
    (Source("small.S", ".globl vectors\nvectors:\n smc #VALUE\n.data\n.globl d\nd: .quad 7\n"),),
    SCRIPT,
    {"VALUE": 3},
)


def test_a_program_is_built_and_cached(tmp_path: Path) -> None:
    first = build(SMALL, tmp_path)
    stored = list(tmp_path.iterdir())
    assert len(stored) == 1
    assert first.symbol("vectors") == TEXT
    assert first.segments[0].data == (0xD400_0063).to_bytes(4, "little")
    assert build(SMALL, tmp_path) == first
    assert list(tmp_path.iterdir()) == stored


def test_another_source_macro_or_script_is_another_program(tmp_path: Path) -> None:
    build(SMALL, tmp_path)
    build(Build(SMALL.sources, SCRIPT, {"VALUE": 4}), tmp_path)
    other = link_script({".text": (TEXT + 0x20000, "*(.text*)"), ".data": (DATA, "*(.data*)")})
    moved = build(Build(SMALL.sources, other, SMALL.macros), tmp_path)
    assert moved.symbol("vectors") == TEXT + 0x20000
    assert len(list(tmp_path.iterdir())) == 3


def test_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    first = build(SMALL, tmp_path)
    (stored,) = tmp_path.iterdir()
    stored.write_bytes(b"\x7fELF" + bytes(100))
    assert build(SMALL, tmp_path) == first
    assert read_elf(stored.read_bytes()) == first


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert build(SMALL, blocked / "cache").symbol("vectors") == TEXT


def test_errors_are_the_compilers(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match=r"bad\.S:1"):
        build(Build((Source("bad.S", "not an instruction\n"),), SCRIPT), tmp_path)
    assert not list(tmp_path.iterdir())


def test_damaged_elf_files_are_reported(tmp_path: Path) -> None:
    """Never another exception than ElfError, whatever bytes are flipped or missing."""
    build(SMALL, tmp_path)
    (stored,) = tmp_path.iterdir()
    data = stored.read_bytes()
    rng = random.Random(5)
    assert read_elf(data)
    refused = 0
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(rng.randrange(1, 8)):
            damaged[rng.randrange(0, min(len(damaged), 600))] = rng.randrange(256)
        cut = bytes(damaged[: rng.choice((len(damaged), rng.randrange(len(damaged))))])
        try:
            read_elf(cut)
        except ElfError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"text", bytes(64)])
def test_what_is_no_elf_file(data: bytes) -> None:
    with pytest.raises(ElfError):
        read_elf(data)


def test_a_file_for_another_machine(tmp_path: Path) -> None:
    build(SMALL, tmp_path)
    (stored,) = tmp_path.iterdir()
    data = bytearray(stored.read_bytes())
    data[18] = 62
    with pytest.raises(ElfError, match="EM_X86_64"):
        read_elf(bytes(data))


def test_an_image_names_its_symbols() -> None:
    image = image_of(program("el2"), "vectors", {"deliver": "deliver"})
    assert image.vectors == program("el2").symbol("vectors")
    assert list(image.outcomes.values()) == ["deliver"]
    with pytest.raises(KeyError, match="nowhere"):
        image_of(program("el2"), "nowhere")


def test_segments_become_blocks_with_their_own_permissions() -> None:
    blocks = load(program("el2").segments)
    kinds = [(block.region.base, permission) for block, permission in blocks]
    assert kinds == [
        (TEXT, Permission.READ | Permission.EXECUTE),
        (DATA, Permission.READ | Permission.WRITE),
    ]
    assert (
        bytes(blocks[0][0].view[: len(program("el2").segments[0].data)])
        == program("el2").segments[0].data
    )
