"""Complete register maps, with runs of registers that get the same kind of value on one line."""

from smcproof.grammar.printer.expressions import print_expr, print_operand
from smcproof.grammar.printer.identifiers import identifier
from smcproof.grammar.printer.values import braced
from smcproof.spec.core import Bank, Const, Free, Register, Registers, Source
from smcproof.spec.core_policy import CorePolicy


def register_map(
    policy: CorePolicy,
    registers: Registers,
    parameters: tuple[str, ...] = (),
    *,
    others: str | None = "kept",
    leaves: bool = False,
) -> list[str]:
    """The entries of a map; the registers that it leaves out are ``others``, or not shown if that is
    None. In one that ``leaves`` x0 is an identifier."""
    given = dict(registers)
    entries: list[tuple[int, str]] = []
    for number in range(policy.geometry.registers):
        source = given.get(number)
        if source is None:
            if others is None:
                continue
            text = others
        elif leaves and number == 0 and isinstance(source, Const):
            text = identifier(policy, source.value)
        else:
            text = _source(policy, source, number, parameters)
        entries.append((number, text))
    return _runs(entries)


def constants(policy: CorePolicy, values: tuple[tuple[int, int], ...]) -> list[str]:
    """The entries of a map of numbers; ``x0`` may be an identifier."""
    return _runs([(number, identifier(policy, value)) for number, value in values])


def _runs(entries: list[tuple[int, str]]) -> list[str]:
    """``x1..x7 = in;``: neighbours with one text together."""
    found: list[str] = []
    at = 0
    while at < len(entries):
        first, text = entries[at]
        last = first
        while at + 1 < len(entries) and entries[at + 1] == (last + 1, text):
            at += 1
            last += 1
        at += 1
        run = f"x{first}" if first == last else f"x{first}..x{last}"
        found.append(f"{run} = {text};")
    return found


def _source(policy: CorePolicy, source: Source, number: int, parameters: tuple[str, ...]) -> str:
    match source:
        case Free(leaked=True):
            return "leaked"
        case Free(intervals=intervals, space=space):
            items = [
                print_operand(policy, low, parameters)
                + ("" if low == high else f" .. {print_operand(policy, high, parameters)}")
                for low, high in intervals
            ]
            if space is not None:
                items.append(f"caller.{space}")
            return f"any in {braced(items)}" if items else "any"
        case Register(bank=Bank.IN | Bank.SENT | Bank.RESULT, index=index) if index == number:
            return source.bank.value
        case _:
            return print_expr(policy, source, parameters)
