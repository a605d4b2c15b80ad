"""Which rules an identifier can match at all: the index of the fast dispatcher."""

from smcproof.spec.core import (
    Arithmetic,
    Bank,
    Conjunct,
    Connective,
    Expr,
    If,
    Member,
    Register,
    Rule,
    Slice,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet


def is_w0(expr: Expr, geometry: Geometry) -> bool:
    """``fid`` under ``identifier w0``."""
    return (
        isinstance(expr, Slice)
        and expr.low == 0
        and expr.high == geometry.id_bits - 1
        and isinstance(expr.operand, Register)
        and expr.operand.bank is Bank.IN
        and expr.operand.index == 0
    )


def is_x0(expr: Expr) -> bool:
    """``fid`` under ``identifier x0``."""
    return isinstance(expr, Register) and expr.bank is Bank.IN and expr.index == 0


def is_canon(expr: Expr, geometry: Geometry) -> bool:
    """``fid`` under ``identifier canon``: w0, without the hint if it is fast."""
    return (
        isinstance(expr, If)
        and is_w0(expr.otherwise, geometry)
        and isinstance(expr.then, Arithmetic)
        and is_w0(expr.then.left, geometry)
    )


def words_for(test: Expr, geometry: Geometry) -> IntervalSet | None:
    """A set of low words outside which ``test`` is false; None if it says nothing of the word."""
    everything = (1 << geometry.id_bits) - 1
    if isinstance(test, Member) and test.constant is not None:
        if is_w0(test.value, geometry):
            return test.constant
        if is_x0(test.value):
            return IntervalSet.of((low & everything, high & everything)
                                  for low, high in test.constant.parts
                                  if low >> geometry.id_bits == high >> geometry.id_bits == 0)  # fmt: skip
        if is_canon(test.value, geometry):
            return _with_hints(test.constant, geometry)
        return None
    if isinstance(test, Connective):
        found = [words_for(operand, geometry) for operand in test.operands]
        if test.conjunction:
            known = [part for part in found if part is not None]
            if not known:
                return None
            whole = known[0]
            for part in known[1:]:
                whole = whole & part
            return whole
        union = IntervalSet()
        for operand_ids in found:
            if operand_ids is None:
                return None
            union = union | operand_ids
        return union
    return None


def _with_hints(ids: IntervalSet, geometry: Geometry) -> IntervalSet | None:
    """Every low word whose canon is among ``ids``; None where that is not worth listing."""
    if ids.size > 1 << 12:
        return None
    found: list[tuple[int, int]] = []
    for word in ids:
        if word & geometry.fast.mask:
            found.append((word, word))
            if not word & geometry.hint.mask:
                found.append((word | geometry.hint.mask, word | geometry.hint.mask))
        else:
            found.append((word, word))
    return IntervalSet.of(found)


def rule_words(rule: Rule, geometry: Geometry) -> IntervalSet | None:
    """As ``words_for``, of a rule's whole guard."""
    tests = tuple(part.test for part in rule.guard)
    return words_for(Connective(True, tests), geometry) if tests else None


def decided_by_word(part: Conjunct, geometry: Geometry) -> bool:
    """Whether a conjunct is exactly "w0 is in a set", which the index has then decided."""
    test = part.test
    return isinstance(test, Member) and test.constant is not None and is_w0(test.value, geometry)


def segments(
    policy: CorePolicy, rules: tuple[Rule, ...]
) -> tuple[list[int], list[tuple[int, ...]]]:
    """Starts of intervals of low words, ascending from 0, and for each the numbers of the rules that
    can match there, in order."""
    geometry = policy.geometry
    words = [rule_words(rule, geometry) for rule in rules]
    bounds = {0}
    for ids in words:
        if ids is not None:
            for low, high in ids.parts:
                bounds |= {low, high + 1}
    starts = sorted(bound for bound in bounds if bound < 1 << geometry.id_bits)
    always = [number for number, ids in enumerate(words) if ids is None]
    by_start: list[list[int]] = [[] for _ in starts]
    position = {start: at for at, start in enumerate(starts)}
    for number, ids in enumerate(words):
        if ids is None:
            continue
        for low, high in ids.parts:
            at = position[low]
            while at < len(starts) and starts[at] <= high:
                by_start[at].append(number)
                at += 1
    return starts, [_merged(always, listed) for listed in by_start]


def _merged(always: list[int], listed: list[int]) -> tuple[int, ...]:
    return tuple(sorted({*always, *listed}))
