"""One claim of a small policy before its judge."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from smcproof.grammar.load import load_source
from smcproof.refmodel.dispatcher import dispatch
from smcproof.refmodel.judge import catalogue
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.machine import arrives, raise_event
from smcproof.refmodel.registers import Choose
from smcproof.spec.call import Call, Conduit
from smcproof.spec.core_policy import Claim, CorePolicy
from smcproof.spec.record import EventStep, Step
from smcproof.spec.span import Source
from smcproof.spec.state import MachineState, initial_state

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Court:
    """``claim`` of ``policy``, judged in ``state``."""

    policy: CorePolicy
    claim: Claim
    state: MachineState = field(default_factory=lambda: MachineState(()))

    def call(
        self,
        *x: int,
        caller: int = 0,
        conduit: Conduit = Conduit.SMC,
        imm: int = 0,
        aarch32: bool = False,
        condition_passed: bool = True,
        vcpu: int = 0,
    ) -> Call:
        """A call that arrives, with ``x`` in x0.. and zeros in the other registers."""
        block = self.policy.block_of(caller)
        registers = x + (0,) * (self.policy.geometry.registers - len(x))
        call = Call(
            caller,
            vcpu,
            block.levels[0],
            aarch32,
            conduit,
            imm,
            registers,
            condition_passed,
        )
        assert arrives(self.policy, call), call
        return call

    def step(self, call: Call, answer: tuple[int, ...] = (), choose: Choose | None = None) -> Step:
        padded = answer + (0,) * (self.policy.geometry.registers - len(answer))
        return dispatch(self.policy, self.state, call, padded, choose)

    def trial(
        self,
        call: Call,
        answer: tuple[int, ...] = (),
        choose: Choose | None = None,
        other: Step | None = None,
    ) -> Trial:
        def again(call: Call) -> Step:
            return self.step(call, answer, choose)

        return Trial(self.policy, self.claim, again(call), again, other)

    def judged(
        self, call: Call, answer: tuple[int, ...] = (), choose: Choose | None = None
    ) -> Finding | None:
        return catalogue.judged(self.trial(call, answer, choose))

    def premise(self, call: Call, answer: tuple[int, ...] = ()) -> bool:
        return catalogue.premise(self.trial(call, answer))

    def exempt(self, call: Call) -> bool:
        return catalogue.exempt(self.trial(call))

    def witnessed(
        self, call: Call, answer: tuple[int, ...] = (), choose: Choose | None = None
    ) -> frozenset[str]:
        return catalogue.witnessed(self.trial(call, answer, choose))

    @property
    def goals(self) -> tuple[str, ...]:
        return catalogue.goals(self.policy, self.claim)

    def event(self, name: str, *arguments: int) -> Trial:
        """The trial of an event."""
        step: EventStep = raise_event(self.policy, self.state, name, arguments)

        def again(_: Call) -> Step:
            raise AssertionError("an event has no other call")

        return Trial(self.policy, self.claim, step, again)

    def holding(self, **values: int) -> "Court":
        """The same claim in a state where plain variables hold other values."""
        names = [variable.name for variable in self.policy.states]
        state = self.state
        for name, value in values.items():
            state = state.with_value(names.index(name), value)
        return Court(self.policy, self.claim, state)


Hear = Callable[..., Court]


def hear_text(body: str, prove: str, level: str = "el2", head: str = "") -> Court:
    """A court for ``prove`` over the policy with the items ``body``."""
    text = f"smcproof 1;\npolicy p at {level} {{\n{head}{body}\nprove {prove};\n}}\n"
    loaded = load_source(Source(str(HERE / "p.smc"), text))
    assert loaded.policy is not None, [
        f"{entry.span}: {entry.message}" for entry in loaded.diagnostics if entry.is_error
    ]
    policy = loaded.policy
    assert len(policy.claims) == 1
    return Court(policy, policy.claims[0], initial_state(policy))
