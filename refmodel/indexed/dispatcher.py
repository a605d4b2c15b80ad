"""The indexed dispatcher: the rules that an identifier can match are looked up, their guards and
outcomes are compiled Python [DISPATCH-*]."""

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from smcproof.refmodel.dispatcher import dispatch as by_definition
from smcproof.refmodel.indexed.candidates import decided_by_word, segments
from smcproof.refmodel.indexed.source import Names, text
from smcproof.refmodel.matching import NoRule
from smcproof.refmodel.registers import route
from smcproof.spec.call import Call, imm_visible
from smcproof.spec.core import (
    Answer,
    Assign,
    Forward,
    Free,
    Leave,
    Registers,
    Rule,
    Undefined,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Step
from smcproof.spec.state import MachineState, MapValue, StateValue, index_exists, value_exists
from smcproof.spec.word import mask

Inputs: TypeAlias = tuple[int, ...]
Test: TypeAlias = Callable[[Inputs, Inputs, tuple[StateValue, ...]], object]


class FastStep(NamedTuple):
    """What became of a call, without the trace. ``kind`` is the outcome; ``sent`` the registers that
    left and ``callee`` who got them; ``written`` are pairs of register and value; ``values`` the
    state afterwards. ``full`` is set where the call was left to the definitional dispatcher:
    outcomes with free registers, contracts, stops and the like."""

    rule: str
    kind: str
    callee: str | None
    sent: Inputs | None
    written: tuple[tuple[int, int], ...]
    pc: int | None
    after_call: bool
    vector: int | None
    values: tuple[StateValue, ...]
    full: Step | None = None


Outcome: TypeAlias = Callable[
    [Inputs, Inputs, tuple[StateValue, ...], Inputs, Call, MachineState], FastStep
]


class IndexedDispatcher:
    """A policy compiled for speed. ``dispatch`` equals ``smcproof.refmodel.dispatcher.dispatch`` in
    everything that ``FastStep`` holds."""

    def __init__(self, policy: CorePolicy) -> None:
        self.policy = policy
        self._names = Names(policy, {})
        self._mask = mask(policy.geometry.id_bits)
        self._vcpus = policy.most_vcpus
        self._zeros = (0,) * policy.geometry.registers
        self._layers = [self._layer(layer.rules) for layer in policy.layers]
        self._routes: dict[int, str] = {}

    def _layer(
        self, rules: tuple[Rule, ...]
    ) -> tuple[list[int], list[tuple[tuple[Test | None, Outcome | None], ...]]]:
        starts, lists = segments(self.policy, rules)
        compiled = [self._rule(rule) for rule in rules]
        shared: dict[tuple[int, ...], tuple[tuple[Test | None, Outcome | None], ...]] = {}
        tables = []
        for numbers in lists:
            if numbers not in shared:
                shared[numbers] = tuple(compiled[number] for number in numbers)
            tables.append(shared[numbers])
        return starts, tables

    def _rule(self, rule: Rule) -> tuple[Test | None, Outcome | None]:
        """The guard without what the index has decided (None if nothing is left), and the outcome
        (None for ``pass``)."""
        left = [part.test for part in rule.guard if not decided_by_word(part, self.policy.geometry)]
        test: Test | None = None
        if left:
            source = " and ".join(text(part, self._names) for part in left)
            test = eval(f"lambda x, c, s: {source}", self._names.bound)
        if isinstance(rule.outcome, Leave) and rule.outcome.word == "pass":
            return test, None
        return test, self._outcome(rule)

    # ---- outcomes ----

    def _outcome(self, rule: Rule) -> Outcome:
        outcome = rule.outcome
        simple = not rule.sends and not rule.emits and not _is_free(rule)
        if simple and isinstance(outcome, Answer):
            return self._return(rule, outcome)
        if simple and isinstance(outcome, Forward) and not rule.issuing:
            return self._forward(rule, outcome)
        if simple and isinstance(outcome, Undefined):
            return _constant(rule.name, "undef", None, outcome.after, outcome.vector)
        if simple and isinstance(outcome, Leave) and outcome.word == "skip":
            return _constant(rule.name, "skip", 4, False, None)
        return self._by_definition(rule.name)

    def _by_definition(self, name: str) -> Outcome:
        policy = self.policy

        def run(
            _x: Inputs,
            _c: Inputs,
            _s: tuple[StateValue, ...],
            r: Inputs,
            call: Call,
            state: MachineState,
        ) -> FastStep:
            step = by_definition(policy, state, call, r)
            return FastStep(
                name, step.outcome, None, None, (), step.pc, False, None, step.after.values, step
            )

        return run

    def _values(self, registers: Registers) -> str:
        parts = []
        for index, source in registers:
            assert not isinstance(source, Free)
            parts.append(f"({index},{text(source, self._names)})")
        return f"({','.join(parts)}{',' if parts else ''})"

    def _effects(self, effects: tuple[Assign, ...]) -> str:
        """Source for the state afterwards."""
        if not effects:
            return "s"
        policy = self.policy
        updates = []
        for assign in effects:
            position = next(
                at for at, entry in enumerate(policy.states) if entry.name == assign.variable
            )
            index = "0" if assign.index is None else text(assign.index, self._names)
            updates.append(
                f"({text(assign.guard, self._names)},{position},{index},"
                f"{text(assign.value, self._names)})"
            )

        def apply(
            s: tuple[StateValue, ...], *given: tuple[object, int, int, int]
        ) -> tuple[StateValue, ...]:
            values = list(s)
            for guard, position, index, value in given:
                variable = policy.states[position]
                if not guard or not value_exists(variable, int(value)):
                    continue
                held = values[position]
                if not isinstance(held, MapValue):
                    values[position] = int(value)
                elif index_exists(policy, variable, index):
                    values[position] = held.set(index, int(value))
            return tuple(values)

        return f"{self._names.bind('apply', apply)}(s,{','.join(updates)})"

    def _return(self, rule: Rule, outcome: Answer) -> Outcome:
        source = (
            "lambda x, c, s, r, call, state: "
            f"FastStep({rule.name!r}, 'return', None, None, {self._values(outcome.written)}, 4, "
            f"False, None, {self._effects(rule.effects)})"
        )
        return self._compiled(source)

    def _forward(self, rule: Rule, outcome: Forward) -> Outcome:
        names = self._names
        sent = []
        for _, value in outcome.sent:
            assert not isinstance(value, Free)
            sent.append(text(value, names))
        route_name = names.bind("route", self._route)
        number = names.bind(
            "number", {callee.name: at for at, callee in enumerate(self.policy.callees)}
        )
        body = (
            f"FastStep({rule.name!r}, 'forward', callee, t, {self._values(outcome.results)}, 4, "
            f"False, None, {self._effects(rule.effects)})"
        )
        source = (
            f"lambda x, c, s, r, call, state: (lambda t: (lambda callee: (lambda k: {body})"
            f"({number}.get(callee)))({route_name}(t[0])))(({','.join(sent)},))"
        )
        return self._compiled(source)

    def _compiled(self, source: str) -> Outcome:
        self._names.bound.setdefault("FastStep", FastStep)
        found: Outcome = eval(source, self._names.bound)
        return found

    def _route(self, x0: int) -> str:
        found = self._routes.get(x0)
        if found is None:
            found = route(self.policy, x0)
            if len(self._routes) < 1 << 16:
                self._routes[x0] = found
        return found

    # ---- one call ----

    def dispatch(self, state: MachineState, call: Call, answer: Inputs | None = None) -> FastStep:
        """What becomes of ``call``; raises ``NoRule``."""
        x = call.x
        inputs = (
            call.caller,
            call.caller * self._vcpus + call.vcpu,
            call.el,
            call.aarch32,
            int(call.conduit),
            call.imm if imm_visible(call.conduit, call.aarch32) else 0,
            call.condition_passed,
        )
        values = state.values
        word = x[0] & self._mask
        for starts, tables in self._layers:
            for test, outcome in tables[bisect_right(starts, word) - 1]:
                if test is None or test(x, inputs, values):
                    if outcome is None:
                        break
                    return outcome(x, inputs, values, answer or self._zeros, call, state)
        raise NoRule("the policy", ())


def _is_free(rule: Rule) -> bool:
    outcome = rule.outcome
    found: Registers = ()
    if isinstance(outcome, Forward):
        found = outcome.sent + outcome.results
    elif isinstance(outcome, Answer):
        found = outcome.written
    return any(isinstance(source, Free) for _, source in found)


def _constant(name: str, kind: str, pc: int | None, after: bool, vector: int | None) -> Outcome:
    def run(
        _x: Inputs,
        _c: Inputs,
        s: tuple[StateValue, ...],
        _r: Inputs,
        _call: Call,
        _state: MachineState,
    ) -> FastStep:
        return FastStep(name, kind, None, None, (), pc, after, vector, s)

    return run
