"""Many payers with a channel each, and vouchers signed before anybody looks at a clock."""

import json
import time
from base64 import b64encode
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from coincurve import PrivateKey
from django.db import transaction
from django.utils import timezone

from bench.socket_load import MOST, Load, run
from wetube.chain import addresses, keys, vouchers
from wetube.chain.hashing import keccak
from wetube.chain.models import Deployment
from wetube.cloudcoin import escrows
from wetube.cloudcoin.models import Tab
from wetube.people.models import Channel, User
from wetube.video.models import Video
from wetube.wire.terms import VOUCHER, WITHDRAW_DELAY, Terms, read

CHAIN = 1337
PRICE = 1000
COIN = 10**12
FILES: dict[str, dict[str, str]] = {"master.m3u8": {}, "progressive.mp4": {}, "storyboard.vtt": {}}


@dataclass
class Payer:
    """One channel and the key that signs for it; `owed` is what its last voucher said."""

    key: PrivateKey
    config: dict[str, object]
    channel: str
    tab: int
    owed: int = 0

    def sign(self, most: int) -> bytes:
        digest = vouchers.digest(CHAIN, bytes.fromhex(self.channel[2:]), most)
        signed = self.key.sign_recoverable(digest, hasher=None)
        return signed[:64] + bytes([27 + signed[64]])


@dataclass
class Shop:
    """One film, and who pays for it."""

    creator: User
    film: str
    terms: Terms
    payers: list[Payer] = field(default_factory=list)
    price: int = PRICE

    def warm(self, url: str) -> None:
        """Everybody views once: from here on the gateway knows the channels."""
        line = HTTPConnection(url.removeprefix("http://"), timeout=30)
        for payer in self.payers:
            payer.owed += self.price
            line.request(
                "GET",
                f"/pay/v1/videos/{self.film}",
                headers={"PAYMENT-SIGNATURE": self._header(payer)},
            )
            answer = line.getresponse()
            if answer.status != 200:
                raise RuntimeError(answer.read())
            answer.read()

    def load(self, url: str, folder: Path, *, seconds: int) -> Load:
        """Views over the socket for so long, every payer's vouchers in their order."""
        headers = []
        for number in range(MOST * seconds):
            payer = self.payers[number % len(self.payers)]
            payer.owed += self.price
            headers.append(self._header(payer))
        load = run(f"{url}/pay/v1/videos/{self.film}", headers, folder, seconds=seconds)
        time.sleep(1)  # what was under way at the end is written, too
        self.look()
        return load

    def look(self) -> None:
        """Go on where the books say these tabs are."""
        charged = dict(Tab.objects.filter(escrow__isnull=False).values_list("pk", "charged"))
        for payer in self.payers:
            payer.owed = charged[payer.tab]

    def sample(self) -> tuple[bytes, bytes]:
        """A channel's id and a signature for a view."""
        payer = self.payers[0]
        return bytes.fromhex(payer.channel[2:]), payer.sign(self.price)

    def _header(self, payer: Payer) -> str:
        said = {
            "x402Version": 2,
            "accepted": self.terms.requirements(VOUCHER, self.price),
            "payload": {
                "type": "voucher",
                "channelConfig": payer.config,
                "voucher": {
                    "channelId": payer.channel,
                    "maxClaimableAmount": str(payer.owed),
                    "signature": f"0x{payer.sign(payer.owed).hex()}",
                },
            },
        }
        return b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()


def open_shop(creator: User, channels: int) -> Shop:
    """A film at a price, a gateway with contracts, and so many channels with coin."""
    keys.create("authorizer")
    places = ("token", "mint", "vault", "channels", "collector")
    Deployment.objects.create(
        chain_id=CHAIN,
        genesis_hash="0x00",
        first_block=0,
        confirmations=1,
        ready_at=timezone.now(),
        **{name: _address(PrivateKey()) for name in places},
    )
    video = Video.objects.create(
        channel=Channel.objects.create(owner=creator, handle="bench", name="Bench"),
        state=Video.State.PUBLISHED,
        title="A film",
        price=PRICE,
        files=FILES,
        cid="bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        published_at=timezone.now(),
    )
    shop = Shop(creator, video.key, read())
    with transaction.atomic():
        shop.payers = [_payer(shop.terms, number) for number in range(channels)]
    return shop


def _payer(terms: Terms, number: int) -> Payer:
    key = PrivateKey()
    config: dict[str, object] = {
        "payer": _address(PrivateKey()),
        "payerAuthorizer": _address(key),
        "receiver": terms.vault,
        "receiverAuthorizer": terms.authorizer,
        "token": terms.token,
        "withdrawDelay": WITHDRAW_DELAY,
        "salt": f"0x{number:064x}",
    }
    channel = f"0x{vouchers.channel_id(config, CHAIN).hex()}"
    escrow = escrows.opened(channel, config)
    escrows.deposit_final(escrow, amount=COIN, reference=f"deposit:{channel}:0")
    return Payer(key, config, channel, Tab.objects.get(escrow=escrow).pk)


def _address(key: PrivateKey) -> str:
    return addresses.checksummed(keccak(key.public_key.format(compressed=False)[1:])[12:])
