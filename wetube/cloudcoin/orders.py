"""What the till is asked for: one charge, and the voucher that pays for it if its tab is signed."""

from dataclasses import dataclass, field

from wetube.cloudcoin.appending import Line
from wetube.cloudcoin.models import Charge, Tab
from wetube.people.models import User


@dataclass(frozen=True, slots=True)
class Voucher:
    """The payer's word that `most` drops of their channel may be claimed in all.

    `signature` is the canonical form, 65 bytes, and was found to be the tab's authorizer's.
    """

    most: int
    signature: bytes


@dataclass(eq=False, slots=True)
class Order:
    """One charge asked for; `outcome` is the charge, or why there is none.

    A person pays from their balance here; any other tab is given itself. What is not `capped`
    may cost more than the payer's limits for what is charged unasked. An order with a voucher
    needs no reference: the voucher is one.
    """

    payer: User | Tab
    payee: User
    amount: int
    reference: str
    subject: str
    label: str = ""
    kind: Charge.Kind = Charge.Kind.VIEW
    capped: bool = True
    voucher: Voucher | None = None
    outcome: Charge | Line | Exception | None = field(default=None, repr=False)
    pk: int = 0  # of the row that the line became

    def result(self) -> Charge:
        """The charge. Raises what refused it."""
        if isinstance(self.outcome, Line):
            self.outcome = self.outcome.written(self.pk)
        if isinstance(self.outcome, Charge):
            return self.outcome
        raise self.outcome or RuntimeError("The order was never decided")
