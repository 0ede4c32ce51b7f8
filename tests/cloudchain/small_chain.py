"""The chain without its server, and an account that has all the coin."""

import json
from pathlib import Path
from typing import Any

import eth_account
from eth_account.signers.local import LocalAccount

from wetube.cloudchain import canonical, genesis, transactions
from wetube.cloudchain.chain import Chain
from wetube.cloudchain.reader import Reader
from wetube.cloudchain.store import Store
from wetube.cloudchain.transactions import Transaction

START = 1_800_000_000
PRICE = 100  # wei for one gas; the base fee is 7


class SmallChain:
    """`time` is what its clock shows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = START
        self.open()
        kept = json.loads((folder / canonical.FAUCET_FILE).read_text(encoding="ascii"))
        self.rich: LocalAccount = eth_account.Account.from_key(kept["private_key"])

    def open(self) -> None:
        self.store = Store(self.folder)
        self.chain_id = genesis.open_or_begin(
            self.store, folder=self.folder, asked_id=None, now=self.time
        )
        self.chain = Chain(self.store, chain_id=self.chain_id, clock=lambda: self.time)
        self.reader = Reader(self.folder)

    def close(self) -> None:
        self.reader.close()
        self.store.close()

    def signed(self, account: LocalAccount | None = None, **fields: Any) -> Transaction:
        usual = {"gas": 21_000, "gasPrice": PRICE, "value": 0, "chainId": self.chain_id}
        raw = (account or self.rich).sign_transaction({**usual, **fields}).raw_transaction
        return transactions.decode(bytes(raw), chain_id=self.chain_id)

    def send(self, account: LocalAccount | None = None, **fields: Any) -> bytes:
        fields.setdefault("nonce", self.nonce(account or self.rich))
        return self.chain.send(self.signed(account, **fields))

    def nonce(self, account: LocalAccount) -> int:
        return self.chain.account(bytes.fromhex(account.address[2:])).nonce

    def balance(self, address: str) -> int:
        return self.chain.account(bytes.fromhex(address[2:])).balance

    def somebody(self, wei: int = 10**18) -> LocalAccount:
        made: LocalAccount = eth_account.Account.create()
        self.send(to=made.address, value=wei)
        return made
