"""Rules, outcomes and effects [SYNTAX-OUTCOME]."""

from lark.tree import Meta

from smcproof.grammar.transformer.expressions import Children, ExpressionNodes, only, with_meta
from smcproof.spec import expr as e
from smcproof.spec import outcome as o
from smcproof.spec import policy as p
from smcproof.spec.span import Span


@with_meta
class RuleNodes(ExpressionNodes):
    """Adds ``smcproof.spec.outcome`` nodes."""

    def handler(self, meta: Meta, children: Children) -> p.Handler:
        name, level = children
        return p.Handler(name, level, None, self.span(meta))

    def handler_body(self, meta: Meta, children: Children) -> p.Handler:
        name, level, *clauses = children
        return p.Handler(name, level, tuple(clauses), self.span(meta))

    def clause(self, meta: Meta, children: Children) -> o.Rule:
        if isinstance(children[0], o.Rule):
            return children[0]
        guard, decision = children
        return self.make_rule(meta, None, guard, decision, guard.span)

    def layer(self, meta: Meta, children: Children) -> p.Layer:
        name, *rules = children
        return p.Layer(name, tuple(rules), self.span(meta))

    def rule(self, meta: Meta, children: Children) -> o.Rule:
        name, guard, decision = children
        return self.make_rule(meta, name, guard, decision, name.span)

    def otherwise(self, meta: Meta, children: Children) -> o.Rule:
        whole = self.span(meta)
        word = Span(
            whole.source, whole.start, whole.start + len("otherwise"), whole.line, whole.column
        )
        return self.make_rule(meta, None, None, children[0], word)

    def make_rule(
        self,
        meta: Meta,
        name: e.Name | None,
        guard: e.Expr | None,
        decision: Children,
        head: Span,
    ) -> o.Rule:
        outcome, *rest = decision
        return o.Rule(
            name=name,
            guard=guard,
            outcome=outcome,
            effect=rest[-1],
            reaches=only(rest[:-1], o.Reaches),
            emits=only(rest[:-1], e.Apply),
            span=self.span(meta),
            head=head,
        )

    def decision(self, meta: Meta, children: Children) -> Children:
        return children

    def reaches(self, meta: Meta, children: Children) -> o.Reaches:
        callee, sent = children
        return o.Reaches(callee, sent, self.span(meta))

    def emits(self, meta: Meta, children: Children) -> e.Apply:
        name, *arguments = children
        return e.Apply(name, tuple(part for part in arguments if part is not None), self.span(meta))

    def then(self, meta: Meta, children: Children) -> o.Effect:
        effect: o.Effect = children[0]
        return effect

    def forward(self, meta: Meta, children: Children) -> o.Forward:
        sent, returning, issuing = children
        return o.Forward(sent, returning, issuing, self.span(meta))

    def return_map(self, meta: Meta, children: Children) -> o.Return:
        return o.Return(children[0], self.span(meta))

    def return_code(self, meta: Meta, children: Children) -> o.Return:
        return o.Return(children[0], self.span(meta))

    def handle(self, meta: Meta, children: Children) -> o.Handle:
        return o.Handle(children[0], self.span(meta))

    def deliver(self, meta: Meta, children: Children) -> o.Deliver:
        handler, where, writing = children
        return o.Deliver(handler, str(where) == "after", writing, self.span(meta))

    def undef(self, meta: Meta, children: Children) -> o.Undef:
        where, vector = children
        return o.Undef(where is not None and str(where) == "after", vector, self.span(meta))

    def stop(self, meta: Meta, children: Children) -> o.Stop:
        scope, written = children
        return o.Stop(scope is not None and str(scope) == "domain", written, self.span(meta))

    def resume(self, meta: Meta, children: Children) -> o.Resume:
        target, written = children
        return o.Resume(target, written, self.span(meta))

    def leave(self, meta: Meta, children: Children) -> o.Leave:
        return o.Leave(str(children[0]), self.span(meta))

    def assign(self, meta: Meta, children: Children) -> o.Assign:
        target, value = children
        return o.Assign(target, value, self.span(meta))

    def target(self, meta: Meta, children: Children) -> e.Expr:
        name, index = children
        return name if index is None else e.Index(name, index, self.span(meta))

    def block(self, meta: Meta, children: Children) -> o.Block:
        return o.Block(tuple(children), self.span(meta))

    def conditional(self, meta: Meta, children: Children) -> o.If:
        condition, then, otherwise = children
        return o.If(condition, then, otherwise, self.span(meta))
