"""Sets of function identifiers as text: by the names of the vocabularies in use, else by number."""

from collections.abc import Iterator

from smcproof.grammar.printer.values import braced, number, spans
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.vocabulary import Function


def identifier(policy: CorePolicy, word: int) -> str:
    """One identifier, for example ``psci.VERSION``, ``psci.CPU_ON.smc64`` or ``0x8600_ff01``."""
    for vocabulary, function in policy.functions_at(word):
        return f"{vocabulary.name}.{_form(function, word)}"
    return number(word)


def _form(function: Function, word: int) -> str:
    if function.ids.size == 1:
        return function.name
    return f"{function.name}.{'smc32' if word == function.smc32 else 'smc64'}"


def identifiers(policy: CorePolicy, members: IntervalSet) -> tuple[str, ...]:
    """A set's parts. A run of identifiers of which any has no name stays a range of numbers."""
    for vocabulary in policy.vocabularies:
        if members and members == vocabulary.ids:
            return (f"{vocabulary.name}.*",)
        if members and members == vocabulary.window:
            return (f"{vocabulary.name}.window",)
    known = IntervalSet()
    for vocabulary in policy.vocabularies:
        known = known | vocabulary.ids
    named = IntervalSet.of(part for part in members.parts if IntervalSet.of([part]).issubset(known))
    return (*_names(policy, named), *spans(members - named))


def _names(policy: CorePolicy, named: IntervalSet) -> Iterator[str]:
    """The fewest names in the order of the vocabularies: all of one, a function, one of its forms."""
    left = named
    for vocabulary in policy.vocabularies:
        ids = vocabulary.ids
        if len(vocabulary.functions) > 1 and ids & left and ids.issubset(named):
            yield f"{vocabulary.name}.*"
            left = left - ids
    for vocabulary in policy.vocabularies:
        for function in vocabulary.functions:
            if not function.ids & left:
                continue
            if function.ids.issubset(named):
                yield f"{vocabulary.name}.{function.name}"
            else:
                for word in function.ids & left:
                    yield f"{vocabulary.name}.{_form(function, word)}"
            left = left - function.ids


def identifier_set(policy: CorePolicy, members: IntervalSet) -> str:
    """A set as the right side of ``in``."""
    parts = identifiers(policy, members)
    alone = len(parts) == 1 and "." in parts[0] and " " not in parts[0]
    return parts[0] if alone else braced(parts)
