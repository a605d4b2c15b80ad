"""Terms by name: every width is explicit and every comparison unsigned [EVAL-WORD].

z3's own ``<``, ``>>``, ``/`` and ``%`` on bit-vectors are signed; nothing outside this file builds a
comparison or a shift.
"""

from collections.abc import Iterable
from typing import TypeAlias

import z3

from smcproof.spec.interval import IntervalSet

Bits: TypeAlias = z3.BitVecRef
Truth: TypeAlias = z3.BoolRef

TRUE: Truth = z3.BoolVal(True)
FALSE: Truth = z3.BoolVal(False)


def constant(value: int, bits: int) -> Bits:
    return z3.BitVecVal(int(value), bits)


def variable(name: str, bits: int) -> Bits:
    return z3.BitVec(name, bits)


def flag(name: str) -> Truth:
    return z3.Bool(name)


def truth(value: bool) -> Truth:
    return TRUE if value else FALSE


def conjunction(parts: Iterable[Truth]) -> Truth:
    kept = [part for part in parts if not z3.is_true(part)]
    if any(z3.is_false(part) for part in kept):
        return FALSE
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else z3.And(kept)


def disjunction(parts: Iterable[Truth]) -> Truth:
    kept = [part for part in parts if not z3.is_false(part)]
    if any(z3.is_true(part) for part in kept):
        return TRUE
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else z3.Or(kept)


def negation(part: Truth) -> Truth:
    if z3.is_true(part):
        return FALSE
    if z3.is_false(part):
        return TRUE
    return z3.Not(part)


def implication(premise: Truth, conclusion: Truth) -> Truth:
    return disjunction((negation(premise), conclusion))


def equal(left: z3.ExprRef, right: z3.ExprRef) -> Truth:
    if left.eq(right):
        return TRUE
    found: Truth = left == right
    return found


def differ(left: z3.ExprRef, right: z3.ExprRef) -> Truth:
    return negation(equal(left, right))


def less(left: Bits, right: Bits) -> Truth:
    return z3.ULT(left, right)


def at_most(left: Bits, right: Bits) -> Truth:
    return z3.ULE(left, right)


def extract(term: Bits, high: int, low: int) -> Bits:
    """Bits high to low, inclusive; all of them are the term itself."""
    if low == 0 and high == term.size() - 1:
        return term
    return z3.Extract(high, low, term)


def widen(term: Bits, bits: int) -> Bits:
    """Zero-extended to ``bits``."""
    return term if term.size() == bits else z3.ZeroExt(bits - term.size(), term)


def sign_extend(term: Bits, bits: int) -> Bits:
    return term if term.size() == bits else z3.SignExt(bits - term.size(), term)


def choose(condition: Truth, then: z3.ExprRef, otherwise: z3.ExprRef) -> z3.ExprRef:
    if z3.is_true(condition) or then.eq(otherwise):
        return then
    if z3.is_false(condition):
        return otherwise
    return z3.If(condition, then, otherwise)


def choose_bits(condition: Truth, then: Bits, otherwise: Bits) -> Bits:
    found = choose(condition, then, otherwise)
    assert isinstance(found, z3.BitVecRef)
    return found


def between(term: Bits, low: int, high: int) -> Truth:
    """``low <= term <= high``; bounds beyond the width are cut to it."""
    most = (1 << term.size()) - 1
    if low > most or low > high:
        return FALSE
    high = min(high, most)
    if low == high:
        return equal(term, constant(low, term.size()))
    parts: list[Truth] = []
    if low > 0:
        parts.append(at_most(constant(low, term.size()), term))
    if high < most:
        parts.append(at_most(term, constant(high, term.size())))
    return conjunction(parts)


def member(term: Bits, members: IntervalSet) -> Truth:
    """Whether a word is in a set of constants."""
    return disjunction(between(term, low, high) for low, high in members.parts)


def width_of(count: int) -> int:
    """Bits that hold the numbers below ``count``; at least one."""
    return max((count - 1).bit_length(), 1)
