"""Topping up by a transfer: every account gets an address of its own, whose key is ours.

The keys come from the one root key of the role `deposits` and the address's number, so a backup
of that root is a backup of them all.
"""

import hmac

from django.db import transaction
from django.db.models import Max
from eth_account import Account as Keys
from eth_account.signers.local import LocalAccount

from wetube.chain import deployment, events, keys
from wetube.chain.deployment import NoDeployment
from wetube.chain.signatures import ORDER
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.settlement.models import DepositAddress

__all__ = ["NoDeployment", "address_of", "key_of"]


def address_of(user: User) -> str:
    """Where this person tops up, the same for ever. Raises NoDeployment without a chain."""
    deployment.required()
    account = ledger.account_of(user)
    known = DepositAddress.objects.filter(account=account).first()
    return (known or _new_address(account)).address


def key_of(index: int) -> LocalAccount:
    """The key of address number `index`: HMAC-SHA512 under the root key, as a number mod n."""
    root = bytes(keys.account("deposits").key)
    digest = hmac.digest(root, b"wetube deposit address %d" % index, "sha512")
    secret = int.from_bytes(digest) % (ORDER - 1) + 1
    key: LocalAccount = Keys.from_key(secret.to_bytes(32))
    return key


@transaction.atomic
def _new_address(account: Account) -> DepositAddress:
    """Two first askings at once meet at the book; numbers have no gaps."""
    ledger.open_book()
    known = DepositAddress.objects.filter(account=account).first()
    if known:
        return known
    last = DepositAddress.objects.aggregate(last=Max("index"))["last"]
    index = 0 if last is None else last + 1
    made = DepositAddress.objects.create(
        account=account, index=index, address=key_of(index).address
    )
    events.watch(made.address)
    return made
