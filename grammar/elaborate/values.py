"""Typed values in the making: literals take their width from where they stand [ELAB-LITERAL]."""

from dataclasses import dataclass
from typing import TypeAlias

from smcproof.spec.core import (
    Arithmetic,
    Bank,
    Compare,
    Const,
    Expr,
    Extend,
    If,
    Operator,
    Register,
    Relation,
    Slice,
)
from smcproof.spec.geometry import Geometry
from smcproof.spec.types import BOOL, Bounded, Word
from smcproof.spec.word import mask, truncate


@dataclass(frozen=True, slots=True)
class Untyped:
    """An integer constant that has no width yet."""

    value: int


Typed: TypeAlias = Expr | Untyped


def fits(value: int, bits: int) -> bool:
    """Whether a literal stands for a word of ``bits`` bits; negative ones as two's complement."""
    return -(1 << max(bits - 1, 0)) <= value <= mask(bits)


def literal(value: int, bits: int) -> Const:
    return Const(truncate(value, bits), Word(bits))


def widen(expr: Expr, bits: int) -> Expr:
    """``expr`` (a word, a bounded integer or a bool) as a word of at least its own, ``bits`` bits."""
    if isinstance(expr.type, Word) and expr.type.bits == bits:
        return expr
    if isinstance(expr, Const):
        return Const(expr.value, Word(bits))
    return Extend(expr, Word(bits))


def word_bits(expr: Expr, geometry: Geometry) -> int | None:
    """The width at which ``expr`` takes part in arithmetic; None if it is no number."""
    match expr.type:
        case Word(bits=bits):
            return bits
        case Bounded():
            return geometry.word_bits
        case _:
            return None


def slice_word(expr: Expr, high: int, low: int) -> Expr:
    """Bits of a word; all of them are the word itself."""
    assert isinstance(expr.type, Word)
    if low == 0 and high == expr.type.bits - 1:
        return expr
    if isinstance(expr, Const):
        return Const(truncate(expr.value >> low, high - low + 1), Word(high - low + 1))
    if isinstance(expr, Slice):
        return Slice(expr.operand, expr.low + high, expr.low + low, Word(high - low + 1))
    return Slice(expr, high, low, Word(high - low + 1))


def narrow_register(geometry: Geometry, bank: Bank, number: int) -> Expr:
    """wN of a bank."""
    whole = Register(bank, number, Word(geometry.register_bits[number]))
    return slice_word(whole, geometry.narrow_bits[number] - 1, 0)


def canonical(geometry: Geometry, x0: Expr | None) -> Expr | None:
    """canon(x0): w0 without the hint if it is a fast call [CALL-CANON]."""
    if x0 is None:
        return None
    word = slice_word(x0, geometry.id_bits - 1, 0)
    bits = geometry.id_bits
    cleared = Arithmetic(
        Operator.AND, word, literal(mask(bits) ^ geometry.hint.mask, bits), Word(bits)
    )
    return If(bit_set(word, geometry.fast.high), cleared, word, Word(bits))


def is_identifier(expr: Expr, x0: Register, geometry: Geometry) -> bool:
    """Whether ``expr`` is the identifier in ``x0``, read in one of the ways a policy can."""
    low = slice_word(x0, geometry.id_bits - 1, 0)
    return expr in (x0, low, canonical(geometry, x0))


def bit_set(word: Expr, number: int) -> Expr:
    return Compare(Relation.EQ, slice_word(word, number, number), Const(1, Word(1)))


def as_bool(expr: Expr) -> Expr | None:
    """A bool, or a one-bit word as one; None if it is neither."""
    if expr.type == BOOL:
        return expr
    if expr.type == Word(1):
        return Compare(Relation.EQ, expr, Const(1, Word(1)))
    return None
