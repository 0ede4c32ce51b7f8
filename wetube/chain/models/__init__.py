"""The rows of the way to the chain: where the coin lives, what we send, what we saw happen."""

from wetube.chain.models.deployments import Deployment
from wetube.chain.models.sightings import ChainEvent, SeenBlock, Watched
from wetube.chain.models.transactions import ChainTx, Sender, SignedTx

__all__ = [
    "ChainEvent",
    "ChainTx",
    "Deployment",
    "SeenBlock",
    "Sender",
    "SignedTx",
    "Watched",
]
