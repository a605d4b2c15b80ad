"""Rules, outcomes and effects to their core [ELAB-OUTCOME]."""

from smcproof.grammar.elaborate.constants import constant
from smcproof.grammar.elaborate.environment import Environment, nearest
from smcproof.grammar.elaborate.expressions import typed, word
from smcproof.grammar.elaborate.registers import Written, register_map, register_value
from smcproof.grammar.elaborate.scope import Scope, answer_scope
from smcproof.grammar.elaborate.services import ffa_error, uuid_words
from smcproof.spec.core import (
    Answer,
    Bank,
    Const,
    Deliver,
    Emit,
    Forward,
    Handle,
    Leave,
    Outcome,
    Register,
    Registers,
    Resume,
    Send,
    Stop,
    Undefined,
)
from smcproof.spec.expr import Apply, Name, RegisterMap
from smcproof.spec.outcome import Deliver as DeliverSyntax
from smcproof.spec.outcome import Forward as ForwardSyntax
from smcproof.spec.outcome import Handle as HandleSyntax
from smcproof.spec.outcome import Leave as LeaveSyntax
from smcproof.spec.outcome import Outcome as OutcomeSyntax
from smcproof.spec.outcome import Reaches
from smcproof.spec.outcome import Resume as ResumeSyntax
from smcproof.spec.outcome import Return as ReturnSyntax
from smcproof.spec.outcome import Stop as StopSyntax
from smcproof.spec.outcome import Undef as UndefSyntax
from smcproof.spec.span import Span
from smcproof.spec.types import Word


def as_registers(written: Written) -> Registers:
    return tuple(sorted(written.items()))


def outcome(scope: Scope, syntax: OutcomeSyntax) -> Outcome | None:
    """The outcome, or None with an error."""
    env = scope.env
    match syntax:
        case ForwardSyntax():
            return _forward(scope, syntax)
        case ReturnSyntax(answer=answer):
            written = _answer(scope, answer)
            return None if written is None else Answer(as_registers(written))
        case HandleSyntax(handler=handler):
            return Handle(str(handler)) if _handler(env, handler) else None
        case DeliverSyntax():
            written = register_map(scope, syntax.writing, codes=True)
            if not _handler(env, syntax.handler) or written is None:
                return None
            return Deliver(str(syntax.handler), syntax.after, as_registers(written))
        case UndefSyntax(after=after, vector=vector):
            offset = None if vector is None else _vector(env, constant(env, vector), vector.span)
            return Undefined(after, offset)
        case StopSyntax():
            written = register_map(scope, syntax.written, codes=True)
            return None if written is None else Stop(syntax.domain, as_registers(written))
        case ResumeSyntax():
            target = word(scope, syntax.target, env.geometry.word_bits)
            written = register_map(scope, syntax.written)
            if target is None or written is None:
                return None
            return Resume(target, _complete(env, written))
        case LeaveSyntax(word=leaving):
            return Leave(leaving)


def _vector(env: Environment, offset: int | None, span: Span) -> int | None:
    if offset is not None and offset % 0x80 == 0 and 0 <= offset < 0x800:
        return offset
    env.report.error(
        "vector-offset",
        "a vector offset is a multiple of 0x80 below 0x800",
        span,
        "use 0x000, 0x200, 0x400 or 0x600 for synchronous exceptions",
    )
    return None


def _handler(env: Environment, handler: Name) -> bool:
    name = str(handler)
    if name in env.handlers:
        env.use(name)
        return True
    close = nearest(name, list(env.handlers))
    env.report.error(
        "handler-unknown",
        f"`{name}` is no handler",
        handler.span,
        f"did you mean `{close}`?" if close else f"declare it with `handler {name} {{ .. }}`",
    )
    return False


def leaving(scope: Scope, written: RegisterMap | None) -> Registers | None:
    """Every register that leaves: those of the map, the caller's that the header forwards, zeros."""
    env = scope.env
    named = register_map(scope, written)
    if named is None:
        return None
    sent: Written = {}
    for number, bits in enumerate(env.geometry.register_bits):
        if number in named:
            sent[number] = named[number]
        elif scope.caller and number in env.forwarded:
            sent[number] = Register(Bank.IN, number, Word(bits))
        else:
            sent[number] = Const(0, Word(bits))
    return as_registers(sent)


def _forward(scope: Scope, syntax: ForwardSyntax) -> Forward | None:
    env = scope.env
    sent = leaving(scope, syntax.sent)
    returned = register_map(answer_scope(scope), syntax.returning)
    if sent is None or returned is None:
        return None
    results: Written = {}
    if scope.caller:
        for number in env.results:
            results[number] = Register(
                Bank.RESULT, number, Word(env.geometry.register_bits[number])
            )
    results.update(returned)
    return Forward(sent, as_registers(results))


def _answer(scope: Scope, answer: object) -> Written | None:
    env = scope.env
    found: Written | None
    if isinstance(answer, RegisterMap):
        found = register_map(scope, answer, codes=True)
    elif isinstance(answer, Apply) and str(answer.name) == "uuid":
        found = uuid_words(env, answer)
    elif isinstance(answer, Apply) and str(answer.name) == "ffa_error":
        found = ffa_error(env, answer)
    else:
        bits = env.geometry.register_bits[0]
        value = register_value(scope, answer, bits, bits, codes=True)  # type: ignore[arg-type]
        found = None if value is None else {0: value}
    if found is not None:
        for number in env.answers_zero:
            found.setdefault(number, Const(0, Word(env.geometry.register_bits[number])))
    return found


def _complete(env: Environment, written: Written) -> Registers:
    for number, bits in enumerate(env.geometry.register_bits):
        written.setdefault(number, Const(0, Word(bits)))
    return as_registers(written)


def sends(scope: Scope, declared: tuple[Reaches, ...]) -> tuple[Send, ...]:
    """The SMCs that a handler's clause issues."""
    found: list[Send] = []
    for entry in declared:
        callee = str(entry.callee)
        if callee not in scope.env.callees:
            close = nearest(callee, list(scope.env.callees))
            scope.env.report.error(
                "callee-unknown",
                f"`{callee}` is no callee",
                entry.callee.span,
                f"did you mean `{close}`?" if close else "declare it with `callee NAME { .. }`",
            )
            continue
        scope.env.use(callee)
        sent = leaving(scope, entry.sent)
        if sent is not None:
            found.append(Send(callee, sent))
    return tuple(found)


def emits(scope: Scope, declared: tuple[Apply, ...]) -> tuple[Emit, ...]:
    """The events that a handler's clause raises."""
    found: list[Emit] = []
    env = scope.env
    for entry in declared:
        signature = env.events.get(str(entry.name))
        if signature is None:
            close = nearest(str(entry.name), list(env.events))
            env.report.error(
                "event-unknown",
                f"`{entry.name}` is no event",
                entry.name.span,
                f"did you mean `{close}`?" if close else "declare it with `event NAME(..);`",
            )
            continue
        env.use(signature.name)
        if len(signature.parameters) != len(entry.arguments):
            env.report.error(
                "event-arguments",
                f"`{signature.name}` takes {len(signature.parameters)} arguments",
                entry.span,
                f"it takes ({', '.join(name for name, _ in signature.parameters)})",
            )
            continue
        values = [
            typed(scope, argument, kind)
            for argument, (_, kind) in zip(entry.arguments, signature.parameters, strict=True)
        ]
        whole = tuple(value for value in values if value is not None)
        if len(whole) == len(values):
            found.append(Emit(signature.name, whole))
    return tuple(found)
