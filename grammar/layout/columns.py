"""Alignment of neighbouring items at their colons, braces and arrows [SYNTAX-LAYOUT]."""

from dataclasses import dataclass

from smcproof.grammar.layout.document import (
    BROKEN,
    WIDTH,
    Document,
    Hang,
    Line,
    Tab,
    flattened,
)

Pads = dict[int, int]
_COLUMNS = (0, 1)


@dataclass(frozen=True, slots=True)
class Stop:
    """A tab of an item: the width ``before`` it on one line, and ``least`` up to the first place
    after it where the item can be broken; None for a tab that counts on one line only."""

    before: int
    least: int | None


def stops(document: Document) -> dict[int, Stop]:
    """The item's tabs by column, up to the first comment inside."""
    found: dict[int, Stop] = {}
    open_tabs: list[tuple[Tab, int]] = []
    width = 0
    for part in flattened(document):
        if isinstance(part, (Line, Hang)):
            for tab, before in open_tabs:
                found[tab.column] = Stop(before, None if tab.strict else width - before)
            open_tabs.clear()
        if part.opening and width:
            break
        if isinstance(part, Tab):
            open_tabs.append((part, width))
        elif not isinstance(part, Hang):
            width += part.width
        if part.hanging and not isinstance(part, Hang):
            break
    for tab, before in open_tabs:
        found[tab.column] = Stop(before, None if tab.strict else width - before)
    return found


def align(documents: list[Document], indent: int) -> list[Pads]:
    """The spaces at each item's tabs. Each column is where most items agree within the width; those
    that would not fit there keep to themselves."""
    measured = [stops(document) for document in documents]
    pads: list[Pads] = [{} for _ in documents]
    for column in _COLUMNS:
        needs: dict[int, tuple[int, int]] = {}
        for at, document in enumerate(documents):
            stop = measured[at].get(column)
            if stop is None:
                continue
            start = indent + stop.before + sum(pads[at].values())
            rest = document.width - stop.before
            if document.width < BROKEN and start + rest <= WIDTH:
                needs[at] = (start, rest)
            elif stop.least is not None:
                needs[at] = (start, stop.least)
        common = _common(list(needs.values()))
        for at, (start, rest) in needs.items():
            if start < common and common + rest <= WIDTH:
                pads[at][column] = common - start
    return pads


def _common(needs: list[tuple[int, int]]) -> int:
    """The least column at which most items can stand, 0 if there is none."""
    best, most = 0, 0
    for candidate in sorted({start for start, _ in needs}):
        count = sum(start <= candidate and candidate + rest <= WIDTH for start, rest in needs)
        if count > most:
            best, most = candidate, count
    return best
