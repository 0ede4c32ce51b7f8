"""Which chain and contracts this gateway works with, and whether the node is on that chain."""

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
    """Raises WrongChain, and ChainAway; what was found right once is not asked again."""
    _assert_right(settings.CLOUDCOIN_RPC, deployment.chain_id, deployment.genesis_hash)


@lru_cache(maxsize=32)
def _assert_right(url: str, chain_id: int, genesis_hash: str) -> None:
    found = identity()
    if found != (chain_id, genesis_hash):
        raise WrongChain(
            f"The node is on chain {found[0]} that began with {found[1]}, "
            f"our contracts are on chain {chain_id} that began with {genesis_hash}."
        )
