"""T5: faults planted in the evaluator, the encoding and the judges, one at a time.

Each replaces one function by a plausible mistake. A fault that T1 to T3 do not notice would mean that
the agreement of the meanings is worth less than it seems.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

import z3

from smcproof.checker.symbolic import (
    compiler,
    concretizer,
    dispatcher,
    env,
    factory,
    query,
    solver,
    values,
    verifier,
    words,
)
from smcproof.checker.symbolic.properties import leaving
from smcproof.refmodel import dispatcher as dispatch_module
from smcproof.refmodel import effects, evaluator, matching, registers
from smcproof.spec import smccc
from smcproof.spec.core import Operator, Relation


@dataclass(frozen=True, slots=True)
class Fault:
    """``owner.name`` becomes ``make(original)``. It is looked for by T1 on random full policies, or by
    T3 on the policies made for the property ``focus``, or on the policy ``text``."""

    title: str
    owner: ModuleType | type
    name: str
    make: Callable[..., object]
    focus: str | None = None
    text: str | None = None


def _no_hint(_original: object) -> object:
    def canonical(x0: z3.BitVecRef, geometry: object) -> z3.BitVecRef:
        bits = getattr(geometry, "id_bits")  # noqa: B009
        return factory.extract(x0, bits - 1, 0)

    return canonical


def _strict(_original: object) -> object:
    return z3.ULT


def _loose_comparison(_original: object) -> object:
    def compare(relation: Relation, left: int, right: int) -> int:
        match relation:
            case Relation.EQ:
                return int(left == right)
            case Relation.LT:
                return int(left <= right)
            case Relation.LE:
                return int(left <= right)

    return compare


def _last_match(original: Callable[..., object]) -> object:
    def first_match(rules: tuple[object, ...], *rest: object) -> object:
        return original((*reversed(rules[:-1]), *rules[-1:]), *rest)

    return first_match


def _wrapping_range(original: Callable[..., bool]) -> object:
    def within(policy: object, domain: int, space: str, base: int, size: int) -> bool:
        return original(policy, domain, space, base, 1) if size else True

    return within


def _no_mbz(_original: object) -> object:
    return smccc.canon


def _adding_or(original: Callable[..., int]) -> object:
    def arithmetic(operator: Operator, left: int, right: int, bits: int) -> int:
        return original(Operator.OR if operator is Operator.ADD else operator, left, right, bits)

    return arithmetic


def _unguarded(original: Callable[..., object]) -> object:
    def apply_effects(policy: object, state: object, given: tuple, frame: object) -> object:  # type: ignore[type-arg]
        from smcproof.spec.core import TRUE

        return original(policy, state, tuple(replace(one, guard=TRUE) for one in given), frame)

    return apply_effects


def _nothing_found(_original: object) -> object:
    def search(*_arguments: object, **_options: object) -> solver.Found:
        return solver.Found(solver.Answer.UNSAT)

    return search


def _everything_found(original: Callable[..., solver.Found]) -> object:
    def search(query: z3.BoolRef, *rest: object, **options: object) -> solver.Found:
        found = original(query, *rest, **options)
        if found.answer is solver.Answer.UNSAT:
            return original(factory.TRUE, *rest, **options)
        return found

    return search


def _wrong_register(original: Callable[..., object]) -> object:
    def call(*arguments: object) -> object:
        found = original(*arguments)
        x = getattr(found, "x")  # noqa: B009
        return replace(found, x=(x[0] ^ 1, *x[1:]))  # type: ignore[type-var]

    return call


def _anything(_original: object) -> object:
    return lambda *_arguments: factory.TRUE


def _nothing(_original: object) -> object:
    return lambda *_arguments: factory.FALSE


def _no_wrap_check(_original: object) -> object:
    def within(policy, domain, space, base, size):  # type: ignore[no-untyped-def]
        one = factory.constant(1, base.size())
        return factory.disjunction(
            factory.conjunction(
                (
                    env.in_block(domain, block.first, block.count),
                    factory.at_most(compiler.affine(region.low, block, domain, base.size()), base),
                    factory.at_most(
                        base + size - one,
                        compiler.affine(region.high, block, domain, base.size()),
                    ),
                )
            )
            for block in policy.domains
            for region in (block.ram if space == "ram" else block.machine)
        )

    return within


def _unguarded_updates(original: Callable[..., object]) -> object:
    def apply_updates(policy: object, state: object, updates: list, frame: object) -> object:  # type: ignore[type-arg]
        return original(
            policy, state, [replace(one, condition=factory.TRUE) for one in updates], frame
        )

    return apply_updates


def _past_undef(original: Callable[..., object]) -> object:
    def caller_effect(policy: object, frame: object, outcome: object, choose: object) -> object:
        found = original(policy, frame, outcome, choose)
        return replace(found, pc=None) if getattr(found, "word", "") == "skip" else found  # type: ignore[type-var]

    return caller_effect


def _all_narrow(_original: object) -> object:
    return property(lambda _self: factory.TRUE)


ROUTED = """smcproof 1;
policy routed at el3 {
    geometry tiny1_noimm;
    use tinytee;
    domain a { id = 1; ram = 0 .. 3; }
    callee tee { ids 0x28 .. 0x29; }
    rule all : canon in 0x28 .. 0x2f => forward;
    otherwise => return NOT_SUPPORTED;
    prove p : always not reaches(unclaimed);
}
"""

SUM = """smcproof 1;
policy sum at el3 {
    geometry tiny1_noimm;
    use tinytee;
    domain a { id = 1; ram = 0 .. 3; }
    callee tee { fast 1..1; }
    rule sum : x1 + x1 == 0 => forward;
    otherwise => return NOT_SUPPORTED;
    prove p : always reaches(tee) implies x1 == 0;
}
"""

WRAP = """smcproof 1;
policy wrap at el3 {
    geometry tiny1_noimm;
    use tinytee;
    domain a { id = 1; ram = 0 .. 3; }
    callee tee { fast 1..1; }
    rule inside : range(x1, x0) in caller.ram => forward;
    otherwise => return NOT_SUPPORTED;
    prove p : always not reaches(tee);
}
"""

LOOSE = """smcproof 1;
policy loose at el3 {
    geometry tiny2_noimm;
    use tinytee;
    domain a { id = 1; ram = 0 .. 1; }
    callee tee { fast 1..1; }
    allow a -> tee : tinytee.TALK;
    rule talk : tinytee.TALK => forward { x1 = any in caller.machine; x2 = any in { 1, 3 }; };
    otherwise => return NOT_SUPPORTED;
    prove p : always reaches(tee) implies sent.x2 in { 1, 3 };
    prove arguments_in_domain;
}
"""

HINTED = """smcproof 1;
policy hinted at el3 {
    geometry tiny1_noimm;
    use tinytee;
    domain a { id = 1; ram = 0 .. 3; }
    callee tee { fast 1..1; lifecycle tinytee.DESTROYED; }
    rule all : fid.owner == 1 and fid.fast and fid.hint => forward;
    otherwise => return NOT_SUPPORTED;
    prove lifecycle_only_hypervisor(tee);
}
"""

FAULTS: tuple[Fault, ...] = (
    # the evaluator and the reference dispatcher
    Fault("evaluator: < is <=", evaluator, "_compare", _loose_comparison),
    Fault("evaluator: + is |", evaluator, "_arithmetic", _adding_or, text=SUM),
    Fault("dispatcher: the last match decides", matching, "first_match", _last_match, "no_dead_rule"),
    Fault("memory: only the first byte is checked", evaluator, "within", _wrapping_range),
    Fault("routing: must-be-zero bits count", registers.smccc, "routing_key", _no_mbz, text=ROUTED),
    Fault("effects: guards are ignored", effects, "holds", lambda _o: lambda *_a: True),
    Fault("outcomes: skip does not resume", dispatch_module, "caller_effect", _past_undef),
    # the encoding
    Fault("encoding: <= is < in regions", compiler, "at_most", _strict),
    Fault("encoding: a callee acts on the hint", leaving, "canonical", _no_hint, text=HINTED),
    Fault("encoding: words keep the hint", words, "canonical", _no_hint, "exact_id"),
    Fault("encoding: memory wraps", compiler, "within", _no_wrap_check, text=WRAP),
    Fault("encoding: effects always happen", dispatcher, "apply_updates", _unguarded_updates),
    Fault("encoding: every call arrives", query, "call_arrives", _anything, "no_smc64_from_aarch32"),
    Fault("encoding: loose values are free", dispatcher, "loose_constraint", _anything, text=LOOSE),
    Fault("encoding: no loose value is always in a set", values, "_covered", _nothing, "exact_id"),
    Fault("encoding: every answer is read in w0", words.Words, "narrow", _all_narrow, "error_form"),
    # the search and its way back
    Fault("search: nothing is ever found", verifier, "search", _nothing_found, "canonical_id"),
    Fault("search: something is always found", verifier, "search", _everything_found,
          "canonical_id"),
    Fault("concretizer: x0 comes back wrong", concretizer, "_call", _wrong_register, "canonical_id"),
)  # fmt: skip
