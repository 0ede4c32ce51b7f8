"""What the tests of the wire have in hand, and how they look at books and chain."""

from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from tests.chains.servers import TestChain
from tests.settlement import onchain
from tests.wire.serving import Served
from wetube.chain import reading
from wetube.chain.models import Deployment
from wetube.cloudcoin import invariants, rollup
from wetube.cloudcoin.models import Charge, Escrow
from wetube.video.models import Video

PRICE = 5_000_000


@dataclass
class Shop:
    """A gateway at work, what it sells, and a wallet with coin on the chain."""

    gateway: Served
    chain: TestChain
    place: Deployment
    video: Video
    wallet: LocalAccount

    @property
    def film(self) -> str:
        return f"{self.gateway.url}/pay/v1/videos/{self.video.key}"

    @property
    def tip(self) -> str:
        return f"{self.gateway.url}/pay/v1/tips/{self.video.channel.handle}"

    @property
    def rpc(self) -> str:
        return f"{self.gateway.url}/rpc"

    def coin(self) -> int:
        """Drops the wallet holds on chain."""
        return reading.balance(self.wallet.address)

    def escrow(self) -> Escrow:
        return Escrow.objects.select_related("tab__account").get(payer=self.wallet.address)

    def charged(self) -> int:
        """How many charges there are."""
        return Charge.objects.count()

    def books_hold(self) -> None:
        """The workers catch up with the chain, and every invariant holds."""
        onchain.idle()
        rollup.roll_up()
        assert invariants.check() == []
        escrow = Escrow.objects.filter(payer=self.wallet.address).first()
        if escrow:
            channel = bytes.fromhex(escrow.channel[2:])
            balance, claimed = reading.call("BatchSettlement", "channels", channel)
            assert (escrow.deposited, escrow.claimed) == (balance, claimed)
