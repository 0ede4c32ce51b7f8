"""Callers share a commit, each is answered, and no thread stays behind."""

import os
import signal
import threading
import time

import pytest

from tests.cloudcoin import make
from wetube.cloudcoin.group_commit import GroupCommit, Interrupted


def test_those_who_come_during_a_commit_share_the_next() -> None:
    threads = threading.active_count()
    batches: list[list[int]] = []
    first, others = threading.Event(), threading.Barrier(10)

    def settle(items: list[int]) -> None:
        batches.append(items)
        first.wait(5)

    queue: GroupCommit[int] = GroupCommit(settle, most=100)

    def come(number: int) -> int:
        if number:
            others.wait()
        queue.submit(number)
        return number

    def release() -> int:
        others.wait()
        time.sleep(0.2)
        first.set()
        return -1

    make.together(*(lambda number=number: come(number) for number in range(10)), release)

    assert sorted(item for batch in batches for item in batch) == list(range(10))
    assert len(batches) <= 3
    assert threading.active_count() <= threads


def test_a_batch_has_its_size() -> None:
    sizes: list[int] = []

    def settle(items: list[int]) -> None:
        sizes.append(len(items))
        time.sleep(0.02)

    queue: GroupCommit[int] = GroupCommit(settle, most=3)
    make.together(*(lambda number=number: queue.submit(number) for number in range(12)))

    assert max(sizes) <= 3
    assert sum(sizes) == 12


def test_a_stopped_leader_leaves_nobody_waiting() -> None:
    calls: list[int] = []

    def settle(items: list[int]) -> None:
        calls.extend(items)
        time.sleep(0.1)
        if len(calls) == len(items):
            raise KeyboardInterrupt

    queue: GroupCommit[int] = GroupCommit(settle, most=1)

    def come(number: int) -> str:
        try:
            queue.submit(number)
        except (KeyboardInterrupt, Interrupted) as stopped:
            return type(stopped).__name__
        return "settled"

    answers = make.together(*(lambda number=number: come(number) for number in range(5)))

    assert sorted(map(str, answers)) == ["KeyboardInterrupt", *["settled"] * 4]


def test_followers_of_a_stopped_leader_are_told() -> None:
    leader_is_in, go = threading.Event(), threading.Event()

    def settle(items: list[int]) -> None:
        if items == [0]:
            leader_is_in.set()
            go.wait(5)
            return
        raise KeyboardInterrupt

    queue: GroupCommit[int] = GroupCommit(settle, most=10)

    def come(number: int) -> str:
        if number:
            leader_is_in.wait(5)
        try:
            queue.submit(number)
        except (KeyboardInterrupt, Interrupted) as stopped:
            return type(stopped).__name__
        return "settled"

    def release() -> str:
        leader_is_in.wait(5)
        time.sleep(0.2)
        go.set()
        return "released"

    answers = make.together(*(lambda number=number: come(number) for number in range(4)), release)

    stopped = ["Interrupted", "Interrupted", "KeyboardInterrupt"]
    assert sorted(map(str, answers)) == [*stopped, "released", "settled"]


class TornAway(Exception):
    """A signal's handler raised, as a task's time limit does."""


def test_a_caller_torn_away_by_a_signal_does_not_stop_the_queue() -> None:
    entered, leave = threading.Event(), threading.Event()
    settled: list[int] = []

    def settle(items: list[int]) -> None:
        settled.extend(items)
        if items == [1]:
            entered.set()
            leave.wait(5)

    def tear(*_: object) -> None:
        raise TornAway

    queue: GroupCommit[int] = GroupCommit(settle, most=10)
    busy = threading.Thread(target=queue.submit, args=(1,))
    busy.start()
    entered.wait(5)
    before = signal.signal(signal.SIGUSR1, tear)
    soon = threading.Timer(0.2, signal.pthread_kill, (threading.get_ident(), signal.SIGUSR1))
    soon.start()
    try:
        with pytest.raises(TornAway):
            queue.submit(2)
    finally:
        signal.signal(signal.SIGUSR1, before)
        soon.join()
    leave.set()
    busy.join()

    queue.submit(3)
    assert settled == [1, 3]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_starts_with_an_empty_queue() -> None:
    entered, leave = threading.Event(), threading.Event()

    def settle(items: list[int]) -> None:
        if items == [1]:
            entered.set()
            leave.wait(5)

    queue: GroupCommit[int] = GroupCommit(settle, most=10)
    os.register_at_fork(after_in_child=queue.forget)
    busy = threading.Thread(target=queue.submit, args=(1,))
    busy.start()
    entered.wait(5)

    child = os.fork()
    if child == 0:
        queue.submit(2)
        os._exit(7)
    _, status = os.waitpid(child, 0)
    leave.set()
    busy.join()

    assert os.waitstatus_to_exitcode(status) == 7
