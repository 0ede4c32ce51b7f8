"""Where our contracts will be, before they exist.

A new contract's address follows from who makes it and with which nonce. Nonces and the
rows that will use them are written down in one transaction, so coin and mint can each
have the other's address built in, whatever dies before they are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]
from django.db import transaction

from wetube.chain import addresses, adopting, contracts, keys, reading, rpc, vouchers
from wetube.chain.hashing import keccak
from wetube.chain.models import ChainTx, Deployment, Sender

REWARD = 50 * 10**8  # drops in the first epoch
EPOCH_SECONDS = 600
DEPLOY_GAS = 3_000_000


class BadWishes(Exception):
    """The contracts named do not go together; the message says why."""


@dataclass(frozen=True)
class Wishes:
    """What the operator gave: contracts to adopt, empty where new ones are to be made.

    `opening_epochs` are the epochs that are over when a new mint begins to work.
    """

    token: str = ""
    mint: str = ""
    vault: str = ""
    opening_epochs: int = 0
    first_block: int | None = None

    def check(self) -> None:
        """Raises BadWishes, and BadAddress."""
        if bool(self.token) != bool(self.mint):
            raise BadWishes("A coin is adopted together with its mint: give both or neither.")
        if self.vault and not self.token:
            raise BadWishes("A vault is adopted together with its coin and mint.")
        for given in filter(None, (self.token, self.mint, self.vault)):
            addresses.normal(given)


@dataclass(frozen=True)
class Place:
    """The chain as it was when the plan was made."""

    chain_id: int
    genesis_hash: str
    confirmations: int


def plan(wishes: Wishes, place: Place, attempt: int) -> Deployment:
    """The deployment's row and one of the outbox for each contract to be made.

    Contracts to be adopted are looked at first; raises NotOurs and ChainAway.
    """
    maker = keys.address("relayer")
    used = int(rpc.ask("eth_getTransactionCount", [maker, "latest"]), 16)
    newest = rpc.ask("eth_getBlockByNumber", ["latest", False])
    start = int(newest["timestamp"], 16) // EPOCH_SECONDS - wishes.opening_epochs
    draft = _draft(wishes, place, first_block=int(newest["number"], 16))
    adopting.assert_ours(draft, _adopted(wishes))
    if wishes.vault:
        draft.first_block = _first_block(wishes)
    with transaction.atomic():
        sender = _locked(maker)
        if (other := Deployment.objects.filter(attempt__gte=attempt).first()) is not None:
            return other  # another `init` was first
        nonce = max(sender.next_nonce, used)
        to_make = [name for name in _MADE if not draft.address_of(name)]
        for place_in_line, name in enumerate(to_make):
            setattr(draft, _MADE[name], contract_address(maker, nonce + place_in_line))
        draft.attempt = attempt
        draft.save()
        for place_in_line, name in enumerate(to_make):
            _ask(draft, name, nonce + place_in_line, _arguments(draft, name, start))
        Sender.objects.filter(pk=sender.pk).update(next_nonce=nonce + len(to_make))
    return draft


def made_by_us(where: Deployment) -> list[ChainTx]:
    """What the outbox was asked to make, in order."""
    rows = ChainTx.objects.filter(intent__startswith=f"deploy:{where.attempt}:")
    return list(rows.order_by("nonce"))


def contract_address(maker: str, nonce: int) -> str:
    """Of the contract that `maker` makes with `nonce` (yellow paper, section 7)."""
    return addresses.checksummed(keccak(rlp.encode([addresses.raw(maker), nonce]))[12:])


_MADE = {contracts.TOKEN: "token", contracts.MINT: "mint", contracts.VAULT: "vault"}


def _draft(wishes: Wishes, place: Place, first_block: int) -> Deployment:
    draft = Deployment.objects.first() or Deployment()
    draft.chain_id, draft.genesis_hash = place.chain_id, place.genesis_hash
    draft.confirmations, draft.first_block = place.confirmations, first_block
    draft.token, draft.mint, draft.vault = (
        addresses.normal(given) if given else ""
        for given in (wishes.token, wishes.mint, wishes.vault)
    )
    draft.channels, draft.collector = vouchers.CHANNELS, vouchers.COLLECTOR
    return draft


def _adopted(wishes: Wishes) -> list[str]:
    """Names of the contracts that stand on the chain already."""
    given = {contracts.TOKEN: wishes.token, contracts.MINT: wishes.mint}
    names = [name for name, address in {**given, contracts.VAULT: wishes.vault}.items() if address]
    return [*names, contracts.CHANNELS, contracts.COLLECTOR]


def _first_block(wishes: Wishes) -> int:
    """The block that made the vault, by halving; asks the operator where the node has forgotten."""
    if wishes.first_block is not None:
        return wishes.first_block
    low, high = 0, reading.head()
    try:
        while low < high:
            middle = (low + high) // 2
            if adopting.has_code(wishes.vault, block=middle):
                high = middle
            else:
                low = middle + 1
    except rpc.RpcRefused as refusal:
        raise BadWishes("This node does not know old blocks; give --first-block.") from refusal
    return low


def _locked(maker: str) -> Sender:
    Sender.objects.get_or_create(address=maker, defaults={"role": "relayer"})
    return Sender.objects.select_for_update().get(address=maker)


def _arguments(where: Deployment, name: str, start: int) -> Sequence[Any]:
    poster, witness = keys.address("poster"), keys.address("witness")
    arguments: dict[str, list[Any]] = {
        contracts.TOKEN: [where.mint],
        contracts.MINT: [where.token, [witness], 1, start * EPOCH_SECONDS, REWARD, 0],
        contracts.VAULT: [where.token, poster],
    }
    return arguments[name]


def _ask(where: Deployment, name: str, nonce: int, args: Sequence[Any]) -> None:
    ChainTx.objects.create(
        intent=f"deploy:{where.attempt}:{name}",
        role="relayer",
        contract=name,
        function="constructor",
        args=list(args),
        data=contracts.creation(name, args),
        gas=DEPLOY_GAS,
        nonce=nonce,
        sender=keys.address("relayer"),
        reserved=True,
    )
