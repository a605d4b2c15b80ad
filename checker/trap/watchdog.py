"""Stopping the emulator from outside: when it takes too long, and on Ctrl-C [TRAP-BOUND].

The emulator's own timeout polls in a thread, which was measured to cost 160 microseconds per start
and a tenth of the speed. A POSIX timer costs nothing until it fires; where there is none the
emulator's own timeout is used.
"""

import ctypes
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_CLOCK_MONOTONIC = 1
_SIGEV_THREAD = 2


class _SigEvent(ctypes.Structure):
    """``struct sigevent`` of Linux on 64-bit machines."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("function", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("padding", ctypes.c_char * 32),
    )


class _TimerSpec(ctypes.Structure):
    """``struct itimerspec``: interval, then the time until it fires."""

    _fields_ = (
        ("interval_seconds", ctypes.c_long),
        ("interval_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class Watchdog:
    """Calls ``stop(argument)``, a C function, when armed for longer than it was told."""

    def __init__(self, stop: Any, argument: int) -> None:
        self._timer = ctypes.c_void_p()
        self._library: Any = None
        self._deadline = 0.0
        if not sys.platform.startswith("linux") or sys.maxsize < 1 << 32:
            return
        library: Any = ctypes.CDLL(None)
        event = _SigEvent(
            value=argument,
            notify=_SIGEV_THREAD,
            function=ctypes.cast(stop, ctypes.c_void_p).value,
        )
        create = getattr(library, "timer_create", None)
        if create is None or create(
            _CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)
        ):
            return
        self._library = library
        weakref.finalize(self, library.timer_delete, self._timer)

    @property
    def works(self) -> bool:
        """Whether there is a timer; otherwise the emulator must watch the time itself."""
        return self._library is not None

    def arm(self, seconds: float) -> None:
        """From now on."""
        self._deadline = time.monotonic() + seconds
        self._set(seconds)

    def disarm(self) -> bool:
        """Whether the time was exceeded."""
        self._set(0.0)
        return time.monotonic() >= self._deadline

    def _set(self, seconds: float) -> None:
        if self._library is not None:
            whole = int(seconds)
            spec = _TimerSpec(seconds=whole, nanoseconds=int((seconds - whole) * 1e9))
            self._library.timer_settime(self._timer, 0, ctypes.byref(spec), None)


@contextmanager
def interruptible(stop: Callable[[], None]) -> Generator[None, None, None]:
    """Has Ctrl-C call ``stop``, and then do what it would have done. Raised inside a callback of the
    emulator KeyboardInterrupt would be printed and forgotten."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        stop()

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
            raise KeyboardInterrupt
