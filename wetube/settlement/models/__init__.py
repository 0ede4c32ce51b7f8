"""Rows of settlement: coin on its way in, on its way out, new coin, and what checks found."""

from wetube.settlement.models.checks import InvariantRun
from wetube.settlement.models.claims import ClaimRow, ClaimRun, IdleRefund, Settle
from wetube.settlement.models.deposits import Credited, DepositAddress, Sweep
from wetube.settlement.models.epochs import Epoch, EpochLeaf
from wetube.settlement.models.payouts import (
    PayoutLeaf,
    PayoutRoot,
    Push,
    StandingOrder,
    Withdrawal,
)

__all__ = [
    "ClaimRow",
    "ClaimRun",
    "Credited",
    "DepositAddress",
    "Epoch",
    "EpochLeaf",
    "IdleRefund",
    "InvariantRun",
    "PayoutLeaf",
    "PayoutRoot",
    "Push",
    "Settle",
    "StandingOrder",
    "Sweep",
    "Withdrawal",
]
