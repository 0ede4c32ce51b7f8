"""A payout in a process of its own that is killed at one step: a function, by its module's name."""

import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from django.db import connections

from wetube.chain import events, outbox
from wetube.settlement import crediting, posting, pushing


def pay_and_die(when: str, step: str) -> None:
    """Returns when the process was killed before, or after, its first time at that step."""
    connections.close_all()  # a fork shares what is open
    child = os.fork()
    if not child:
        try:
            _pay(when, step)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"it never came to {step}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def _pay(when: str, step: str) -> None:
    """A payout from its root to its payment, as the jobs of a site take it."""
    name, function = step.rsplit(".", 1)
    module = import_module(f"wetube.{name}")
    setattr(module, function, _dying(getattr(module, function), when))
    posting.pay_out_now()
    for _ in range(20):
        outbox.pump()
        events.sync()
        crediting.credit()
        pushing.push()


def _dying(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    def run(*args: Any, **options: Any) -> NoReturn:
        if when == "after":
            step(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    return run
