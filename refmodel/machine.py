"""Who can call, and what changes besides calls: events and liveness [STATE-EVENT]
[STATE-LIVENESS]."""

from dataclasses import replace

from smcproof.refmodel.effects import apply_effects
from smcproof.refmodel.evaluator import Frame
from smcproof.refmodel.matching import first_match
from smcproof.refmodel.registers import Choose, send
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core import Forward, Leave
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import EventStep, Sent, Tried
from smcproof.spec.state import MachineState


def arrives(policy: CorePolicy, call: Call) -> bool:
    """Whether such a call can reach this level at all [CALL-ARRIVES]."""
    if not 0 <= call.caller < policy.domain_count:
        return False
    block = policy.block_of(call.caller)
    if call.conduit not in policy.conduits or call.el not in block.levels:
        return False
    if not (block.aarch32 if call.aarch32 else block.aarch64):
        return False
    if not 0 <= call.vcpu < len(block.vcpus) or call.imm >> policy.geometry.imm_bits:
        return False
    trapped_smc = call.conduit is Conduit.SMC and policy.level == "el2"
    return call.condition_passed or (call.aarch32 and trapped_smc)


def stop_caller(
    policy: CorePolicy, state: MachineState, call: Call, *, domain: bool
) -> MachineState:
    """``stop``: the vCPU or the whole domain does not run again."""
    if domain:
        return replace(state, silent=state.silent | {call.caller})
    return replace(state, halted=state.halted | {call.caller * policy.most_vcpus + call.vcpu})


def raise_event(
    policy: CorePolicy,
    state: MachineState,
    name: str,
    arguments: tuple[int, ...],
    answer: tuple[int, ...] | None = None,
    choose: Choose | None = None,
) -> EventStep:
    """One event: the first clause that matches decides; none leaves only liveness to change.
    ``answer`` are the callee's results if the clause forwards (None: zeros)."""
    declared = next(entry for entry in policy.events if entry.name == name)
    frame = Frame(policy, state, None, arguments)
    tried: list[Tried] = []
    rule = first_match(declared.clauses, name, frame, tried)
    if rule is None:
        after = _life(policy, state, name, arguments)
        return EventStep(name, arguments, None, (), None, False, state, after, None)
    issued = apply_effects(policy, state, rule.issuing, frame)
    done = replace(frame, state=issued)
    sends: tuple[Sent, ...] = ()
    answered: tuple[int, ...] | None = None
    if isinstance(rule.outcome, Forward):
        left = send(policy, frame, rule.outcome.sent, "sent.0", choose)
        answered = answer if answer is not None else (0,) * policy.geometry.registers
        sends = (left,)
        done = replace(done, sent=left.registers, answer=answered, reached=left.callee)
    after = apply_effects(policy, issued, rule.effects, done)
    return EventStep(
        event=name,
        arguments=arguments,
        clause=rule.name,
        sends=sends,
        answer=answered,
        panicked=isinstance(rule.outcome, Leave) and rule.outcome.word == "panic",
        before=state,
        after=_life(policy, after, name, arguments),
        span=rule.span,
    )


def _life(
    policy: CorePolicy, state: MachineState, name: str, arguments: tuple[int, ...]
) -> MachineState:
    """``create`` and ``destroy`` change who lives; a new domain starts with all its vCPUs running."""
    if name not in ("create", "destroy"):
        return state
    domain = arguments[0]
    vcpus = {domain * policy.most_vcpus + at for at in range(policy.most_vcpus)}
    dead = state.dead - {domain} if name == "create" else state.dead | {domain}
    return replace(state, dead=dead, silent=state.silent - {domain}, halted=state.halted - vcpus)
