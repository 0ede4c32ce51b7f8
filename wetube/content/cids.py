"""CIDs as strangers write them, for the apps that may not reach for the node themselves."""

from node_bridge import BadCid, canonical

__all__ = ["BadCid", "canonical"]
