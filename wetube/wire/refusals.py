"""Why nothing was sold: each with a status, a name a program can act on, a sentence for a person.

`reason` is the code x402's own clients know, where there is one. What is answered with 402 can be
put right by another payment.
"""

import re
from typing import Any, ClassVar

from django.utils.translation import gettext as _

FAMILY = "invalid_batch_settlement_evm_"


class Refused(Exception):
    """No coin was moved, or what was moved is the payer's still."""

    status: ClassVar[int] = 402
    reason = ""
    retry_after: ClassVar[int] = 0  # seconds; 0 says nothing

    @property
    def name(self) -> str:
        """`ChannelFrozen` is `channel_frozen`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def code(self) -> str:
        """What stands as `error` in a 402."""
        return self.reason or self.name

    def corrections(self) -> dict[str, Any]:
        """What a payer who lost count needs to go on, as x402's clients expect it."""
        return {}


class PaymentNeeded(Refused):
    """Nobody has paid yet."""

    def __init__(self) -> None:
        super().__init__(_("This costs coin. Pay as the answer says, and ask again."))


class NotForSale(Refused):
    """There is nothing here, or nothing this asker may know of: the answer does not tell."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("Nothing is sold at this address."))


class NotNow(Refused):
    """It exists and cannot be sold at the moment or to everybody; the sentence says why."""

    status = 403


class Malformed(Refused):
    """The payment cannot be read."""

    status = 400

    def __init__(self, why: str = "") -> None:
        super().__init__(why or _("This payment cannot be read."))


class NoChain(Refused):
    """This gateway has no coin on a chain, so only balances here can pay."""

    status = 503
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(_("This gateway takes no payments from wallets yet."))


class ChainUnreachable(Refused):
    """The chain does not answer; vouchers go on, whatever moves coin on chain waits."""

    status = 503
    retry_after = 10

    def __init__(self) -> None:
        super().__init__(_("The chain does not answer right now. Try again in a minute."))


class SettlementPending(Refused):
    """It was sent and is not in a block yet; the same payment again tells how it went."""

    status = 503
    retry_after = 2

    def __init__(self, transaction: str = "") -> None:
        self.transaction = transaction
        super().__init__(_("Your payment is on its way into the chain. Ask again in a moment."))


class Busy(Refused):
    """Too many wait for the chain at once."""

    status = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(_("Many pay at the moment. Try again in a few seconds."))


class BooksUnavailable(Refused):
    """The database does not take anything in: away, or its disk is full."""

    status = 503
    retry_after = 10

    def __init__(self) -> None:
        super().__init__(_("Payments cannot be written down right now. Nothing was charged."))


class WrongChain(Refused):
    reason = f"{FAMILY}network_mismatch"

    def __init__(self) -> None:
        super().__init__(_("This payment is for another chain."))


class WrongPayee(Refused):
    reason = f"{FAMILY}receiver_mismatch"

    def __init__(self) -> None:
        super().__init__(_("This payment is for somebody else."))


class WrongToken(Refused):
    reason = f"{FAMILY}token_mismatch"

    def __init__(self) -> None:
        super().__init__(_("This payment is in another coin."))


class WrongScheme(Refused):
    reason = f"{FAMILY}scheme"

    def __init__(self) -> None:
        super().__init__(_("This cannot be paid in this way."))


class PriceChanged(Refused):
    """The payer agreed to another price than there is now."""

    def __init__(self) -> None:
        super().__init__(_("The price has changed. Please look at it again."))


class OtherTerms(Refused):
    """The channel's authorizer or delay is not the one we ask for."""

    reason = f"{FAMILY}receiver_authorizer_mismatch"

    def __init__(self) -> None:
        super().__init__(_("This payment channel was opened on other terms than ours."))


class ChannelMismatch(Refused):
    reason = f"{FAMILY}channel_id_mismatch"

    def __init__(self) -> None:
        super().__init__(_("The channel named is not the one described."))


class UnknownChannel(Refused):
    """Nothing was put into this channel, as far as we have seen."""

    reason = f"{FAMILY}channel_not_found"

    def __init__(self) -> None:
        super().__init__(_("No coin is locked in this channel yet. Make a deposit first."))


class BadSignature(Refused):
    reason = f"{FAMILY}voucher_signature"

    def __init__(self) -> None:
        super().__init__(_("This is not signed by the key that may sign for it."))


class ChannelFrozen(Refused):
    """The payer has begun to take the coin back, or the chain took it."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("The coin in this channel is being taken back. Open another one to go on.")
        )


class CountMismatch(Refused):
    """The voucher does not continue what was charged; `state` tells the payer how to go on."""

    reason = f"{FAMILY}cumulative_amount_mismatch"

    def __init__(self, state: dict[str, Any], sentence: str) -> None:
        self._state = state
        super().__init__(sentence)

    def corrections(self) -> dict[str, Any]:
        return self._state


class OverDeposit(Refused):
    reason = f"{FAMILY}cumulative_exceeds_balance"


class OverCap(Refused):
    """More than the payer lets a view, or a day, cost."""

    status = 403


class OwnGoods(Refused):
    """Payer and payee are the same person."""

    status = 403


class Declined(Refused):
    """What x402's library, or the contract, said no to; `reason` is its code."""

    def __init__(self, reason: str, sentence: str = "") -> None:
        self.reason = reason
        super().__init__(sentence or _("The chain would not accept this payment."))
