"""`arguments_in_domain`: every address that leaves lies in its caller's memory."""

from smcproof.refmodel.judge.address import Reading, bases, is_wide, outside, read
from smcproof.refmodel.judge.functions_sent import Passed, passed
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step


def premise(trial: Trial) -> bool:
    """An SMC by a domain leaves as a function in use that has an address argument."""
    return any(True for _ in passed(trial.policy, trial.step, "address"))


def judge(trial: Trial) -> Finding | None:
    """Such an SMC and an address argument that does not lie in one region of the caller's memory.
    A violation is found before anything undecided."""
    step, policy = trial.step, trial.policy
    doubt: Finding | None = None
    if not isinstance(step, Step):
        return None
    for entry in passed(policy, step, "address"):
        found = _judge_address(policy, step.call.caller, entry)
        if found is not None and not found.undecided:
            return found
        doubt = doubt or found
    return doubt


def _reading(policy: CorePolicy, entry: Passed, name: str) -> Reading:
    spec = next(argument for argument in entry.function.arguments if argument.name == name)
    wide = is_wide(entry.function, entry.canonical)
    return read(policy.geometry, entry.sent.sent.registers, spec, wide=wide)


def _judge_address(policy: CorePolicy, caller: int, entry: Passed) -> Finding | None:
    argument = entry.argument
    base = _reading(policy, entry, argument.name)
    zero = IntervalSet.points([0])
    if argument.zero_is_none and base.only == 0:
        return None
    expected = f"{entry.shown} lies in one region of `{policy.domain_name(caller)}`'s "
    if argument.space not in ("ram", "machine"):
        return Finding(
            f"{entry.shown} lies in the caller's memory",
            "it is a virtual address, of which nothing is known",
            entry.sent.index,
            undecided=True,
        )
    expected += argument.space
    if not argument.size.known:
        found = base.least_in(outside(policy, bases(policy, caller, argument.space, 1)) - zero)
        if found is not None:
            return Finding(expected, f"it leaves as {found:#x}", entry.sent.index)
        return Finding(expected, "its size is not known", entry.sent.index, undecided=True)
    size = _largest_size(policy, entry)
    allowed = IntervalSet()
    if size >> policy.geometry.word_bits == 0:
        allowed = bases(policy, caller, argument.space, size)
    if argument.zero_is_none:
        allowed = allowed | zero
    found = base.least_in(outside(policy, allowed))
    if found is None:
        return None
    return Finding(expected, f"{size:#x} bytes at {found:#x} leave", entry.sent.index)


def _largest_size(policy: CorePolicy, entry: Passed) -> int:
    """The most bytes that the argument may span: where so many lie in memory, fewer do too."""
    size = entry.argument.size
    if size.argument is None:
        return (size.constant or 0) * size.unit
    return _reading(policy, entry, size.argument).largest * size.unit
