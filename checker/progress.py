"""Progress on a terminal: a bar with rate and remaining time, for what takes over a second."""

from types import TracebackType

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

from smcproof.checker.terminal import console, interactive


class Progress:
    """A bar on stderr for the time of a ``with`` block; nothing off a terminal."""

    def __init__(self, title: str, total: int, *, enabled: bool = True) -> None:
        self._bar: RichProgress | None = None
        if enabled and interactive():
            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=console(error=True),
                transient=True,
            )
            self._task = self._bar.add_task(title, total=total)

    def __enter__(self) -> "Progress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, done: int) -> None:
        """``done`` of the total are done."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done)
