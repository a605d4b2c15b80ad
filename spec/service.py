"""What the vocabularies in use say about any identifier: who owns it and how it is refused
[PROPERTY-SERVICE]."""

from dataclasses import dataclass

from smcproof.spec.geometry import Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.smccc import field
from smcproof.spec.vocabulary import ErrorForm, Vocabulary
from smcproof.spec.word import truncate

SMCCC_FORM = ErrorForm(
    codes=(("NOT_SUPPORTED", -1), ("NOT_REQUIRED", -2), ("INVALID_PARAMETER", -3)),
    unknown="NOT_SUPPORTED",
    success=(0,),
)
"""The error form of identifiers that no service in use owns (Arm DEN0028, table 3-1)."""


@dataclass(frozen=True, slots=True)
class OwnedForm:
    """Canonical identifiers ``ids`` of ``service`` are refused in ``form``."""

    service: str
    ids: IntervalSet
    form: ErrorForm
    results: tuple[int, ...]


def owned_forms(vocabularies: tuple[Vocabulary, ...], geometry: Geometry) -> tuple[OwnedForm, ...]:
    """A partition of all identifiers by error form; the last entry is SMCCC's own.

    A function's own identifiers come before any window, and earlier vocabularies before later ones,
    so that an identifier that two of them name belongs to the first [PROPERTY-SERVICE].
    """
    owned: list[OwnedForm] = []
    taken = IntervalSet()
    for named in (True, False):
        for vocabulary in vocabularies:
            for key, form in vocabulary.forms:
                usual = vocabulary.forms[0][0]
                ids = IntervalSet()
                if named:
                    for function in vocabulary.functions:
                        if (function.form or usual) == key:
                            ids = ids | function.ids
                elif key == usual:
                    ids = vocabulary.window
                ids = ids - taken
                if ids:
                    owned.append(OwnedForm(vocabulary.name, ids, form, vocabulary.results))
                    taken = taken | ids
    everything = IntervalSet.of(((0, (1 << geometry.id_bits) - 1),))
    rest = OwnedForm("smccc", everything - taken, SMCCC_FORM, tuple(range(geometry.results)))
    return (*owned, rest)


def named_ids(vocabularies: tuple[Vocabulary, ...]) -> IntervalSet:
    """Every identifier that names a function of a vocabulary in use."""
    found = IntervalSet()
    for vocabulary in vocabularies:
        found = found | vocabulary.ids
    return found


def spanned_ids(vocabulary: Vocabulary, geometry: Geometry) -> IntervalSet:
    """Every identifier, canonical or not, whose owner and number lie in the service's span: either
    width, fast or yielding, any must-be-zero bits."""
    found: list[tuple[int, int]] = []
    for part in vocabulary.span:
        for high in range(1 << (geometry.id_bits - geometry.owner.high - 1)):
            top = high << (geometry.owner.high + 1) | part.owner << geometry.owner.low
            if part.fast_only and not top & geometry.fast.mask:
                continue
            for mbz in range(1 << geometry.mbz.width):
                for hint in range(1 << geometry.hint.width):
                    base = top | mbz << geometry.mbz.low | hint << geometry.hint.low
                    found.extend((base | low, base | last) for low, last in part.numbers.parts)
    return IntervalSet.of(found)


def is_smc64(canonical: int, geometry: Geometry) -> bool:
    return field(canonical, geometry.smc64) == 1


def code_words(form: ErrorForm, geometry: Geometry, *, smc64: bool) -> IntervalSet:
    """The error codes of a form without marker as they stand in x0 (SMC64) or w0 (SMC32)."""
    bits = geometry.register_bits[0] if smc64 else geometry.narrow_bits[0]
    return IntervalSet.points(truncate(value, bits) for _, value in form.codes)
