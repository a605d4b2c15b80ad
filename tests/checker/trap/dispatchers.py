"""Dispatchers for the tests of the machine: two hand-written ones and a frame for hostile ones."""

from functools import cache
from pathlib import Path

from smcproof.checker.trap import layout
from smcproof.checker.trap.assembler import Build, Source, build, link_script
from smcproof.checker.trap.elf import Program, Segment
from smcproof.checker.trap.image import Image, image_of

IMAGES = Path(__file__).parent / "images"
TEXT = 0x4000_0000
DATA = 0x4001_0000
SCRIPT = link_script({".text": (TEXT, "*(.text*)"), ".data": (DATA, "*(.data*)")})

GOOD = 0x8400_0000
"""The framed handlers answer this identifier with 1; any other reaches the code under test."""


@cache
def program(name: str) -> Program:
    """``images/NAME.S``, assembled."""
    text = (IMAGES / f"{name}.S").read_text(encoding="utf-8")
    return build(Build((Source(f"{name}.S", text),), SCRIPT, {"PORT": layout.PORT.base}))


def el2(**more: object) -> Image:
    labels = {"deliver": "deliver", "stop": "stop", "panic": "panic"}
    return image_of(program("el2"), "vectors", labels, **more)


def el3() -> Image:
    return image_of(program("el3"), "vectors", {"deliver": "deliver", "panic": "panic"})


ADVANCE = """
        mrs     x29, elr_el2
        add     x29, x29, #4
        msr     elr_el2, x29
        eret
"""
"""Past a trapped SMC."""


@cache
def framed_program(handler: str) -> Program:
    """A dispatcher at EL2 that does ``handler`` for every identifier but ``GOOD``."""
    return build(Build((Source("framed.S", _FRAME.replace("HANDLER", handler)),), SCRIPT))


def framed(handler: str, **more: object) -> Image:
    return image_of(framed_program(handler), "vectors", **more)


def writable_text(image: Image) -> Image:
    """The same image with code that it may change."""
    segments = tuple(
        Segment(part.address, part.data, part.size, write=True, execute=part.execute)
        for part in image.segments
    )
    return Image(segments, image.vectors)


_FRAME = """
        .section .text, "ax"
        .balign 0x800
        .globl  vectors, function
vectors:
        .rept   8
        brk     #1
        .balign 0x80
        .endr
        b       handler
        .balign 0x80
        .rept   7
        brk     #2
        .balign 0x80
        .endr
handler:
        movz    x29, #0x8400, lsl #16
        cmp     w0, w29
        b.ne    under_test
        mov     x0, #1
        mrs     x29, elr_el2
        add     x29, x29, #4
        msr     elr_el2, x29
        eret
under_test:
HANDLER
        .section .data, "aw"
        .balign 8
        .globl  cell
cell:   .quad   0
"""
