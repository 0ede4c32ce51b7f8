"""Why something could not be given or taken back, in sentences a person can act on."""

from django.utils.translation import gettext as _

from wetube.cloudcoin.amounts import coins
from wetube.cloudcoin.refusals import ChargeRefused


class OwnChannel(ChargeRefused):
    """Giver and owner are the same person."""

    def __init__(self) -> None:
        super().__init__(_("This is your own channel."))


class TooMuch(ChargeRefused):
    """More than may be given at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(_("Choose an amount of at most %(most)s.") % {"most": coins(most)})


class TooLateToUndo(ChargeRefused):
    """The few minutes in which a tip can be taken back are over."""

    def __init__(self) -> None:
        super().__init__(_("The time to take this tip back is over."))


class SpentAlready(ChargeRefused):
    """Whoever got the tip does not hold it any more, and nobody else pays it back."""

    def __init__(self) -> None:
        super().__init__(_("The tip cannot be taken back: its coin has been spent already."))


class NotOver(Exception):
    """A month is spread when it has ended, not before."""

    def __init__(self, name: str) -> None:
        super().__init__(_("%(month)s is not over yet.") % {"month": name})


class NotNoted(Exception):
    """What was said about watching is not ours, too old, or of nobody with a pot."""
