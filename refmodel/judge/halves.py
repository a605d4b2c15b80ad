"""Images of sets of values under taking a low part and under canon: exact, never by trying values
[PROPERTY-WIDTH] [CALL-CANON]."""

from functools import cache

from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.smccc import canon, canonical_ids
from smcproof.spec.word import mask


def everything(bits: int) -> IntervalSet:
    return IntervalSet(((0, mask(bits)),))


def low_parts(values: IntervalSet, bits: int) -> IntervalSet:
    """The set of the low ``bits`` bits of ``values``."""
    most = mask(bits)
    parts: list[tuple[int, int]] = []
    for low, high in values.parts:
        if high - low >= most:
            return everything(bits)
        first, last = low & most, high & most
        if first <= last:
            parts.append((first, last))
        else:
            parts += [(first, most), (0, last)]
    return IntervalSet.of(parts)


def moved_down(values: IntervalSet, by: int) -> IntervalSet:
    """``values``, none below ``by``, each less ``by``."""
    return IntervalSet(tuple((low - by, high - by) for low, high in values.parts))


@cache
def _own_canon(geometry: Geometry) -> IntervalSet:
    return canonical_ids(geometry)


def canonical_image(values: IntervalSet, geometry: Geometry) -> IntervalSet:
    """The set of canon(x0) of every x0 in ``values``."""
    if values.size == 1:
        return IntervalSet.points([canon(values.least, geometry)])
    words = low_parts(values, geometry.id_bits)
    plain = words & _own_canon(geometry)
    return plain | moved_down(words - plain, geometry.hint.mask)


def with_low_part(
    values: IntervalSet, low_part: int, bits: int, without: IntervalSet
) -> int | None:
    """The least of ``values`` whose low ``bits`` bits are ``low_part`` and that is not in
    ``without``, which must be small; None if there is none."""
    step = 1 << bits
    for low, high in values.parts:
        value = low + (low_part - low) % step
        while value <= high:
            if value not in without:
                return value
            value += step
    return None
