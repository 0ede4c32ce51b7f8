"""Which chain and contracts this gateway works with, and whether the node is on that chain."""

import time
from functools import lru_cache

from django.conf import settings

from wetube.chain import rpc
from wetube.chain.models import Deployment


class NoDeployment(Exception):
    """No chain is named, or `manage.py cloudcoin init` has not finished yet."""

    def __init__(self) -> None:
        super().__init__("There is no coin on a chain yet; run manage.py cloudcoin init.")


class WrongChain(Exception):
    """The node behind CLOUDCOIN_RPC is on another chain than our contracts."""


def current() -> Deployment | None:
    """The deployment in use; None without a chain or before `cloudcoin init` has finished."""
    if not settings.CLOUDCOIN_RPC:
        return None
    return Deployment.objects.filter(ready_at__isnull=False).first()


def required() -> Deployment:
    """As `current`, but raises NoDeployment."""
    deployment = current()
    if deployment is None:
        raise NoDeployment
    return deployment


def identity() -> tuple[int, str]:
    """Chain id and the hash of the first block of the chain the node is on; raises ChainAway."""
    genesis = rpc.ask("eth_getBlockByNumber", ["0x0", False])
    return int(rpc.ask("eth_chainId"), 16), str(genesis["hash"])


def assert_on(deployment: Deployment) -> None:
    """The node is on the deployment's chain; asked once a minute. Raises WrongChain, ChainAway."""
    minute = int(time.monotonic() // 60)
    assert_same(deployment, *_identity_in(settings.CLOUDCOIN_RPC, minute))


def assert_same(deployment: Deployment, chain_id: int, genesis_hash: str) -> None:
    """Raises WrongChain."""
    if (deployment.chain_id, deployment.genesis_hash) != (chain_id, genesis_hash):
        raise WrongChain(
            f"The node is on chain {chain_id} that began with {genesis_hash}, our contracts are "
            f"on chain {deployment.chain_id} that began with {deployment.genesis_hash}."
        )


@lru_cache(maxsize=8)
def _identity_in(url: str, minute: int) -> tuple[int, str]:
    return identity()
