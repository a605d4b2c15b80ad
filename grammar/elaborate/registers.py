"""Register maps: what each register gets [ELAB-MAP]."""

import re

from smcproof.grammar.elaborate.expressions import boolean, infer, word
from smcproof.grammar.elaborate.scope import Scope
from smcproof.grammar.elaborate.sets import SPACES
from smcproof.grammar.elaborate.values import Untyped, fits, literal, widen, word_bits
from smcproof.spec.core import Const, Expr, Free, Source
from smcproof.spec.expr import Any, Leaked, MapEntry, MapValue, Name, Range, RegisterMap, SetLiteral
from smcproof.spec.expr import Expr as Syntax
from smcproof.spec.interval import IntervalSet
from smcproof.spec.types import BOOL, Word
from smcproof.spec.word import mask, truncate

Written = dict[int, Source]


def register_map(
    scope: Scope, written: RegisterMap | None, *, codes: bool = False
) -> Written | None:
    """The registers that a map names, or None with an error. ``codes`` marks an answer, where
    negative literals are error codes of the width that ``errors`` states."""
    found: Written = {}
    if written is None:
        return found
    sound = True
    for entry in written.entries:
        numbers = _numbers(scope, entry)
        if numbers is None:
            sound = False
            continue
        for number, narrow in numbers:
            if number in found:
                scope.env.report.error(
                    "map-twice",
                    f"x{number} is set twice",
                    entry.span,
                    "keep one of the two",
                )
                sound = False
                break
            value = source(scope, entry.value, number, narrow=narrow, codes=codes)
            if value is None:
                sound = False
                break
            found[number] = value
    return found if sound else None


def _numbers(scope: Scope, entry: MapEntry) -> list[tuple[int, bool]] | None:
    ends = []
    for name in (entry.first, entry.last or entry.first):
        found = re.fullmatch(r"([xw])(\d+)", str(name))
        if not found or int(found[2]) >= scope.env.geometry.registers:
            scope.env.report.error(
                "register-unknown",
                f"`{name}` is no register that a call uses",
                name.span,
                f"use x0 to x{scope.env.geometry.registers - 1}",
            )
            return None
        ends.append((found[1], int(found[2])))
    (kind, first), (other, last) = ends
    if first > last or kind != other:
        scope.env.report.error(
            "range-empty",
            f"`{entry.first}..{entry.last}` is no run of registers",
            entry.span,
            "write the lower register first, both as xN or both as wN",
        )
        return None
    return [(number, kind == "w") for number in range(first, last + 1)]


def source(
    scope: Scope, value: MapValue, number: int, *, narrow: bool, codes: bool
) -> Source | None:
    """What one register gets. ``wN = V`` is V zero-extended, as a write to wN does."""
    bits = scope.env.geometry.register_bits[number]
    part = scope.env.geometry.narrow_bits[number] if narrow else bits
    match value:
        case Leaked():
            return Free(leaked=True)
        case Any(container=None):
            most = Const(mask(part), Word(bits))
            return Free() if part == bits else Free(((Const(0, Word(bits)), most),))
        case Any(container=container) if container is not None:
            return _loose(scope, container, bits, part, codes=codes)
        case Any():
            return None
        case _:
            return register_value(scope, value, bits, part, codes=codes)


def register_value(
    scope: Scope, value: Syntax, bits: int, part: int, *, codes: bool
) -> Expr | None:
    """A value of at most ``part`` bits for a register of ``bits``; a bool counts as 0 or 1."""
    env = scope.env
    found = infer(scope, value)
    if found is None:
        return None
    if isinstance(found, Untyped):
        if not fits(found.value, part):
            env.report.error(
                "literal-too-wide",
                f"`{value.span.text}` does not fit {part} bits",
                value.span,
                f"use a value up to {mask(part):#x}",
            )
            return None
        if codes and env.narrow_errors and found.value < 0:
            part = min(part, env.geometry.id_bits)
        return literal(truncate(found.value, part), bits)
    if found.type == BOOL:
        condition = boolean(scope, value)
        return None if condition is None else widen(condition, bits)
    if word_bits(found, env.geometry) is None:
        env.report.error(
            "type-mismatch",
            f"this is a {found.type}, which a register does not hold",
            value.span,
            "write its number, for example `caller.id`",
        )
        return None
    checked = word(scope, value, part)
    return None if checked is None else widen(checked, bits)


def _loose(
    scope: Scope,
    container: Syntax | SetLiteral | Range,
    bits: int,
    part: int,
    *,
    codes: bool,
) -> Free | None:
    env = scope.env
    if isinstance(container, Name):
        if container.parts[0] == "caller" and container.parts[1:] in {(space,) for space in SPACES}:
            if scope.caller:
                return Free(space=container.parts[1])
        named = env.sets.get(str(container))
        if named is not None:
            env.use(str(container))
            return _intervals(named, bits)
    ranges: tuple[Range, ...]
    match container:
        case SetLiteral(items=items):
            ranges = items
        case Range():
            ranges = (container,)
        case _:
            env.report.error(
                "loose-set",
                "a loose value is `any`, or `any in` a set",
                container.span,
                "write `any in { .. }`, `any in A..B` or `any in caller.machine`",
            )
            return None
    found: list[tuple[Expr, Expr]] = []
    for item in ranges:
        low = register_value(scope, item.low, bits, part, codes=codes)
        high = (
            low if item.high is None else register_value(scope, item.high, bits, part, codes=codes)
        )
        if low is None or high is None:
            return None
        if isinstance(low, Const) and isinstance(high, Const) and low.value > high.value:
            env.report.error(
                "range-empty",
                f"this range is empty: {low.value:#x} lies above {high.value:#x}",
                item.span,
                "write the lower bound first; negative numbers are the largest",
            )
            return None
        found.append((low, high))
    return Free(tuple(found))


def _intervals(members: IntervalSet, bits: int) -> Free:
    kind = Word(bits)
    return Free(tuple((Const(low, kind), Const(high, kind)) for low, high in members.parts))
