"""The words of properties over one step, as section 7.1 defines them [PROPERTY-WELL-FORMED]
[PROPERTY-SERVICE] [PROPERTY-WIDTH] [PROPERTY-COMPLETED] [PROPERTY-REFUSED] [PROPERTY-UNKNOWN]
[PROPERTY-SUCCEEDS] [PROPERTY-FOR-ALL]."""

from smcproof.refmodel.judge.halves import low_parts
from smcproof.spec.call import Call, imm_visible
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step, possible
from smcproof.spec.service import OwnedForm
from smcproof.spec.smccc import canon, field
from smcproof.spec.vocabulary import ErrorForm, Vocabulary
from smcproof.spec.word import truncate

# ---- calls ---------------------------------------------------------------------------------


def identifier(policy: CorePolicy, call: Call) -> int:
    """canon(x0) as entered."""
    return canon(call.x[0], policy.geometry)


def immediate(call: Call) -> int:
    """The immediate as it can be read: 0 where it is not visible [CALL-IMM]."""
    return call.imm if imm_visible(call.conduit, call.aarch32) else 0


def well_formed(call: Call) -> bool:
    return immediate(call) == 0 and call.condition_passed


def plain(policy: CorePolicy, call: Call) -> bool:
    """Well-formed, and x0 is canon(x0) with nothing above it."""
    return well_formed(call) and call.x[0] == identifier(policy, call)


def is_smc64(policy: CorePolicy, canonical: int) -> bool:
    return field(canonical, policy.geometry.smc64) == 1


def width(policy: CorePolicy, call: Call) -> int:
    """How many bits of x0 an answer to this call has."""
    geometry = policy.geometry
    narrow = call.aarch32 or not is_smc64(policy, identifier(policy, call))
    return geometry.narrow_bits[0] if narrow else geometry.register_bits[0]


def service(policy: CorePolicy, canonical: int) -> OwnedForm:
    """The service of an identifier and how it refuses."""
    return next(owned for owned in policy.forms if canonical in owned.ids)


def is_function_of(vocabulary: Vocabulary, canonical: int) -> bool:
    """Whether an identifier is that of a function of one service."""
    return any(canonical in (function.smc32, function.smc64) for function in vocabulary.functions)


def names_function(policy: CorePolicy, canonical: int) -> bool:
    """Whether an identifier names a function in use."""
    return any(is_function_of(vocabulary, canonical) for vocabulary in policy.vocabularies)


# ---- what became of them -------------------------------------------------------------------


def completed(step: Step) -> bool:
    """The caller resumes past the call: forward, return, or a handler of which no more is known."""
    return step.outcome != "deliver" and step.effective in ("forward", "return", "handle")


def answered_here(step: Step) -> bool:
    return completed(step) and step.effective != "forward"


def stopped(step: Step) -> bool:
    return step.effective == "stop"


def runs_again(step: Step) -> bool:
    """The caller resumes, at, past or far from the call, or takes an exception."""
    return step.pc is not None or step.target is not None or step.exception is not None


def seen(policy: CorePolicy, step: Step, number: int, bits: int) -> IntervalSet:
    """What the low ``bits`` bits of a register may be as the caller sees it afterwards."""
    whole = possible(step.registers[number], policy.geometry.register_bits[number])
    return low_parts(whole, bits)


def written(policy: CorePolicy, step: Step, number: int) -> IntervalSet | None:
    """What the step may have written to a register; None if it did not write it."""
    for register, value in step.written:
        if register == number:
            return possible(value, policy.geometry.register_bits[number])
    return None


def error_words(form: ErrorForm, bits: int) -> IntervalSet:
    """The codes of a form as words of ``bits`` bits."""
    return IntervalSet.points(truncate(value, bits) for _, value in form.codes)


def _errors(policy: CorePolicy, step: Step, form: ErrorForm) -> tuple[IntervalSet, IntervalSet]:
    """What x0 may be, and which of that says no: with a marker, that in w0, else the codes at the
    call's width."""
    if form.marker is not None:
        return seen(policy, step, 0, policy.geometry.narrow_bits[0]), IntervalSet.points(
            [form.marker]
        )
    bits = width(policy, step.call)
    return seen(policy, step, 0, bits), error_words(form, bits)


def refused(policy: CorePolicy, step: Step) -> bool:
    """Refused, whatever loose registers hold."""
    if step.effective in ("undef", "stop"):
        return True
    if not completed(step):
        return False
    values, errors = _errors(policy, step, service(policy, identifier(policy, step.call)).form)
    return values.issubset(errors)


def unknown(policy: CorePolicy, step: Step) -> bool:
    """Refused with the form's code for unknown functions, whatever loose registers hold."""
    if not completed(step) or not refused(policy, step):
        return False
    form = service(policy, identifier(policy, step.call)).form
    register = 0 if form.marker is None else form.code_register
    bits = (
        width(policy, step.call)
        if form.marker is None
        else policy.geometry.narrow_bits[form.code_register]
    )
    code = truncate(dict(form.codes)[form.unknown], bits)
    return seen(policy, step, register, bits) == IntervalSet.points([code])


def succeeds(policy: CorePolicy, step: Step) -> bool:
    """Completed and not refused, whatever loose registers hold."""
    if not completed(step):
        return False
    values, errors = _errors(policy, step, service(policy, identifier(policy, step.call)).form)
    return not values & errors


def may_succeed(policy: CorePolicy, step: Step) -> bool:
    """Completed, and x0 may be no error."""
    if not completed(step):
        return False
    values, errors = _errors(policy, step, service(policy, identifier(policy, step.call)).form)
    return not values.issubset(errors)
