"""What a message would do, and how much gas it needs."""

from wetube.cloudchain import params, showing
from wetube.cloudchain.estimating import Fails
from wetube.cloudchain.evm import Outcome
from wetube.cloudchain.methods.desk import Desk, Method
from wetube.cloudchain.params import Params

ERROR_STRING = bytes.fromhex("08c379a0")  # Error(string)
LONGEST_REASON = 1_000


class CallFailed(Exception):
    """The message fails on the chain; `outcome` has what the contract said."""

    def __init__(self, outcome: Outcome, words: str = "") -> None:
        super().__init__(words or _words(outcome))
        self.outcome = outcome


def _call(desk: Desk, given: Params) -> str:
    message = given.need(0, params.message)
    place = desk.place(given.may(1, params.block_tag, "latest"))
    changes = given.may(2, params.changes, None)
    outcome = desk.engine.call(lambda chain: chain.call(message, place, changes))
    if outcome.failure:
        raise CallFailed(outcome)
    return showing.data(outcome.output)


def _estimate(desk: Desk, given: Params) -> str:
    message = given.need(0, params.message)
    place = desk.place(given.may(1, params.block_tag, "pending"))
    changes = given.may(2, params.changes, None)
    try:
        return hex(desk.engine.call(lambda chain: chain.estimate(message, place, changes)))
    except Fails as fault:
        raise CallFailed(fault.outcome, "" if fault.outcome.reverted else str(fault)) from fault


def _words(outcome: Outcome) -> str:
    reason = _reason(outcome.output) if outcome.reverted else ""
    return f"{outcome.failure}: {reason}" if reason else outcome.failure


def _reason(output: bytes) -> str:
    """The sentence of a `require`, "" where there is none."""
    if output[:4] != ERROR_STRING or len(output) < 68:
        return ""
    length = min(int.from_bytes(output[36:68], "big"), LONGEST_REASON)
    return output[68 : 68 + length].decode(errors="replace")


METHODS: dict[str, Method] = {"eth_call": _call, "eth_estimateGas": _estimate}
