"""The first block: the contracts everybody expects at their usual addresses, and the faucet."""

import json
import os
import secrets
from pathlib import Path

from eth_keys.datatypes import PrivateKey

from wetube.cloudchain import headers
from wetube.cloudchain.artifacts import load
from wetube.cloudchain.evm import Account, Evm
from wetube.cloudchain.store import Store

CHAIN_ID = 0x434C44  # "CLD" in ASCII; no public chain is known by it
CONTRACTS = {
    "BatchSettlement": "0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003",
    "DepositCollector": "0x4020806089470a89826cB9fB1f4059150b550004",
    "Multicall": "0xcA11bde05977b3631167028862bE2a173976CA11",
}
DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
# What every deterministic deployment asks for, in our own words: call data is salt and initcode,
# the answer is the new contract's address, twenty bytes.
DEPLOYER_CODE = bytes.fromhex(
    "602036035f3590"  # salt and size: PUSH1 32, CALLDATASIZE, SUB, PUSH0, CALLDATALOAD, SWAP1
    "8060205f37"  # the code into memory: DUP1, PUSH1 32, PUSH0, CALLDATACOPY
    "5f34f5"  # PUSH0, CALLVALUE, CREATE2
    "80601a57"  # an address? DUP1, PUSH1 26, JUMPI
    "3d5f5f3e3d5ffd"  # no: what the constructor said: RETURNDATACOPY, REVERT
    "5b5f526014600cf3"  # yes: JUMPDEST, PUSH0, MSTORE, PUSH1 20, PUSH1 12, RETURN
)
FAUCET_FILE = "faucet.json"
FAUCET_WEI = 10**27  # a thousand million; fees come back to it


class OtherChain(Exception):
    """The folder holds a chain of another id than asked for; the message says which."""


def open_or_begin(store: Store, *, folder: Path, asked_id: int | None, now: int) -> int:
    """The chain id of what is in the store, begun with a first block if it was empty.

    Raises OtherChain, and ArtifactMissing where there is nothing to begin with.
    """
    kept = store.fact("chain_id")
    if kept:
        if asked_id not in (None, int(kept)):
            raise OtherChain(
                f"{folder} holds the chain {kept}, not {asked_id}. A chain's id cannot change; "
                "leave --chain-id and CLOUDCHAIN_ID as they were, or give another folder."
            )
        return int(kept)
    chain_id = asked_id or CHAIN_ID
    accounts = {**contracts(), faucet(folder): Account(balance=FAUCET_WEI)}
    with store.writing():
        evm = Evm(store.nodes, chain_id=chain_id, hash_of=store.hash_of)
        root = evm.create(accounts)
        store.put_block(headers.genesis(state_root=root, coinbase=faucet(folder), now=now))
        store.set_fact("chain_id", str(chain_id))
    return chain_id


def contracts() -> dict[bytes, Account]:
    """Those of CONTRACTS and the deployer, by address. Raises ArtifactMissing."""
    found = {
        address_of(address): Account(nonce=1, code=load(name).runtime)
        for name, address in CONTRACTS.items()
    }
    return {**found, address_of(DEPLOYER): Account(nonce=1, code=DEPLOYER_CODE)}


def address_of(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def faucet(folder: Path) -> bytes:
    """The address that holds all native coin; its key is made once and kept in the folder."""
    path = folder / FAUCET_FILE
    if not path.exists():
        key = PrivateKey(secrets.token_bytes(32))
        words = {"address": key.public_key.to_checksum_address(), "private_key": key.to_hex()}
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(words) + "\n", encoding="ascii")
        with draft.open() as written:
            os.fsync(written.fileno())
        draft.rename(path)
    return address_of(json.loads(path.read_text(encoding="ascii"))["address"])
