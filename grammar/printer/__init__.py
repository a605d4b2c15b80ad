"""Core policies and expressions as text [SYNTAX-CORE]: what ``check --core`` prints and what messages,
traces and explanations show."""

from smcproof.grammar.printer.core import print_core
from smcproof.grammar.printer.expressions import print_expr

__all__ = ["print_core", "print_expr"]
