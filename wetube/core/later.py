"""Asking a worker, once the transaction has kept what the work is about."""

import logging
from functools import partial
from typing import Any, ParamSpec

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

Args = ParamSpec("Args")
logger = logging.getLogger(__name__)


def after_commit(task: "Task[Args, Any]", *args: Args.args, **kwargs: Args.kwargs) -> None:
    """Send `task` to the queue after the commit.

    The row holds the state and a beat task takes up what stalled, so a broker
    that is away costs seconds, never the work: it is logged, not raised.
    """
    transaction.on_commit(partial(_send, task, *args, **kwargs))


def _send(task: "Task[..., Any]", *args: object, **kwargs: object) -> None:
    try:
        task.apply_async(args, kwargs, retry=False)
    except OperationalError as error:
        logger.warning("The broker is away; %s waits for the next sweep: %s", task.name, error)
