"""Channels in these tests: their terms, and what both sides sign."""

from dataclasses import dataclass, replace

from eth_abi import encode
from eth_hash.auto import keccak

from tests.contracts.signing import AUTHORIZATION, Person, digest
from tests.contracts.world import CHANNELS, COLLECTOR, World

DOMAIN = ("x402 Batch Settlement", CHANNELS)
NOBODY = bytes(20)
FOREVER = 2**256 - 1
DELAY = 86_400  # seconds

TERMS = (
    "address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,"
    "address token,uint40 withdrawDelay,bytes32 salt"
)

Config = tuple[bytes, bytes, bytes, bytes, bytes, int, bytes]
Line = tuple[tuple[Config, int], bytes, int]


@dataclass(frozen=True)
class Channel:
    """Terms, and the keys behind them; `session` signs vouchers, the payer itself where it is None."""

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
