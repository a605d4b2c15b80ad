"""What a user's own property reads: the whole step, once for each SMC of it [PROPERTY-FOR-ALL]."""

from collections.abc import Iterator

from smcproof.refmodel.evaluator import Frame
from smcproof.refmodel.judge.words import completed, may_succeed, refused, succeeds, unknown
from smcproof.spec.core_policy import CorePolicy
from smcproof.spec.record import Sent, Step


def facts(policy: CorePolicy, step: Step, sent: Sent | None) -> frozenset[tuple[str, str]]:
    """The words that are true of a step and one SMC of it."""
    words = {
        "refused": refused,
        "unknown": unknown,
        "succeeds": succeeds,
        "may_succeed": may_succeed,
    }
    found = {(word, "") for word, holds in words.items() if holds(policy, step)}
    if completed(step):
        found.add(("completed", ""))
    found |= {("decided_by", step.rule), ("decided_by", step.layer), ("outcome", step.outcome)}
    if step.handler is not None:
        found.add(("handled_by", step.handler))
    if sent is not None:
        found.add(("reaches", sent.callee))
    return frozenset(found)


def situations(policy: CorePolicy, step: Step) -> Iterator[tuple[int | None, Frame]]:
    """The SMC's index and the frame of its situation; one without an SMC if nothing leaves."""
    sends: tuple[Sent | None, ...] = step.sends or (None,)
    for index, sent in enumerate(sends):
        yield (
            None if sent is None else index,
            Frame(
                policy,
                step.before,
                step.call,
                sent=None if sent is None else sent.registers,
                answer=step.answer,
                reached=None if sent is None else sent.callee,
                after=step.after,
                registers=step.registers,
                pc=step.pc,
                facts=facts(policy, step, sent),
            ),
        )
