"""The judges by the names of the properties, and what a claim leaves out [PROPERTY-CATALOGUE]
[PROPERTY-EXCEPTION]."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from smcproof.refmodel.judge import (
    always,
    args_width,
    arguments_in_domain,
    canonical_id,
    check_width,
    client_id,
    condition_failed_is_skip,
    conduit_parity,
    cpu_targets_own,
    error_form,
    exact_id,
    fail_closed,
    imm_zero,
    least_privilege,
    lifecycle_only_hypervisor,
    monitor_exclusive,
    never_panics,
    no_argument_leak,
    no_dead_rule,
    no_result_leak,
    no_smc64_from_aarch32,
    no_unauthorized_forwarding,
    pc_rule,
    psci_virtual,
    range_covers,
    reachable,
    registers_preserved,
    reserved_ids,
    result_written,
    scalar_in_range,
    state_atomic,
    twin_consistency,
)
from smcproof.refmodel.judge.exemption import call_left_out, emitted, left_out
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.spec.call import Call
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import Step


def no_partners(_policy: CorePolicy, _call: Call) -> tuple[Call, ...]:
    """Of a property that speaks of one call."""
    return ()


@dataclass(frozen=True, slots=True)
class UniversalJudge:
    """``premise`` and ``judge`` of a property that must hold of every call; ``partners`` are the
    second calls of the pairs that begin with a call."""

    name: str
    premise: Callable[[Trial], bool]
    judge: Callable[[Trial], Finding | None]
    partners: Callable[[CorePolicy, Call], tuple[Call, ...]] = no_partners


@dataclass(frozen=True, slots=True)
class ExistentialJudge:
    """``goals`` of a property that asks for calls, and the ``witnesses`` among them that one step
    is."""

    name: str
    premise: Callable[[Trial], bool]
    goals: Callable[[CorePolicy, Claim], tuple[str, ...]]
    witnesses: Callable[[Trial], frozenset[str]]


Judge: TypeAlias = UniversalJudge | ExistentialJudge


class _Universal(Protocol):
    """What a file of a universal property defines."""

    __name__: str

    def premise(self, trial: Trial, /) -> bool: ...

    def judge(self, trial: Trial, /) -> Finding | None: ...


class _Pair(_Universal, Protocol):
    """What a file of a property of pairs defines."""

    def partners(self, policy: CorePolicy, call: Call, /) -> tuple[Call, ...]: ...


class _Existential(Protocol):
    """What a file of an existential property defines."""

    __name__: str

    def premise(self, trial: Trial, /) -> bool: ...

    def goals(self, policy: CorePolicy, claim: Claim, /) -> tuple[str, ...]: ...

    def witnesses(self, trial: Trial, /) -> frozenset[str]: ...


def _name(module: _Universal | _Existential) -> str:
    return module.__name__.rpartition(".")[2]


def _single(module: _Universal) -> UniversalJudge:
    return UniversalJudge(_name(module), module.premise, module.judge)


def _pair(module: _Pair) -> UniversalJudge:
    return UniversalJudge(_name(module), module.premise, module.judge, module.partners)


def _wanted(module: _Existential) -> ExistentialJudge:
    return ExistentialJudge(_name(module), module.premise, module.goals, module.witnesses)


_ALL: tuple[Judge, ...] = (
    _single(always),
    _single(args_width),
    _single(arguments_in_domain),
    _pair(canonical_id),
    _pair(check_width),
    _single(client_id),
    _single(condition_failed_is_skip),
    _pair(conduit_parity),
    _single(cpu_targets_own),
    _single(error_form),
    _single(exact_id),
    _single(fail_closed),
    _single(imm_zero),
    _wanted(least_privilege),
    _single(lifecycle_only_hypervisor),
    _single(monitor_exclusive),
    _single(never_panics),
    _single(no_argument_leak),
    _wanted(no_dead_rule),
    _single(no_result_leak),
    _single(no_smc64_from_aarch32),
    _single(no_unauthorized_forwarding),
    _single(pc_rule),
    _single(psci_virtual),
    _single(range_covers),
    _wanted(reachable),
    _single(registers_preserved),
    _single(reserved_ids),
    _single(result_written),
    _single(scalar_in_range),
    _single(state_atomic),
    _pair(twin_consistency),
)

JUDGES: dict[str, Judge] = {judge.name: judge for judge in _ALL}
"""Every property of sections 7.3 and 7.4, and `always` and `reachable`."""


def judge_of(claim: Claim) -> Judge:
    """The judge of a claim; KeyError for a property that no single step shows."""
    return JUDGES[claim.property]


def premise(trial: Trial) -> bool:
    """Whether the step meets the premise of the claim's property; exceptions do not matter."""
    return judge_of(trial.claim).premise(trial)


def exempt(trial: Trial) -> bool:
    """Whether the claim's exceptions leave the step out; of a pair, if they leave either out."""
    if left_out(trial):
        return True
    judge, step = judge_of(trial.claim), trial.step
    return (
        isinstance(judge, UniversalJudge)
        and isinstance(step, Step)
        and any(
            call_left_out(trial.policy, trial.claim, partner)
            for partner in judge.partners(trial.policy, step.call)
        )
    )


def judged(trial: Trial) -> Finding | None:
    """What is wrong with a step by a universal claim; None if nothing is, or if it is left out. Of
    a call that is left out the events that it emits are judged nevertheless."""
    judge = judge_of(trial.claim)
    if not isinstance(judge, UniversalJudge):
        raise TypeError(f"`{judge.name}` asks for a call; it has witnesses, no violations")
    if not exempt(trial):
        return judge.judge(trial)
    return next((found for event in emitted(trial) if (found := judge.judge(event))), None)


def witnessed(trial: Trial) -> frozenset[str]:
    """The goals of an existential claim that a step reaches; none if it is left out."""
    judge = judge_of(trial.claim)
    if not isinstance(judge, ExistentialJudge):
        raise TypeError(f"`{judge.name}` speaks of every call; it has no witnesses")
    return frozenset() if exempt(trial) else judge.witnesses(trial)


def goals(policy: CorePolicy, claim: Claim) -> tuple[str, ...]:
    """What an existential claim asks for, one label a goal."""
    judge = judge_of(claim)
    if not isinstance(judge, ExistentialJudge):
        raise TypeError(f"`{judge.name}` speaks of every call; it has no goals")
    return judge.goals(policy, claim)
