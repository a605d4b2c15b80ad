"""The canonical layout of policy text, behind ``smcproof fmt`` [SYNTAX-LAYOUT].

Works on the tokens and comments of the text, arranged by the grammar; it moves white space only, so
nothing can be lost.
"""

from smcproof.grammar.layout.file import format_text

__all__ = ["format_text"]
