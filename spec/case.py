"""A concrete case: the step, or pair of steps, that a verdict rests on, and all that replays it
[PROPERTY-VERDICT]."""

from dataclasses import dataclass

from smcproof.spec.call import Call
from smcproof.spec.state import MachineState


@dataclass(frozen=True, slots=True)
class Choice:
    """A free register's value in run ``run``: at ``place`` (``sent.N`` or ``written``)."""

    run: int
    place: str
    register: int
    value: int


@dataclass(frozen=True, slots=True)
class Case:
    """Calls (the first, and its partner where a property compares two) or one event, in ``state``,
    with the callee's ``answer``. ``witnesses`` are other values that the property speaks of, such as
    a second domain. ``minimal`` says that nothing smaller violates."""

    calls: tuple[Call, ...]
    event: str | None
    arguments: tuple[int, ...]
    state: MachineState
    answer: tuple[int, ...]
    choices: tuple[Choice, ...]
    witnesses: tuple[tuple[str, int], ...]
    minimal: bool
