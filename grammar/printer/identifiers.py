"""Sets of function identifiers as text: by the names of the vocabularies in use, else by number."""

from collections.abc import Iterator

from smcproof.grammar.printer.values import braced, number, spans
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.vocabulary import Function, Vocabulary


def _words(function: Function) -> tuple[int, ...]:
    """A function's identifiers."""
    return tuple({word: None for word in (function.smc32, function.smc64) if word is not None})


def identifier(policy: CorePolicy, word: int) -> str:
    """One identifier, for example ``psci.VERSION``, ``psci.CPU_ON.smc64`` or ``0x8600_ff01``."""
    for vocabulary in policy.vocabularies:
        for function in vocabulary.functions:
            if word in (function.smc32, function.smc64):
                return f"{vocabulary.name}.{_form(function, word)}"
    return number(word)


def _form(function: Function, word: int) -> str:
    if len(_words(function)) == 1:
        return function.name
    return f"{function.name}.{'smc32' if word == function.smc32 else 'smc64'}"


def identifiers(policy: CorePolicy, members: IntervalSet) -> tuple[str, ...]:
    """A set's parts. A run of identifiers of which any has no name stays a range of numbers."""
    for vocabulary in policy.vocabularies:
        if members and members == vocabulary.window:
            return (f"{vocabulary.name}.window",)
    known = {
        word
        for vocabulary in policy.vocabularies
        for function in vocabulary.functions
        for word in _words(function)
        if word in members
    }
    whole = [
        (low, high)
        for low, high in members.parts
        if high - low < len(known) and all(word in known for word in range(low, high + 1))
    ]
    named = {word for low, high in whole for word in range(low, high + 1)}
    numbered = IntervalSet(tuple(part for part in members.parts if part not in whole))
    return (*_names(policy.vocabularies, named), *spans(numbered))


def _names(vocabularies: tuple[Vocabulary, ...], named: set[int]) -> Iterator[str]:
    """The fewest names in the order of the vocabularies: all of one, a function, one of its forms."""
    left = set(named)
    for vocabulary in vocabularies:
        ids = {word for function in vocabulary.functions for word in _words(function)}
        if len(vocabulary.functions) > 1 and ids & left and ids <= named:
            yield f"{vocabulary.name}.*"
            left -= ids
    for vocabulary in vocabularies:
        for function in vocabulary.functions:
            words = _words(function)
            if left.isdisjoint(words):
                continue
            if named.issuperset(words):
                yield f"{vocabulary.name}.{function.name}"
            else:
                for word in words:
                    if word in left:
                        yield f"{vocabulary.name}.{_form(function, word)}"
            left.difference_update(words)


def identifier_set(policy: CorePolicy, members: IntervalSet) -> str:
    """A set as the right side of ``in``."""
    parts = identifiers(policy, members)
    alone = len(parts) == 1 and "." in parts[0] and " " not in parts[0]
    return parts[0] if alone else braced(parts)
