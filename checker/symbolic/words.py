"""The words that properties use, as terms over one symbolic step [PROPERTY-WORDS]."""

from dataclasses import dataclass
from functools import cached_property

from smcproof.checker.symbolic.dispatcher import SymbolicStep
from smcproof.checker.symbolic.env import canonical, visible_imm
from smcproof.checker.symbolic.factory import (
    Bits,
    Truth,
    conjunction,
    constant,
    disjunction,
    equal,
    extract,
    member,
    negation,
)
from smcproof.spec.interval import IntervalSet
from smcproof.spec.service import OwnedForm
from smcproof.spec.vocabulary import ErrorForm
from smcproof.spec.word import truncate


@dataclass(frozen=True)
class Words:
    """The words of one step, each built once."""

    step: SymbolicStep

    # ---- of the call ----

    @cached_property
    def canon(self) -> Bits:
        """canon(x0) as it entered."""
        return canonical(self.step.call.x[0], self.step.policy.geometry)

    @cached_property
    def well_formed(self) -> Truth:
        """[PROPERTY-WELL-FORMED]"""
        return conjunction((negation(self.visible_imm_not_zero), self.step.call.condition_passed))

    @cached_property
    def plain(self) -> Truth:
        """Well-formed, with x0 its own canon and nothing above it."""
        geometry = self.step.policy.geometry
        x0 = self.step.call.x[0]
        parts = [self.well_formed, equal(extract(x0, geometry.id_bits - 1, 0), self.canon)]
        if x0.size() > geometry.id_bits:
            upper = extract(x0, x0.size() - 1, geometry.id_bits)
            parts.append(equal(upper, constant(0, upper.size())))
        return conjunction(parts)

    @cached_property
    def smc64(self) -> Truth:
        """Whether canon(x0) asks for the 64-bit form."""
        part = self.step.policy.geometry.smc64
        return equal(extract(self.canon, part.high, part.low), constant(1, 1))

    @cached_property
    def narrow(self) -> Truth:
        """Whether results are read in w0 [PROPERTY-WIDTH]."""
        return disjunction((negation(self.smc64), self.step.call.aarch32))

    def identifier_in(self, ids: IntervalSet) -> Truth:
        return member(self.canon, ids)

    @cached_property
    def visible_imm_not_zero(self) -> Truth:
        imm = visible_imm(self.step.call)
        return negation(equal(imm, constant(0, imm.size())))

    # ---- of the outcome ----

    @cached_property
    def completed(self) -> Truth:
        """[PROPERTY-COMPLETED]"""
        return disjunction(
            leaf.condition
            for leaf in self.step.leaves
            if leaf.outcome != "deliver" and leaf.effective in ("forward", "return", "handle")
        )

    @cached_property
    def answered_here(self) -> Truth:
        return disjunction(
            leaf.condition
            for leaf in self.step.leaves
            if leaf.outcome != "deliver" and leaf.effective in ("return", "handle")
        )

    @cached_property
    def _stopped(self) -> Truth:
        return disjunction(
            leaf.condition for leaf in self.step.leaves if leaf.effective in ("undef", "stop")
        )

    @cached_property
    def refused_by_code(self) -> Truth:
        """x0, whatever value it may have, is an error of its service's form."""
        return disjunction(
            conjunction((self.identifier_in(owned.ids), self._error(owned.form)))
            for owned in self.step.policy.forms
        )

    def _error(self, form: ErrorForm) -> Truth:
        geometry = self.step.policy.geometry
        x0 = self.step.register(0)
        if form.marker is not None:
            return x0.always_in(IntervalSet.points([form.marker]), geometry.id_bits)
        return self._at_width([value for _, value in form.codes])

    def _at_width(self, codes: list[int]) -> Truth:
        """Every value of x0 is, at the call's width, one of the codes."""
        geometry = self.step.policy.geometry
        x0 = self.step.register(0)
        low, full = geometry.id_bits, geometry.register_bits[0]
        in_low = x0.always_in(IntervalSet.points(truncate(c, low) for c in codes), low)
        in_full = x0.always_in(IntervalSet.points(truncate(c, full) for c in codes), full)
        return disjunction(
            (conjunction((self.narrow, in_low)), conjunction((negation(self.narrow), in_full)))
        )

    @cached_property
    def refused(self) -> Truth:
        """[PROPERTY-REFUSED]"""
        return disjunction((self._stopped, conjunction((self.completed, self.refused_by_code))))

    @cached_property
    def unknown(self) -> Truth:
        """[PROPERTY-UNKNOWN]"""
        return conjunction(
            (self.completed, disjunction(map(self._unknown, self.step.policy.forms)))
        )

    def _unknown(self, owned: OwnedForm) -> Truth:
        form = owned.form
        code = form.value(form.unknown)
        assert code is not None
        geometry = self.step.policy.geometry
        if form.marker is None:
            return conjunction((self.identifier_in(owned.ids), self._at_width([code])))
        bits = geometry.narrow_bits[form.code_register]
        register = self.step.register(form.code_register)
        named = register.always_in(IntervalSet.points([truncate(code, bits)]), bits)
        return conjunction((self.identifier_in(owned.ids), self._error(form), named))

    @cached_property
    def succeeds(self) -> Truth:
        """Completed, and no value of x0 is an error code."""
        return conjunction((self.completed, negation(self._may_be_error)))

    @cached_property
    def _may_be_error(self) -> Truth:
        geometry = self.step.policy.geometry
        x0 = self.step.register(0)
        low, full = geometry.id_bits, geometry.register_bits[0]
        parts: list[Truth] = []
        for owned in self.step.policy.forms:
            here = self.identifier_in(owned.ids)
            if owned.form.marker is not None:
                some = x0.sometimes_in(IntervalSet.points([owned.form.marker]), low)
            else:
                codes = [value for _, value in owned.form.codes]
                in_low = x0.sometimes_in(IntervalSet.points(truncate(c, low) for c in codes), low)
                in_full = x0.sometimes_in(
                    IntervalSet.points(truncate(c, full) for c in codes), full
                )
                some = disjunction(
                    (
                        conjunction((self.narrow, in_low)),
                        conjunction((negation(self.narrow), in_full)),
                    )
                )
            parts.append(conjunction((here, some)))
        return disjunction(parts)

    @cached_property
    def may_succeed(self) -> Truth:
        """Completed, and some value of x0 is no error code."""
        return conjunction((self.completed, negation(self.refused_by_code)))

    @cached_property
    def forwarded(self) -> Truth:
        return self.step.where(outcome="forward")

    def facts(self) -> dict[tuple[str, str], Truth]:
        """What a user's statement can ask of the step, ``reaches`` apart."""
        step = self.step
        found = {
            ("refused", ""): self.refused,
            ("unknown", ""): self.unknown,
            ("succeeds", ""): self.succeeds,
            ("completed", ""): self.completed,
            ("may_succeed", ""): self.may_succeed,
        }
        for word in {leaf.outcome for leaf in step.leaves}:
            found["outcome", word] = step.where(outcome=word)
        for handler in step.policy.handlers:
            found["handled_by", handler.name] = disjunction(
                leaf.condition for leaf in step.leaves if leaf.handler == handler.name
            )
        deciders: dict[str, list[Truth]] = {}
        for taken in step.taken:
            if not _passes(taken.rule.outcome):
                deciders.setdefault(taken.rule.name, []).append(taken.condition)
                deciders.setdefault(taken.layer, []).append(taken.condition)
        for name, conditions in deciders.items():
            found["decided_by", name] = disjunction(conditions)
        return found


def _passes(outcome: object) -> bool:
    return getattr(outcome, "word", None) == "pass"
