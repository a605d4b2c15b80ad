"""Events and what they may do: one that a contract emits sends nothing, and what an event sends is
exact [STATE-EMIT] [STATE-EVENT]."""

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core import Forward, Free
from smcproof.spec.core_policy import CorePolicy


def check_emits(env: Environment, policy: CorePolicy) -> None:
    """Reports events whose clauses a single step could not account for."""
    emitted = {
        emit.event
        for handler in policy.handlers
        for clause in handler.clauses or ()
        for emit in clause.emits
    }
    for event in policy.events:
        for clause in event.clauses:
            if not isinstance(clause.outcome, Forward):
                continue
            if event.name in emitted:
                env.report.error(
                    "emit-forward",
                    f"a contract emits `{event.name}`, so it cannot forward",
                    clause.span,
                    "let another event issue the call",
                )
            if any(isinstance(source, Free) for _, source in clause.outcome.sent):
                env.report.error(
                    "event-loose",
                    "what the hypervisor sends for an event must be exact",
                    clause.span,
                    "give every register a value",
                )
