"""Courts for the tests of the judges."""

from collections.abc import Callable

import pytest

from smcproof.refmodel.registers import Choose
from smcproof.spec.record import Leaked, Loose
from tests.refmodel.judge.court import Court, Hear, hear_text


@pytest.fixture
def hear() -> Hear:
    """Makes a court: ``hear(items, claim, level="el2")``."""
    return hear_text


@pytest.fixture
def tiny() -> Hear:
    """As ``hear`` on the tiny machine with two arguments and the vocabulary of ``tiny.toml``."""

    def make(body: str, prove: str) -> Court:
        head = 'geometry tiny2; use tsvc from "tiny.toml";\n'
        return hear_text(body, prove, head=head)

    return make


@pytest.fixture
def pick() -> Callable[[int], Choose]:
    """Chooses one value for every free register."""

    def choosing(value: int) -> Choose:
        def choose(_place: str, _number: int, _free: Loose | Leaked) -> int:
            return value

        return choose

    return choosing
