"""Register values as sets of alternatives: what a register may hold, and words over all of it
[EVAL-LOOSE] [PROPERTY-FOR-ALL]."""

from dataclasses import dataclass
from typing import TypeAlias

import z3

from smcproof.checker.symbolic.factory import (
    FALSE,
    TRUE,
    Bits,
    Truth,
    at_most,
    choose_bits,
    conjunction,
    constant,
    disjunction,
    equal,
    extract,
    implication,
    member,
    negation,
    truth,
)
from smcproof.spec.interval import IntervalSet


@dataclass(frozen=True, slots=True)
class Exact:
    """One value."""

    term: Bits


@dataclass(frozen=True, slots=True)
class Interval:
    """Values low to high; empty, and then without effect, where low > high or ``held`` is false."""

    low: Bits
    high: Bits
    held: Truth = TRUE


@dataclass(frozen=True, slots=True)
class LooseSet:
    """Any value of the intervals; any value at all where they are all empty [EVAL-LOOSE-EMPTY]."""

    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value; ``leaked`` if it may depend on secrets."""

    leaked: bool


Content: TypeAlias = Exact | LooseSet | Anything


@dataclass(frozen=True, slots=True)
class Alternative:
    """The register holds ``content`` where ``condition`` holds."""

    condition: Truth
    content: Content


@dataclass(frozen=True, slots=True)
class RegisterValue:
    """``alternatives`` exclude each other and cover every step; ``term`` is the value in this run."""

    alternatives: tuple[Alternative, ...]
    term: Bits

    @property
    def bits(self) -> int:
        return self.term.size()

    def leaked(self) -> Truth:
        """Whether the register holds what the dispatcher left there."""
        return disjunction(
            part.condition
            for part in self.alternatives
            if isinstance(part.content, Anything) and part.content.leaked
        )

    def always_in(self, members: IntervalSet, bits: int) -> Truth:
        """Whether every value that the register may hold has its low ``bits`` bits in ``members``."""
        return conjunction(
            implication(part.condition, _always_in(part.content, members, bits))
            for part in self.alternatives
        )

    def sometimes_in(self, members: IntervalSet, bits: int) -> Truth:
        """Whether some value that the register may hold has its low ``bits`` bits in ``members``."""
        rest = members.complement((1 << bits) - 1)
        return disjunction(
            conjunction((part.condition, negation(_always_in(part.content, rest, bits))))
            for part in self.alternatives
        )

    def may_equal(self, value: Bits) -> Truth:
        """Whether some value that the register may hold has ``value`` as its low bits."""
        return disjunction(
            conjunction((part.condition, _may_equal(part.content, value)))
            for part in self.alternatives
        )


def nonempty(interval: Interval) -> Truth:
    return conjunction((interval.held, at_most(interval.low, interval.high)))


def loose_constraint(content: LooseSet, value: Bits) -> Truth:
    """``value`` is one that the set allows."""
    inside = [
        conjunction((part.held, at_most(part.low, value), at_most(value, part.high)))
        for part in content.intervals
    ]
    return disjunction((*inside, _all_empty(content)))


def _all_empty(content: LooseSet) -> Truth:
    return conjunction(negation(nonempty(part)) for part in content.intervals)


def _always_in(content: Content, members: IntervalSet, bits: int) -> Truth:
    everything = members.parts == ((0, (1 << bits) - 1),)
    if everything:
        return TRUE
    match content:
        case Exact(term=term):
            return member(extract(term, bits - 1, 0), members)
        case LooseSet():
            covered = conjunction(
                implication(nonempty(part), _covered(part, members, bits))
                for part in content.intervals
            )
            return conjunction((negation(_all_empty(content)), covered))
        case Anything():
            return FALSE


def _covered(interval: Interval, members: IntervalSet, bits: int) -> Truth:
    """Whether the low parts of all values of a non-empty interval are in ``members``, which does not
    hold every word of ``bits`` bits."""
    low, high = interval.low, interval.high
    if isinstance(low, z3.BitVecNumRef) and isinstance(high, z3.BitVecNumRef):
        image = narrow_image(low.as_long(), high.as_long(), bits)
        return truth(image.issubset(members))
    first, last = extract(low, bits - 1, 0), extract(high, bits - 1, 0)
    if bits == low.size():
        return _inside(first, last, members, bits)
    span = high - low
    small = at_most(span, constant((1 << bits) - 1, span.size()))
    most, zero = constant((1 << bits) - 1, bits), constant(0, bits)
    wraps = negation(at_most(first, last))
    straight = conjunction((negation(wraps), _inside(first, last, members, bits)))
    around = conjunction(
        (wraps, _inside(first, most, members, bits), _inside(zero, last, members, bits))
    )
    return conjunction((small, disjunction((straight, around))))


def _inside(first: Bits, last: Bits, members: IntervalSet, bits: int) -> Truth:
    """``first..last`` (not empty) lies in one part of the set; its parts do not touch."""
    return disjunction(
        conjunction((at_most(constant(low, bits), first), at_most(last, constant(high, bits))))
        for low, high in members.parts
    )


def narrow_image(low: int, high: int, bits: int) -> IntervalSet:
    """The low ``bits`` bits of the numbers low to high."""
    size = 1 << bits
    if high - low >= size - 1:
        return IntervalSet(((0, size - 1),))
    first, last = low % size, high % size
    if first <= last:
        return IntervalSet(((first, last),))
    return IntervalSet.of(((0, last), (first, size - 1)))


def _may_equal(content: Content, value: Bits) -> Truth:
    bits = value.size()
    match content:
        case Exact(term=term):
            return equal(extract(term, bits - 1, 0), value)
        case LooseSet():
            return disjunction(
                (
                    *(
                        conjunction((nonempty(part), _hits(part, value)))
                        for part in content.intervals
                    ),
                    _all_empty(content),
                )
            )
        case Anything():
            return TRUE


def _hits(interval: Interval, value: Bits) -> Truth:
    """Whether some number of a non-empty interval has ``value`` as its low bits."""
    low, high = interval.low, interval.high
    bits = value.size()
    if bits == low.size():
        return conjunction((at_most(low, value), at_most(value, high)))
    first, last = extract(low, bits - 1, 0), extract(high, bits - 1, 0)
    span = high - low
    large = negation(at_most(span, constant((1 << bits) - 1, span.size())))
    straight = conjunction((at_most(first, last), at_most(first, value), at_most(value, last)))
    around = conjunction(
        (
            negation(at_most(first, last)),
            disjunction((at_most(first, value), at_most(value, last))),
        )
    )
    return disjunction((large, straight, around))


def merge(alternatives: list[Alternative], terms: list[Bits]) -> Bits:
    """The value in this run: that of the alternative whose condition holds."""
    found = terms[-1]
    for part, term in zip(reversed(alternatives[:-1]), reversed(terms[:-1]), strict=True):
        found = choose_bits(part.condition, term, found)
    return found
