"""From Lark's parse tree to the abstract syntax, one method a grammar rule."""
