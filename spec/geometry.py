"""Word widths, field positions and register counts of a machine [CALL-GEOMETRY].

Every other module takes them from a ``Geometry``; no literal 31, 32, 63, 64 or 0xffffffff stands
outside this file. ``FULL`` is AArch64 with SMCCC 1.2's register window; the tiny geometries are
small enough that every call can be enumerated, which is how PROVED is checked (test T3).
"""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Field:
    """Bits ``high`` to ``low`` (inclusive) of a function identifier."""

    high: int
    low: int

    @property
    def width(self) -> int:
        return self.high - self.low + 1

    @property
    def mask(self) -> int:
        """The field's bits in place."""
        return ((1 << self.width) - 1) << self.low


@dataclass(frozen=True)
class Geometry:
    """One machine's sizes. Widths are in bits; register tuples are indexed by register number.

    ``register_bits`` is the width of xN and ``narrow_bits`` that of wN. ``answer_bits`` is how many
    bits of a callee's result register are free; the register is their sign extension (FULL: all).
    ``arguments`` and ``results`` count the registers that SMCCC passes and returns by default.
    """

    name: str
    register_bits: tuple[int, ...]
    narrow_bits: tuple[int, ...]
    answer_bits: tuple[int, ...]
    arguments: int
    results: int
    client_register: int
    imm_bits: int
    fast: Field
    smc64: Field
    owner: Field
    mbz: Field
    hint: Field
    number: Field
    page_bits: int

    @cached_property
    def registers(self) -> int:
        """How many registers x0.. a call carries."""
        return len(self.register_bits)

    @cached_property
    def id_bits(self) -> int:
        """The width of a function identifier, which is that of w0."""
        return self.narrow_bits[0]

    @cached_property
    def word_bits(self) -> int:
        """The widest register: the width of addresses, and of literals that nothing narrows."""
        return max(self.register_bits)

    @cached_property
    def client_bits(self) -> int:
        """The width of the client register, and so of domains' ids."""
        return self.register_bits[self.client_register]

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The identifier's fields by the names that policies use [CALL-FID]."""
        return {
            "fast": self.fast,
            "smc64": self.smc64,
            "owner": self.owner,
            "mbz": self.mbz,
            "hint": self.hint,
            "number": self.number,
        }

    @cached_property
    def page(self) -> int:
        """Bytes in a translation granule, the unit of a size given in pages."""
        return 1 << self.page_bits


FULL = Geometry(
    name="full",
    register_bits=(64,) * 18,
    narrow_bits=(32,) * 18,
    answer_bits=(64,) * 18,
    arguments=8,
    results=4,
    client_register=7,
    imm_bits=16,
    fast=Field(31, 31),
    smc64=Field(30, 30),
    owner=Field(29, 24),
    mbz=Field(23, 17),
    hint=Field(16, 16),
    number=Field(15, 0),
    page_bits=12,
)


def tiny(*, arguments: int = 2, imm: bool = True) -> Geometry:
    """A machine whose calls can be enumerated: at most 2**17 (call, state, answer) triples.

    x0 is seven one-bit fields (upper, fast, smc64, owner, mbz, hint, number); ``arguments`` (1 or 2)
    two-bit registers follow, the last being the client register, which is not narrowed.
    """
    if arguments not in (1, 2):
        raise ValueError("a tiny geometry has one or two argument registers")
    return Geometry(
        name=f"tiny{arguments}{'' if imm else '_noimm'}",
        register_bits=(7, *(2,) * arguments),
        narrow_bits=(6, *(1,) * (arguments - 1), 2),
        answer_bits=(1, *(0,) * arguments),
        arguments=arguments + 1,
        results=1,
        client_register=arguments,
        imm_bits=1 if imm else 0,
        fast=Field(5, 5),
        smc64=Field(4, 4),
        owner=Field(3, 3),
        mbz=Field(2, 2),
        hint=Field(1, 1),
        number=Field(0, 0),
        page_bits=0,
    )


TINY = tiny()
GEOMETRIES = {
    geometry.name: geometry
    for geometry in (FULL, TINY, tiny(arguments=1), tiny(imm=False), tiny(arguments=1, imm=False))
}
