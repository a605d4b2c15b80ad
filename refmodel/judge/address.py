"""Arguments as a callee reads them: registers at the width of the form that it was called in, and
the addresses at which so many bytes lie in one region [EVAL-REGION]."""

from dataclasses import dataclass

from smcproof.refmodel.judge.halves import everything, low_parts
from smcproof.refmodel.memory import regions
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Value, possible
from smcproof.spec.vocabulary import ArgumentSpec, Function
from smcproof.spec.word import mask


@dataclass(frozen=True, slots=True)
class Reading:
    """What an argument may be: pieces, most significant first, that vary independently, each with
    its width in bits. No piece is empty."""

    pieces: tuple[tuple[IntervalSet, int], ...]

    @property
    def largest(self) -> int:
        value = 0
        for values, bits in self.pieces:
            value = value << bits | values.parts[-1][1]
        return value

    @property
    def only(self) -> int | None:
        """The value, if there is but one."""
        value = 0
        for values, bits in self.pieces:
            if values.size != 1:
                return None
            value = value << bits | values.least
        return value

    def least_in(self, targets: IntervalSet) -> int | None:
        """The least value of the argument that lies in ``targets``; None if none does."""
        (head, _), rest = self.pieces[0], self.pieces[1:]
        if not rest:
            common = head & targets
            return common.least if common else None
        below = sum(bits for _, bits in rest)
        tail = Reading(rest)
        for low, high in targets.parts:
            first, last = low >> below, high >> below
            for top in _least_in(head, first, first), _least_in(head, first + 1, last - 1), last:
                if top is None or top not in head:
                    continue
                bottom = low & mask(below) if top == first else 0
                ceiling = high & mask(below) if top == last else mask(below)
                found = tail.least_in(IntervalSet.of(((bottom, ceiling),)))
                if found is not None:
                    return top << below | found
        return None


def _least_in(values: IntervalSet, low: int, high: int) -> int | None:
    common = values & IntervalSet.of(((low, high),))
    return common.least if common else None


def is_wide(function: Function, canonical: int) -> bool:
    """Whether an identifier of the function is that of its SMC64 form."""
    return canonical == function.smc64


def read(
    geometry: Geometry, registers: tuple[Value, ...], spec: ArgumentSpec, *, wide: bool
) -> Reading:
    """``spec`` in ``registers``: wN where the piece says so or the form is SMC32, else xN. Pieces
    below the first are as wide as the place that they fill, wN."""
    pieces: list[tuple[IntervalSet, int]] = []
    room = geometry.word_bits
    for piece in reversed(spec.pieces):
        number = piece.register
        whole = geometry.register_bits[number]
        narrow = piece.narrow or not wide
        last = len(pieces) == len(spec.pieces) - 1
        bits = geometry.narrow_bits[number] if narrow or not last else whole
        bits = min(bits, room)
        pieces.append((low_parts(possible(registers[number], whole), bits), bits))
        room -= bits
    return Reading(tuple(reversed(pieces)))


def value(geometry: Geometry, x: tuple[int, ...], spec: ArgumentSpec, *, wide: bool) -> int:
    """``spec`` in registers that are known."""
    return read(geometry, x, spec, wide=wide).largest


def bases(policy: CorePolicy, domain: int, space: str, size: int) -> IntervalSet:
    """Where ``size`` bytes can begin so that they lie in one region of a domain's memory; none at
    all may also begin at 0."""
    known = IntervalSet.of(regions(policy, domain, space))
    if size == 0:
        return known | IntervalSet.points([0])
    return IntervalSet.of((low, high - size + 1) for low, high in known.parts)


def outside(policy: CorePolicy, allowed: IntervalSet) -> IntervalSet:
    """Every word that is not in ``allowed``."""
    return everything(policy.geometry.word_bits) - allowed
