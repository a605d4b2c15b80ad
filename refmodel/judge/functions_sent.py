"""The functions in use that an SMC by a domain may leave as, with the arguments of one kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from smcproof.refmodel.judge.leaving import Leaving, by_domain
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import EventStep, Step
from smcproof.spec.vocabulary import ArgumentSpec, Function


@dataclass(frozen=True, slots=True)
class Passed:
    """``argument`` of ``function``, called as ``canonical``, passes with one SMC."""

    sent: Leaving
    canonical: int
    service: str
    function: Function
    argument: ArgumentSpec

    @property
    def shown(self) -> str:
        return f"`{self.argument.name}` of `{self.service}.{self.function.name}`"


def passed(policy: CorePolicy, step: Step | EventStep, kind: str) -> Iterator[Passed]:
    """Every argument of ``kind`` in every SMC that a domain makes."""
    for sent in by_domain(policy, step):
        for vocabulary in policy.vocabularies:
            for function in vocabulary.functions:
                for canonical in function.ids & sent.ids:
                    for argument in function.arguments:
                        if argument.kind == kind:
                            yield Passed(sent, canonical, vocabulary.name, function, argument)
