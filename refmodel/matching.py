"""Which rule decides: first match in order, layer by layer [DISPATCH-FIRST-MATCH]."""

from smcproof.refmodel.evaluator import Frame, holds
from smcproof.spec.core import Leave, Rule
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Tried


class NoRule(Exception):
    """No rule matches: the policy does not cover this call [DISPATCH-TOTAL]."""

    def __init__(self, where: str, tried: tuple[Tried, ...]) -> None:
        super().__init__(f"no rule of {where} matches")
        self.where = where
        self.tried = tried


def first_match(
    rules: tuple[Rule, ...], layer: str, frame: Frame, tried: list[Tried]
) -> Rule | None:
    """The first rule whose conjuncts all hold, or None; every rule that was looked at is added to
    ``tried``."""
    for rule in rules:
        failed = next(
            (at for at, part in enumerate(rule.guard) if not holds(part.test, frame)), None
        )
        tried.append(Tried(layer, rule.name, failed, rule.span))
        if failed is None:
            return rule
    return None


def decide(policy: CorePolicy, frame: Frame, tried: list[Tried]) -> tuple[str, Rule]:
    """The layer and rule that decide a call; a layer's ``pass`` hands it to the next. Raises
    ``NoRule``."""
    for layer in policy.layers:
        rule = first_match(layer.rules, layer.name, frame, tried)
        if rule is not None and not (
            isinstance(rule.outcome, Leave) and rule.outcome.word == "pass"
        ):
            return layer.name, rule
    raise NoRule("the policy", tuple(tried))
