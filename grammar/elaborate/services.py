"""Answers that span registers: ``uuid("..")`` and ``ffa_error(CODE)`` [ELAB-ANSWER]."""

from uuid import UUID

from smcproof.grammar.elaborate.environment import Environment
from smcproof.grammar.elaborate.registers import Written
from smcproof.grammar.elaborate.values import literal
from smcproof.spec.expr import Apply, Name, Text


def uuid_words(env: Environment, answer: Apply) -> Written | None:
    """x0..x3 of a UID query: 32 bits each, the first byte in bits 7:0 of x0 (DEN0028, 6.2)."""
    given = answer.arguments[0] if len(answer.arguments) == 1 else None
    try:
        if not isinstance(given, Text):
            raise ValueError
        octets = UUID(given.value).bytes
    except ValueError:
        env.report.error(
            "uuid",
            "this is no UUID",
            answer.span,
            'write `uuid("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")`',
        )
        return None
    if env.geometry.registers < 4:
        env.report.error(
            "uuid-registers", "this geometry has no four registers", answer.span, "return a number"
        )
        return None
    words = [int.from_bytes(octets[at : at + 4], "little") for at in range(0, 16, 4)]
    if words[0] == 0xFFFF_FFFF:
        env.report.error(
            "uuid-unknown",
            "a UUID whose first word is all ones reads as an unknown function",
            answer.span,
            "choose another UUID (DEN0028, 6.2)",
        )
        return None
    return {
        number: literal(value, env.geometry.register_bits[number])
        for number, value in enumerate(words)
    }


def ffa_error(env: Environment, answer: Apply) -> Written | None:
    """FFA_ERROR in w0, target information 0 in w1, the code in w2, w3..w7 zero (DEN0077, 12.1)."""
    vocabulary = env.vocabularies.get("ffa")
    if vocabulary is None:
        env.report.error(
            "ffa-unused", "`ffa_error` needs the FF-A vocabulary", answer.span, "add `use ffa;`"
        )
        return None
    env.use("ffa")
    form = vocabulary.form(None)
    given = answer.arguments[0] if len(answer.arguments) == 1 else None
    name = str(given).removeprefix("ffa.") if isinstance(given, Name) else ""
    code = form.value(name)
    if code is None or form.marker is None:
        env.report.error(
            "ffa-code",
            f"`{answer.arguments[0].span.text if answer.arguments else ''}` is no FF-A error",
            answer.span,
            f"use one of {', '.join(known for known, _ in form.codes)}",
        )
        return None
    bits = env.geometry.register_bits
    width = env.geometry.id_bits if env.narrow_errors else bits[form.code_register]
    found: Written = {number: literal(0, bits[number]) for number in vocabulary.results}
    found[0] = literal(form.marker, bits[0])
    found[form.code_register] = literal(literal(code, width).value, bits[form.code_register])
    return found
