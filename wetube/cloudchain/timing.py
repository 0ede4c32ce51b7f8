"""A limit on the processor time that one call or transaction may take."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_armed: list[float] = []


class TookTooLong(Exception):
    """The machine was stopped in the middle; nothing of it was kept."""


class _TimeIsUp(BaseException):
    """Raised wherever the machine is; no Exception, lest the machine take it for a fault."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TookTooLong when what is within uses more of the processor than that.

    Counts the process's own time, so that a busy computer stops no honest call. It works by a
    signal (SIGVTALRM), which Python hands to the main thread alone.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("The machine runs in the main thread.")
    before = signal.signal(signal.SIGVTALRM, _stop)
    _armed.append(seconds)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        yield
    except _TimeIsUp:
        raise TookTooLong(f"execution aborted (timeout = {seconds:g}s of processor time)") from None
    finally:
        _armed.clear()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    if _armed:
        raise _TimeIsUp
