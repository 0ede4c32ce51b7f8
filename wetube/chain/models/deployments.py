"""Where the coin lives: one chain, and our contracts on it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from wetube.chain.vouchers import MULTICALL


class Deployment(models.Model):
    """The chain and the contracts this gateway works with; there is at most one.

    The chain is known by its id and the hash of its first block, so that another
    chain behind the same address of an RPC is noticed. Until `ready_at` is set, the
    contracts are still on their way and nobody but `cloudcoin init` uses the row.
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    chain_id = models.BigIntegerField()
    genesis_hash = models.CharField(max_length=66)
    token = models.CharField(max_length=42)
    mint = models.CharField(max_length=42)
    vault = models.CharField(max_length=42)
    channels = models.CharField(max_length=42)
    collector = models.CharField(max_length=42)
    # The block from which on our contracts can have done anything.
    first_block = models.BigIntegerField()
    # Blocks, its own included, until what happened in one counts as final.
    confirmations = models.PositiveIntegerField()
    # Tried anew under other names when a contract's address was lost to another transaction.
    attempt = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(only=True), name="one_deployment"),
            models.CheckConstraint(condition=Q(confirmations__gte=1), name="a_block_confirms"),
        ]

    def __str__(self) -> str:
        return f"coin {self.token} on chain {self.chain_id}"

    @property
    def network(self) -> str:
        """The chain's name as x402 writes it (CAIP-2)."""
        return f"eip155:{self.chain_id}"

    def address_of(self, contract: str) -> str:
        """The address of a contract by the name of its artifact; raises KeyError for others."""
        return {
            "Cloudcoin": self.token,
            "CloudMint": self.mint,
            "GatewayVault": self.vault,
            "BatchSettlement": self.channels,
            "DepositCollector": self.collector,
            "Multicall": MULTICALL,
        }[contract]
