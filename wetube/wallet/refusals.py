"""Why the wallet would not pass something on to the chain, in sentences a person can act on."""

from django.utils.translation import gettext as _


class NotPassedOn(Exception):
    """Nothing was sent to the chain."""


class NoChain(NotPassedOn):
    def __init__(self) -> None:
        super().__init__(_("This gateway has no chain yet. What you have here can be spent here."))


class OtherTerms(NotPassedOn):
    """The channel is not one of this gateway's."""

    def __init__(self) -> None:
        super().__init__(_("This tab was made for another gateway. Reload the page and try again."))


class NotYours(NotPassedOn):
    """The signature of the session key is missing or somebody else's."""

    def __init__(self) -> None:
        super().__init__(_("This page could not show that the tab is yours. Reload it."))


class ChainRefused(NotPassedOn):
    """Tried without sending, the contract said no: coin that is not there, a wrong signature."""

    def __init__(self) -> None:
        super().__init__(_("The chain would refuse this. Is the amount in that wallet?"))


class TooLittle(NotPassedOn):
    """Less than is worth the fee this gateway pays."""

    def __init__(self, least: str) -> None:
        super().__init__(_("At least %(least)s at a time.") % {"least": least})


class TooOften(NotPassedOn):
    """This gateway pays the fee only so many times a day."""

    def __init__(self) -> None:
        super().__init__(_("That was often today. This gateway pays for more tomorrow."))


class Garbled(NotPassedOn):
    """Not what our page sends."""

    def __init__(self) -> None:
        super().__init__(_("This request cannot be understood."))
