"""A Cloudcoin on a chain of the tests, and calls of it as bytes."""

from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from tests.chains.servers import TestChain
from wetube.cloudchain import artifacts


def call_data(signature: str, *values: Any) -> bytes:
    kinds = signature.partition("(")[2].rstrip(")").split(",")
    return keccak(text=signature)[:4] + encode(kinds if values else [], values)


def topic(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")


def deploy(chain: TestChain, account: LocalAccount, *, coins: int = 1000) -> str:
    """A Cloudcoin whose coins are all the account's."""
    code = artifacts.load("Cloudcoin").bytecode + encode(["address"], [account.address])
    made = chain.send(account, data=code, gas=5_000_000)
    address = to_checksum_address(made["contractAddress"])
    chain.send(account, to=address, data=call_data("mint(address,uint256)", account.address, coins))
    return address
