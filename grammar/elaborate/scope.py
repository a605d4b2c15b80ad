"""What an expression may read where it stands [ELAB-SCOPE]."""

from dataclasses import dataclass, field, replace

from smcproof.grammar.elaborate.environment import Environment
from smcproof.spec.core import Bank, Expr


@dataclass(frozen=True)
class Scope:
    """``plain`` is the bank of a bare ``x1`` or ``fid`` (None: it must be written ``in.`` or
    ``sent.``). ``banks`` can be read at all. ``locals`` are bound arguments and event parameters.
    ``after`` allows primed state, ``facts`` the words of properties, ``answer`` ``yields`` and
    ``rejected``. ``place`` is how messages call the place.
    """

    env: Environment
    place: str
    plain: Bank | None = Bank.IN
    banks: frozenset[Bank] = frozenset({Bank.IN})
    state: bool = True
    caller: bool = True
    answer: bool = False
    after: bool = False
    facts: bool = False
    locals: dict[str, Expr] = field(default_factory=dict[str, Expr])

    def binding(self, names: dict[str, Expr]) -> "Scope":
        """The same place with more local names."""
        return replace(self, locals={**self.locals, **names})


_ANSWER = frozenset({Bank.IN, Bank.SENT, Bank.RESULT})


def rule_scope(env: Environment, place: str = "a rule") -> Scope:
    return Scope(env, place)


def answer_scope(scope: Scope) -> Scope:
    """Inside a rule or an event clause, after the callee has answered."""
    banks = _ANSWER if scope.caller else frozenset({Bank.SENT, Bank.RESULT})
    return replace(scope, place="an effect after `forward`", banks=banks, answer=True)


def callee_scope(env: Environment, *, answer: bool) -> Scope:
    """In a callee's declaration registers are those that reached it."""
    return Scope(
        env,
        "a callee's declaration",
        plain=Bank.SENT,
        banks=frozenset({Bank.SENT, Bank.RESULT}),
        state=False,
        caller=False,
        answer=answer,
    )


def allow_scope(env: Environment, *, hypervisor: bool) -> Scope:
    return Scope(
        env,
        "an `allow`",
        plain=None,
        banks=frozenset({Bank.SENT} if hypervisor else {Bank.IN, Bank.SENT}),
        caller=not hypervisor,
    )


def event_scope(env: Environment, parameters: dict[str, Expr]) -> Scope:
    return Scope(
        env,
        "an event",
        plain=None,
        banks=frozenset(),
        caller=False,
        locals=parameters,
    )


def property_scope(env: Environment) -> Scope:
    return Scope(
        env,
        "a property",
        banks=frozenset({Bank.IN, Bank.SENT, Bank.RESULT, Bank.AFTER}),
        answer=True,
        after=True,
        facts=True,
    )


def state_scope(env: Environment, *, after: bool) -> Scope:
    """Over states only: ``invariant``, ``step`` and the conditions of properties on states."""
    return Scope(
        env,
        "a statement about states",
        plain=None,
        banks=frozenset(),
        caller=False,
        after=after,
    )
