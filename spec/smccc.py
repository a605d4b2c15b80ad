"""SMCCC facts about function identifiers, as functions of plain integers (Arm DEN0028, 2.5).

``word`` always means the low ``geometry.id_bits`` bits of x0; nothing above them names a function.
"""

from smcproof.spec.geometry import Field, Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.word import extract, truncate


def field(word: int, part: Field) -> int:
    return extract(word, part.high, part.low)


def canon(x0: int, geometry: Geometry) -> int:
    """What a conforming EL3 acts on: w0, without the SVE hint if it is a fast call [CALL-CANON]."""
    word = truncate(x0, geometry.id_bits)
    return word & ~geometry.hint.mask if word & geometry.fast.mask else word


def routing_key(x0: int, geometry: Geometry) -> int:
    """The identifier that routing looks at: canon with the must-be-zero bits of a fast call cleared
    [DISPATCH-ROUTING]."""
    word = canon(x0, geometry)
    return word & ~geometry.mbz.mask if word & geometry.fast.mask else word


def owners(first: int, last: int, geometry: Geometry, *, fast: bool) -> IntervalSet:
    """Every identifier of owning entities ``first`` to ``last``, in both widths."""
    below = geometry.owner.low
    step = (1 << below) - 1
    kind = geometry.fast.mask if fast else 0
    return IntervalSet.of(
        (kind | width | first << below, kind | width | last << below | step)
        for width in (0, geometry.smc64.mask)
    )


def canonical_ids(geometry: Geometry) -> IntervalSet:
    """Every identifier that is its own canon."""
    fast = geometry.fast.mask
    step = geometry.hint.mask
    blocks = range(fast, 2 * fast, 2 * step)
    return IntervalSet.of(((0, fast - 1), *((low, low + step - 1) for low in blocks)))


def canon_image(values: IntervalSet, geometry: Geometry) -> IntervalSet:
    """canon(x0) of every x0 in ``values``."""
    fast, hint, size = geometry.fast.mask, geometry.hint.mask, 1 << geometry.id_bits
    found: list[tuple[int, int]] = []
    for low, high in _low_words(values, size):
        if low < fast:
            found.append((low, min(high, fast - 1)))
        at = max(low, fast)
        while at <= high:
            last = min(high, at | (hint - 1))
            found.append((at & ~hint, last & ~hint))
            at = last + 1
    return IntervalSet.of(found)


def routing_image(values: IntervalSet, geometry: Geometry) -> IntervalSet:
    """The routing keys of every x0 in ``values``."""
    fast, mbz = geometry.fast.mask, geometry.mbz.mask
    step = (1 << geometry.mbz.low) - 1
    found: list[tuple[int, int]] = []
    for low, high in canon_image(values, geometry).parts:
        if low < fast:
            found.append((low, min(high, fast - 1)))
        at = max(low, fast)
        while at <= high:
            last = min(high, at | step)
            found.append((at & ~mbz, last & ~mbz))
            at = last + 1
    return IntervalSet.of(found)


def _low_words(values: IntervalSet, size: int) -> list[tuple[int, int]]:
    """The low words of ``values``: each interval modulo ``size``, in at most two pieces."""
    found: list[tuple[int, int]] = []
    for low, high in values.parts:
        if high - low >= size - 1:
            return [(0, size - 1)]
        first, last = low % size, high % size
        found.extend([(first, last)] if first <= last else [(first, size - 1), (0, last)])
    return found


def decode(word: int, geometry: Geometry) -> dict[str, int]:
    """The identifier's fields by name, most significant first."""
    return {name: field(word, part) for name, part in geometry.fields.items()}
