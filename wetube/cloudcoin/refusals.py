"""Why a move of coin was refused, in sentences a person can act on."""

from django.utils.translation import gettext as _

from wetube.cloudcoin.amounts import coins


class ChargeRefused(Exception):
    """No coin was moved: an account could not be charged."""


class InsufficientFunds(ChargeRefused):
    """The payer does not hold enough that is free to spend."""

    def __init__(self, *, amount: int, available: int) -> None:
        self.amount, self.available = amount, available
        super().__init__(
            _("This costs %(amount)s; %(available)s is free to spend, %(missing)s is missing.")
            % {
                "amount": coins(amount),
                "available": coins(available),
                "missing": coins(self.missing),
            }
        )

    @property
    def missing(self) -> int:
        """Drops the payer lacks."""
        return self.amount - self.available


class OverViewCap(ChargeRefused):
    """One view costs more than the payer lets a view cost."""

    def __init__(self, *, amount: int, cap: int) -> None:
        self.amount, self.cap = amount, cap
        super().__init__(
            _("This costs %(amount)s, and your limit for one view is %(cap)s.")
            % {"amount": coins(amount), "cap": coins(cap)}
        )


class OverDayCap(ChargeRefused):
    """With this view the payer's day would cost more than allowed."""

    def __init__(self, *, amount: int, cap: int, charged_today: int) -> None:
        self.amount, self.cap, self.charged_today = amount, cap, charged_today
        super().__init__(
            _("This costs %(amount)s; today %(spent)s of your limit of %(cap)s a day is spent.")
            % {"amount": coins(amount), "spent": coins(charged_today), "cap": coins(cap)}
        )


class SelfPayment(ChargeRefused):
    """Payer and payee are the same person."""

    def __init__(self) -> None:
        super().__init__(_("Nobody pays for watching their own video."))


class BadAmount(ChargeRefused):
    """The amount is not a whole number of drops above zero and within what one charge may cost."""

    def __init__(self, amount: object) -> None:
        super().__init__(_("%(amount)s is no amount that can be charged.") % {"amount": amount})


class ReferenceReused(ChargeRefused):
    """The reference names another move already."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            _("“%(reference)s” already names another move.") % {"reference": reference}
        )


class VoucherMismatch(ChargeRefused):
    """The voucher does not say what all charges so far and this one sum to."""

    def __init__(self, *, said: int, expected: int) -> None:
        self.said, self.expected = said, expected
        super().__init__(
            _("This voucher says %(said)s in all; the next one is to say %(expected)s.")
            % {"said": coins(said), "expected": coins(expected)}
        )


class VoucherNeeded(ChargeRefused):
    """Coin behind a signed tab moves by its payer's signature only."""

    def __init__(self) -> None:
        super().__init__(_("This tab is paid by signed vouchers only."))


class EscrowFrozen(ChargeRefused):
    """The payer takes the locked coin back, or the chain took it."""

    def __init__(self) -> None:
        super().__init__(
            _("The coin behind this tab is being taken back, so nothing can be paid from it.")
        )
