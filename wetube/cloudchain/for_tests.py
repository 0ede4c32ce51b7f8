"""Methods that bend time and undo blocks: only with `--for-tests`, never on a chain of worth."""

import time

from wetube.cloudchain import params
from wetube.cloudchain.methods import Desk, Method
from wetube.cloudchain.params import Params


class Clock:
    """The world's time, and how far the chain's is ahead of it, in seconds."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> float:
        return time.time() + self.ahead


def methods(clock: Clock) -> dict[str, Method]:
    """Named and answering as other test chains do."""
    snapshots: list[tuple[int, int]] = []

    def increase_time(desk: Desk, given: Params) -> str:
        clock.ahead += given.need(0, _seconds)
        return hex(clock.ahead)

    def mine(desk: Desk, given: Params) -> str:
        desk.engine.send(lambda chain: chain.mine_empty())
        return "0x0"

    def snapshot(desk: Desk, given: Params) -> str:
        snapshots.append((desk.reader.head().number, clock.ahead))
        return hex(len(snapshots))

    def revert(desk: Desk, given: Params) -> bool:
        which = given.need(0, params.quantity)
        if not 0 < which <= len(snapshots):
            return False
        number, clock.ahead = snapshots[which - 1]
        del snapshots[which - 1 :]
        desk.engine.send(lambda chain: chain.go_back_to(number))
        return True

    return {
        "evm_increaseTime": increase_time,
        "evm_mine": mine,
        "evm_snapshot": snapshot,
        "evm_revert": revert,
    }


def _seconds(value: object) -> int:
    """A plain number or a quantity."""
    return value if type(value) is int and value >= 0 else params.quantity(value)
