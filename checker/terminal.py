"""Where results and everything else go: stdout and stderr, coloured on a terminal only.

``NO_COLOR`` is honoured, meaning is never by colour alone, and long lines are not wrapped.
"""

import sys
from functools import lru_cache

from rich.console import Console
from rich.text import Text


@lru_cache(maxsize=2)
def console(*, error: bool = False) -> Console:
    """The console of stdout, or of stderr."""
    return Console(
        file=sys.stderr if error else sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )


def say(*parts: str | tuple[str, str], error: bool = False) -> None:
    """Prints one line of parts; a part may be (text, style)."""
    console(error=error).print(Text.assemble(*parts), soft_wrap=True)


def interactive() -> bool:
    """Whether progress may be drawn."""
    return console(error=True).is_terminal
