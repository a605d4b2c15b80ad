"""The declarations of a policy by name, as elaboration finds and fills them in [ELAB-NAMES]."""

from dataclasses import dataclass, field

from smcproof.spec.core import Callee, DomainBlock, StateVariable
from smcproof.spec.diagnostic import Diagnostics, Note
from smcproof.spec.expr import Name
from smcproof.spec.geometry import FULL, Geometry
from smcproof.spec.interval import IntervalSet
from smcproof.spec.span import Source, Span
from smcproof.spec.types import Enum, Type
from smcproof.spec.vocabulary import Vocabulary

RESERVED = frozenset(
    [
        "fid",
        "canon",
        "imm",
        "conduit",
        "el",
        "aarch32",
        "condition_passed",
        "caller",
        "hypervisor",
        "in",
        "sent",
        "res",
        "r",
        "wr",
        "smc",
        "hvc",
        "svc",
        "any",
        "leaked",
        "none",
        "true",
        "false",
        "not",
        "and",
        "or",
        "implies",
        "range",
        "visible",
        "uuid",
        "ffa_error",
        "yields",
        "rejected",
        "reaches",
        "refused",
        "unknown",
        "succeeds",
        "completed",
        "may_succeed",
        "outcome",
        "decided_by",
        "handled_by",
        "main",
        "otherwise",
        "create",
        "destroy",
        "unclaimed",
    ]
)


RESERVED_RULES = frozenset({"otherwise", "main"})
"""Rules and layers have names of their own; these two are taken."""


@dataclass(frozen=True, slots=True)
class EventSignature:
    """An event's parameters, for ``on`` clauses and for handlers that emit it."""

    name: str
    parameters: tuple[tuple[str, Type], ...]


@dataclass
class Environment:
    """Everything a name can mean outside expressions' own scopes, plus the headers."""

    report: Diagnostics
    source: Source
    source_span: Span
    level: str = "el2"
    geometry: Geometry = FULL
    identifier: str = "w0"
    conduits: tuple[int, ...] = (0, 1)
    serialized: bool = False
    results: tuple[int, ...] = ()
    forwarded: tuple[int, ...] = ()
    answers_zero: tuple[int, ...] = ()
    narrow_errors: bool = False
    hypervisor_id: int = 0
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict[str, Vocabulary])
    domains: dict[str, DomainBlock] = field(default_factory=dict[str, DomainBlock])
    groups: dict[str, IntervalSet] = field(default_factory=dict[str, IntervalSet])
    callees: dict[str, Callee] = field(default_factory=dict[str, Callee])
    sets: dict[str, IntervalSet] = field(default_factory=dict[str, IntervalSet])
    enums: dict[str, Enum] = field(default_factory=dict[str, Enum])
    states: dict[str, StateVariable] = field(default_factory=dict[str, StateVariable])
    events: dict[str, EventSignature] = field(default_factory=dict[str, EventSignature])
    handlers: dict[str, Span] = field(default_factory=dict[str, Span])
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    declared: dict[str, tuple[str, Span]] = field(default_factory=dict[str, tuple[str, Span]])
    deciders: dict[str, tuple[str, Span]] = field(default_factory=dict[str, tuple[str, Span]])
    labels: dict[str, tuple[str, Span]] = field(default_factory=dict[str, tuple[str, Span]])
    used: set[str] = field(default_factory=set[str])

    def declare(self, name: Name, kind: str) -> bool:
        """Claims ``name`` for one declaration; reports and refuses a second one."""
        return self._declare(name, kind, self.declared, RESERVED)

    def declare_rule(self, name: Name, kind: str) -> bool:
        """As ``declare``, among rules and layers, which have names of their own."""
        return self._declare(name, kind, self.deciders, RESERVED_RULES)

    def declare_label(self, name: Name) -> bool:
        """As ``declare``, among the labels of properties."""
        return self._declare(name, "property", self.labels, RESERVED_RULES)

    def _declare(
        self,
        name: Name,
        kind: str,
        among: dict[str, tuple[str, Span]],
        reserved: frozenset[str],
    ) -> bool:
        text = str(name)
        if len(name.parts) != 1 or name.primed:
            self.report.error(
                "name-dotted", f"`{text}` cannot be declared", name.span, "use a plain name"
            )
            return False
        if text in reserved or (among is self.declared and _is_register(text)):
            self.report.error(
                "name-reserved",
                f"`{text}` has a meaning of its own",
                name.span,
                "choose another name",
            )
            return False
        if text in among:
            other, where = among[text]
            self.report.error(
                "name-taken",
                f"`{text}` is declared twice",
                name.span,
                "rename one of the two",
                Note(f"the {other} `{text}` stands here", where),
            )
            return False
        among[text] = (kind, name.span)
        return True

    def report_once(self, span: Span) -> bool:
        """Whether nothing was reported yet for exactly this text."""
        return not self.report.has_error_at(span)

    def use(self, name: str) -> None:
        """Notes that ``name`` is used, for the unused-name lint."""
        self.used.add(name)

    @property
    def domain_count(self) -> int:
        return sum(block.count for block in self.domains.values())

    @property
    def most_vcpus(self) -> int:
        return max((len(block.vcpus) for block in self.domains.values()), default=1)


def bindable(env: Environment, name: Name) -> bool:
    """Whether a pattern or a parameter may bind ``name``: plain, and without a meaning yet."""
    text = str(name)
    return (
        len(name.parts) == 1
        and not name.primed
        and text not in RESERVED
        and not _is_register(text)
        and text not in env.declared
    )


def _is_register(text: str) -> bool:
    return any(
        text.startswith(prefix) and text[len(prefix) :].isdigit()
        for prefix in ("wr", "x", "w", "r")
    )


def nearest(word: str, candidates: list[str]) -> str | None:
    """The candidate most like ``word``, for "did you mean", or None."""
    from difflib import get_close_matches

    found = get_close_matches(word, candidates, n=1, cutoff=0.6)
    return found[0] if found else None
