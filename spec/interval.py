"""Finite sets of non-negative integers as sorted, disjoint, non-touching closed intervals."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """The set of all integers n with ``low <= n <= high`` for one of ``parts``."""

    parts: tuple[tuple[int, int], ...] = ()

    @staticmethod
    def of(parts: Iterable[tuple[int, int]]) -> "IntervalSet":
        """The union of closed intervals given in any order; one with low > high is empty."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(part for part in parts if part[0] <= part[1]):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return IntervalSet(tuple(merged))

    @staticmethod
    def points(values: Iterable[int]) -> "IntervalSet":
        """The set of these values."""
        known = tuple(values)
        if len(known) == 1:
            return IntervalSet(((known[0], known[0]),))
        values = known
        return IntervalSet.of((value, value) for value in values)

    def __contains__(self, value: int) -> bool:
        at = bisect_right(self.parts, value, key=lambda part: part[0]) - 1
        return at >= 0 and value <= self.parts[at][1]

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.parts)

    @property
    def size(self) -> int:
        """How many integers the set holds."""
        return sum(high - low + 1 for low, high in self.parts)

    def __iter__(self) -> Iterator[int]:
        for low, high in self.parts:
            yield from range(low, high + 1)

    def __or__(self, other: "IntervalSet") -> "IntervalSet":
        return IntervalSet.of((*self.parts, *other.parts))

    def __and__(self, other: "IntervalSet") -> "IntervalSet":
        common: list[tuple[int, int]] = []
        mine, theirs = 0, 0
        while mine < len(self.parts) and theirs < len(other.parts):
            low = max(self.parts[mine][0], other.parts[theirs][0])
            high = min(self.parts[mine][1], other.parts[theirs][1])
            if low <= high:
                common.append((low, high))
            if self.parts[mine][1] < other.parts[theirs][1]:
                mine += 1
            else:
                theirs += 1
        return IntervalSet(tuple(common))

    def __sub__(self, other: "IntervalSet") -> "IntervalSet":
        if not self.parts:
            return self
        return self & other.complement(self.parts[-1][1])

    def complement(self, maximum: int) -> "IntervalSet":
        """Everything from 0 to ``maximum`` that is not in the set."""
        gaps: list[tuple[int, int]] = []
        start = 0
        for low, high in self.parts:
            gaps.append((start, low - 1))
            start = high + 1
        return IntervalSet.of((*gaps, (start, maximum)))

    def issubset(self, other: "IntervalSet") -> bool:
        return self & other == self

    @property
    def least(self) -> int:
        return self.parts[0][0]
