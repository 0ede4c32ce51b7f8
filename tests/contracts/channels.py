"""Channels in these tests: their terms, and what both sides sign."""

from dataclasses import dataclass, replace

from eth_abi.abi import encode
from eth_hash.auto import keccak

from tests.contracts.machine import Ran
from tests.contracts.signing import AUTHORIZATION, Person, digest
from tests.contracts.world import (
    ANN,
    AUTHORIZER,
    CHANNELS,
    CLD,
    COLLECTOR,
    RELAYER,
    SESSION,
    World,
)

DOMAIN = ("x402 Batch Settlement", CHANNELS)
NOBODY = bytes(20)
FOREVER = 2**256 - 1
DELAY = 86_400  # seconds
DEPOSIT = 10 * CLD

TERMS = (
    "address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,"
    "address token,uint40 withdrawDelay,bytes32 salt"
)

Config = tuple[bytes, bytes, bytes, bytes, bytes, int, bytes]
Line = tuple[tuple[Config, int], bytes, int]


@dataclass(frozen=True)
class Channel:
    """Terms, and the keys behind them; without a `session` key the payer signs vouchers."""

    payer: Person
    receiver: bytes
    authorizer: Person
    token: bytes
    session: Person | None = None
    delay: int = DELAY
    salt: int = 0

    @property
    def config(self) -> Config:
        session = self.session.address if self.session else NOBODY
        return (
            self.payer.address, session, self.receiver, self.authorizer.address, self.token,
            self.delay, self.salt.to_bytes(32, "big"),
        )  # fmt: skip

    @property
    def id(self) -> bytes:
        return digest(DOMAIN, "ChannelConfig", TERMS, self.config)

    def voucher(self, most: int, by: Person | None = None) -> bytes:
        """The payer's side owes up to so much; another hand, where a test forges."""
        fields = "bytes32 channelId,uint128 maxClaimableAmount"
        signer = by or self.session or self.payer
        return signer.sign(digest(DOMAIN, "Voucher", fields, (self.id, most)))

    def line(self, claimed: int, most: int | None = None, signature: bytes | None = None) -> Line:
        """One line of a batch of claims; unsaid it claims all that its voucher says."""
        most = claimed if most is None else most
        return ((self.config, most), signature or self.voucher(most), claimed)

    def refund(self, amount: int, nonce: int, by: Person | None = None) -> bytes:
        fields = "bytes32 channelId,uint256 nonce,uint128 amount"
        signer = by or self.authorizer
        return signer.sign(digest(DOMAIN, "Refund", fields, (self.id, nonce, amount)))

    def again(self, salt: int) -> "Channel":
        """Another channel of the same terms."""
        return replace(self, salt=salt)


def authorization(channel: Channel, amount: int, salt: int, *, before: int = FOREVER) -> bytes:
    """What the payer signs so that the collector may bring coin into this channel: its data."""
    nonce = keccak(encode(["bytes32", "uint256"], [channel.id, salt]))
    values = (channel.payer.address, COLLECTOR, amount, 0, before, nonce)
    signed = digest(("Cloudcoin", channel.token), "ReceiveWithAuthorization", AUTHORIZATION, values)
    return collector_data(salt, channel.payer.sign(signed), before=before)


def collector_data(salt: int, signature: bytes, *, before: int = FOREVER) -> bytes:
    return encode(["uint256", "uint256", "uint256", "bytes"], [0, before, salt, signature])


def batch_signature(world: World, lines: list[Line], by: Person) -> bytes:
    """By the contract's own digest, which test_x402_agrees holds against the library's."""
    return by.sign(world.channels.ask("getClaimBatchDigest", lines))


def deposit(world: World, channel: Channel, amount: int, salt: int, sender: bytes) -> int:
    """Brings coin that the payer has into its channel; the gas it took. Raises Refused."""
    data = authorization(channel, amount, salt)
    ran = world.channels.send(sender, "deposit", channel.config, amount, COLLECTOR, data)
    return ran.gas


def anns_channel(there: World) -> Channel:
    return Channel(ANN, there.vault.address, AUTHORIZER, there.coin.address, session=SESSION)


def claim(there: World, line: Line) -> Ran:
    """By the receiver's authorizer itself."""
    return there.channels.send(AUTHORIZER.address, "claim", [line])


def claim_signed(there: World, lines: list[Line], signature: bytes) -> Ran:
    return there.channels.send(RELAYER, "claimWithSignature", lines, signature)


def held(there: World, channel: Channel) -> tuple[int, int]:
    """Balance and what is claimed of it."""
    answer: tuple[int, int] = there.channels.ask("channels", channel.id)
    return answer


def earned(there: World, channel: Channel) -> tuple[int, int]:
    """What the channel's receiver claimed of its token, and what it was sent."""
    answer: tuple[int, int] = there.channels.ask("receivers", channel.receiver, channel.token)
    return answer


def names(there: World, ran: Ran) -> list[str]:
    """Of the channels' events, in order."""
    return [event.name for event in there.channels.events(ran)]
