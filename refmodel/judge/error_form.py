"""`error_form`: a refusal has the form and width of its service."""

from smcproof.refmodel.judge.halves import low_parts, with_low_part
from smcproof.refmodel.judge.trial import Finding, Trial
from smcproof.refmodel.judge.wording import shown
from smcproof.refmodel.judge.words import (
    answered_here,
    error_words,
    identifier,
    seen,
    service,
    well_formed,
    width,
    written,
)
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.interval import IntervalSet
from smcproof.spec.record import Step
from smcproof.spec.vocabulary import ErrorForm
from smcproof.spec.word import truncate


def looks_like_error(policy: CorePolicy) -> IntervalSet:
    """The low halves that a caller would take for an error: the negative codes of every form in
    use, and the markers."""
    bits = policy.geometry.narrow_bits[0]
    found: list[int] = []
    for owned in policy.forms:
        found += [truncate(code, bits) for _, code in owned.form.codes if code < 0]
        if owned.form.marker is not None:
            found.append(owned.form.marker)
    return IntervalSet.points(found)


def premise(trial: Trial) -> bool:
    """A well-formed call is answered here and writes x0."""
    step = trial.step
    return (
        isinstance(step, Step)
        and well_formed(step.call)
        and answered_here(step)
        and written(trial.policy, step, 0) is not None
    )


def judge(trial: Trial) -> Finding | None:
    """Such a call where x0 may look like an error without being, at the call's width, one of the
    service's own form."""
    step, policy = trial.step, trial.policy
    if not isinstance(step, Step) or not premise(trial):
        return None
    values = written(policy, step, 0)
    assert values is not None
    owned = service(policy, identifier(policy, step.call))
    looks = looks_like_error(policy)
    if owned.form.marker is not None:
        actual = _marker_fault(policy, step, owned.form, values, looks)
    else:
        actual = _code_fault(policy, step, owned.form, values, looks)
    if actual is None:
        return None
    return Finding(f"what looks like an error is one of `{owned.service}`'s form", actual)


def _code_fault(
    policy: CorePolicy, step: Step, form: ErrorForm, values: IntervalSet, looks: IntervalSet
) -> str | None:
    bits = width(policy, step.call)
    codes = error_words(form, bits)
    for word in looks:
        found = with_low_part(low_parts(values, bits), word, policy.geometry.narrow_bits[0], codes)
        if found is not None:
            return f"x0 comes back as {found:#x}, which is no code of it at {bits} bits"
    return None


def _marker_fault(
    policy: CorePolicy, step: Step, form: ErrorForm, values: IntervalSet, looks: IntervalSet
) -> str | None:
    assert form.marker is not None
    marker = IntervalSet.points([form.marker])
    low = low_parts(values, policy.geometry.narrow_bits[0])
    others = low & (looks - marker)
    if others:
        return f"w0 comes back as {shown(others)} instead of the marker {form.marker:#x}"
    register = form.code_register
    bits = policy.geometry.narrow_bits[register]
    strange = seen(policy, step, register, bits) - error_words(form, bits)
    if low & marker and strange:
        return f"w0 is the marker, but w{register} comes back as {shown(strange)}"
    return None
