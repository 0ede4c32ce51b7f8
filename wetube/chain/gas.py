"""Gas money: the chain's own coin with which relayer and poster pay for their transactions.

On the embedded chain a faucet, whose key lies beside the chain, gives plenty. On any other
chain the operator sends some to the relayer, who shares it with the poster.
"""

import json
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from eth_account import Account
from eth_account.signers.local import LocalAccount

from wetube.chain import deployment, fees, keys, outbox, reading, rpc
from wetube.chain.models import ChainTx

logger = logging.getLogger(__name__)

# What a sender needs at the least, in units of gas: three contracts and some hundred claims.
LEAST_GAS = 10_000_000
FROM_FAUCET = 10**24  # wei; a thousandth of what the faucet begins with
PAYERS = ("relayer", "poster")


class NeedsGasMoney(Exception):
    """The operator has to send the chain's own coin to the relayer first."""

    def __init__(self, address: str, wei: int) -> None:
        self.address, self.wei = address, wei
        super().__init__(
            f"Send at least {wei / 10**18:.6f} of the chain's own coin to the relayer {address}, "
            "then run this again."
        )


def faucet() -> LocalAccount | None:
    """The embedded chain's faucet; None where the chain is not ours."""
    path = Path(settings.DATA_DIR) / "chain" / "faucet.json"
    try:
        words = json.loads(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    key: LocalAccount = Account.from_key(words["private_key"])
    return key


def is_embedded() -> bool:
    """Whether the chain behind the RPC is the one our faucet stands on; raises ChainAway."""
    source = faucet()
    return source is not None and reading.gas_money(source.address) > 0


def fill(chain_id: int) -> None:
    """Gas money for the relayer, who must be able to begin; raises NeedsGasMoney and ChainAway."""
    source = faucet()
    for role in PAYERS if source else PAYERS[:1]:
        who = keys.address(role)
        if reading.gas_money(who) >= least():
            continue
        if source is None or reading.gas_money(source.address) < 2 * FROM_FAUCET:
            raise NeedsGasMoney(who, least())
        _pour(source, who, chain_id)


def share() -> ChainTx | None:
    """Let the relayer give the poster what it lacks; the transaction asked for, if any.

    What stands in the way is logged: nothing waits for this.
    """
    if deployment.current() is None:
        return None
    try:
        return _share()
    except (rpc.ChainAway, rpc.RpcRefused, fees.TooDear, keys.MissingKey) as error:
        logger.warning("The poster's gas money waits: %s", error)
    return None


def _share() -> ChainTx | None:
    least_now, relayer, poster = least(), keys.address("relayer"), keys.address("poster")
    held = reading.gas_money(poster)
    if held >= least_now // 4 or reading.gas_money(relayer) < least_now:
        return None
    # Named by what the poster has done so far, so that one lack is met once.
    nonce = int(rpc.ask("eth_getTransactionCount", [poster, "latest"]), 16)
    return outbox.give(f"gas:poster:{nonce}", role="relayer", to=poster, wei=least_now // 2)


def least() -> int:
    """Wei a sender needs at today's price."""
    return LEAST_GAS * fees.current().most


def price_now() -> int:
    """Wei per unit of gas that we would offer; raises ChainAway and TooDear."""
    return fees.current().most


def _pour(source: LocalAccount, who: str, chain_id: int) -> None:
    """The faucet is none of the outbox's senders; poured twice does no harm."""
    nonce = int(rpc.ask("eth_getTransactionCount", [source.address, "latest"]), 16)
    words: dict[str, Any] = {
        "chainId": chain_id,
        "nonce": nonce,
        "to": who,
        "value": FROM_FAUCET,
        "gas": 21_000,
        **fees.current().words(),
    }
    rpc.ask("eth_sendRawTransaction", ["0x" + source.sign_transaction(words).raw_transaction.hex()])
