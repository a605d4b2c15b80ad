"""What several properties say of SMCs that leave."""

from collections.abc import Iterator

from smcproof.checker.symbolic.compiler import SymbolicFrame, condition
from smcproof.checker.symbolic.dispatcher import SymbolicSend
from smcproof.checker.symbolic.env import canonical
from smcproof.checker.symbolic.factory import (
    Bits,
    Truth,
    choose_bits,
    conjunction,
    constant,
    disjunction,
    equal,
    extract,
    member,
    widen,
)
from smcproof.checker.symbolic.query import Context
from smcproof.checker.symbolic.words import Words
from smcproof.spec.core import Allow
from smcproof.spec.vocabulary import ArgumentSpec, Function


def canon_sent(words: Words, send: SymbolicSend) -> Bits:
    return canonical(send.registers[0].term, words.step.policy.geometry)


def sent_terms(send: SymbolicSend) -> tuple[Bits, ...]:
    return tuple(register.term for register in send.registers)


def reaching(words: Words, callee: str) -> Truth:
    """Some SMC of the call reaches the callee."""
    return disjunction(send.reaches[callee] for send in words.step.sends)


def covers(context: Context, allow: Allow, words: Words, send: SymbolicSend) -> Truth:
    """The ``allow`` covers this SMC of a domain's call."""
    step = words.step
    frame = SymbolicFrame(
        context.policy, step.state, step.call, sent=sent_terms(send), side=step.constraints
    )
    return conjunction(
        (
            member(step.call.caller, allow.issuers),
            send.reaches[allow.callee],
            member(canon_sent(words, send), allow.ids),
            condition(allow.guard, frame),
        )
    )


def functions_with(context: Context, kind: str) -> Iterator[tuple[Function, ArgumentSpec, str]]:
    """Every argument of a kind of every function in use, with its vocabulary's name."""
    for vocabulary in context.policy.vocabularies:
        for function in vocabulary.functions:
            for argument in function.arguments:
                if argument.kind == kind:
                    yield function, argument, vocabulary.name


def argument_term(
    context: Context, argument: ArgumentSpec, registers: tuple[Bits, ...], smc64: Truth
) -> Bits:
    """An argument as its reader takes it: registers at the width of the form, pieces joined."""
    geometry = context.policy.geometry
    found: Bits | None = None
    for piece in argument.pieces:
        register = registers[piece.register]
        bits = geometry.narrow_bits[piece.register]
        narrow = widen(extract(register, bits - 1, 0), geometry.word_bits)
        wide = widen(register, geometry.word_bits)
        part = narrow if piece.narrow else choose_bits(smc64, wide, narrow)
        found = part if found is None else found << constant(bits, geometry.word_bits) | part
    assert found is not None
    return found


def is_smc64(context: Context, canon: Bits) -> Truth:
    part = context.policy.geometry.smc64
    return equal(extract(canon, part.high, part.low), constant(1, 1))
