"""Rows of the network: operators and nodes, leases and their proofs, work and its pay."""

from wetube.nodes.models.alarms import Alarm, AlarmAddress, AlarmSending
from wetube.nodes.models.audits import Audit, Question
from wetube.nodes.models.earnings import Earning
from wetube.nodes.models.foreign_lists import Allowance, ForeignList, ForeignRule
from wetube.nodes.models.jobs import Job
from wetube.nodes.models.leases import Lease, Placement
from wetube.nodes.models.operators import Node, Operator, SpentRequest
from wetube.nodes.models.orders import NodeDebt, OrderLimit, ViewPart, ViewSplit
from wetube.nodes.models.pay import Keeping, StorageDay
from wetube.nodes.models.refusals import Appeal, Refusal

__all__ = [
    "Alarm",
    "AlarmAddress",
    "AlarmSending",
    "Allowance",
    "Appeal",
    "Audit",
    "Earning",
    "ForeignList",
    "ForeignRule",
    "Job",
    "Keeping",
    "Lease",
    "Node",
    "NodeDebt",
    "Operator",
    "OrderLimit",
    "Placement",
    "Question",
    "Refusal",
    "SpentRequest",
    "StorageDay",
    "ViewPart",
    "ViewSplit",
]
