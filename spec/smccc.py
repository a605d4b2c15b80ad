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
    block = 2 * step
    return IntervalSet.of(
        (
            (0, fast - 1),
            *((low, low + step - 1) for low in range(fast, 2 * fast, block)),
        )
    )


def decode(word: int, geometry: Geometry) -> dict[str, int]:
    """The identifier's fields by name, most significant first."""
    return {name: field(word, part) for name, part in geometry.fields.items()}
