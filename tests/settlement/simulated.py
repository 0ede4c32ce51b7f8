"""A chain made of rows: contracts as arithmetic, blocks that can be taken back, events by hand."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

from tests.settlement import events_by_hand
from wetube.chain.models import ChainEvent

DEEP = 2  # blocks on top until an event is final


@dataclass
class State:
    """What the contracts hold, in drops; a channel is (balance, claimed)."""

    vault: int = 0
    resting: int = 0
    channels: dict[str, tuple[int, int]] = field(default_factory=dict)
    settled: int = 0
    roots: list[tuple[str, int]] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)

    @property
    def locked(self) -> int:
        """In the channels' contract, what is claimed and not settled included."""
        return sum(balance for balance, _ in self.channels.values()) - self.settled

    @property
    def claimed(self) -> int:
        return sum(claimed for _, claimed in self.channels.values())


class Chain:
    """The newest state and how it was before each block."""

    def __init__(self, vault: int) -> None:
        self.now = State(vault=vault)
        self._blocks: list[tuple[State, list[ChainEvent]]] = []

    def block(self, happening: Callable[[], list[ChainEvent]]) -> None:
        """One more block, in which this happens; those deep enough are final."""
        before = deepcopy(self.now)
        self._blocks.append((before, happening()))
        for _, events in self._blocks[:-DEEP]:
            for event in events:
                events_by_hand.is_final(event)

    def take_back(self, blocks: int) -> None:
        """The newest blocks never were."""
        for _ in range(min(blocks, len(self._blocks))):
            self.now, events = self._blocks.pop()
            for event in events:
                events_by_hand.goes(event)

    def bury(self) -> None:
        """Enough empty blocks that all is final."""
        for _ in range(DEEP + 1):
            self.block(list)

    def top_up(self, address: str, amount: int) -> list[ChainEvent]:
        self.now.resting += amount
        return [events_by_hand.transfer(address, amount)]

    def deposit(self, channel: str, amount: int) -> list[ChainEvent]:
        balance, claimed = self.now.channels.get(channel, (0, 0))
        self.now.channels[channel] = balance + amount, claimed
        return [_of_channel("Deposited", channel, amount=amount, balance=balance + amount)]

    def claim(self, channel: str, total: int) -> list[ChainEvent]:
        balance, claimed = self.now.channels.get(channel, (0, 0))
        if not claimed < total <= balance:
            return []
        self.now.channels[channel] = balance, total
        return [_of_channel("Claimed", channel, amount=total - claimed, totalClaimed=total)]

    def settle(self) -> list[ChainEvent]:
        amount = self.now.claimed - self.now.settled
        if not amount:
            return []
        self.now.vault += amount
        self.now.settled += amount
        receiver, token = events_by_hand.VAULT, events_by_hand.TOKEN
        return [
            events_by_hand.happens(
                "BatchSettlement", "Settled", receiver=receiver, token=token, amount=amount
            )
        ]

    def leave(self, channel: str) -> list[ChainEvent]:
        """The payer takes back all that is not claimed."""
        balance, claimed = self.now.channels.get(channel, (0, 0))
        if balance == claimed:
            return []
        self.now.channels[channel] = claimed, claimed
        amount = balance - claimed
        return [
            _of_channel("WithdrawInitiated", channel, amount=amount, finalizableAt=2**33),
            _of_channel("WithdrawFinalized", channel, amount=amount),
        ]

    def post(self, seq: int, root: str, total: int) -> list[ChainEvent]:
        paid = sum(self.now.paid.values())
        if seq != len(self.now.roots) + 1 or total > self.now.vault + paid:
            return []
        self.now.roots.append((root, total))
        return [events_by_hand.happens("GatewayVault", "Posted", seq=seq, root=root, total=total)]

    def pay(self, address: str, cumulative: int) -> list[ChainEvent]:
        amount = cumulative - self.now.paid.get(address, 0)
        if amount <= 0:
            return []
        self.now.paid[address] = cumulative
        self.now.vault -= amount
        return [
            events_by_hand.happens(
                "GatewayVault", "Paid", who=address, amount=amount, cumulative=cumulative
            )
        ]


def _of_channel(name: str, channel: str, **words: object) -> ChainEvent:
    return events_by_hand.happens("BatchSettlement", name, words={"channelId": channel, **words})
