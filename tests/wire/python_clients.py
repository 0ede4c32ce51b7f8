"""x402's own Python clients, unmodified, as a stranger would set them up."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx
import requests
from eth_account import Account
from eth_account.signers.local import LocalAccount
from urllib3.util import Retry
from x402 import x402Client, x402ClientSync
from x402.http.clients.httpx import x402HttpxClient
from x402.http.clients.requests import x402_http_adapter, x402_requests, x402HTTPAdapter
from x402.mechanisms.evm.batch_settlement.client import BatchSettlementEvmScheme
from x402.mechanisms.evm.batch_settlement.client.config import BatchSettlementEvmSchemeOptions
from x402.mechanisms.evm.exact.client import ExactEvmScheme
from x402.mechanisms.evm.signers import EthAccountSigner, EthAccountSignerWithRPC

from tests.wire.shop import Shop

MOST = 200_000_000  # drops a payment may be
# A payment that is on its way is sent again as it is, when the answer says so: urllib3's own way.
PATIENT = Retry(connect=0, read=0, status=10, status_forcelist=[503])


@dataclass
class Payer:
    """A wallet, a session key that signs vouchers for it, and x402's clients for both.

    `reads` gives the wallet's signer the gateway's window on the chain, without which x402's
    clients cannot find their way back after a lost answer.
    """

    shop: Shop
    reads: bool = True
    session: LocalAccount = field(default_factory=Account.create)
    salt: str = field(default_factory=lambda: f"0x{secrets.token_hex(32)}")

    def __post_init__(self) -> None:
        wallet = self.shop.wallet
        signer = (
            EthAccountSignerWithRPC(wallet, rpc_url=self.shop.rpc)
            if self.reads
            else EthAccountSigner(wallet)
        )
        options = BatchSettlementEvmSchemeOptions(
            salt=self.salt, voucher_signer=EthAccountSigner(self.session)
        )
        self.scheme = BatchSettlementEvmScheme(signer, options)
        self.exact = ExactEvmScheme(signer)

    def by_requests(self) -> requests.Session:
        """Pays by voucher."""
        client = self._allowed(x402ClientSync()).register(self._network, self.scheme)
        return x402_requests(client, max_retries=PATIENT)

    def impatient(self) -> x402HTTPAdapter:
        """Pays by voucher, and asks once."""
        client = self._allowed(x402ClientSync()).register(self._network, self.scheme)
        return x402_http_adapter(client)

    def tipping(self, patience: Retry | int = PATIENT) -> requests.Session:
        """Pays with transfers; without patience, with another one at each asking."""
        client = self._allowed(x402ClientSync()).register(self._network, self.exact)
        return x402_requests(client, max_retries=patience)

    def by_httpx(self) -> x402HttpxClient:
        """Pays by voucher."""
        client = self._allowed(x402Client()).register(self._network, self.scheme)
        return x402HttpxClient(client, timeout=httpx.Timeout(20))

    @property
    def _network(self) -> str:
        return self.shop.place.network

    def _allowed(self, client: Any) -> Any:
        """These clients pay in coins of their own list only, unless told of another."""
        coin = {"network": self._network, "asset": self.shop.place.token}
        asset = {**coin, "max_amount_per_payment": str(MOST)}
        client.set_spend_controls({"allowed_assets": [asset]})
        return client
