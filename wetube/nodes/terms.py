"""A lease's row as the statement that its node gets."""

from node_bridge.network import leases
from node_bridge.network.leases import Terms
from wetube.nodes import identity
from wetube.nodes.models import Lease


def of(lease: Lease) -> Terms:
    """What was agreed; the lease's node and placement are read."""
    return Terms(
        serial=lease.serial,
        node=lease.node.peer_id,
        cid=lease.cid,
        size=lease.size,
        not_before=int(lease.not_before.timestamp()),
        not_after=int(lease.not_after.timestamp()),
        price=lease.price,
        kind="shard" if lease.placement.is_coded else "whole",
    )


def signed(lease: Lease) -> str:
    """The lease as the gateway signs it, with its newest end."""
    return leases.write(of(lease), identity.own())
