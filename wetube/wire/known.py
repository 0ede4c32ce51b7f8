"""Channels we have seen: their unchanging facts in memory, what changes in the books."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async

from wetube.cloudcoin import escrows
from wetube.cloudcoin.models import Escrow, Tab
from wetube.wire.refusals import UnknownChannel

MOST = 50_000


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel with an escrow here. `balance` and `claimed` are as last looked at, in drops."""

    id: str
    config: Mapping[str, Any]
    payer: str
    authorizer: str
    tab: Tab
    balance: int
    claimed: int

    def state(self, charged: int) -> dict[str, Any]:
        """x402's channelState, with what was charged in all."""
        return {
            "channelId": self.id,
            "balance": str(self.balance),
            "totalClaimed": str(self.claimed),
            "withdrawRequestedAt": 0,
            "refundNonce": "0",
            "chargedCumulativeAmount": str(charged),
        }


class Channels:
    """The channels used last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[str, Channel] = OrderedDict()

    async def find(self, channel: str) -> Channel:
        """Raises UnknownChannel."""
        found = self._known.get(channel)
        if found is None:
            found = await database_sync_to_async(look_up)(channel)
            self._known[channel] = found
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(channel)
        return found

    def forget(self, channel: str) -> None:
        """Look it up anew when it is asked for next."""
        self._known.pop(channel, None)


def look_up(channel: str) -> Channel:
    """Raises UnknownChannel."""
    escrow = escrows.of(channel)
    if escrow is None:
        raise UnknownChannel
    return _of(escrow)


def corrections(channel: str) -> dict[str, Any]:
    """What a payer who lost count needs: channelState and voucherState of x402.

    Raises UnknownChannel.
    """
    escrow = escrows.of(channel)
    if escrow is None:
        raise UnknownChannel
    said = {"channelState": _of(escrow).state(escrow.tab.charged - escrow.tab.refunded)}
    if escrow.signed:
        signature = f"0x{bytes(escrow.signature).hex()}"
        said["voucherState"] = {
            "signedMaxClaimable": str(escrow.signed),
            "signature": signature,
        }
    return said


def _of(escrow: Escrow) -> Channel:
    return Channel(
        id=escrow.channel,
        config=escrow.config,
        payer=escrow.payer,
        authorizer=escrow.authorizer,
        tab=escrow.tab,
        balance=escrow.deposited + escrow.unconfirmed,
        claimed=escrow.claimed,
    )
