"""Files and declarations [SYNTAX-POLICY]."""

from collections.abc import Iterable
from typing import Any as Unknown

from lark import Token, Tree
from lark.tree import Meta

from smcproof.grammar.transformer.expressions import Children, first, only, with_meta
from smcproof.grammar.transformer.rules import RuleNodes
from smcproof.spec import expr as e
from smcproof.spec import outcome as o
from smcproof.spec import policy as p


def _flat(children: Iterable[Unknown]) -> tuple[p.Item, ...]:
    """One ``use`` or ``prove`` line declares several items."""
    items: list[p.Item] = []
    for child in children:
        items.extend(child if isinstance(child, tuple) else (child,))
    return tuple(items)


@with_meta
class PolicyNodes(RuleNodes):
    """Adds ``smcproof.spec.policy`` nodes; ``build`` is what the parser calls."""

    def build(self, tree: Tree[Token]) -> p.PolicyFile:
        built: p.PolicyFile = self.transform(tree)
        return built

    # ---- files ----

    def file(self, meta: Meta, children: Children) -> p.PolicyFile:
        return p.PolicyFile(
            version=first(children, e.Number),
            includes=only(children, p.Include),
            items=_flat(
                child
                for child in children
                if not isinstance(child, (e.Number, p.Include, p.PolicyBlock)) and child is not None
            ),
            policy=first(children, p.PolicyBlock),
            span=self.span(meta),
        )

    def version(self, meta: Meta, children: Children) -> e.Number:
        built: e.Number = children[0]
        return built

    def include(self, meta: Meta, children: Children) -> p.Include:
        return p.Include(children[0], self.span(meta))

    def policy(self, meta: Meta, children: Children) -> p.PolicyBlock:
        name, level, *items = children
        return p.PolicyBlock(name, level, _flat(items), self.span(meta))

    # ---- headers ----

    def header(self, meta: Meta, children: Children) -> p.Header:
        keyword, *operands = children
        return p.Header(str(keyword), tuple(operands), self.span(meta))

    def registers(self, meta: Meta, children: Children) -> e.Range:
        low, high = children
        return e.Range(low, high, self.span(meta))

    def use(self, meta: Meta, children: Children) -> tuple[p.Use, ...]:
        return tuple(children)

    def used(self, meta: Meta, children: Children) -> p.Use:
        name, version, path = children
        return p.Use(name, None if version is None else str(version), path, self.span(meta))

    # ---- callers and callees ----

    def domain(self, meta: Meta, children: Children) -> p.Domain:
        name, family, *properties = children
        return p.Domain(name, family, tuple(properties), self.span(meta))

    def hypervisor(self, meta: Meta, children: Children) -> p.Domain:
        return p.Domain(None, None, tuple(children), self.span(meta))

    def family(self, meta: Meta, children: Children) -> p.Family:
        variable, low, high = children
        return p.Family(variable, low, high, self.span(meta))

    def property(self, meta: Meta, children: Children) -> p.Property:
        name, *values = children
        return p.Property(name, None, tuple(values), self.span(meta))

    def flag(self, meta: Meta, children: Children) -> p.Property:
        return p.Property(children[0], None, (), self.span(meta))

    def attribute(self, meta: Meta, children: Children) -> p.Property:
        name, declared, *values = children
        return p.Property(name, declared, tuple(values), self.span(meta))

    def group(self, meta: Meta, children: Children) -> p.Group:
        name, *members = children
        return p.Group(name, tuple(members), self.span(meta))

    def callee(self, meta: Meta, children: Children) -> p.Callee:
        name, *properties = children
        return p.Callee(name, tuple(properties), self.span(meta))

    def callee_property(self, meta: Meta, children: Children) -> p.CalleeProperty:
        keyword, *rest = children
        ranges: tuple[e.Range, ...] = ()
        condition: e.Expr | None = None
        for part in rest:
            if isinstance(part, tuple):
                ranges = part
            else:
                condition = part
        return p.CalleeProperty(str(keyword), ranges, condition, self.span(meta))

    def idset(self, meta: Meta, children: Children) -> p.IdSet:
        name, ids = children
        return p.IdSet(name, ids, self.span(meta))

    def allow(self, meta: Meta, children: Children) -> p.Allow:
        issuer, callee, ids, guard = children
        return p.Allow(issuer, callee, ids, guard, self.span(meta))

    # ---- state and events ----

    def enumeration(self, meta: Meta, children: Children) -> p.Enumeration:
        name, *members = children
        return p.Enumeration(name, tuple(members), self.span(meta))

    def state(self, meta: Meta, children: Children) -> p.State:
        name, declared, initial, frozen = children
        return p.State(name, declared, initial, frozen is not None, self.span(meta))

    def event(self, meta: Meta, children: Children) -> p.Event:
        name, *parameters = children
        return p.Event(name, only(parameters, p.Parameter), self.span(meta))

    def parameter(self, meta: Meta, children: Children) -> p.Parameter:
        name, declared = children
        return p.Parameter(name, declared, self.span(meta))

    def type(self, meta: Meta, children: Children) -> e.TypeName:
        name, optional, index = children
        return e.TypeName(str(name), optional is not None, None, None, index, self.span(meta))

    def bounded_type(self, meta: Meta, children: Children) -> e.TypeName:
        low, high, index = children
        return e.TypeName("", False, low, high, index, self.span(meta))

    def index_type(self, meta: Meta, children: Children) -> e.TypeName:
        if len(children) == 1:
            return e.TypeName(str(children[0]), False, None, None, None, self.span(meta))
        return e.TypeName("", False, children[0], children[1], None, self.span(meta))

    def on(self, meta: Meta, children: Children) -> p.On:
        event, *rest = children
        *names, guard, outcome, effect = rest
        return p.On(event, only(names, e.Name), guard, outcome, effect, self.span(meta))

    # ---- proofs and examples ----

    def prove(self, meta: Meta, children: Children) -> tuple[p.Prove, ...]:
        *claims, exemptions, expectation = children
        excused, excuse = exemptions or ((), None)
        expected, reason = expectation or (None, None)
        return tuple(
            p.Prove(
                label=claim.label,
                property=claim.property,
                arguments=claim.arguments,
                mode=claim.mode,
                statement=claim.statement,
                exemptions=excused,
                exemption_reason=excuse,
                expected=expected,
                expected_reason=reason,
                several=len(claims) > 1,
                span=claim.span if len(claims) > 1 else self.span(meta),
            )
            for claim in claims
        )

    def claim(self, meta: Meta, children: Children) -> p.Prove:
        name, arguments = children
        return p.Prove(
            None, name, arguments or (), None, None, (), None, None, None, False, self.span(meta)
        )

    def statement(self, meta: Meta, children: Children) -> p.Prove:
        label, mode, statement = children
        return p.Prove(
            label, None, (), str(mode), statement, (), None, None, None, False, self.span(meta)
        )

    def arguments(self, meta: Meta, children: Children) -> tuple[p.Argument, ...]:
        return tuple(children)

    def argument(self, meta: Meta, children: Children) -> p.Argument:
        return p.Argument(None, tuple(children), self.span(meta))

    def named_argument(self, meta: Meta, children: Children) -> p.Argument:
        return p.Argument(str(children[0]), (children[1],), self.span(meta))

    def when_argument(self, meta: Meta, children: Children) -> p.Argument:
        return p.Argument("when", tuple(children), self.span(meta))

    def except_argument(self, meta: Meta, children: Children) -> p.Argument:
        return p.Argument("except", tuple(children), self.span(meta))

    def exemptions(self, meta: Meta, children: Children) -> tuple[tuple[p.Exemption, ...], str]:
        *listed, reason = children
        return tuple(listed), reason.value

    def exemption(self, meta: Meta, children: Children) -> p.Exemption:
        return p.Exemption("ids", children[0], self.span(meta))

    def caller_exemption(self, meta: Meta, children: Children) -> p.Exemption:
        return p.Exemption("caller", children[0], self.span(meta))

    def conduit_exemption(self, meta: Meta, children: Children) -> p.Exemption:
        return p.Exemption("conduit", children[0], self.span(meta))

    def expectation(self, meta: Meta, children: Children) -> tuple[e.Name, str]:
        return children[0], children[1].value

    def example(self, meta: Meta, children: Children) -> p.Example:
        title, caller, member, *rest = children
        *options, conduit, imm, identifier, registers, state, answered, expected, callee, effect = (
            rest
        )
        if imm is not None:
            options.append(("imm", imm))
        return p.Example(
            title=title,
            caller=caller,
            member=member,
            options=tuple(options),
            conduit=conduit,
            identifier=identifier,
            registers=registers,
            state=state,
            answered=answered,
            expected=expected,
            callee=callee,
            effect=effect,
            span=self.span(meta),
        )

    member = version
    imm = version

    def option(self, meta: Meta, children: Children) -> tuple[str, e.Number | None]:
        word: Token = children[0]
        return str(word), children[1] if len(children) > 1 else None

    def example_map(self, meta: Meta, children: Children) -> e.RegisterMap:
        built: e.RegisterMap = children[0]
        return built

    def example_state(self, meta: Meta, children: Children) -> o.Block:
        built: o.Block = children[0]
        return built

    answered = example_map

    def expected(self, meta: Meta, children: Children) -> o.Outcome | e.Name:
        child: o.Outcome | Token = children[0]
        return self.simple_name(child) if isinstance(child, Token) else child

    def to_callee(self, meta: Meta, children: Children) -> e.Name:
        built: e.Name = children[0]
        return built
