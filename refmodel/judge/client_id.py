"""`client_id`: every call by a domain that reaches the callee carries its id."""

from math import gcd

from smcproof.refmodel.judge.halves import low_parts
from smcproof.refmodel.judge.leaving import by_domain, held
from smcproof.refmodel.judge.parameter import name
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown
from smcproof.spec.core import DomainBlock
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step
from smcproof.spec.word import truncate


def premise(trial: Trial) -> bool:
    """A call by a domain reaches the callee."""
    callee = name(trial.claim, "callee")
    return any(sent.callee == callee for sent in by_domain(trial.policy, trial.step))


def judge(trial: Trial) -> Finding | None:
    """An SMC by a domain that reaches the callee and whose client register, at narrow width, is not
    the caller's id, or whose caller's id is somebody else's too."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step):
        return None
    register = policy.geometry.client_register
    bits = policy.geometry.narrow_bits[register]
    own = truncate(policy.domain_id(step.call.caller), bits)
    callee = name(trial.claim, "callee")
    for sent in by_domain(policy, step):
        if sent.callee != callee:
            continue
        values = low_parts(held(policy, sent.sent, register), bits)
        if values != IntervalSet.points([own]):
            return Finding(
                f"x{register} carries the caller's id {own:#x}",
                f"x{register} leaves as {shown(values)}",
                sent.index,
            )
        other = namesake(policy, step.call.caller, bits)
        if other is not None:
            return Finding(
                f"the id {own:#x} is `{policy.domain_name(step.call.caller)}`'s alone",
                f"{other} has it too, at {bits} bits",
                sent.index,
            )
    return None


def namesake(policy: CorePolicy, caller: int, bits: int) -> str | None:
    """Who else has the caller's id in the low ``bits`` bits."""
    own = truncate(policy.domain_id(caller), bits)
    if truncate(policy.hypervisor_id, bits) == own:
        return "the hypervisor"
    for block in policy.domains:
        for position in _positions(block, own, bits):
            ordinal = block.first + position
            if ordinal != caller:
                return f"`{policy.domain_name(ordinal)}`"
    return None


def _positions(block: DomainBlock, wanted: int, bits: int) -> range:
    """The members whose id is ``wanted`` in the low ``bits`` bits: the solutions of a linear
    congruence."""
    modulus = 1 << bits
    step, gap = block.id.step % modulus, (wanted - block.id.base) % modulus
    common = gcd(step, modulus)
    if gap % common:
        return range(0)
    period = modulus // common
    first = 0 if period == 1 else gap // common * pow(step // common, -1, period) % period
    return range(first, block.count, period)
