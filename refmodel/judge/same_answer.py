"""Whether two runs get the same answer, by the last paragraph of section 7.1; where they do not,
what differs first."""

from dataclasses import dataclass

from smcproof.refmodel.judge.halves import low_parts
from smcproof.refmodel.judge.kind import kind
from smcproof.refmodel.judge.leaving import held, identifiers
from smcproof.refmodel.judge.wording import shown, shown_state
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Sent, Step, possible


@dataclass(frozen=True, slots=True)
class Difference:
    """The same thing in two runs, in words; ``send`` is the SMC it is about, if one is."""

    first: str
    second: str
    send: int | None = None


def different_kind(policy: CorePolicy, first: Step, second: Step) -> Difference | None:
    one, other = kind(policy, first), kind(policy, second)
    return None if one == other else Difference(str(one), str(other))


def different_sends(
    policy: CorePolicy, first: Step, second: Step, *, whole_x0: bool, narrow: bool
) -> Difference | None:
    """``whole_x0`` compares all of x0, else canon(x0); ``narrow`` the low halves of the others."""
    one, other = first.sends, second.sends
    if len(one) != len(other):
        return Difference(_departures(one), _departures(other))
    for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine.callee != theirs.callee:
            return Difference(f"reaches `{mine.callee}`", f"reaches `{theirs.callee}`", at)
        for number in range(len(mine.registers)):
            values = _sent_register(policy, mine, number, whole_x0, narrow)
            others = _sent_register(policy, theirs, number, whole_x0, narrow)
            if values != others:
                return Difference(
                    f"x{number} leaves as {shown(values)}",
                    f"x{number} leaves as {shown(others)}",
                    at,
                )
    return None


def _departures(sends: tuple[Sent, ...]) -> str:
    reached = ", ".join(f"`{sent.callee}`" for sent in sends)
    return f"reaches {reached}" if sends else "no SMC leaves"


def _sent_register(
    policy: CorePolicy, sent: Sent, number: int, whole_x0: bool, narrow: bool
) -> IntervalSet:
    if number == 0 and not whole_x0:
        return identifiers(policy, sent)
    values = held(policy, sent, number)
    return low_parts(values, policy.geometry.narrow_bits[number]) if narrow else values


def different_results(
    policy: CorePolicy, first: Step, second: Step, *, narrow: bool
) -> Difference | None:
    """The written registers and their possible values; those of an AArch32 caller are compared in
    their low halves [CALL-AARCH32]."""
    geometry = policy.geometry

    def results(step: Step) -> dict[int, IntervalSet]:
        found: dict[int, IntervalSet] = {}
        for number, value in step.written:
            values = possible(value, geometry.register_bits[number])
            if narrow or step.call.aarch32:
                values = low_parts(values, geometry.narrow_bits[number])
            found[number] = values
        return found

    one, other = results(first), results(second)
    for number in sorted(one.keys() | other.keys()):
        if one.get(number) != other.get(number):
            return Difference(_result(number, one), _result(number, other))
    return None


def _result(number: int, results: dict[int, IntervalSet]) -> str:
    if number not in results:
        return f"x{number} is not written"
    return f"x{number} comes back as {shown(results[number])}"


def different_ending(policy: CorePolicy, first: Step, second: Step) -> Difference | None:
    """The resume point, the exception, the stopped scope and the state after."""
    one, other = _ending(first), _ending(second)
    if one != other:
        return Difference(one, other)
    if first.after == second.after:
        return None
    for variable, mine, theirs in zip(
        policy.states, first.after.values, second.after.values, strict=True
    ):
        if mine != theirs:
            return Difference(
                f"`{variable.name}` becomes {shown_state(policy, variable, mine)}",
                f"`{variable.name}` becomes {shown_state(policy, variable, theirs)}",
            )
    return Difference("some domains run on", "other domains run on")


def _ending(step: Step) -> str:
    """Where the caller goes on, in words that tell any two places apart."""
    if step.exception is not None:
        place = "past" if step.exception.after else "at"
        vector = "" if step.exception.vector is None else f", vector {step.exception.vector:#x}"
        return f"takes an Undefined exception with ELR {place} the call{vector}"
    if step.effective == "stop":
        return f"its {'domain' if step.stops_domain else 'vCPU'} is stopped"
    if step.target is not None:
        return f"resumes at {step.target:#x}"
    return "does not run again" if step.pc is None else f"resumes {step.pc} bytes from the call"


def difference(
    policy: CorePolicy, first: Step, second: Step, *, narrow: bool = False
) -> Difference | None:
    """Why two runs do not get the same answer; None if they do. ``narrow`` compares registers sent
    and written at narrow width."""
    return (
        different_kind(policy, first, second)
        or different_sends(policy, first, second, whole_x0=False, narrow=narrow)
        or different_results(policy, first, second, narrow=narrow)
        or different_ending(policy, first, second)
    )
