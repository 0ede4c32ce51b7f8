"""The first block: the contracts everybody expects at their usual addresses, and the faucet."""

import json
import os
import secrets
from pathlib import Path

from eth_keys.datatypes import PrivateKey

from wetube.cloudchain import canonical, headers
from wetube.cloudchain.evm import Account, Evm
from wetube.cloudchain.store import Store


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
    chain_id = asked_id or canonical.CHAIN_ID
    accounts = {
        address_of(address): Account(nonce=1, code=code)
        for address, code in canonical.contracts().items()
    }
    accounts[faucet(folder)] = Account(balance=canonical.FAUCET_WEI)
    with store.writing():
        evm = Evm(store.nodes, chain_id=chain_id, hash_of=store.hash_of)
        root = evm.create(accounts)
        store.put_block(headers.genesis(state_root=root, coinbase=faucet(folder), now=now))
        store.set_fact("chain_id", str(chain_id))
    return chain_id


def address_of(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def faucet(folder: Path) -> bytes:
    """The address that holds all native coin; its key is made once and kept in the folder."""
    path = folder / canonical.FAUCET_FILE
    if not path.exists():
        key = PrivateKey(secrets.token_bytes(32))
        words = {"address": key.public_key.to_checksum_address(), "private_key": key.to_hex()}
        _keep_for_ourselves(path, json.dumps(words) + "\n")
    return address_of(json.loads(path.read_text(encoding="ascii"))["address"])


def _keep_for_ourselves(path: Path, words: str) -> None:
    """On disk, name and all, before anything relies on it; readable by its owner alone."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(words, encoding="ascii")
    _sync(draft)
    draft.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
